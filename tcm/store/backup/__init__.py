"""The whole house in one file: every row and every sealed picture, to be restored on either database.

A backup is a zip archive: `tables/NAME.jsonl` with one JSON list a row in the order of the columns,
`blobs/KEY`, and `manifest.json`, written last, with the migration, the kind of each column, and the count
and SHA-256 of each table. What is sealed stays sealed: the key is not in it.
"""

from tcm.store.backup.manifest import BackupUnusableError, Manifest
from tcm.store.backup.reading import restore
from tcm.store.backup.writing import back_up

__all__ = ["BackupUnusableError", "Manifest", "back_up", "restore"]
