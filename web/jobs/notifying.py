"""Sending what patients are told: claim, hand to the outbox, note; each once, again where it failed."""

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tcm.records.clock import Clock
from tcm.records.errors import N_
from tcm.services import notifying
from tcm.services.notifying import Letter
from tcm.store.engine import Store

OUTBOX = "outbox"
# The channel of a letter that was written as a file.
FILE = "file"


class OutboxError(Exception):
    """The outbox did not say that it took a letter; it is tried again later.

    Args:
        why: For the manager, a msgid without blanks; never a patient's data.
        detail: A carrier's code or the like, beside it.
        unsure: It may have been taken all the same.
        for_good: Trying again cannot help, or might send it twice.
    """

    def __init__(self, why: str, detail: str = "", *, unsure: bool = False, for_good: bool = False) -> None:
        super().__init__(f"{why} {detail}".strip())
        self.unsure = unsure
        self.for_good = for_good


class Outbox(Protocol):
    """Takes letters for whoever sends them: SMS, a messenger, a file."""

    def take(self, letter: Letter) -> str:
        """Take a letter; one whose key was taken before is let go by.

        Args:
            letter: Where to and what; its key is the same at every try.

        Returns:
            The channel it went by, a few letters.

        Raises:
            OutboxError: When it cannot be taken now, or may have been taken without a word.
        """


@dataclass(frozen=True)
class FileOutbox:
    """One file a letter, whole or not at all, readable by this user only.

    Args:
        folder: Made where it is missing. Whoever sends the letters moves the files away into `sent/`.
    """

    folder: Path

    def take(self, letter: Letter) -> str:
        """Write the letter; see `Outbox`."""
        path = self.folder / f"{letter.key}.json"
        unfinished = path.with_suffix(".part")
        body = {"key": letter.key, "phone": letter.phone, "text": letter.text}
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if path.exists() or (self.folder / "sent" / path.name).exists():
                return FILE
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(body, file, ensure_ascii=False)
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(path)
        except OSError as error:
            # What a full disk left of it would only take room.
            with suppress(OSError):
                unfinished.unlink()
            raise OutboxError(N_("发件夹写不进去"), error.strerror or "") from error
        return FILE


@dataclass(frozen=True)
class Notifier:
    """What sending needs.

    Args:
        store: The open store.
        clock: Tells the time.
        outbox: Takes the letters.
        public_url: What the address of a bag begins with.
    """

    store: Store
    clock: Clock
    outbox: Outbox
    public_url: str

    def run(self) -> int:
        """Send everything that is due.

        Returns:
            How many the outbox took.
        """
        taken = 0
        while letters := self._claim():
            held_until = self.clock() + notifying.HELD_FOR / 2
            for letter in letters:
                if self.clock() < held_until:
                    taken += self._send(letter)
                else:
                    self._put_back(letter)
        return taken

    def _put_back(self, letter: Letter) -> None:
        # A carrier that answers late must not let another worker begin what this one is about to send.
        with self.store.work(self.clock) as work:
            notifying.put_back(work, letter)
            work.commit()

    def _claim(self) -> list[Letter]:
        with self.store.work(self.clock) as work:
            letters = notifying.claim(work, self.public_url)
            work.commit()
        return letters

    def _send(self, letter: Letter) -> bool:
        # Outside any work: an outbox may be slow, and SQLite lets nobody else write meanwhile.
        try:
            channel = self.outbox.take(letter)
        except OutboxError as error:
            with self.store.work(self.clock) as work:
                notifying.note_failed(
                    work, letter.notice_id, str(error), unsure=error.unsure, for_good=error.for_good
                )
                work.commit()
            return False
        with self.store.work(self.clock) as work:
            notifying.note_sent(work, letter.notice_id, channel)
            work.commit()
        return True
