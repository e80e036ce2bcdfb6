"""Every setting, read once from the environment, then `.env` in the working directory."""

import ipaddress
import os
import re
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

T = TypeVar("T")

EXAMPLE_SECRETS = {"your-django-secret-key-here", "changeme", "secret"}
SECRET_BYTES = 32
LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")
RATE = re.compile(r"(\d{1,6})/(second|minute|hour|day)")
SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


class WrongSetting(Exception):
    """One line: the variable, what it got, what it wants."""

    def __init__(self, variable: str, got: str, wants: str) -> None:
        super().__init__(f"{variable}: got {got}, wants {wants}.")


class Rate(msgspec.Struct, frozen=True):
    """At most `hits` in `seconds`."""

    hits: int
    seconds: int


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What `docs/settings.md` lists; a test compares the two."""

    secret_key: str
    debug: bool = False
    allowed_hosts: tuple[str, ...] = LOCAL_HOSTS
    super_secret_key: str | None = None
    database_url: str | None = None
    cors_allowed_origins: tuple[str, ...] = ()
    data_dir: Path = Path("data")
    max_upload_mb: int = 25
    registration: str = "open"
    access_token_hours: float = 24
    refresh_token_days: float = 7
    trusted_proxies: tuple[str, ...] = ()
    log_level: str = "INFO"
    log_format: str = "text"
    auth_rate_limit: Rate | None = Rate(10, 60)
    db_pool_size: int = 10


def load_settings(
    environment: Mapping[str, str] | None = None, *, data_dir: Path | None = None
) -> Settings:
    """The settings of this process. Raises WrongSetting at the first wrong one."""
    given = _environment() if environment is None else environment
    read = _Reader({name: value for name, value in given.items() if value.strip()})
    debug = read("DEBUG", _boolean, default=False)
    database_url = read("DATABASE_URL", _postgres_url, default=None)
    directory = data_dir or read("DATA_DIR", Path, default=Path("data"))
    return Settings(
        secret_key=_secret_key(read, directory, debug=debug, embedded=database_url is None),
        debug=debug,
        allowed_hosts=read("ALLOWED_HOSTS", _words, default=LOCAL_HOSTS),
        super_secret_key=_super_secret_key(read, debug=debug),
        database_url=database_url,
        cors_allowed_origins=read("CORS_ALLOWED_ORIGINS", _origins, default=()),
        data_dir=directory.expanduser().absolute(),
        registration=read("REGISTRATION", _one_of("open", "closed"), default="open"),
        access_token_hours=read("ACCESS_TOKEN_HOURS", _positive, default=24.0),
        refresh_token_days=read("REFRESH_TOKEN_DAYS", _positive, default=7.0),
        trusted_proxies=read("TRUSTED_PROXIES", _networks, default=()),
        log_level=read(
            "LOG_LEVEL", _one_of("debug", "info", "warning", "error"), default="info"
        ).upper(),
        log_format=read("LOG_FORMAT", _one_of("text", "json"), default="text"),
        auth_rate_limit=read("AUTH_RATE_LIMIT", _rate, default=Rate(10, 60)),
        db_pool_size=read("DB_POOL_SIZE", _from_1_to(500), default=10),
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
            got = "a secret" if "KEY" in name else repr(self.given[name])
            raise WrongSetting(name, got, str(error)) from None


def _environment() -> dict[str, str]:
    return {**_dotenv(Path(".env")), **os.environ}


def _dotenv(path: Path) -> dict[str, str]:
    """`NAME=value` lines, `#` comments, an optional `export`, values optionally quoted."""
    if not path.is_file():
        return {}
    found: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        name, separator, value = line.strip().removeprefix("export ").partition("=")
        if separator and not name.startswith("#"):
            found[name.strip()] = _unquoted(value.strip())
    return found


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    return value.partition(" #")[0].strip()


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
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii")
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii")


def _super_secret_key(read: _Reader, *, debug: bool) -> str | None:
    given = read("SUPER_SECRET_KEY", str, default="")
    if given and not debug:
        raise WrongSetting("SUPER_SECRET_KEY", "a secret", "to be unset while DEBUG is off")
    return given or None


def _boolean(text: str) -> bool:
    meaning = {"true": True, "1": True, "yes": True, "on": True}
    meaning |= {"false": False, "0": False, "no": False, "off": False}
    if text.lower() not in meaning:
        raise ValueError("true or false")
    return meaning[text.lower()]


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _postgres_url(text: str) -> str:
    if urlsplit(text).scheme not in ("postgres", "postgresql"):
        raise ValueError("postgresql://user:password@host:5432/database")
    return text


def _origins(text: str) -> tuple[str, ...]:
    origins = _words(text)
    for origin in origins:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path:
            raise ValueError("origins such as https://desk.example.com, separated by commas")
    return origins


def _networks(text: str) -> tuple[str, ...]:
    try:
        return tuple(str(ipaddress.ip_network(word)) for word in _words(text))
    except ValueError:
        raise ValueError("addresses or networks such as 10.0.0.0/8, separated by commas") from None


def _one_of(*choices: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.lower() not in choices:
            raise ValueError(" or ".join(choices))
        return text.lower()

    return parse


def _from_1_to(most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isdecimal() or not 1 <= int(text) <= most:
            raise ValueError(f"a whole number from 1 to {most}")
        return int(text)

    return parse


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < 1e6:
        raise ValueError("a number above 0")
    return number


def _rate(text: str) -> Rate | None:
    if text.lower() == "off":
        return None
    match = RATE.fullmatch(text.lower())
    if not match or int(match[1]) == 0:
        raise ValueError("a rate such as 10/minute, or off")
    return Rate(int(match[1]), SECONDS[match[2]])
