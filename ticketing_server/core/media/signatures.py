"""Addresses of stored files that open by themselves, for an hour (rulings 5.5).

Whoever holds such an address may read that file and nothing else, without a token.
"""

import hashlib
import hmac
from urllib.parse import quote

from ticketing_server.core.clock import now

LIFETIME = 3600
# An address stays the same for a minute, and with it the ETag of what contains it.
STEP = 60


class Signatures:
    """Signs paths, with a key of its own derived from the server's secret."""

    def __init__(self, secret: str) -> None:
        self._key = hmac.digest(secret.encode(), b"media address", hashlib.sha256)

    def query(self, path: str) -> str:
        """What to put behind the `?` of the path's address."""
        expires = int(now().timestamp()) // STEP * STEP + LIFETIME
        return f"expires={expires}&signature={self._sign(path, str(expires))}"

    def is_valid(self, path: str, expires: str, signature: str) -> bool:
        """Compared in constant time; the expiry is part of what is signed."""
        is_ours = hmac.compare_digest(
            self._sign(path, expires).encode(), signature.encode(errors="replace")
        )
        return is_ours and now().timestamp() < int(expires)

    def _sign(self, path: str, expires: str) -> str:
        message = f"{expires}\n{path}".encode(errors="replace")
        return hmac.digest(self._key, message, hashlib.sha256).hex()


class MediaLinks:
    """Absolute addresses below `base`, such as `https://desk.example.com/media`."""

    def __init__(self, base: str, signatures: Signatures) -> None:
        self._base, self._signatures = base, signatures

    def open_to_all(self, path: str | None) -> str | None:
        """Without a signature: for what is public, where there is anything."""
        return path and f"{self._base}/{quote(path)}"

    def to(self, path: str) -> str:
        return f"{self._base}/{quote(path)}?{self._signatures.query(path)}"
