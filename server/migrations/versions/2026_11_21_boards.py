"""boards"""

import sqlalchemy as sa
from alembic import op

from lms_core.kernel.ids import IdType
from lms_core.kernel.tables import UtcDateTime

revision = "b0a2d51c7e94"
down_revision = "0ad980fc723d"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "boards",
        sa.Column("organisation_id", IdType("unit"), nullable=False),
        sa.Column("id", IdType("board"), nullable=False),
        sa.Column("room_id", IdType("room"), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("file_id", IdType("file"), nullable=True),
        sa.Column("made_by", IdType("person"), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("head", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_boards")),
    )
    with op.batch_alter_table("boards", schema=None) as batch_op:
        batch_op.create_index("ix_boards_id", ["id"], unique=False)
        batch_op.create_index("ix_boards_made_at", ["made_at"], unique=False)
        batch_op.create_index(
            "ix_boards_one",
            ["organisation_id", "room_id", "place", "kind"],
            unique=True,
            sqlite_where=sa.text("kind <> 'slides'"),
            postgresql_where=sa.text("kind <> 'slides'"),
        )
        batch_op.create_index("ix_boards_room", ["organisation_id", "room_id"], unique=False)

    op.create_table(
        "board_states",
        sa.Column("organisation_id", IdType("unit"), nullable=False),
        sa.Column("board_id", IdType("board"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "board_id", name=op.f("pk_board_states")),
    )
    op.create_table(
        "board_updates",
        sa.Column("organisation_id", IdType("unit"), nullable=False),
        sa.Column("board_id", IdType("board"), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("by", IdType("person"), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "board_id", "number", name=op.f("pk_board_updates")),
    )


def downgrade() -> None:
    op.drop_table("board_updates")
    op.drop_table("board_states")
    with op.batch_alter_table("boards", schema=None) as batch_op:
        batch_op.drop_index("ix_boards_room")
        batch_op.drop_index("ix_boards_one")
        batch_op.drop_index("ix_boards_made_at")
        batch_op.drop_index("ix_boards_id")

    op.drop_table("boards")
