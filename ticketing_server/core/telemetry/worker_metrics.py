"""Metrics of several worker processes: files in a directory that they share (decision 21).

Each worker writes files of its own, named after it, and whichever answers a scrape adds them up.
What a worker has counted stays when it is gone; its gauges go with it.
"""

import os
import shutil
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import CollectorRegistry, Metric, ProcessCollector
from prometheus_client.multiprocess import (
    MultiProcessCollector,
    mark_process_dead,  # pyright: ignore[reportUnknownVariableType]
)
from prometheus_client.registry import Collector
from typing_extensions import override

from ticketing_server.core.telemetry.metrics import SHARE

# The library reads it when it is imported, so a worker must be born with it.
DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"


@contextmanager
def shared_directory(path: Path) -> Generator[Path]:
    """Empty, whatever an earlier server left there; gone after the block."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True, mode=0o700)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def is_shared() -> bool:
    """Whether this process is a worker among others."""
    return DIRECTORY in os.environ


def forget_all_but(living: set[int | None], path: Path) -> None:
    """Takes away the gauges of workers that are no more."""
    for pid in _workers(path) - living:
        mark_process_dead(pid, str(path))


def of_all_workers() -> CollectorRegistry:
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    registry.register(_Processes(Path(os.environ[DIRECTORY])))
    return registry


class _Processes(Collector):
    """What the library tells about its own process, for each living worker with its `pid`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @override
    def collect(self) -> Iterable[Metric]:
        metrics: dict[str, Metric] = {}
        for pid in sorted(_workers(self._path)):
            for told in ProcessCollector(pid=lambda pid=pid: pid, registry=None).collect():
                metric = metrics.setdefault(
                    told.name, Metric(told.name, told.documentation, told.type)
                )
                for sample in told.samples:
                    metric.add_sample(sample.name, {"pid": str(pid)}, sample.value)
        return metrics.values()


def _workers(path: Path) -> set[int]:
    """Those that have gauges: every living one, from its first moment on."""
    prefix = f"gauge_{SHARE}_"
    return {int(file.stem.removeprefix(prefix)) for file in path.glob(f"{prefix}*.db")}
