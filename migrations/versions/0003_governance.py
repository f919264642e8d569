"""What the institution answers for: rule versions, replays, findings with their fate, agreed formulas, labs

Revision: 0003
After: 0002
"""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from tcm.store.types import keys_of

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

LABS = "encounters.labs"
SHIPPED = "shipped"


def upgrade() -> None:
    """Make the tables; what was written before was checked with the rules as shipped."""
    op.create_table(
        "rule_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("standing", sa.String(length=24), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("request_key", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institutions.id"], name=op.f("fk_rule_versions_institution_id")
        ),
        sa.ForeignKeyConstraint(["made_by_id"], ["staff.id"], name=op.f("fk_rule_versions_made_by_id")),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["staff.id"], name=op.f("fk_rule_versions_approved_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_versions")),
        sa.UniqueConstraint("version", name=op.f("uq_rule_versions_version")),
        sa.UniqueConstraint("request_key", name=op.f("uq_rule_versions_request_key")),
    )
    op.create_index(op.f("ix_rule_versions_institution_id"), "rule_versions", ["institution_id"])
    in_force = sa.text("standing = 'in_force'")
    op.create_index(
        "uq_rule_versions_in_force",
        "rule_versions",
        ["institution_id"],
        unique=True,
        sqlite_where=in_force,
        postgresql_where=in_force,
    )
    op.create_table(
        "rule_replays",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule_version_id", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("checked_count", sa.Integer(), nullable=False),
        sa.Column("total_count", sa.Integer(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.String(length=400), nullable=False),
        sa.Column("request_key", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["rule_version_id"], ["rule_versions.id"], name=op.f("fk_rule_replays_rule_version_id")
        ),
        sa.ForeignKeyConstraint(["asked_by_id"], ["staff.id"], name=op.f("fk_rule_replays_asked_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_replays")),
        sa.UniqueConstraint("request_key", name=op.f("uq_rule_replays_request_key")),
    )
    op.create_index(op.f("ix_rule_replays_rule_version_id"), "rule_replays", ["rule_version_id"])
    op.create_table(
        "finding_records",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("prescription_id", sa.Integer(), nullable=False),
        sa.Column("pharmacist_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rules_version", sa.String(length=40), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("severity", sa.String(length=8), nullable=False),
        sa.Column("herbs", sa.JSON(), nullable=False),
        sa.Column("signed", sa.Boolean(), nullable=False),
        sa.Column("decision", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["review_id"], ["reviews.id"], name=op.f("fk_finding_records_review_id")),
        sa.ForeignKeyConstraint(
            ["prescription_id"], ["prescriptions.id"], name=op.f("fk_finding_records_prescription_id")
        ),
        sa.ForeignKeyConstraint(
            ["pharmacist_id"], ["staff.id"], name=op.f("fk_finding_records_pharmacist_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_records")),
    )
    op.create_index(op.f("ix_finding_records_review_id"), "finding_records", ["review_id"])
    op.create_index(op.f("ix_finding_records_prescription_id"), "finding_records", ["prescription_id"])
    op.create_index("ix_finding_records_decided_at_rule", "finding_records", ["decided_at", "rule"])
    op.create_table(
        "agreed_formulas",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("standing", sa.String(length=24), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("syndromes", sa.JSON(), nullable=False),
        sa.Column("decoction_class", sa.String(length=8), nullable=False),
        sa.Column("usage", sa.String(length=200), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rules_version", sa.String(length=40), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("request_key", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institutions.id"], name=op.f("fk_agreed_formulas_institution_id")
        ),
        sa.ForeignKeyConstraint(["made_by_id"], ["staff.id"], name=op.f("fk_agreed_formulas_made_by_id")),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["staff.id"], name=op.f("fk_agreed_formulas_approved_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreed_formulas")),
        sa.UniqueConstraint(
            "institution_id", "name", "version", name=op.f("uq_agreed_formulas_institution_id_name_version")
        ),
        sa.UniqueConstraint("request_key", name=op.f("uq_agreed_formulas_request_key")),
    )
    op.create_index(op.f("ix_agreed_formulas_institution_id"), "agreed_formulas", ["institution_id"])
    op.create_index(
        "uq_agreed_formulas_in_force",
        "agreed_formulas",
        ["institution_id", "name"],
        unique=True,
        sqlite_where=in_force,
        postgresql_where=in_force,
    )
    _add_column("prescriptions", "rules_version", sa.String(length=40))
    _add_column("reviews", "rules_version", sa.String(length=40))
    _add_column("encounters", "labs", sa.LargeBinary())
    _say_what_checked_them()
    _seal_empty_labs()


def downgrade() -> None:
    """Drop them."""
    for table, column in (
        ("encounters", "labs"),
        ("reviews", "rules_version"),
        ("prescriptions", "rules_version"),
    ):
        op.drop_column(table, column)
    for table in ("agreed_formulas", "finding_records", "rule_replays", "rule_versions"):
        op.drop_table(table)


def _add_column(table: str, column: str, kind: sa.types.TypeEngine[Any]) -> None:
    # With a default, SQLite adds the column in place: the rows that refer to this table stay as they are.
    op.add_column(table, sa.Column(column, kind, nullable=False, server_default=sa.text("''")))


def _say_what_checked_them() -> None:
    prescriptions = sa.table("prescriptions", sa.column("rules_version"), sa.column("signed_at"))
    signed = sa.update(prescriptions).where(prescriptions.c.signed_at.is_not(None))
    op.execute(signed.values(rules_version=SHIPPED))
    reviews = sa.table("reviews", sa.column("rules_version"))
    op.execute(sa.update(reviews).values(rules_version=SHIPPED))


def _seal_empty_labs() -> None:
    bind = op.get_bind()
    keys = keys_of(bind.dialect)
    rows = sa.table("encounters", sa.column("id", sa.Integer()), sa.column("labs", sa.LargeBinary()))
    for key in bind.scalars(sa.select(rows.c.id)).all():
        sealed = keys.seal(json.dumps({}).encode(), LABS)
        bind.execute(sa.update(rows).where(rows.c.id == key).values(labs=sealed))
