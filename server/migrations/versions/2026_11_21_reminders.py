"""reminders"""

import sqlalchemy as sa
from alembic import op

from lms_core.kernel.ids import IdType
from lms_core.kernel.tables import UtcDateTime

revision = "01b0f37e72d8"
down_revision = "d7b4523f0ba9"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notices",
        sa.Column("organisation_id", IdType("unit"), nullable=False),
        sa.Column("person_id", IdType("person"), nullable=False),
        sa.Column("lesson_id", IdType("lesson"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("made", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "person_id", "lesson_id", "kind", name=op.f("pk_notices")),
    )
    op.create_index("ix_notices_lesson", "notices", ["organisation_id", "lesson_id"])
    op.create_index("ix_notices_made", "notices", ["made"])

    op.create_table(
        "push_subscriptions",
        sa.Column("organisation_id", IdType("unit"), nullable=False),
        sa.Column("id", IdType("push"), nullable=False),
        sa.Column("person_id", IdType("person"), nullable=False),
        sa.Column("login_id", IdType("login"), nullable=False),
        sa.Column("endpoint", sa.String(), nullable=False),
        sa.Column("endpoint_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created", UtcDateTime(), nullable=False),
        sa.Column("due", UtcDateTime(), nullable=True),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_push_subscriptions")),
        sa.UniqueConstraint("endpoint_hash", name=op.f("uq_push_subscriptions_endpoint_hash")),
    )
    op.create_index(
        "ix_push_subscriptions_due",
        "push_subscriptions",
        ["due"],
        sqlite_where=sa.text("due IS NOT NULL"),
        postgresql_where=sa.text("due IS NOT NULL"),
    )
    op.create_index("ix_push_subscriptions_person", "push_subscriptions", ["person_id"])

    op.create_table(
        "reminder_rules",
        sa.Column("organisation_id", IdType("unit"), nullable=False),
        sa.Column("push", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_reminder_rules")),
    )
    op.create_table(
        "reminder_wishes",
        sa.Column("organisation_id", IdType("unit"), nullable=False),
        sa.Column("person_id", IdType("person"), nullable=False),
        sa.Column("page", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("letter", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("quiet_from", sa.String(), nullable=False),
        sa.Column("quiet_to", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "person_id", name=op.f("pk_reminder_wishes")),
    )


def downgrade() -> None:
    raise NotImplementedError
