"""What is kept for somebody who will bring the key to it (decision 24).

The key is made from the server's secret and from what its owner sends again, so that neither the
database alone nor, with it, the secret alone opens what lies there.
"""

import hashlib
import hmac
import secrets

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12


class Seal:
    """AES-256-GCM, and a digest that nobody can guess values against without the key."""

    def __init__(self, secret: str, *given: str) -> None:
        said = "\0".join(("idempotent answer", *given))
        root = _digest(secret.encode(), said.encode())
        self._aes, self._counted = AESGCM(_digest(root, b"seal")), _digest(root, b"digest")

    def close(self, content: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE)
        return nonce + self._aes.encrypt(nonce, content, None)

    def open(self, closed: bytes) -> bytes:
        """Raises InvalidTag for what was not closed by this seal."""
        return self._aes.decrypt(closed[:NONCE], closed[NONCE:], None)

    def digest(self, content: bytes) -> bytes:
        return _digest(self._counted, content)


def _digest(key: bytes, content: bytes) -> bytes:
    return hmac.digest(key, content, hashlib.sha256)
