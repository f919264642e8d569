"""Notices to patients, what they say and how they rate, lots that are called back."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, or_, select
from sqlalchemy.orm import Session

from tcm.records.aftercare import (
    Notice,
    NoticeKind,
    NoticeState,
    PatientMessage,
    Rating,
    Recall,
    RecallState,
    WechatLink,
)
from tcm.records.errors import N_
from tcm.store import aftercare_tables as f
from tcm.store.repositories.base import Repository


class NoticeRepository(Repository[Notice]):
    """What patients are told."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Notice, N_("没有这条通知。"))

    def told(self, prescription_ids: Collection[int], kind: NoticeKind, about: str) -> set[int]:
        """Prescriptions for which this was told, or is about to be.

        Args:
            prescription_ids: Among these.
            kind: What is told.
            about: Row of what it is about, empty for none.

        Returns:
            Their rows.
        """
        columns = f.notices.c
        query = select(columns.prescription_id).where(columns.kind == kind, columns.about == about)
        return set(self._session.scalars(query.where(columns.prescription_id.in_(set(prescription_ids)))))

    def claim_due(self, now: datetime, at_most: int, longest_pause: timedelta) -> list[Notice]:
        """Notices that are due, held for this work; what somebody else holds is passed over.

        Args:
            now: Aware UTC.
            at_most: How many.
            longest_pause: Before a notice is tried again.

        Returns:
            The longest waiting first.
        """
        columns = f.notices.c
        # What is due later than any pause lasts was put off by a clock that ran ahead.
        is_due = or_(columns.due_at <= now, columns.due_at > now + longest_pause)
        query = select(Notice).where(columns.state == NoticeState.WAITING, is_due)
        query = query.order_by(columns.due_at, columns.id).limit(at_most)
        return self._many(query.with_for_update(skip_locked=True))

    def of_recall(self, recall_id: int) -> dict[int, Notice]:
        """The notices of a recall.

        Args:
            recall_id: Which.

        Returns:
            By prescription.
        """
        wanted = select(Notice).filter_by(kind=NoticeKind.RECALLED, about=str(recall_id))
        return {each.prescription_id: each for each in self._many(wanted)}

    def undelivered(self, at_most: int) -> list[Notice]:
        """Notices that reached nobody: somebody has to call instead.

        Args:
            at_most: How many.

        Returns:
            Newest first.
        """
        columns = f.notices.c
        lost = (NoticeState.FAILED, NoticeState.UNREACHABLE)
        query = select(Notice).where(columns.state.in_(lost))
        # By the time, as the index has it: by row the whole table might be read.
        query = query.order_by(columns.due_at.desc(), columns.id.desc())
        return self._many(query.limit(at_most))

    def counts_unsent(self) -> dict[NoticeState, int]:
        """How many notices are in each state but sent, which are most.

        Returns:
            By state; one that has none is left out.
        """
        state = f.notices.c.state
        unsent = [each for each in NoticeState if each is not NoticeState.SENT]
        query = select(state, func.count()).where(state.in_(unsent)).group_by(state)
        return {row[0]: row[1] for row in self._session.execute(query)}


class WechatLinkRepository(Repository[WechatLink]):
    """Where WeChat finds patients."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, WechatLink, N_("没有绑定微信。"))

    def of_patients(self, patient_ids: Iterable[int]) -> dict[int, WechatLink]:
        """The accounts of some patients.

        Args:
            patient_ids: Whose.

        Returns:
            By patient; whoever has none is left out.
        """
        query = select(WechatLink).where(f.wechat_links.c.patient_id.in_(set(patient_ids)))
        return {each.patient_id: each for each in self._many(query)}

    def drop(self, patient_id: int) -> None:
        """Forget a patient's account.

        Args:
            patient_id: Whose.
        """
        self._session.execute(delete(WechatLink).where(f.wechat_links.c.patient_id == patient_id))


class PatientMessageRepository(Repository[PatientMessage]):
    """What patients say."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, PatientMessage, N_("没有这条消息。"))

    def waiting_at(self, institution_id: int) -> list[PatientMessage]:
        """Messages to a house that nobody has answered.

        Args:
            institution_id: Which house.

        Returns:
            Urgent ones first, then the longest waiting.
        """
        columns = f.patient_messages.c
        query = select(PatientMessage).where(
            columns.institution_id == institution_id, columns.answered_at.is_(None)
        )
        return self._many(query.order_by(columns.urgent.desc(), columns.sent_at, columns.id))

    def of_prescription(self, prescription_id: int) -> list[PatientMessage]:
        """What was said about a prescription.

        Args:
            prescription_id: Which.

        Returns:
            Oldest first.
        """
        query = select(PatientMessage).filter_by(prescription_id=prescription_id)
        return self._many(query.order_by(f.patient_messages.c.id))


class RatingRepository(Repository[Rating]):
    """What patients think of it."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Rating, N_("没有这条评价。"))

    def of_prescription(self, prescription_id: int) -> Rating | None:
        """The rating of a prescription.

        Args:
            prescription_id: Which.

        Returns:
            The rating, or None.
        """
        return self._one(select(Rating).filter_by(prescription_id=prescription_id))

    def counts_since(self, since: datetime) -> dict[int, int]:
        """How often each number of stars was given.

        Args:
            since: Aware UTC.

        Returns:
            By stars.
        """
        columns = f.ratings.c
        query = select(columns.stars, func.count()).where(columns.rated_at >= since).group_by(columns.stars)
        return {row[0]: row[1] for row in self._session.execute(query)}

    def add_failed_pin(self, prescription_id: int, at: datetime) -> None:
        """Count a try at a prescription's PIN.

        Args:
            prescription_id: Whose.
            at: Aware UTC.
        """
        self._session.execute(insert(f.failed_pins).values(prescription_id=prescription_id, at=at))

    def failed_pins_between(self, prescription_id: int, since: datetime, until: datetime) -> int:
        """How often a prescription's PIN was tried in vain.

        Args:
            prescription_id: Whose.
            since: Aware UTC.
            until: Aware UTC; tries after it were counted by a clock that ran ahead.

        Returns:
            Tries.
        """
        columns = f.failed_pins.c
        query = select(func.count()).where(
            columns.prescription_id == prescription_id, columns.at.between(since, until)
        )
        return self._session.scalar(query) or 0

    def forget_failed_pins(self, prescription_id: int, before: datetime) -> None:
        """Forget tries.

        Args:
            prescription_id: Whose.
            before: Those made earlier, aware UTC.
        """
        columns = f.failed_pins.c
        self._session.execute(
            delete(f.failed_pins).where(columns.prescription_id == prescription_id, columns.at < before)
        )


class RecallRepository(Repository[Recall]):
    """Lots that are called back."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Recall, N_("没有这次召回。"))

    def fresh(self, recall_id: int) -> Recall:
        """The recall as it is now, for a work that holds its lot.

        Args:
            recall_id: Its row.

        Returns:
            The recall.
        """
        recall = self.get(recall_id)
        self._session.refresh(recall)
        return recall

    def newest(self, at_most: int) -> list[Recall]:
        """The last recalls.

        Args:
            at_most: How many.

        Returns:
            Newest first.
        """
        return self._many(select(Recall).order_by(f.recalls.c.id.desc()).limit(at_most))

    def standing_of(self, lot_ids: Iterable[int]) -> dict[int, Recall]:
        """Recalls of some lots that were not withdrawn.

        Args:
            lot_ids: Rows of the lots.

        Returns:
            By lot, the newest of each.
        """
        columns = f.recalls.c
        query = select(Recall).where(columns.lot_id.in_(set(lot_ids)), columns.state != RecallState.WITHDRAWN)
        found: dict[int, Recall] = {}
        for each in self._many(query.order_by(columns.id)):
            found[each.lot_id] = each
        return found
