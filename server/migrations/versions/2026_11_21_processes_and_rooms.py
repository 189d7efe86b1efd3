"""processes and rooms"""

import sqlalchemy as sa
from alembic import op

from lms_core.kernel.ids import IdType
from lms_core.kernel.tables import JSON_TYPE, UtcDateTime

revision = "c1a57e2d0004"
down_revision = "5b1f0c7e4a92"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "common",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_common")),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("owner", IdType("process"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "processes",
        sa.Column("id", IdType("process"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("internal_url", sa.String(), nullable=False),
        sa.Column("beat", sa.BigInteger(), nullable=False),
        sa.Column("started", UtcDateTime(), nullable=False),
        sa.Column("seen", UtcDateTime(), nullable=False),
        sa.Column("draining", sa.Boolean(), nullable=False),
        sa.Column("load", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_processes")),
    )
    op.create_table(
        "room_owners",
        sa.Column("room_id", IdType("room"), nullable=False),
        sa.Column("owner", IdType("process"), nullable=True),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("snapshot", JSON_TYPE, nullable=False),
        sa.Column("written", UtcDateTime(), nullable=False),
        sa.Column("seen", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("room_id", name=op.f("pk_room_owners")),
    )
    op.create_index("ix_room_owners_owner", "room_owners", ["owner"])
    op.create_index("ix_room_owners_written", "room_owners", ["written"])


def downgrade() -> None:
    for table in ("room_owners", "processes", "leases", "common"):
        op.drop_table(table)
