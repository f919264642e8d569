"""Pictures: sealed bytes in a folder or a bucket, named by random keys that say nothing."""

import secrets
from contextlib import suppress

import fsspec

from tcm.store.keys import KeyRing

_PLACE = "blob"


class Blobs:
    """Sealed files under one root.

    Args:
        root: Folder or URL that fsspec opens, such as `file:///srv/tangye/blobs` or `s3://bucket/blobs`.
        keys: The key ring that seals them.
    """

    def __init__(self, root: str, keys: KeyRing) -> None:
        self._files, self._root = fsspec.core.url_to_fs(root)
        self._keys = keys
        self._files.makedirs(self._root, exist_ok=True)

    def put(self, data: bytes) -> str:
        """Seal and keep.

        Args:
            data: The bytes of a picture.

        Returns:
            The key to ask for it by.
        """
        key = secrets.token_hex(16)
        self._write(key, self._keys.seal(data, f"{_PLACE}/{key}"))
        return key

    def get(self, key: str) -> bytes:
        """Open what was kept.

        Args:
            key: What `put` returned.

        Returns:
            The bytes.

        Raises:
            FileNotFoundError: When nothing lies there.
            KeyUnusableError: When it was altered or sealed with another key.
        """
        with self._files.open(self._path(key), "rb") as file:
            sealed: bytes = file.read()
        return self._keys.open(sealed, f"{_PLACE}/{key}")

    def remove(self, key: str) -> None:
        """Forget what was kept; nothing happens where nothing lies there any more.

        Args:
            key: What `put` returned.
        """
        with suppress(FileNotFoundError):
            self._files.rm_file(self._path(key))

    def names(self) -> list[str]:
        """The keys of everything that is kept, in order."""
        found = (path.rpartition("/")[2] for path in self._files.find(self._root))
        return sorted(name[3:] for name in found if name[2:3] == "-")

    def sealed(self, key: str) -> bytes:
        """What was kept, sealed as it lies there.

        Args:
            key: One of `names`.

        Returns:
            The sealed bytes.

        Raises:
            FileNotFoundError: When nothing lies there.
        """
        with self._files.open(self._path(key), "rb") as file:
            data: bytes = file.read()
        return data

    def put_sealed(self, key: str, sealed: bytes) -> None:
        """Keep what was sealed with the same keys before.

        Args:
            key: What it was kept by.
            sealed: What `sealed` returned.
        """
        self._write(key, sealed)

    def _write(self, key: str, sealed: bytes) -> None:
        try:
            with self._files.open(self._path(key), "wb") as file:
                file.write(sealed)
        except OSError:
            # Half a picture is none, and takes room on a disk that may be full.
            with suppress(OSError):
                self.remove(key)
            raise

    def _path(self, key: str) -> str:
        if not key.isalnum():
            raise FileNotFoundError(key)
        return f"{self._root}/{key[:2]}-{key}"
