"""The key of the house: seals columns and pictures, blinds indexes, signs cookies."""

import base64
import hashlib
import hmac
import os
import secrets
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_VARIABLE = "TANGYE_KEY"
KEY_FILE = "tangye.key"
_KEY_BYTES = 32
_NONCE_BYTES = 12
# First byte of everything sealed: says how to open it, so that another cipher can follow.
_FORMAT_AES_256_GCM = b"\x01"
_TAG_BYTES = 16
_SHORTEST_SEALED_BYTES = len(_FORMAT_AES_256_GCM) + _NONCE_BYTES + _TAG_BYTES


class KeyUnusableError(Exception):
    """The key is missing, malformed, readable by others, or not the one that sealed this data."""


class KeyRing:
    """Keys derived from the one secret of the house, each for one purpose.

    Args:
        secret: 32 random bytes.

    Raises:
        KeyUnusableError: When the secret has another length.
    """

    def __init__(self, secret: bytes) -> None:
        if len(secret) != _KEY_BYTES:
            raise KeyUnusableError(f"the key must have {_KEY_BYTES} bytes")
        self._secret = secret
        self._cipher = AESGCM(self.derive("seal"))
        self._index_key = self.derive("blind-index")

    def derive(self, purpose: str) -> bytes:
        """A key of its own for one purpose.

        Args:
            purpose: Such as `cookie`.

        Returns:
            32 bytes, the same for the same secret and purpose.
        """
        hkdf = HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=f"tangye/{purpose}".encode())
        return hkdf.derive(self._secret)

    def seal(self, data: bytes, place: str) -> bytes:
        """Encrypt with AES-256-GCM, bound to the place where it will lie.

        Args:
            data: What is to be hidden.
            place: Such as `patients.name`; opening elsewhere fails.

        Returns:
            Format byte, nonce, ciphertext and tag.
        """
        nonce = os.urandom(_NONCE_BYTES)
        return _FORMAT_AES_256_GCM + nonce + self._cipher.encrypt(nonce, data, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """Decrypt what `seal` made.

        Args:
            sealed: Format byte, nonce, ciphertext and tag.
            place: The place it was sealed for.

        Returns:
            The data.

        Raises:
            KeyUnusableError: When the key, the place or a single byte is another.
        """
        if sealed[:1] != _FORMAT_AES_256_GCM or len(sealed) < _SHORTEST_SEALED_BYTES:
            raise KeyUnusableError("sealed in an unknown format")
        nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, body, place.encode())
        except InvalidTag:
            raise KeyUnusableError(f"{place} was sealed with another key, or was altered") from None

    def blind(self, value: str, place: str) -> str:
        """A keyed fingerprint by which a sealed value can be found without being opened.

        Args:
            value: What is searched; width, case and inner spaces do not matter.
            place: Such as `patients.phone`, so that equal values of two columns do not match.

        Returns:
            64 hexadecimal digits, or empty for an empty value.
        """
        plain = "".join(unicodedata.normalize("NFKC", value).upper().split())
        if not plain:
            return ""
        return hmac.new(self._index_key, f"{place}\0{plain}".encode(), hashlib.sha256).hexdigest()


def load_key(home: Path, environ: Mapping[str, str]) -> KeyRing:
    """The key ring from the environment, else from the instance folder, made there when it is new.

    Args:
        home: The instance folder.
        environ: Environment variables; `TANGYE_KEY` holds 32 bytes in base64.

    Returns:
        The ring.

    Raises:
        KeyUnusableError: When the key is malformed or its file can be read by others.
    """
    encoded = environ.get(KEY_VARIABLE)
    if encoded is None:
        encoded = _read_or_make(home / KEY_FILE)
    try:
        return KeyRing(base64.b64decode(encoded, validate=True))
    except ValueError:
        raise KeyUnusableError("the key is not base64") from None


def _read_or_make(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _make(path)
    if path.stat().st_mode & 0o077:
        raise KeyUnusableError(f"{path} can be read by others; run: chmod 600 {path}")
    return path.read_text(errors="replace").strip()


def _make(path: Path) -> None:
    # Written aside and linked when whole: of processes that start together one wins, none reads half a key.
    aside = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode() + "\n")
    try:
        with suppress(FileExistsError):
            os.link(aside, path)
    finally:
        aside.unlink()
