"""Paper forms printed for an outage, and what was signed on them."""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tcm.records.errors import N_
from tcm.records.outage import PaperBatch, PaperKind, PaperSignature
from tcm.store import outage_tables as o
from tcm.store import tables as t
from tcm.store.repositories.base import Repository


class PaperBatchRepository(Repository[PaperBatch]):
    """Blank forms that were printed."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, PaperBatch, N_("没有这批空白表单。"))

    def of_institution(self, institution_id: int) -> list[PaperBatch]:
        """What a house has printed.

        Args:
            institution_id: Which house.

        Returns:
            The batches, newest first.
        """
        query = select(PaperBatch).filter_by(institution_id=institution_id)
        return self._many(query.order_by(o.paper_batches.c.id.desc()))

    def holding(self, institution_id: int, kind: PaperKind, serial: int) -> PaperBatch | None:
        """The batch that a sheet was printed with.

        Args:
            institution_id: Whose number.
            kind: What the sheet is for.
            serial: Of the sheet.

        Returns:
            The batch; None where no such sheet was printed.
        """
        columns = o.paper_batches.c
        wanted = select(PaperBatch).filter_by(institution_id=institution_id, kind=kind)
        return self._one(
            wanted.where(columns.first_serial <= serial, serial < columns.first_serial + columns.count)
        )

    def next_serial(self, institution_id: int, kind: PaperKind) -> int:
        """The serial that the next sheet of a house takes.

        Args:
            institution_id: Which house.
            kind: What the sheet is for.

        Returns:
            From 1.
        """
        columns = o.paper_batches.c
        last = select(func.max(columns.first_serial + columns.count)).where(
            columns.institution_id == institution_id, columns.kind == kind
        )
        return self._session.scalar(last) or 1


class PaperSignatureRepository(Repository[PaperSignature]):
    """What was signed on paper."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, PaperSignature, N_("没有这条纸上签名。"))

    def of_prescriptions(self, prescription_ids: Iterable[int]) -> dict[int, list[PaperSignature]]:
        """What was signed on paper for several prescriptions.

        Args:
            prescription_ids: Which.

        Returns:
            By prescription, in the order in which it was signed.
        """
        columns = o.paper_signatures.c
        query = select(PaperSignature).where(columns.prescription_id.in_(set(prescription_ids)))
        found: dict[int, list[PaperSignature]] = defaultdict(list)
        for each in self._many(query.order_by(columns.signed_at, columns.id)):
            found[each.prescription_id].append(each)
        return dict(found)

    def of_prescription(self, prescription_id: int) -> list[PaperSignature]:
        """What was signed on paper for one prescription.

        Args:
            prescription_id: Which.

        Returns:
            In the order in which it was signed.
        """
        return self.of_prescriptions([prescription_id]).get(prescription_id, [])

    def newest(self, at_most: int, institution_id: int | None = None) -> list[PaperSignature]:
        """What was entered last.

        Args:
            at_most: How many.
            institution_id: Where it was prescribed; None for every house.

        Returns:
            The signatures, newest first.
        """
        columns = o.paper_signatures.c
        query = select(PaperSignature).order_by(columns.id.desc()).limit(at_most)
        if institution_id is not None:
            query = query.join(t.prescriptions, t.prescriptions.c.id == columns.prescription_id)
            query = query.where(t.prescriptions.c.institution_id == institution_id)
        return self._many(query)

    def drop(self, signature: PaperSignature) -> None:
        """Forget a signature that was entered by mistake.

        Args:
            signature: Stored.
        """
        self._session.delete(signature)
        self._session.flush()
