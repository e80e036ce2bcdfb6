"""Settings that are readable, and yet not what a server for others should have."""

import math
from collections import Counter
from urllib.parse import urlsplit

from ticketing_server.core.edge import host_check
from ticketing_server.settings import Settings

from .finding import Finding

# What a key of 32 random hexadecimal digits has.
BITS = 128


def settings(_: Settings) -> Finding:
    """They were, or nobody would get here."""
    return Finding("settings", "all read")


def debug(settings: Settings) -> Finding | None:
    if settings.debug:
        advice = "Turn DEBUG off on a server that others can reach."
        return Finding.warning("DEBUG", "on", advice)


def secret_key(settings: Settings) -> Finding | None:
    """Its length was checked already (rulings 2.9)."""
    if _bits(settings.secret_key) < BITS:
        make = "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
        return Finding.warning(
            "SECRET_KEY", "easier to guess than it could be", f"Make one: {make}"
        )


def secret_file(settings: Settings) -> Finding | None:
    path = settings.data_dir / "secret.key"
    if path.exists() and path.stat().st_mode & 0o077:
        return Finding.warning("secret key", f"{path} is open to others", f"chmod 600 {path}")


def throttling(settings: Settings) -> Finding | None:
    if settings.auth_rate_limit is None:
        advice = "Set AUTH_RATE_LIMIT to a rate such as 10/minute."
        return Finding.warning("AUTH_RATE_LIMIT", "off: passwords may be guessed", advice)


def hosts(settings: Settings) -> Finding | None:
    base = settings.media_url_base
    if base and not host_check(settings.allowed_hosts)(urlsplit(base).netloc.encode()):
        advice = "Add its host to ALLOWED_HOSTS, or no file opens there."
        return Finding.warning("MEDIA_URL_BASE", base, advice)
    if "*" in settings.allowed_hosts:
        advice = "Name your hosts: links in answers are built from what a caller sends."
        return Finding.warning("ALLOWED_HOSTS", "any host", advice)


def _bits(key: str) -> float:
    """Shannon's measure: generous to words, merciless to repetition."""
    shares = [count / len(key) for count in Counter(key).values()]
    return -len(key) * sum(share * math.log2(share) for share in shares)
