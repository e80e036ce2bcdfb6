"""Real servers whose files lie in one bucket: several machines, a killed one, memory."""

from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.operations.conftest import run
from tests.operations.test_uploads import MEBIBYTE, Desk, memory, wait_until


@pytest.fixture
def bucket(s3):
    return s3.new_bucket()


@pytest.fixture
def settings(database, s3, bucket):
    return {**database, **s3.settings, "MEDIA_URL": f"s3://{bucket}", "MAX_UPLOAD_MB": "200"}


@pytest.fixture
def desk(start, settings, tmp_path):
    desk = Desk(start(**settings), tmp_path / "data", settings["DATABASE_URL"])
    yield desk
    desk.client.close()


def test_what_one_machine_has_stored_another_one_serves(desk, start, settings, tmp_path):
    other = start("--data-dir", str(tmp_path / "another machine"), **settings)

    upload = {"data": {"ticket": desk.ticket}, "files": {"file": b"x" * 6 * MEBIBYTE}}
    stored = desk.client.post("/attachments/", headers=desk.headers, **upload).json()
    there = stored["file"].replace(f":{desk.server.port}/", f":{other.port}/")

    assert httpx.get(there, timeout=20).content == b"x" * 6 * MEBIBYTE
    assert desk.files() == []


def test_an_upload_that_breaks_off_leaves_nothing_in_the_bucket(desk, s3, bucket):
    form = desk.form(20 * MEBIBYTE)
    with desk.connection() as connection:
        connection.sendall(desk.head(len(form)) + form[: 15 * MEBIBYTE])
        wait_until(lambda: len(s3.unfinished(bucket)) == 1)

    wait_until(lambda: s3.unfinished(bucket) == [] and desk.unclaimed() == 0)
    assert s3.objects(bucket) == []


def test_what_a_killed_server_was_storing_is_no_file(desk, s3, bucket):
    form = desk.form(20 * MEBIBYTE)
    with desk.connection() as connection:
        connection.sendall(desk.head(len(form)) + form[: 15 * MEBIBYTE])
        wait_until(lambda: len(s3.unfinished(bucket)) == 1)
        desk.server.process.kill()
        desk.server.process.wait()

    assert s3.objects(bucket) == []
    assert desk.unclaimed() == 1


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
def test_a_hundred_megabytes_are_never_held_in_memory(desk):
    small = {"data": {"ticket": desk.ticket}, "files": {"file": b"x"}}
    desk.client.post("/attachments/", headers=desk.headers, **small)
    before = memory(desk.server.process.pid, forget_peak=True)

    def pieces():
        yield desk.form(0).partition(b"\r\n--cut--")[0]
        for _ in range(100):
            yield b"x" * MEBIBYTE
        yield b"\r\n--cut--\r\n"

    headers = {**desk.headers, "Content-Type": "multipart/form-data; boundary=cut"}
    stored = desk.client.post("/attachments/", content=pieces(), headers=headers).json()
    received = 0
    with httpx.stream("GET", stored["file"], timeout=20) as answer:
        for piece in answer.iter_bytes():
            received += len(piece)

    assert (stored["size"], received) == (100 * MEBIBYTE, 100 * MEBIBYTE)
    assert memory(desk.server.process.pid) - before < 40 * MEBIBYTE


def test_a_backup_of_a_bucket_is_restored_into_a_directory_and_into_another_bucket(
    desk, settings, s3, empty, tmp_path
):
    upload = {"data": {"ticket": desk.ticket}, "files": {"file": b"x" * 6 * MEBIBYTE}}
    stored = desk.client.post("/attachments/", headers=desk.headers, **upload).json()
    path = urlsplit(stored["file"]).path.removeprefix("/media/").rpartition("/")[0]
    other = s3.new_bucket()

    taken = run("backup", "x.zip", cwd=tmp_path, **settings)
    into_a_bucket = run(
        "restore", "x.zip", cwd=tmp_path, **{**settings, **empty, "MEDIA_URL": f"s3://{other}/a"}
    )
    into_a_directory = run(
        "restore", "x.zip", "--data-dir", "restored", cwd=tmp_path, SECRET_KEY="k" * 40
    )

    assert [one.status for one in (taken, into_a_bucket, into_a_directory)] == [0, 0, 0]
    assert s3.objects(other) == [f"a/{path}"]
    assert (tmp_path / "restored" / "media" / path).read_bytes() == b"x" * 6 * MEBIBYTE
