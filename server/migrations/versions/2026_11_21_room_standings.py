"""room standings"""

import sqlalchemy as sa
from alembic import op

from lms_core.kernel.ids import IdType

revision = "3a833bde1ae3"
down_revision = "01b0f37e72d8"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "room_standings",
        sa.Column("organisation_id", IdType("unit"), nullable=False),
        sa.Column("lesson_id", IdType("lesson"), nullable=False),
        sa.Column("person_id", IdType("person"), nullable=False),
        sa.Column("may_write", sa.Boolean(), nullable=False),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("second", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "lesson_id", "person_id", name=op.f("pk_room_standings")),
    )
    op.create_index("ix_room_standings_person", "room_standings", ["person_id"])
    with op.batch_alter_table("lessons") as batch_op:
        batch_op.add_column(sa.Column("quiet", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("lessons") as batch_op:
        batch_op.drop_column("quiet")
    op.drop_table("room_standings")
