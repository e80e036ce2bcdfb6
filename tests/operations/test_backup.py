"""`backup` of a server that goes on working, and `restore` into an empty directory."""

import random
import signal
import subprocess
import time
import zipfile
from contextlib import ExitStack

import httpx
import pytest

from tests.faults.ledger import Ledger
from tests.faults.patience import wait_until
from tests.faults.writers import Writers
from tests.operations import answers
from tests.operations.answers import listed
from tests.operations.conftest import COMMAND, SECRET, environment, run
from tests.operations.test_serving import register

SETTINGS = {
    "SECRET_KEY": SECRET,
    "DEBUG": "true",
    "SUPER_SECRET_KEY": "dev-super-secret-key-12345",
    "AUTH_RATE_LIMIT": "off",
    "MEDIA_URL_BASE": "http://localhost/media",
}
ROOT = {"X-Super-Secret-Key": "dev-super-secret-key-12345"}
SAMPLE = 120
# So many answers before a backup begins: there is work in it on a slow machine too.
HEAD_START = 50
MEBIBYTE = 1024 * 1024
PIECE = 256 * 1024
SIZES = [1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE]


class Pair:
    """A server with the demo and with people at work, and what was restored from its backup."""

    def __init__(self, start, directory, clients):
        assert run("demo", "--data-dir", "first", cwd=directory, **SETTINGS).status == 0
        first = start("--data-dir", "first", **SETTINGS)
        self.old = clients.enter_context(first.client())
        worker = register(self.old)
        self.old.headers.update(ROOT)
        self.demo = [one["id"] for one in self.old.get("/projects/").json() if one["key"] != "HELP"]
        self.ticket = self._attach_to_the_demo()
        self.ledger = Ledger()
        with Writers(first, self.ledger, headers=worker):
            wait_until(lambda: self.ledger.answers.total() >= HEAD_START, "nobody is at work")
            self.taken = run("backup", "x.zip", "--data-dir", "first", cwd=directory, **SETTINGS)
            self.answered_meanwhile = self.ledger.answers.total() - HEAD_START
        self.restored = run("restore", "x.zip", "--data-dir", "second", cwd=directory, **SETTINGS)
        second = start("--data-dir", "second", **SETTINGS)
        self.new, self.worker = [clients.enter_context(second.client()) for _ in range(2)]
        self.new.headers.update(ROOT)
        self.worker.headers.update(worker)

    def _attach_to_the_demo(self):
        ticket = listed(self.old.get(f"/tickets/?project={self.demo[0]}").json())[0]["id"]
        for size in SIZES:
            form = {"data": {"ticket": ticket}, "files": {"file": (f"{size}.bin", b"y" * size)}}
            self.old.post("/attachments/", **form).raise_for_status()
        return ticket


@pytest.fixture
def pair(start, tmp_path):
    with ExitStack() as clients:
        yield Pair(start, tmp_path, clients)


def test_a_backup_under_load_is_whole_and_its_restored_server_answers_as_the_first(pair):
    assert (pair.taken.status, pair.taken.err) == (0, "")
    assert (pair.restored.status, pair.restored.err) == (0, "")
    assert pair.ledger.answers.keys() == {200, 201, 204}
    assert pair.answered_meanwhile > 20

    check_same_answers(pair)
    check_same_files(pair)
    check_that_nothing_is_half_there(pair)
    check_that_numbers_go_on(pair)


def check_same_answers(pair):
    """What nobody has written to since: the demo's three projects."""
    everything = sorted(answers.paths(pair.old, pair.demo))
    sample = random.Random(7).sample(everything, SAMPLE)

    different = [
        path for path in sample if answers.answer(pair.old, path) != answers.answer(pair.new, path)
    ]
    assert different == []


def check_same_files(pair):
    files = pair.new.get("/attachments/", params={"ticket": pair.ticket}).json()

    assert [file["size"] for file in files] == SIZES
    for file in files:
        assert fetched(pair, file) == b"y" * file["size"]


def check_that_nothing_is_half_there(pair):
    """The snapshot fell between two writes, wherever that was."""
    tickets = every_ticket(pair.worker)
    assert len(tickets) > 5
    for ticket in tickets:
        comments = pair.worker.get("/comments/", params={"ticket": ticket["id"]}).json()
        files = pair.worker.get("/attachments/", params={"ticket": ticket["id"]}).json()
        assert ticket["comments_count"] == len(comments)
        assert [len(fetched(pair, file)) for file in files] == [file["size"] for file in files]


def check_that_numbers_go_on(pair):
    before = every_ticket(pair.worker)
    column = pair.worker.get("/columns/").json()[0]["id"]
    fresh = pair.worker.post("/tickets/", json={"name": "Next", "column": column}).json()

    assert fresh["number"] > max(ticket["number"] for ticket in before)
    assert fresh["id"] > max(ticket["id"] for ticket in before)


def every_ticket(client):
    found, path = [], "/tickets/?page_size=100"
    while path:
        page = client.get(path).raise_for_status().json()
        found, path = found + page["results"], page["next"]
    return found


def fetched(pair, file):
    """The address names the host of the settings; the server has another port."""
    address = file["file"].replace("http://localhost", str(pair.new.base_url.copy_with(path="")))
    return httpx.get(address, timeout=20).raise_for_status().content


def test_files_that_are_deleted_while_it_runs_are_in_it(start, database, tmp_path):
    """It is halted as soon as it has begun with the files, and goes on when they are deleted."""
    with start(**database).client() as client:
        client.headers.update(register(client))
        column = client.get("/columns/").json()[0]["id"]
        ticket = client.post("/tickets/", json={"name": "Printer", "column": column}).json()["id"]
        for _ in range(20):
            form = {"data": {"ticket": ticket}, "files": {"file": ("a.bin", b"x" * MEBIBYTE)}}
            client.post("/attachments/", **form).raise_for_status()

        backup = halted(["backup", "x.zip"], tmp_path, database)
        for file in client.get("/attachments/", params={"ticket": ticket}).json():
            client.delete(f"/attachments/{file['id']}/").raise_for_status()
        backup.send_signal(signal.SIGCONT)

    assert backup.wait(timeout=20) == 0
    with zipfile.ZipFile(tmp_path / "x.zip") as archive:
        assert archive.testzip() is None
        rows = archive.read("tables/attachment.copy").splitlines()
        files = [name for name in archive.namelist() if name.startswith("media/")]
    assert (len(rows), len(files)) == (20, 20)


def halted(command, directory, settings):
    process = subprocess.Popen([*COMMAND, *command], cwd=directory, env=environment(**settings))
    partial = directory / "x.zip.partial"
    while process.poll() is None and not (partial.exists() and partial.stat().st_size > MEBIBYTE):
        time.sleep(0.001)
    process.send_signal(signal.SIGSTOP)
    return process
