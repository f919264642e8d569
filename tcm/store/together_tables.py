"""The tables of what doctors of several houses do together: consultations, referrals, consents, outcomes."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import Boolean, Column, Date, Dialect, Index, String, Table, UniqueConstraint, text

from tcm.records.together import (
    Answer,
    AnsweredLine,
    ConsentBy,
    ConsentHow,
    ConsultationState,
    Direction,
    ReferralLetter,
    ReferralState,
)
from tcm.store.tables import access_log, metadata, ref, request_key, row_id
from tcm.store.types import Sealed, Term, UTCDateTime

# The audit's name for a read of another house's chart; also the condition of an index.
RECORD_READ = "record.read"


class SealedAnswer(Sealed):
    """What an expert answers, sealed."""

    cache_ok = True

    def process_bind_param(self, value: Answer | None, dialect: Dialect) -> bytes | None:
        """Seal it as a JSON object."""
        return super().process_bind_param(None if value is None else asdict(value), dialect)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        """Open it again."""
        fields = super().process_result_value(value, dialect)
        if fields is None:
            return None
        return Answer(**fields | {"lines": tuple(AnsweredLine(**line) for line in fields["lines"])})


class SealedLetter(Sealed):
    """What a referral tells, sealed."""

    cache_ok = True

    def process_bind_param(self, value: ReferralLetter | None, dialect: Dialect) -> bytes | None:
        """Seal it as a JSON object."""
        return super().process_bind_param(None if value is None else asdict(value), dialect)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        """Open it again."""
        fields = super().process_result_value(value, dialect)
        return None if fields is None else ReferralLetter(**fields)


consultations = Table(
    "consultations",
    metadata,
    row_id(),
    ref("encounter_id", "encounters"),
    ref("institution_id", "institutions", index=False),
    ref("asked_by_id", "staff", index=False),
    ref("expert_id", "staff", index=False),
    Column("asked_at", UTCDateTime, nullable=False),
    Column("question", Sealed("consultations.question"), nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("consent_by", Term(ConsentBy), nullable=False),
    Column("consent_how", Term(ConsentHow), nullable=False),
    Column("state", Term(ConsultationState), nullable=False),
    Column("read_at", UTCDateTime),
    Column("answer", SealedAnswer("consultations.answer")),
    Column("reason", Sealed("consultations.reason"), nullable=False),
    Column("closed_at", UTCDateTime),
    Column("seen_at", UTCDateTime),
    request_key(),
    Index("ix_consultations_expert_id_state", "expert_id", "state"),
    Index("ix_consultations_asked_by_id_seen_at", "asked_by_id", "seen_at"),
)

referrals = Table(
    "referrals",
    metadata,
    row_id(),
    ref("encounter_id", "encounters"),
    ref("patient_id", "patients"),
    ref("from_institution_id", "institutions", index=False),
    ref("to_institution_id", "institutions", nullable=True, index=False),
    Column("elsewhere", String(80), nullable=False),
    Column("direction", Term(Direction), nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("letter", SealedLetter("referrals.letter"), nullable=False),
    Column("consent_by", Term(ConsentBy), nullable=False),
    Column("consent_how", Term(ConsentHow), nullable=False),
    ref("written_by_id", "staff", index=False),
    Column("written_at", UTCDateTime, nullable=False),
    Column("state", Term(ReferralState), nullable=False),
    ref("received_by_id", "staff", nullable=True, index=False),
    Column("received_at", UTCDateTime),
    ref("received_encounter_id", "encounters", nullable=True),
    Column("reply", Sealed("referrals.reply"), nullable=False),
    Column("replied_at", UTCDateTime),
    Column("seen_at", UTCDateTime),
    Column("withdrawn_at", UTCDateTime),
    request_key(),
    Index("ix_referrals_to_institution_id_state", "to_institution_id", "state"),
    Index("ix_referrals_written_by_id_state", "written_by_id", "state"),
)

record_consents = Table(
    "record_consents",
    metadata,
    row_id(),
    ref("patient_id", "patients"),
    ref("institution_id", "institutions", index=False),
    Column("given_by", Term(ConsentBy), nullable=False),
    Column("given_name", Sealed("record_consents.given_name"), nullable=False),
    Column("how", Term(ConsentHow), nullable=False),
    Column("purpose", Sealed("record_consents.purpose"), nullable=False),
    ref("recorded_by_id", "staff", index=False),
    Column("given_at", UTCDateTime, nullable=False),
    Column("until", Date, nullable=False),
    Column("withdrawn_at", UTCDateTime),
    ref("withdrawn_by_id", "staff", nullable=True, index=False),
    request_key(),
)

outcomes = Table(
    "outcomes",
    metadata,
    row_id(),
    ref("patient_id", "patients"),
    ref("encounter_id", "encounters", index=False),
    ref("of_encounter_id", "encounters"),
    Column("grade", String(24), nullable=False),
    Column("symptoms", Sealed("outcomes.symptoms"), nullable=False),
    Column("note", Sealed("outcomes.note"), nullable=False),
    ref("judged_by_id", "staff", index=False),
    Column("judged_at", UTCDateTime, nullable=False),
    # One visit says one thing of another, whatever two windows send.
    UniqueConstraint("encounter_id", "of_encounter_id"),
)

# The patient may ask who read their chart; of all looks these few alone are found again by patient.
Index(
    "ix_access_log_record_reads",
    access_log.c.subject_id,
    sqlite_where=text(f"action = '{RECORD_READ}'"),
    postgresql_where=text(f"action = '{RECORD_READ}'"),
)
