"""Uploads to a real server: clients that leave, forms that are too large, memory."""

import asyncio
import socket
import time
from pathlib import Path

import asyncpg
import httpx
import pytest

from tests.operations.test_serving import register

MEBIBYTE = 1024 * 1024


class Desk:
    """A server with one ticket, and what lies in its media directory."""

    def __init__(self, server, directory, dsn):
        self.server, self.directory, self.dsn = server, directory, dsn
        self.client = server.client()
        self.headers = register(self.client)
        column = self.client.get("/columns/", headers=self.headers).json()[0]["id"]
        ticket = {"name": "Printer", "column": column}
        self.ticket = self.client.post("/tickets/", headers=self.headers, json=ticket).json()["id"]

    def files(self):
        return [path for path in (self.directory / "media").rglob("*") if path.is_file()]

    def attachments(self):
        return self.client.get(f"/attachments/?ticket={self.ticket}", headers=self.headers).json()

    def form(self, size):
        head = (
            f'--cut\r\nContent-Disposition: form-data; name="ticket"\r\n\r\n{self.ticket}\r\n'
            '--cut\r\nContent-Disposition: form-data; name="file"; filename="big.bin"\r\n\r\n'
        )
        return head.encode() + b"x" * size + b"\r\n--cut--\r\n"

    def head(self, length):
        return (
            "POST /api/tickets/attachments/ HTTP/1.1\r\nHost: localhost\r\n"
            f"Authorization: {self.headers['Authorization']}\r\nContent-Length: {length}\r\n"
            "Content-Type: multipart/form-data; boundary=cut\r\n\r\n"
        ).encode()

    def connection(self):
        return socket.create_connection(("127.0.0.1", self.server.port), timeout=20)

    def unclaimed(self):
        async def count():
            connection = await asyncpg.connect(self.dsn)
            try:
                return await connection.fetchval("SELECT count(*) FROM unclaimed_file")
            finally:
                await connection.close()

        return asyncio.run(count())


@pytest.fixture
def desk(start, database, tmp_path):
    desk = Desk(start(**database, MAX_UPLOAD_MB="200"), tmp_path / "data", database["DATABASE_URL"])
    yield desk
    desk.client.close()


def wait_until(is_so):
    deadline = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_an_upload_that_breaks_off_leaves_nothing(desk):
    form = desk.form(4 * MEBIBYTE)
    for share in (0.01, 0.5, 0.99):
        with desk.connection() as connection:
            connection.sendall(desk.head(len(form)) + form[: int(len(form) * share)])
            wait_until(lambda: len(desk.files()) == 1)

        wait_until(lambda: desk.files() == [] and desk.unclaimed() == 0)
    assert desk.attachments() == []


def test_a_killed_servers_half_upload_is_on_the_list_of_what_to_remove(desk):
    form = desk.form(4 * MEBIBYTE)
    with desk.connection() as connection:
        connection.sendall(desk.head(len(form)) + form[: len(form) // 2])
        wait_until(lambda: len(desk.files()) == 1)
        desk.server.process.kill()
        desk.server.process.wait()

    assert [path.suffix for path in desk.files()] == [".part"]
    assert desk.unclaimed() == 1


def test_a_form_that_says_it_is_too_large_is_answered_at_once(desk):
    with desk.connection() as connection:
        connection.sendall(desk.head(300 * MEBIBYTE))

        assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")
    assert desk.files() == []


def test_a_client_that_goes_on_sending_still_reads_the_413(desk):
    def pieces():
        yield desk.form(0).partition(b"\r\n--cut--")[0]
        for _ in range(260):
            yield b"x" * MEBIBYTE

    answer = desk.client.post(
        "/attachments/",
        content=pieces(),
        headers={**desk.headers, "Content-Type": "multipart/form-data; boundary=cut"},
    )

    assert answer.status_code == 413
    wait_until(lambda: desk.files() == [])


def memory(pid, *, forget_peak=False):
    """The most memory that the process has held since the peak was forgotten, in bytes."""
    if forget_peak:
        Path(f"/proc/{pid}/clear_refs").write_text("5")
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
def test_a_hundred_megabytes_are_never_held_in_memory(desk):
    desk.client.post(
        "/attachments/", data={"ticket": desk.ticket}, files={"file": b"x"}, headers=desk.headers
    )
    before = memory(desk.server.process.pid, forget_peak=True)

    def pieces():
        yield desk.form(0).partition(b"\r\n--cut--")[0]
        for _ in range(100):
            yield b"x" * MEBIBYTE
        yield b"\r\n--cut--\r\n"

    stored = desk.client.post(
        "/attachments/",
        content=pieces(),
        headers={**desk.headers, "Content-Type": "multipart/form-data; boundary=cut"},
    ).json()
    received = 0
    with httpx.stream("GET", stored["file"], timeout=20) as answer:
        for piece in answer.iter_bytes():
            received += len(piece)

    assert (stored["size"], received) == (100 * MEBIBYTE, 100 * MEBIBYTE)
    grown = memory(desk.server.process.pid) - before
    assert grown < 20 * MEBIBYTE
