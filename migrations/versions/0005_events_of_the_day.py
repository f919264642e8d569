"""Events of the day, questions about plans, what plans keep; what vehicles, couriers and villages can do

Revision: 0005
After: 0004
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_JSON_COLUMNS = (
    ("vehicles", "breaks", "[]"),
    ("institutions", "vehicle_kinds", '["van", "motorbike", "foot"]'),
    ("institutions", "door_windows", "[]"),
    ("plans", "difference", "{}"),
    ("plans", "told", "[]"),
    ("plans", "roads", "{}"),
)


def upgrade() -> None:
    """Add the columns in place and make the tables; what was there before can do what it could."""
    _add_column("vehicles", "kind", sa.String(length=12), "van")
    op.add_column("vehicles", sa.Column("capacity_ml", sa.Integer(), nullable=True))
    _add_column("vehicles", "max_trips", sa.Integer(), "4")
    _add_column("vehicles", "speed_factor", sa.Float(), "1.0")
    _add_column("plans", "kind", sa.String(length=24), "day")
    op.add_column("plans", sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True))
    for table, column, before in _JSON_COLUMNS:
        _add_column(table, column, sa.JSON(), before)
    _make_day_events()
    _make_studies()
    _make_planning_settings()


def downgrade() -> None:
    """Drop them; plans that wait for a word or were stopped become plans that failed."""
    for table in ("planning_settings", "studies", "day_events"):
        op.drop_table(table)
    plans = sa.table("plans", sa.column("state"))
    unknown = plans.c.state.in_(["proposed", "declined", "cancelled"])
    op.execute(sa.update(plans).where(unknown).values(state="failed"))
    for table, column, _ in _JSON_COLUMNS:
        op.drop_column(table, column)
    for column in ("cancelled_at", "kind"):
        op.drop_column("plans", column)
    for column in ("speed_factor", "max_trips", "capacity_ml", "kind"):
        op.drop_column("vehicles", column)


def _add_column(table: str, column: str, kind: sa.types.TypeEngine[Any], before: str) -> None:
    # With a default, SQLite adds the column in place: the rows that refer to this table stay as they are.
    op.add_column(table, sa.Column(column, kind, nullable=False, server_default=before))


def _make_day_events() -> None:
    op.create_table(
        "day_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("subject", sa.JSON(), nullable=False),
        sa.Column("reported_by_id", sa.Integer(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=True),
        sa.Column("over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("request_key", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["reported_by_id"], ["staff.id"], name=op.f("fk_day_events_reported_by_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_day_events_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_events")),
        sa.UniqueConstraint("request_key", name=op.f("uq_day_events_request_key")),
    )
    op.create_index(op.f("ix_day_events_day"), "day_events", ["day"])
    op.create_index(op.f("ix_day_events_plan_id"), "day_events", ["plan_id"])


def _make_studies() -> None:
    op.create_table(
        "studies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("progress_percent", sa.Integer(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("failure", sa.String(length=400), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("request_key", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_studies_plan_id")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["staff.id"], name=op.f("fk_studies_asked_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_studies")),
        sa.UniqueConstraint("request_key", name=op.f("uq_studies_request_key")),
    )
    op.create_index(op.f("ix_studies_day"), "studies", ["day"])
    op.create_index(op.f("ix_studies_plan_id"), "studies", ["plan_id"])


def _make_planning_settings() -> None:
    op.create_table(
        "planning_settings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("buffer_min", sa.Integer(), nullable=False),
        sa.Column("promise_late_min", sa.Integer(), nullable=False),
        sa.Column("longest_box_min", sa.Integer(), nullable=True),
        sa.Column("fragile_box_min", sa.Integer(), nullable=True),
        sa.Column("set_by_id", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["set_by_id"], ["staff.id"], name=op.f("fk_planning_settings_set_by_id")),
        sa.ForeignKeyConstraint(["study_id"], ["studies.id"], name=op.f("fk_planning_settings_study_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planning_settings")),
    )
