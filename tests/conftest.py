"""One PostgreSQL for the whole run, one database per worker, an empty one for each test."""

import asyncio
import copy
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from tests.clusters import migrated_once, started_once  # noqa: F401
from tests.putting_back import as_it_is
from tests.races import race  # noqa: F401
from tests.s3 import s3, s3_server  # noqa: F401
from tests.world import World, build_world, stored_tables
from ticketing_server.app import create_app, plugins_of
from ticketing_server.core import db
from ticketing_server.core.db import DB
from ticketing_server.core.postgres import EmbeddedPostgres
from ticketing_server.core.secrets.tokens import Tokens
from ticketing_server.database import know_plugins, migrate
from ticketing_server.settings import Settings, load_settings

LONG = tuple(
    f"tests/{room}"
    for room in (
        "attack/test_schemathesis",
        "container",
        "faults",
        "operations",
        "scaling",
        "tenancy",
    )
)
CLUSTER, TEMPLATE = "TICKETING_TEST_CLUSTER", "ticketing_template"
ENVIRONMENT = {
    "SECRET_KEY": "a secret for tests that is long enough",
    "AUTH_RATE_LIMIT": "off",
    "ALLOWED_HOSTS": "localhost,tickets.example.com",
}
NOWHERE = {"DATABASE_URL": "postgresql://x"}
know_plugins(plugins_of(load_settings({**NOWHERE, **ENVIRONMENT})).piccolo_apps())
# No two things of different kinds have the same id: whoever mixes them up shall not be lucky.
APART = """
SELECT setval(sequencename::regclass, 100000 * row_number() OVER (ORDER BY sequencename))
FROM pg_sequences WHERE schemaname = 'public'
"""
WIPE = "SET LOCAL session_replication_role = replica;" + "".join(
    f'DELETE FROM "{table._meta.tablename}";' for table in stored_tables()
)


def pytest_configure(config: pytest.Config) -> None:
    """The first process starts the cluster; workers find its address in the environment."""
    if CLUSTER in os.environ:
        return
    directory = Path(tempfile.mkdtemp(prefix="ticketing-tests-"))
    directory.chmod(0o755)
    cluster = EmbeddedPostgres(directory, durable=False)
    cluster.start()
    os.environ[CLUSTER] = cluster.dsn
    config.add_cleanup(lambda: shutil.rmtree(directory, ignore_errors=True))
    config.add_cleanup(cluster.stop)
    asyncio.run(_make_template(cluster.dsn))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first, so that in the end no process works on alone."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


async def _make_template(dsn: str) -> None:
    await execute(dsn, f"CREATE DATABASE {TEMPLATE}")
    DB.configure(database_url(TEMPLATE))
    assert await migrate() == {}


def database_url(name: str) -> str:
    """The cluster's address with another database."""
    return os.environ[CLUSTER].replace("/ticketing?", f"/{name}?")


async def execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def clone_template(name: str) -> str:
    """A fresh migrated database of that name; its address. An old one of that name goes."""
    return await create_database(name, template=TEMPLATE)


async def create_database(name: str, template: str = "template1") -> str:
    """A fresh database of that name, with nothing in it; its address."""
    await execute(os.environ[CLUSTER], f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    await execute(os.environ[CLUSTER], f"CREATE DATABASE {name} TEMPLATE {template}")
    return database_url(name)


@pytest.fixture(scope="session")
async def worker_database() -> AsyncIterator[None]:
    """One for each worker, whether it runs tests of the server, of plugins, or both."""
    if DB.pool:
        yield
        return
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    DB.configure(await clone_template(f"test_{worker}"))
    async with db.pool(12, on_connect=_count_statements):
        yield


@pytest.fixture
async def empty_database(worker_database: None) -> AsyncIterator[None]:
    """Migrated, its pool open, nothing in it."""
    yield
    await run_script(WIPE)


async def run_script(statements: str) -> None:
    """Sent together, done together."""
    async with DB.transaction() as transaction:
        await transaction.connection.execute(statements)


# Of tests that count them; a whole run has hundreds of thousands.
COUNTED: list[list[str]] = []


# What asyncpg asks once per connection, about array types; no request's own.
INTROSPECTION = ("typeinfo_tree", "set_config('jit'")


async def _count_statements(connection: asyncpg.Connection) -> None:
    def note(logged: Any) -> None:
        if not any(words in logged.query for words in INTROSPECTION):
            for sent in COUNTED:
                sent.append(logged.query)

    connection.add_query_logger(note)


@pytest.fixture
def statements() -> Callable[[], Any]:
    """`async with statements() as sent:` collects every statement, BEGIN and COMMIT included."""

    @asynccontextmanager
    async def collect() -> AsyncIterator[list[str]]:
        sent: list[str] = []
        await asyncio.sleep(0)  # asyncpg notes a statement in the next round of the event loop
        COUNTED.append(sent)
        try:
            yield sent
            await asyncio.sleep(0)
        finally:
            COUNTED.pop()

    return collect


@pytest.fixture(scope="session")
def app_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the one `app`, and of others that take half a second to make; to look in: `data_dir`."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="session")
def app(app_dir: Path) -> Any:
    return make_app(DATA_DIR=str(app_dir))


@pytest.fixture
def data_dir(app_dir: Path) -> Iterator[Path]:
    """The data directory of `app`, with nothing in it."""
    _clear(app_dir)
    yield app_dir
    _clear(app_dir)


def _clear(directory: Path) -> None:
    for path in directory.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def make_app(**environment: str) -> Any:
    """The server with other settings: `make_app(REGISTRATION="closed")`."""
    return create_app(make_settings(**environment))


def make_settings(**environment: str) -> Settings:
    return load_settings({**NOWHERE, **ENVIRONMENT, **environment})


def client_of(app: Any, **headers: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, raise_app_exceptions=False),
        base_url="http://localhost/api",
        headers=headers,
    )


@pytest.fixture
async def client(app: Any, empty_database: None) -> AsyncIterator[httpx.AsyncClient]:
    """Nobody: a client without credentials."""
    async with client_of(app) as client:
        yield client


@pytest.fixture(scope="session")
async def built(worker_database: None) -> tuple[World, str]:
    """The world, which was built once, and the script that puts all of it back."""
    await run_script(APART)
    world = await build_world()
    script = await as_it_is()
    await run_script(WIPE)
    return world, script


@pytest.fixture
async def world(empty_database: None, built: tuple[World, str]) -> World:
    """The cast, their projects, and uma's ticket "Printer"."""
    world, script = built
    await run_script(script)
    return copy.deepcopy(world)


@pytest.fixture
async def as_user(app: Any, world: World) -> AsyncIterator[Callable[[str], httpx.AsyncClient]]:
    """`as_user("uma")`: a client that is signed in as one of the cast."""
    clients: dict[str, httpx.AsyncClient] = {}

    def sign_in(name: str) -> httpx.AsyncClient:
        if name not in clients:
            clients[name] = client_of(app, Authorization=f"Bearer {token_of(world, name)}")
        return clients[name]

    yield sign_in
    for client in clients.values():
        await client.aclose()


def token_of(world: World, name: str) -> str:
    settings = make_settings()
    return tokens(settings.secret_key).issue(world.people[name], 0).access


def tokens(secret: str) -> Tokens:
    import datetime as dt

    return Tokens(secret, access=dt.timedelta(hours=24), refresh=dt.timedelta(days=7))
