"""How PostgreSQL is set up for a small server; on the command line, where nothing overrides it."""

from collections.abc import Iterator
from pathlib import Path

from ticketing_server.core.postgres.sockets import PORT

SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "max_connections": "100",
    "shared_buffers": "128MB",
    "wal_compression": "on",
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
THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def arguments(socket_dir: Path, *, durable: bool) -> Iterator[str]:
    settings = SETTINGS if durable else SETTINGS | THROWAWAY
    for name, value in {**settings, "unix_socket_directories": quoted(socket_dir)}.items():
        yield "-c"
        yield f"{name}={value}"


def quoted(directory: Path) -> str:
    doubled = str(directory).replace('"', '""')
    return f'"{doubled}"'
