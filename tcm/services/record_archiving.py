"""A day's decoction records put away as one PDF, sealed, with its hash: what was kept is not made anew."""

from datetime import date
from hashlib import sha256

from tcm.records.errors import N_, Invalid
from tcm.records.permissions import Action, demand
from tcm.records.roles import Actor
from tcm.records.upkeep import RecordArchive
from tcm.services.access import look
from tcm.store.work import Work


def put_away(work: Work, actor: Actor, day: date, pdf: bytes, records_count: int) -> RecordArchive:
    """Keep a day's records as they are now.

    Args:
        work: The unit of work.
        actor: Floor staff or a manager.
        day: County date.
        pdf: The printed records.
        records_count: How many.

    Returns:
        The archive; the same bytes are kept once.

    Raises:
        Invalid: When there is nothing to keep.
        Forbidden: For other roles.
    """
    demand(actor, Action.QUALITY_KEEP)
    if not records_count:
        raise Invalid(N_("这一天没有煎药记录。"))
    digest = sha256(pdf).hexdigest()
    kept = next((each for each in work.record_archives.of_day(day) if each.sha256 == digest), None)
    return kept or work.record_archives.add(
        RecordArchive(
            day=day,
            records_count=records_count,
            sha256=digest,
            blob_key=work.put_blob(pdf),
            kept_by_id=actor.staff_id,
            kept_at=work.now,
        )
    )


def archives_of(work: Work, actor: Actor, day: date) -> list[RecordArchive]:
    """What was put away of a day, newest first.

    Args:
        work: The unit of work.
        actor: Floor staff, a pharmacist or a manager.
        day: County date.

    Returns:
        The archives.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.QUALITY_READ)
    return work.record_archives.of_day(day)


def open_archive(work: Work, actor: Actor, archive_id: int) -> tuple[RecordArchive, bytes]:
    """What was put away; the look is on record.

    Args:
        work: The unit of work.
        actor: Floor staff, a pharmacist or a manager.
        archive_id: Which.

    Returns:
        The archive and its PDF.

    Raises:
        NotFound: When there is none.
        Forbidden: For other roles.
    """
    look(work, actor, Action.QUALITY_READ, "record_archive", archive_id)
    archive = work.record_archives.get(archive_id)
    return archive, work.blobs.get(archive.blob_key)
