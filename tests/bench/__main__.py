"""`make bench`: fills databases, drives the server beside its yardsticks, and prints a table."""

import argparse
import asyncio
import shutil
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.bench import load, measuring, pgbench, processes
from tests.bench.cluster import Cluster
from tests.bench.measuring import FLOOR, SERVER, TWIN, Meter
from tests.bench.recording import record
from tests.bench.scenarios import Facts, Scenario, facts_of, logins, reads, writes

DATA = Path(__file__).parents[2] / ".bench"
HEADINGS = (
    "scenario", "conn.", "req/s", "p50 ms", "p95 ms", "p99 ms", "server ms", "database ms",
    "statements", "MB", "of floor", "of pgbench", "errors",
)  # fmt: skip


class Table:
    """Printed row by row, as Markdown, so that an interrupted run has told what it found."""

    def __init__(self, title: str, headings: Iterable[str]) -> None:
        self._headings = tuple(headings)
        print(f"\n## {title}\n\n| {' | '.join(self._headings)} |")
        print("|" + " --- |" * len(self._headings), flush=True)

    def row(self, **cells: object) -> None:
        written = [_cell(cells.get(heading.replace(" ", "_"), "")) for heading in self._headings]
        print(f"| {' | '.join(written)} |", flush=True)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
    return str(value)


async def bench(cluster: Cluster, tickets: int, asked: argparse.Namespace) -> None:
    async with cluster.copy(tickets) as dsn:
        facts = await facts_of(dsn)
        wanted = [
            one
            for one in (*reads(facts), *writes(facts))
            if not asked.only or any(word in one.name for word in asked.only)
        ]
        table = Table(f"{tickets:,} tickets, 1 worker", HEADINGS)
        await pgbench.prepare(dsn, facts)
        for scenario in wanted:
            for connections in asked.connections:
                await _measure(cluster, dsn, facts, scenario, connections, asked, table)
        if asked.whole:
            _whole(cluster, dsn, wanted, asked)


async def _measure(
    cluster: Cluster,
    dsn: str,
    facts: Facts,
    scenario: Scenario,
    connections: int,
    asked: argparse.Namespace,
    table: Table,
) -> None:
    recording = await record(dsn, scenario)
    with measuring.served(dsn, python=asked.python) as pid:
        meter = Meter(pid, cluster.postmaster, SERVER)
        meter.measure(scenario, connections, 1)
        measured = meter.measure(scenario, connections, asked.seconds)
        of_floor = ""
        if scenario.has_floor:
            of_floor = _share_of_floor(cluster, dsn, recording, scenario, connections, asked, meter)
    of_pgbench = ""
    if scenario.has_pgbench:
        program = cluster.program("pgbench")
        best = pgbench.rate(program, dsn, scenario, recording, facts, connections, asked.seconds)
        of_pgbench = f"{measured.found.rate / best:.0%} of {best:,.0f}"
    found = measured.found
    table.row(
        **{"scenario": scenario.name, "conn.": connections, "req/s": found.rate},
        p50_ms=found.p50,
        p95_ms=found.p95,
        p99_ms=found.p99,
        server_ms=measured.server_ms,
        database_ms=measured.database_ms,
        statements=len(recording.statements),
        MB=measured.memory_mb,
        of_floor=of_floor,
        of_pgbench=of_pgbench,
        errors=found.errors,
    )


def _share_of_floor(cluster, dsn, recording, scenario, connections, asked, meter) -> str:
    """Alternating, so that whatever else the machine does concerns both."""
    with measuring.floor(dsn, recording) as pid:
        beside = Meter(pid, cluster.postmaster, FLOOR)
        beside.measure(scenario, connections, 1)
        rates = []
        for _ in range(asked.rounds):
            least = beside.measure(scenario, connections, asked.seconds / 2).found.rate
            rates.append(
                (meter.measure(scenario, connections, asked.seconds / 2).found.rate, least)
            )
    ours, floors = (sorted(side)[len(rates) // 2] for side in zip(*rates, strict=True))
    return f"{ours / floors:.0%} of {floors:,.0f}"


def _whole(cluster: Cluster, dsn: str, wanted: list[Scenario], asked: argparse.Namespace) -> None:
    """What concerns the server as a whole: start, memory, workers, logins, the twin."""
    table = Table("The server as a whole", ("what", "found"))
    began = time.monotonic()
    with measuring.served(dsn, python=asked.python) as pid:
        table.row(what="start to first answer", found=f"{time.monotonic() - began:.2f} s")
        table.row(what="memory of an idle worker", found=f"{processes.memory_mb(pid):.0f} MB")
        meter = Meter(pid, cluster.postmaster, SERVER)
        detail = next(one for one in reads_of(wanted) if one.name == "detail")
        _login_row(meter, detail, asked, table)
    for name in ("detail", "list"):
        scenario = next(one for one in reads_of(wanted) if one.name == name)
        rates = []
        for workers in (1, 2):
            with measuring.served(dsn, workers, asked.python) as pid:
                meter = Meter(pid, cluster.postmaster, SERVER)
                meter.measure(scenario, 16, 1)
                rates.append(meter.measure(scenario, 16, asked.seconds).found.rate)
        found = f"{rates[1] / rates[0]:.2f} x ({rates[0]:,.0f} and {rates[1]:,.0f}/s)"
        table.row(what=f"{name}, 2 workers against 1, {measuring.cores()} cores", found=found)
    _twin_row(
        cluster, dsn, next(one for one in reads_of(wanted) if one.name == "list"), asked, table
    )


def reads_of(wanted: list[Scenario]) -> list[Scenario]:
    return [one for one in wanted if not one.is_write]


def _login_row(meter: Meter, detail: Scenario, asked: argparse.Namespace, table: Table) -> None:
    quiet = load.drive(SERVER, detail, 4, asked.seconds)
    with ThreadPoolExecutor() as threads:
        signing_in = threads.submit(load.drive, SERVER, logins(), 16, asked.seconds + 1)
        busy = load.drive(SERVER, detail, 4, asked.seconds)
        rate = signing_in.result().rate
    found = (
        f"{busy.p99 / quiet.p99:.1f} x ({quiet.p99:.1f} and {busy.p99:.1f} ms), {rate:.0f} logins/s"
    )
    table.row(what="p99 of a detail during 16 logins at once", found=found)


def _twin_row(cluster, dsn, scenario, asked, table) -> None:
    if shutil.which("gunicorn") is None:
        table.row(what="the Django twin", found="not installed")
        return
    rates = []
    with measuring.served(dsn, python=asked.python) as ours, measuring.twin(dsn) as twins:
        for _ in range(asked.rounds):
            for pid, port in ((ours, SERVER), (twins, TWIN)):
                meter = Meter(pid, cluster.postmaster, port)
                rates.append(meter.measure(scenario, 16, asked.seconds).found.rate)
    mine, others = (sorted(rates[side::2])[asked.rounds // 2] for side in (0, 1))
    found = f"{mine / others:.1f} x ({mine:,.0f} and {others:,.0f}/s)"
    table.row(what="list, beside the Django twin", found=found)


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--tickets", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--connections", type=int, nargs="+", default=[16])
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", help="scenarios whose names have one of these words")
    parser.add_argument("--whole", action="store_true", help="start, memory, workers, logins, twin")
    parser.add_argument("--data", type=Path, default=DATA, help="where the databases are kept")
    parser.add_argument("--python", default=sys.executable, help="whose server is measured")
    asked = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("wrk is needed: apt-get install wrk")
    with Cluster(asked.data) as cluster:
        for tickets in asked.tickets:
            asyncio.run(bench(cluster, tickets, asked))


if __name__ == "__main__":
    main()
