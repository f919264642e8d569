"""Keys of other systems, and what they sent

Revision: 0013
After: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _make_keys()
    _make_codes()
    _make_incoming()
    _forbid_changes()


def downgrade() -> None:
    """Drop them."""
    for table in ("incoming_prescriptions", "herb_codes", "api_calls", "api_keys"):
        op.drop_table(table)


def _make_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("beginning", sa.String(length=16), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("rights", sa.JSON(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institutions.id"], name=op.f("fk_api_keys_institution_id")
        ),
        sa.ForeignKeyConstraint(["made_by_id"], ["staff.id"], name=op.f("fk_api_keys_made_by_id")),
        sa.ForeignKeyConstraint(["revoked_by_id"], ["staff.id"], name=op.f("fk_api_keys_revoked_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_api_keys_secret_hash")),
    )
    op.create_table(
        "api_calls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("operation", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["api_keys.id"], name=op.f("fk_api_calls_key_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_calls")),
    )
    op.create_index("ix_api_calls_key_id_at", "api_calls", ["key_id", "at"])


def _make_codes() -> None:
    op.create_table(
        "herb_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("herb", sa.String(length=40), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institutions.id"], name=op.f("fk_herb_codes_institution_id")
        ),
        sa.ForeignKeyConstraint(["set_by_id"], ["staff.id"], name=op.f("fk_herb_codes_set_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_herb_codes")),
        sa.UniqueConstraint("institution_id", "code", name=op.f("uq_herb_codes_institution_id_code")),
    )


def _make_incoming() -> None:
    table = "incoming_prescriptions"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_id", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("encounter_id", sa.Integer(), nullable=False),
        sa.Column("doctor_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason_code", sa.String(length=24), nullable=False),
        sa.Column("prescription_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institutions.id"], name=op.f(f"fk_{table}_institution_id")
        ),
        sa.ForeignKeyConstraint(["key_id"], ["api_keys.id"], name=op.f(f"fk_{table}_key_id")),
        sa.ForeignKeyConstraint(["encounter_id"], ["encounters.id"], name=op.f(f"fk_{table}_encounter_id")),
        sa.ForeignKeyConstraint(["doctor_id"], ["staff.id"], name=op.f(f"fk_{table}_doctor_id")),
        sa.ForeignKeyConstraint(
            ["prescription_id"], ["prescriptions.id"], name=op.f(f"fk_{table}_prescription_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("institution_id", "number", name=op.f(f"uq_{table}_institution_id_number")),
    )
    op.create_index(op.f(f"ix_{table}_encounter_id"), table, ["encounter_id"])
    op.create_index(op.f(f"ix_{table}_prescription_id"), table, ["prescription_id"])
    op.create_index(f"ix_{table}_doctor_id_state", table, ["doctor_id", "state"])


def _forbid_changes() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER api_calls_no_{verb.lower()} BEFORE {verb} ON api_calls "
                "BEGIN SELECT RAISE(ABORT, 'this table is append-only'); END"
            )
        return
    op.execute(
        "CREATE TRIGGER api_calls_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON api_calls "
        "FOR EACH STATEMENT EXECUTE FUNCTION tangye_refuse()"
    )
