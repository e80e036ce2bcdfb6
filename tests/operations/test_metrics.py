"""One scrape answers for all workers of a server."""

import os
import signal
import time

import httpx

from tests.operations.conftest import run
from tests.scrape import Scrape

PROBE = {"method": "GET", "route": "/healthz", "status": "200"}


def scrape(server) -> Scrape:
    answer = httpx.get(f"http://127.0.0.1:{server.port}/metrics", timeout=20)
    return Scrape(answer.raise_for_status().text)


def probe(server, times: int) -> None:
    """Each on a connection of its own, so that every worker gets some of them."""
    for _ in range(times):
        httpx.get(f"http://127.0.0.1:{server.port}/healthz", timeout=20).raise_for_status()


def pids(found: Scrape) -> set[str]:
    return found.labels("process_resident_memory_bytes", "pid")


def until(condition, seconds: float = 20):
    """What the condition answers once that is something."""
    end = time.monotonic() + seconds
    while not (answer := condition()) and time.monotonic() < end:
        time.sleep(0.1)
    assert answer
    return answer


def test_one_scrape_is_the_sum_of_all_workers_and_the_dead_leave_no_gauge(
    start, database, tmp_path
):
    server = start("--workers", "2", DB_POOL_SIZE="3", **database)
    probe(server, 24)
    both = until(lambda: (found := scrape(server)) and len(pids(found)) == 2 and found)
    assert both.requests(**PROBE) == 24
    until(lambda: scrape(server).value("db_pool_limit") == 6)

    victim = min(pids(both))
    os.kill(int(victim), signal.SIGKILL)
    after = until(
        lambda: (
            (found := scrape(server))
            and victim not in pids(found)
            and len(pids(found)) == 2
            and found
        )
    )

    assert after.requests(**PROBE) == 24
    until(lambda: scrape(server).value("db_pool_limit") == 6)
    [directory] = (tmp_path / "data" / "metrics").iterdir()
    assert directory.stat().st_mode & 0o777 == 0o700
    assert server.stop() == 0
    assert not directory.exists()


def test_what_a_killed_server_had_counted_is_not_counted_again(start, database, tmp_path):
    killed = start("--workers", "2", **database)
    probe(killed, 4)
    workers = pids(scrape(killed))
    killed.stop(signal.SIGKILL)
    for worker in workers:
        os.kill(int(worker), signal.SIGKILL)
    left = list((tmp_path / "data" / "metrics").rglob("*.db"))

    # On the same port: the directory is the server's own.
    again = start("--workers", "2", "--port", str(killed.port), **database)
    again.port = killed.port
    probe(again, 2)

    assert left
    assert again.ready
    assert scrape(again).requests(**PROBE) == 2


def test_a_single_process_writes_no_files(start, database, tmp_path):
    server = start(**database)
    probe(server, 3)

    found = scrape(server)

    assert found.requests(**PROBE) == 3
    assert (found.value("process_resident_memory_bytes") or 0) > 1e6
    assert not (tmp_path / "data" / "metrics").exists()


def test_a_token_that_is_easily_guessed_stops_the_start(tmp_path, database):
    refused = run("serve", cwd=tmp_path, METRICS_TOKEN="short", **database)

    assert refused.status == 2
    assert refused.err.startswith("METRICS_TOKEN: got a secret, wants at least 16 ")
