"""SCRAM-SHA-256 verifiers, so that no password in clear ever reaches the server or its log."""

import base64
import hashlib
import hmac
import secrets

ITERATIONS = 4096


def scram_verifier(password: str, *, salt: bytes | None = None) -> str:
    """What PostgreSQL stores for a password (RFC 5803); ASCII only, for SASLprep is not applied."""
    if not password.isascii() or not password:
        raise ValueError("A database password is made of ASCII characters.")
    salt = salt or secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ITERATIONS)
    stored_key = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    return f"SCRAM-SHA-256${ITERATIONS}:{_text(salt)}${_text(stored_key)}:{_text(server_key)}"


def new_password() -> str:
    """A password of 192 random bits that needs no quoting in a URL."""
    return secrets.token_urlsafe(24)


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()
