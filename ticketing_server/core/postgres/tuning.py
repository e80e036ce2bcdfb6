"""How PostgreSQL is set up for a small server; on the command line, where nothing overrides it."""

import os
from collections.abc import Iterator
from pathlib import Path

from ticketing_server.core.postgres.sockets import PORT

SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "max_connections": "100",
    # This build has only PostgreSQL's own method: 0.3 ms for each page that is written in full, and
    # a move among a million tickets writes ten of them after a checkpoint.
    "wal_compression": "off",
    # Checkpoints every few seconds of heavy writing would write each page again in full.
    "max_wal_size": "4GB",
    # Compiling costs more than it saves in statements of milliseconds.
    "jit": "off",
    # Parallel plans need /dev/shm, of which a container has only 64 MB.
    "max_parallel_workers_per_gather": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_min_duration_statement": "1s",
    # Parameters are what people wrote, and no business of a log.
    "log_parameter_max_length": "0",
}
# PostgreSQL's own default, and where more brings little: the system keeps files in memory as well.
LEAST_BUFFERS, MOST_BUFFERS = 128, 1024
LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def arguments(socket_dir: Path, *, durable: bool) -> Iterator[str]:
    settings = SETTINGS if durable else SETTINGS | THROWAWAY
    places = {"unix_socket_directories": quoted(socket_dir)}
    for name, value in {**settings, "shared_buffers": f"{buffers()}MB", **places}.items():
        yield "-c"
        yield f"{name}={value}"


def buffers() -> int:
    """MB of shared buffers: an eighth of the memory of this machine, or of its container."""
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    texts = (path.read_text().strip() for path in map(Path, LIMITS) if path.exists())
    limits += [int(text) for text in texts if text.isdecimal()]
    return max(LEAST_BUFFERS, min(MOST_BUFFERS, min(limits) // 8 // 2**20))


def quoted(directory: Path) -> str:
    doubled = str(directory).replace('"', '""')
    return f'"{doubled}"'
