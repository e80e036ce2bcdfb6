"""The server beside its yardsticks, on one copy of a database."""

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from statistics import median

import msgspec

from tests.bench import load, pgbench, processes
from tests.bench.cluster import Cluster
from tests.bench.measuring import FLOOR, SERVER, TWIN, Meter, floor, served, twin
from tests.bench.recording import Recording, record
from tests.bench.report import Table
from tests.bench.scenarios import Facts, Scenario, logins

HEADINGS = (
    "scenario", "connections", "req/s", "p50 ms", "p95 ms", "p99 ms", "server ms", "database ms",
    "statements", "MB", "beside its yardstick", "errors",
)  # fmt: skip
CONNECTIONS = 16


class Options(msgspec.Struct):
    """`seconds` is how long each measurement takes; of `rounds` of a comparison the median counts.

    `python` is that of the server to be measured: another checkout's, for a before and an after.
    """

    seconds: int
    rounds: int
    python: str


class Comparison:
    def __init__(self, cluster: Cluster, dsn: str, facts: Facts, options: Options) -> None:
        self._cluster, self._dsn, self._facts, self._options = cluster, dsn, facts, options

    async def row(self, table: Table, scenario: Scenario, connections: int) -> None:
        recording = await record(self._dsn, scenario)
        with served(self._dsn, python=self._options.python) as pid:
            meter = self._meter(pid, SERVER)
            meter.measure(scenario, connections, 1)
            measured = meter.measure(scenario, connections, self._options.seconds)
            beside = ""
            if scenario.has_floor:
                beside = self._beside_floor(meter, scenario, recording, connections)
        if scenario.has_pgbench:
            beside = self._beside_pgbench(measured.found.rate, scenario, recording, connections)
        found = measured.found
        latencies = (found.p50, found.p95, found.p99)
        costs = (measured.server_ms, measured.database_ms, len(recording.statements))
        table.row(
            scenario.name, connections, found.rate, *latencies, *costs,
            round(measured.memory_mb), beside, found.errors,
        )  # fmt: skip

    def start_and_memory(self, table: Table) -> None:
        began = time.monotonic()
        with served(self._dsn, python=self._options.python) as pid:
            table.row("start to first answer", f"{time.monotonic() - began:.2f} s")
            table.row("memory of an idle server", f"{processes.memory_mb(pid):.0f} MB")

    def logins(self, table: Table, detail: Scenario) -> None:
        seconds = self._options.seconds
        with served(self._dsn, python=self._options.python), ThreadPoolExecutor() as threads:
            quiet = load.drive(SERVER, detail, 4, seconds)
            signing_in = threads.submit(load.drive, SERVER, logins(), CONNECTIONS, seconds + 1)
            busy = load.drive(SERVER, detail, 4, seconds)
            rate = signing_in.result().rate
        times = f"{busy.p99 / quiet.p99:.1f} x: {quiet.p99:.1f} and {busy.p99:.1f} ms"
        table.row("p99 of a detail during 16 logins at once", f"{times}, {rate:.0f} logins/s")

    def workers(self, table: Table, scenario: Scenario) -> None:
        rates: list[float] = []
        for workers in (1, 2):
            with served(self._dsn, workers, self._options.python) as pid:
                rates.append(self._rate(self._meter(pid, SERVER), scenario, CONNECTIONS))
        found = f"{rates[1] / rates[0]:.2f} x: {rates[0]:,.0f} and {rates[1]:,.0f}/s"
        table.row(f"{scenario.name}, 2 workers against 1, on {os.cpu_count()} cores", found)

    def twin(self, table: Table, scenario: Scenario) -> None:
        if find_spec("gunicorn") is None:
            return table.row("the Django twin", "not installed")
        with served(self._dsn, python=self._options.python) as ours, twin(self._dsn) as theirs:
            mine, others = self._alternately(
                lambda: self._rate(self._meter(ours, SERVER), scenario, CONNECTIONS),
                lambda: self._rate(self._meter(theirs, TWIN), scenario, CONNECTIONS),
            )
        found = f"{mine / others:.1f} x: {mine:,.0f} and {others:,.0f}/s"
        table.row(f"{scenario.name}, beside the Django twin", found)

    def _beside_floor(
        self, meter: Meter, scenario: Scenario, recording: Recording, connections: int
    ) -> str:
        with floor(self._dsn, recording) as pid:
            ours, floors = self._alternately(
                lambda: self._rate(meter, scenario, connections),
                lambda: self._rate(self._meter(pid, FLOOR), scenario, connections),
            )
        return f"{ours / floors:.0%} of the floor's {floors:,.0f}"

    def _beside_pgbench(
        self, rate: float, scenario: Scenario, recording: Recording, connections: int
    ) -> str:
        best = pgbench.rate(
            self._cluster.program("pgbench"), self._dsn, scenario, recording, self._facts,
            connections, self._options.seconds,
        )  # fmt: skip
        return f"{rate / best:.0%} of pgbench's {best:,.0f}"

    def _alternately(
        self, one: Callable[[], float], other: Callable[[], float]
    ) -> tuple[float, float]:
        """So that whatever else the machine does concerns both."""
        pairs = [(one(), other()) for _ in range(self._options.rounds)]
        return median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)

    def _rate(self, meter: Meter, scenario: Scenario, connections: int) -> float:
        meter.measure(scenario, connections, 1)
        return meter.measure(scenario, connections, self._options.seconds).found.rate

    def _meter(self, pid: int, port: int) -> Meter:
        return Meter(pid, self._cluster.postmaster, port)
