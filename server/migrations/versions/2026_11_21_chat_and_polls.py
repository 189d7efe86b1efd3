"""chat and polls"""

import sqlalchemy as sa
from alembic import op

from lms_core.kernel.ids import IdType
from lms_core.kernel.tables import JSON_TYPE, UtcDateTime

revision = "d7b4523f0ba9"
down_revision = "4e1f0a7c93d2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chat_rules",
        sa.Column("organisation_id", IdType("unit"), nullable=False),
        sa.Column("room_id", IdType("room"), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "room_id", name=op.f("pk_chat_rules")),
    )
    op.create_table(
        "message_reactions",
        sa.Column("organisation_id", IdType("unit"), nullable=False),
        sa.Column("room_id", IdType("room"), nullable=False),
        sa.Column("message_id", IdType("message"), nullable=False),
        sa.Column("person_id", IdType("person"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint(
            "organisation_id", "room_id", "message_id", "person_id", "kind", name=op.f("pk_message_reactions")
        ),
    )
    op.create_table(
        "poll_tallies",
        sa.Column("organisation_id", IdType("unit"), nullable=False),
        sa.Column("poll_id", IdType("poll"), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=False),
        sa.Column("due", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "poll_id", name=op.f("pk_poll_tallies")),
    )
    op.create_table(
        "poll_votes",
        sa.Column("organisation_id", IdType("unit"), nullable=False),
        sa.Column("poll_id", IdType("poll"), nullable=False),
        sa.Column("id", IdType("vote"), nullable=False),
        sa.Column("person_id", IdType("person"), nullable=True),
        sa.Column("choices", JSON_TYPE, nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("voted_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "poll_id", "id", name=op.f("pk_poll_votes")),
    )
    op.create_index("ix_poll_votes_person", "poll_votes", ["organisation_id", "poll_id", "person_id"], unique=True)

    op.create_table(
        "polls",
        sa.Column("organisation_id", IdType("unit"), nullable=False),
        sa.Column("id", IdType("poll"), nullable=False),
        sa.Column("room_id", IdType("room"), nullable=False),
        sa.Column("author_id", IdType("person"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("options", JSON_TYPE, nullable=False),
        sa.Column("right", JSON_TYPE, nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("may_change", sa.Boolean(), nullable=False),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_polls")),
    )
    op.create_index("ix_polls_one", "polls", ["id"])
    op.create_index("ix_polls_opened_at", "polls", ["opened_at"])
    op.create_index("ix_polls_room", "polls", ["organisation_id", "room_id"])

    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reply_to", IdType("message"), nullable=True))
        batch_op.add_column(sa.Column("with_id", IdType("person"), nullable=True))
        batch_op.add_column(sa.Column("place", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("to_all", sa.Boolean(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("extras", JSON_TYPE, nullable=True))
        batch_op.add_column(sa.Column("deleted_by", IdType("person"), nullable=True))
        batch_op.create_index(
            "ix_messages_deleted_by",
            ["deleted_by"],
            sqlite_where=sa.text("deleted_by IS NOT NULL"),
            postgresql_where=sa.text("deleted_by IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_messages_with",
            ["with_id"],
            sqlite_where=sa.text("with_id IS NOT NULL"),
            postgresql_where=sa.text("with_id IS NOT NULL"),
        )


def downgrade() -> None:
    raise NotImplementedError
