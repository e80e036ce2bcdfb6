"""Every setting, read once from the environment, then `.env` in the working directory."""

import contextlib
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from ticketing_server.setting_values import (
    Rate,
    boolean,
    bucket_url,
    from_to,
    media_url,
    networks,
    one_of,
    origins,
    positive,
    postgres_url,
    rate,
    token,
    words,
)

T = TypeVar("T")

EXAMPLE_SECRETS = {"your-django-secret-key-here", "changeme", "secret"}
SECRET_BYTES = 32
# Never said aloud: what stands there may be a password.
HIDDEN = {
    "SECRET_KEY": "a secret",
    "SUPER_SECRET_KEY": "a secret",
    "DATABASE_URL": "another address",
    "DATABASE_REPLICA_URL": "another address",
    "MEDIA_URL": "another address",
    "METRICS_TOKEN": "a secret",
}
LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")


class WrongSetting(Exception):
    """One line: the variable, what it got, what it wants."""

    def __init__(self, variable: str, got: str, wants: str) -> None:
        super().__init__(f"{variable}: got {got}, wants {wants}.")


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What `docs/settings.md` lists; a test compares the two."""

    secret_key: str
    debug: bool = False
    allowed_hosts: tuple[str, ...] = LOCAL_HOSTS
    super_secret_key: str | None = None
    database_url: str | None = None
    database_replica_url: str | None = None
    cors_allowed_origins: tuple[str, ...] = ()
    data_dir: Path = Path("data")
    registration: str = "open"
    access_token_hours: float = 24
    refresh_token_days: float = 7
    trusted_proxies: tuple[str, ...] = ()
    log_level: str = "INFO"
    log_format: str = "text"
    auth_rate_limit: Rate | None = Rate(10, 60)
    db_pool_size: int = 10
    max_upload_mb: int = 25
    media_url: str | None = None
    media_url_base: str | None = None
    metrics_token: str | None = None
    audit_log_days: int | None = None
    plugins_disabled: frozenset[str] = frozenset()

    @property
    def media_directory(self) -> Path:
        """Where uploaded files lie, unless MEDIA_URL names a bucket."""
        return self.data_dir / "media"


def load_settings(
    environment: Mapping[str, str] | None = None, *, data_dir: Path | None = None
) -> Settings:
    """The settings of this process. Raises WrongSetting at the first wrong one."""
    given = _environment() if environment is None else environment
    read = _Reader({name: value for name, value in given.items() if value.strip()})
    debug = read("DEBUG", boolean, default=False)
    database_url = read("DATABASE_URL", postgres_url, default=None)
    directory = data_dir or read("DATA_DIR", Path, default=Path("data"))
    return Settings(
        secret_key=_secret_key(read, directory, debug=debug, embedded=database_url is None),
        debug=debug,
        allowed_hosts=read("ALLOWED_HOSTS", words, default=LOCAL_HOSTS),
        super_secret_key=_super_secret_key(read, debug=debug),
        database_url=database_url,
        database_replica_url=_replica_url(read, database_url),
        cors_allowed_origins=read("CORS_ALLOWED_ORIGINS", origins, default=()),
        data_dir=directory.expanduser().absolute(),
        registration=read("REGISTRATION", one_of("open", "closed"), default="open"),
        access_token_hours=read("ACCESS_TOKEN_HOURS", positive, default=24.0),
        refresh_token_days=read("REFRESH_TOKEN_DAYS", positive, default=7.0),
        trusted_proxies=read("TRUSTED_PROXIES", networks, default=()),
        log_level=read(
            "LOG_LEVEL", one_of("debug", "info", "warning", "error"), default="info"
        ).upper(),
        log_format=read("LOG_FORMAT", one_of("text", "json"), default="text"),
        auth_rate_limit=read("AUTH_RATE_LIMIT", rate, default=Rate(10, 60)),
        db_pool_size=read("DB_POOL_SIZE", from_to(1, 500), default=10),
        max_upload_mb=read("MAX_UPLOAD_MB", from_to(1, 100_000), default=25),
        media_url=read("MEDIA_URL", bucket_url, default=None),
        media_url_base=read("MEDIA_URL_BASE", media_url, default=None),
        metrics_token=read("METRICS_TOKEN", token, default=None),
        audit_log_days=read("AUDIT_LOG_DAYS", from_to(30, 36_500), default=None),
        plugins_disabled=frozenset(read("PLUGINS_DISABLED", words, default=())),
    )


class _Reader:
    def __init__(self, given: Mapping[str, str]) -> None:
        self.given = given

    def __call__(self, name: str, parse: Callable[[str], T], *, default: T) -> T:
        if name not in self.given:
            return default
        try:
            return parse(self.given[name].strip())
        except ValueError as error:
            got = HIDDEN.get(name) or repr(self.given[name])
            raise WrongSetting(name, got, str(error)) from None


def _environment() -> dict[str, str]:
    written = _dotenv(Path(".env"))
    # The libraries of the object store and of traces read these themselves, and know no `.env`.
    for name in [name for name in written if name.startswith(("AWS_", "OTEL_"))]:
        os.environ.setdefault(name, written[name])
    return {**written, **os.environ}


def _dotenv(path: Path) -> dict[str, str]:
    """`NAME=value` lines, `#` comments, an optional `export`, values optionally quoted."""
    if not path.is_file():
        return {}
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise WrongSetting(str(path), type(error).__name__, "a readable UTF-8 text file") from None
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, separator, value = line.strip().removeprefix("export ").partition("=")
        if separator and not name.startswith("#"):
            found[name.strip()] = _unquoted(value.strip())
    return found


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    return value.partition(" #")[0].strip()


def _replica_url(read: _Reader, primary: str | None) -> str | None:
    """The embedded database has none: it would be another one's, and be read all the same."""
    given = read("DATABASE_REPLICA_URL", postgres_url, default=None)
    if given and not primary:
        raise WrongSetting("DATABASE_REPLICA_URL", "an address", "DATABASE_URL beside it")
    return given


def _secret_key(read: _Reader, data_dir: Path, *, debug: bool, embedded: bool) -> str:
    """rulings 2.9: never a weak key outside DEBUG; the embedded default makes one of its own."""
    given = read("SECRET_KEY", str, default="")
    if not given and (embedded or debug):
        return _own_secret_key(data_dir.expanduser() / "secret.key")
    if not debug and (len(given.encode()) < SECRET_BYTES or given in EXAMPLE_SECRETS):
        got = "nothing" if not given else "a short or example key"
        raise WrongSetting("SECRET_KEY", got, f"at least {SECRET_BYTES} random bytes")
    return given.ljust(SECRET_BYTES, "-")


def _own_secret_key(path: Path) -> str:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _make_secret_key(path)
        key = path.read_text(encoding="latin-1").strip()
    except OSError as error:
        raise WrongSetting("DATA_DIR", str(error), "a directory to read and write in") from None
    if len(key) < SECRET_BYTES or not key.isascii():
        raise WrongSetting("SECRET_KEY", f"a broken {path}", "that file whole, or gone")
    return key


def _make_secret_key(path: Path) -> None:
    """Whole or not at all: several processes may start at once, and any of them may be killed."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    with contextlib.suppress(FileExistsError):
        path.hardlink_to(draft)
    draft.unlink()


def _super_secret_key(read: _Reader, *, debug: bool) -> str | None:
    given = read("SUPER_SECRET_KEY", str, default="")
    if given and not debug:
        raise WrongSetting("SUPER_SECRET_KEY", "a secret", "to be unset while DEBUG is off")
    return given or None
