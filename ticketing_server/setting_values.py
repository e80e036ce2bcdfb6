"""How the text of a setting becomes a value; each raises ValueError with what it wants."""

import ipaddress
import re
from collections.abc import Callable
from urllib.parse import SplitResult, urlsplit

import msgspec

RATE = re.compile(r"(\d{1,6})/(second|minute|hour|day)")
TOKEN = re.compile(r"[!-~]{16,}")
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


class Rate(msgspec.Struct, frozen=True):
    """At most `hits` in `seconds`."""

    hits: int
    seconds: int


def boolean(text: str) -> bool:
    meaning = {"true": True, "1": True, "yes": True, "on": True}
    meaning |= {"false": False, "0": False, "no": False, "off": False}
    if text.lower() not in meaning:
        raise ValueError("true or false")
    return meaning[text.lower()]


def words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def postgres_url(text: str) -> str:
    if _split(text).scheme not in ("postgres", "postgresql"):
        raise ValueError("postgresql://user:password@host:5432/database")
    return text


def origins(text: str) -> tuple[str, ...]:
    origins = words(text)
    for origin in origins:
        parts = _split(origin)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path:
            raise ValueError("origins such as https://desk.example.com, separated by commas")
    return origins


def _split(url: str) -> SplitResult:
    """Nothing but empty parts where the address cannot be read."""
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", "", "", "")


def media_url(text: str) -> str:
    parts = _split(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise ValueError("an address such as https://files.example.com/media")
    return text.rstrip("/")


def bucket_url(text: str) -> str:
    """The rest, and every secret, is told in `AWS_…` variables."""
    parts = _split(text)
    if parts.scheme != "s3" or not BUCKET.fullmatch(parts.netloc) or parts.query or parts.fragment:
        raise ValueError("s3://bucket or s3://bucket/prefix, or to be unset for a directory")
    return text.rstrip("/")


def token(text: str) -> str:
    """What can be said in a header."""
    if not TOKEN.fullmatch(text):
        raise ValueError("at least 16 letters, digits or signs without a space")
    return text


def networks(text: str) -> tuple[str, ...]:
    try:
        return tuple(str(ipaddress.ip_network(word)) for word in words(text))
    except ValueError:
        raise ValueError("addresses or networks such as 10.0.0.0/8, separated by commas") from None


def one_of(*choices: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.lower() not in choices:
            raise ValueError(" or ".join(choices))
        return text.lower()

    return parse


def from_to(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return int(text)

    return parse


def positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    # So many days are still years that a token can tell (`core.tokens`).
    if not 0 < number <= 100_000:
        raise ValueError("a number above 0, and 100000 at most")
    return number


def rate(text: str) -> Rate | None:
    if text.lower() == "off":
        return None
    match = RATE.fullmatch(text.lower())
    if not match or int(match[1]) == 0:
        raise ValueError("a rate such as 10/minute, or off")
    return Rate(int(match[1]), SECONDS[match[2]])
