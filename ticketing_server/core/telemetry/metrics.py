"""What this process counts of itself; `/metrics` shows it (decision 21).

Every label has few values, and none names a tenant, a person or a thing of theirs. With several
worker processes the library keeps the values in files that they share (`worker_metrics`).
"""

import time
from collections.abc import Generator
from contextlib import contextmanager

from prometheus_client import Counter, Gauge, Histogram, Summary

# What is asked while it is shown, not written while it happens (`readings`): a statement need not
# pay for it. A worker's own share ends with the worker.
SHARE = "livesum"

REQUEST_SECONDS = Histogram(
    "http_request_duration_seconds",
    "From the end of a request's head to the last byte of its answer; its count counts requests.",
    ("method", "route", "status"),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
IN_FLIGHT = Gauge("http_requests_in_flight", "Requests being answered.", multiprocess_mode=SHARE)

POOL_LIMIT = Gauge(
    "db_pool_limit", "Database connections there may be at most.", multiprocess_mode=SHARE
)
POOL_CONNECTIONS = Gauge(
    "db_pool_connections", "Open database connections.", ("state",), multiprocess_mode=SHARE
)
REPLICA_POOL_LIMIT = Gauge(
    "db_replica_pool_limit",
    "Connections to the replica there may be at most; 0 without one.",
    multiprocess_mode=SHARE,
)
REPLICA_POOL_CONNECTIONS = Gauge(
    "db_replica_pool_connections",
    "Open connections to the replica.",
    ("state",),
    multiprocess_mode=SHARE,
)
POOL_WAITING = Gauge(
    "db_pool_waiting", "Waits for a database connection, now.", multiprocess_mode=SHARE
)
POOL_WAIT_SECONDS = Histogram(
    "db_pool_wait_seconds",
    "Waits for a database connection where none was idle.",
    buckets=(0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2.5, 5),
)
POOL_TIMEOUTS = Counter("db_pool_timeouts", "Waits for a database connection that were in vain.")

ARGON2_RUNNING = Gauge("argon2_running", "Passwords being hashed.", multiprocess_mode=SHARE)
ARGON2_WAITING = Gauge("argon2_waiting", "Passwords waiting for it.", multiprocess_mode=SHARE)
ARGON2_SECONDS = Histogram(
    "argon2_duration_seconds",
    "Hashing a password, without the wait.",
    buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)
ARGON2_WAIT_SECONDS = Histogram(
    "argon2_wait_seconds",
    "A password's wait for its turn.",
    buckets=(0.001, 0.01, 0.05, 0.1, 0.5, 1, 2.5, 5),
)
ARGON2_REFUSED = Counter("argon2_refused", "Passwords refused because too many were waiting.")

JOB_RUNS = Counter("background_job_runs", "Runs begun.", ("name",))
JOB_FAILURES = Counter("background_job_failures", "Runs that failed.", ("name",))
JOB_SECONDS = Summary("background_job_duration_seconds", "How long runs took.", ("name",))
# The last of any worker, living or not: whoever did the work, it is done.
JOB_LAST_SUCCESS = Gauge(
    "background_job_last_success_timestamp_seconds",
    "When a run last succeeded; not there before the first has.",
    ("name",),
    multiprocess_mode="max",
)


class Waits:
    """Those who wait for a database connection."""

    def __init__(self) -> None:
        self.now = 0

    @contextmanager
    def one(self) -> Generator[None]:
        """Times the wait in the block."""
        self.now += 1
        started = time.perf_counter()
        try:
            yield
        except TimeoutError:
            POOL_TIMEOUTS.inc()
            raise
        finally:
            self.now -= 1
            POOL_WAIT_SECONDS.observe(time.perf_counter() - started)


POOL_WAITS = Waits()
