"""Unfinished forms, corrected signs, forms of the constitution."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tcm.records.charts import ConstitutionRecord, FormDraft, PulseRecording, SignCorrection
from tcm.records.errors import N_
from tcm.store import chart_tables as c
from tcm.store.repositories.base import Repository


class FormDraftRepository(Repository[FormDraft]):
    """Unfinished forms."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, FormDraft, N_("没有这份草稿。"))

    def of(self, encounter_id: int, staff_id: int) -> list[FormDraft]:
        """What somebody left unfinished at a visit.

        Args:
            encounter_id: Which visit.
            staff_id: Who.

        Returns:
            The drafts, one for each form, newest first.
        """
        drafts, columns = select(FormDraft), c.form_drafts.c
        mine = drafts.filter_by(encounter_id=encounter_id, staff_id=staff_id)
        return self._many(mine.order_by(columns.kept_at.desc(), columns.id.desc()))

    def of_form(self, encounter_id: int, staff_id: int, form_key: str) -> FormDraft | None:
        """What somebody left unfinished in one form.

        Args:
            encounter_id: Of which visit.
            staff_id: Who.
            form_key: The form's own key.

        Returns:
            The draft, or None.
        """
        wanted = {"encounter_id": encounter_id, "staff_id": staff_id, "form_key": form_key}
        return self._one(select(FormDraft).filter_by(**wanted))

    def drop_before(self, moment: datetime) -> int:
        """Forget what nobody has touched for long.

        Args:
            moment: Drafts kept before it go, aware UTC.

        Returns:
            How many went.
        """
        old = delete(c.form_drafts).where(c.form_drafts.c.kept_at < moment)
        return int(self._session.execute(old).rowcount)  # type: ignore[attr-defined]

    def drop(self, draft: FormDraft) -> None:
        """Forget a draft.

        Args:
            draft: Stored.
        """
        self._session.delete(draft)
        self._session.flush()


class SignCorrectionRepository(Repository[SignCorrection]):
    """Signs as doctors saw them."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, SignCorrection, N_("没有这条改正。"))

    def of_photographs(self, photograph_ids: Iterable[int]) -> dict[int, dict[str, str]]:
        """What doctors said of several pictures.

        Args:
            photograph_ids: Which.

        Returns:
            By picture, label by sign.
        """
        query = select(SignCorrection).where(c.sign_corrections.c.photograph_id.in_(set(photograph_ids)))
        found: dict[int, dict[str, str]] = defaultdict(dict)
        for each in self._many(query):
            found[each.photograph_id][each.sign] = each.label
        return dict(found)

    def of_sign(self, photograph_id: int, sign: str) -> SignCorrection | None:
        """What a doctor said of one sign of a picture.

        Args:
            photograph_id: Which picture.
            sign: Which sign.

        Returns:
            The correction, or None.
        """
        return self._one(select(SignCorrection).filter_by(photograph_id=photograph_id, sign=sign))

    def drop(self, correction: SignCorrection) -> None:
        """Take a correction back.

        Args:
            correction: Stored.
        """
        self._session.delete(correction)
        self._session.flush()


class ConstitutionRepository(Repository[ConstitutionRecord]):
    """Filled constitution forms."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, ConstitutionRecord, N_("没有这份体质问卷。"))

    def of_patient(self, patient_id: int) -> list[ConstitutionRecord]:
        """A patient's forms, newest first.

        Args:
            patient_id: Whose.

        Returns:
            The forms.
        """
        query = select(ConstitutionRecord).filter_by(patient_id=patient_id)
        return self._many(query.order_by(c.constitution_forms.c.id.desc()))


class PulseRecordingRepository(Repository[PulseRecording]):
    """Recorded pulses."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, PulseRecording, N_("没有这份脉搏记录。"))

    def of_encounter(self, encounter_id: int) -> list[PulseRecording]:
        """A visit's recordings, newest first.

        Args:
            encounter_id: Which visit.

        Returns:
            The recordings.
        """
        query = select(PulseRecording).filter_by(encounter_id=encounter_id)
        return self._many(query.order_by(c.pulse_recordings.c.id.desc()))
