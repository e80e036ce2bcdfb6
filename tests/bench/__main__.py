"""`make bench`: fills databases, drives the server beside its yardsticks, and prints tables."""

import argparse
import asyncio
import shutil
import sys
from pathlib import Path

from tests.bench import pgbench
from tests.bench.cluster import Cluster
from tests.bench.comparing import HEADINGS, Comparison, Options
from tests.bench.report import Table
from tests.bench.scenarios import facts_of, reads, writes

DATA = Path(__file__).parents[2] / ".bench"


async def bench(cluster: Cluster, tickets: int, asked: argparse.Namespace) -> None:
    async with cluster.copy(tickets) as dsn:
        facts = await facts_of(dsn)
        await pgbench.prepare(dsn, facts)
        options = Options(seconds=asked.seconds, rounds=asked.rounds, python=asked.python)
        comparison = Comparison(cluster, dsn, facts, options)
        by_name = {one.name: one for one in (*reads(facts), *writes(facts))}
        if asked.whole:
            table = Table(f"The server as a whole, {tickets:,} tickets", ("what", "found"))
            comparison.start_and_memory(table)
            comparison.logins(table, by_name["detail"])
            comparison.workers(table, by_name["detail"])
            comparison.workers(table, by_name["list"])
            comparison.twin(table, by_name["list"])
        table = Table(f"{tickets:,} tickets, one worker", HEADINGS)
        for name, scenario in by_name.items():
            if not asked.only or any(word in name for word in asked.only):
                for connections in asked.connections:
                    await comparison.row(table, scenario, connections)


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--tickets", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 16, 64])
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
