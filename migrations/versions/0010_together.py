"""Consultations, referrals, consent to read another house's chart, outcomes

Revision: 0010
After: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_READS = sa.text("action = 'record.read'")


def upgrade() -> None:
    """Make the tables; the people of before are asked by nobody."""
    op.add_column("staff", sa.Column("expert_in", sa.String(length=80), nullable=False, server_default=""))
    op.create_table(
        "consultations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("encounter_id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("expert_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("question", sa.LargeBinary(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("consent_by", sa.String(length=24), nullable=False),
        sa.Column("consent_how", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("request_key", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["encounter_id"], ["encounters.id"], name=op.f("fk_consultations_encounter_id")
        ),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institutions.id"], name=op.f("fk_consultations_institution_id")
        ),
        sa.ForeignKeyConstraint(["asked_by_id"], ["staff.id"], name=op.f("fk_consultations_asked_by_id")),
        sa.ForeignKeyConstraint(["expert_id"], ["staff.id"], name=op.f("fk_consultations_expert_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultations")),
        sa.UniqueConstraint("request_key", name=op.f("uq_consultations_request_key")),
    )
    op.create_index(op.f("ix_consultations_asked_by_id_seen_at"), "consultations", ["asked_by_id", "seen_at"])
    op.create_index(op.f("ix_consultations_encounter_id"), "consultations", ["encounter_id"])
    op.create_index(op.f("ix_consultations_expert_id_state"), "consultations", ["expert_id", "state"])
    op.create_table(
        "referrals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("encounter_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("from_institution_id", sa.Integer(), nullable=False),
        sa.Column("to_institution_id", sa.Integer(), nullable=True),
        sa.Column("elsewhere", sa.String(length=80), nullable=False),
        sa.Column("direction", sa.String(length=24), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("letter", sa.LargeBinary(), nullable=False),
        sa.Column("consent_by", sa.String(length=24), nullable=False),
        sa.Column("consent_how", sa.String(length=24), nullable=False),
        sa.Column("written_by_id", sa.Integer(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("received_by_id", sa.Integer(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_encounter_id", sa.Integer(), nullable=True),
        sa.Column("reply", sa.LargeBinary(), nullable=False),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("request_key", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["encounter_id"], ["encounters.id"], name=op.f("fk_referrals_encounter_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_referrals_patient_id")),
        sa.ForeignKeyConstraint(
            ["from_institution_id"], ["institutions.id"], name=op.f("fk_referrals_from_institution_id")
        ),
        sa.ForeignKeyConstraint(
            ["to_institution_id"], ["institutions.id"], name=op.f("fk_referrals_to_institution_id")
        ),
        sa.ForeignKeyConstraint(["written_by_id"], ["staff.id"], name=op.f("fk_referrals_written_by_id")),
        sa.ForeignKeyConstraint(["received_by_id"], ["staff.id"], name=op.f("fk_referrals_received_by_id")),
        sa.ForeignKeyConstraint(
            ["received_encounter_id"], ["encounters.id"], name=op.f("fk_referrals_received_encounter_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals")),
        sa.UniqueConstraint("request_key", name=op.f("uq_referrals_request_key")),
    )
    op.create_index(op.f("ix_referrals_encounter_id"), "referrals", ["encounter_id"])
    op.create_index(op.f("ix_referrals_patient_id"), "referrals", ["patient_id"])
    op.create_index(op.f("ix_referrals_received_encounter_id"), "referrals", ["received_encounter_id"])
    op.create_index(op.f("ix_referrals_to_institution_id_state"), "referrals", ["to_institution_id", "state"])
    op.create_index(op.f("ix_referrals_written_by_id_state"), "referrals", ["written_by_id", "state"])
    op.create_table(
        "record_consents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("given_by", sa.String(length=24), nullable=False),
        sa.Column("given_name", sa.LargeBinary(), nullable=False),
        sa.Column("how", sa.String(length=24), nullable=False),
        sa.Column("purpose", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by_id", sa.Integer(), nullable=True),
        sa.Column("request_key", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_record_consents_patient_id")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institutions.id"], name=op.f("fk_record_consents_institution_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["staff.id"], name=op.f("fk_record_consents_recorded_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by_id"], ["staff.id"], name=op.f("fk_record_consents_withdrawn_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_consents")),
        sa.UniqueConstraint("request_key", name=op.f("uq_record_consents_request_key")),
    )
    op.create_index(op.f("ix_record_consents_patient_id"), "record_consents", ["patient_id"])
    op.create_table(
        "outcomes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("encounter_id", sa.Integer(), nullable=False),
        sa.Column("of_encounter_id", sa.Integer(), nullable=False),
        sa.Column("grade", sa.String(length=24), nullable=False),
        sa.Column("symptoms", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("judged_by_id", sa.Integer(), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_outcomes_patient_id")),
        sa.ForeignKeyConstraint(["encounter_id"], ["encounters.id"], name=op.f("fk_outcomes_encounter_id")),
        sa.ForeignKeyConstraint(
            ["of_encounter_id"], ["encounters.id"], name=op.f("fk_outcomes_of_encounter_id")
        ),
        sa.ForeignKeyConstraint(["judged_by_id"], ["staff.id"], name=op.f("fk_outcomes_judged_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcomes")),
        sa.UniqueConstraint(
            "encounter_id", "of_encounter_id", name=op.f("uq_outcomes_encounter_id_of_encounter_id")
        ),
    )
    op.create_index(op.f("ix_outcomes_of_encounter_id"), "outcomes", ["of_encounter_id"])
    op.create_index(op.f("ix_outcomes_patient_id"), "outcomes", ["patient_id"])
    op.create_index(
        op.f("ix_access_log_record_reads"),
        "access_log",
        ["subject_id"],
        sqlite_where=_READS,
        postgresql_where=_READS,
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index(op.f("ix_access_log_record_reads"), "access_log")
    for table in ("outcomes", "record_consents", "referrals", "consultations"):
        op.drop_table(table)
    op.drop_column("staff", "expert_in")
