"""Read-side queries of follow-up: the tongues of a patient's visits."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tcm.records.clinical import PhotographKind, PhotographState
from tcm.store import tables as t


@dataclass(frozen=True)
class TongueRow:
    """The newest tongue of a visit that has been read.

    Args:
        photograph_id: Its row.
        encounter_id: The visit.
        taken_at: Aware UTC.
        blob_key: Name of the sealed picture in the blob store.
        model: Version of the model that read it then.
        drawn: True for a drawn tongue.
    """

    photograph_id: int
    encounter_id: int
    taken_at: datetime
    blob_key: str
    model: str
    drawn: bool


def newest_tongues(session: Session, encounter_ids: Iterable[int]) -> dict[int, TongueRow]:
    """The newest read tongue of each of several visits.

    Args:
        session: Open.
        encounter_ids: Which visits.

    Returns:
        By visit; visits without one are left out. One statement, however many visits.
    """
    photographs = t.photographs.c
    newest = (
        select(func.max(photographs.id))
        .where(
            photographs.encounter_id.in_(set(encounter_ids)),
            photographs.kind == PhotographKind.TONGUE,
            photographs.state == PhotographState.READ,
        )
        .group_by(photographs.encounter_id)
    )
    columns = ("id", "encounter_id", "taken_at", "blob_key", "model", "drawn")
    rows = session.execute(select(*(photographs[name] for name in columns)).where(photographs.id.in_(newest)))
    return {row.encounter_id: TongueRow(*row) for row in rows}
