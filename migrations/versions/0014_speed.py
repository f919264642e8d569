"""Indexes that keep the pages fast

Revision: 0014
After: 0013
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# An index on the first column alone is no longer needed beside one that begins with it.
_NEW = {
    "ix_encounters_doctor_id_opened_at": ("encounters", ["doctor_id", "opened_at"]),
    "ix_prescriptions_doctor_id_state": ("prescriptions", ["doctor_id", "state"]),
    "ix_prescriptions_signed_at_state": ("prescriptions", ["signed_at", "state"]),
    "ix_prescriptions_state_edited_at": ("prescriptions", ["state", "edited_at"]),
    "ix_ledger_events_actor_id_at": ("ledger_events", ["actor_id", "at"]),
    "ix_access_log_actor_id_id": ("access_log", ["actor_id", "id"]),
    "ix_access_log_subject_kind_subject_id_id": ("access_log", ["subject_kind", "subject_id", "id"]),
    "ix_access_log_allowed_id": ("access_log", ["allowed", "id"]),
}
_OLD = {
    "ix_encounters_doctor_id": ("encounters", ["doctor_id"]),
    "ix_prescriptions_doctor_id": ("prescriptions", ["doctor_id"]),
    "ix_ledger_events_actor_id": ("ledger_events", ["actor_id"]),
    "ix_access_log_actor_id": ("access_log", ["actor_id"]),
}


def upgrade() -> None:
    """Make the new ones, drop the old."""
    _put(_NEW, in_place_of=_OLD)


def downgrade() -> None:
    """Put the old ones back."""
    _put(_OLD, in_place_of=_NEW)


def _put(made: dict[str, tuple[str, list[str]]], *, in_place_of: dict[str, tuple[str, list[str]]]) -> None:
    for name, (table, columns) in made.items():
        op.create_index(op.f(name), table, columns)
    for name, (table, _) in in_place_of.items():
        op.drop_index(op.f(name), table_name=table)
