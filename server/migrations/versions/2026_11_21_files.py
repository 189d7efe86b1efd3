"""files"""

import sqlalchemy as sa
from alembic import op

from lms_core.kernel.blobs import BlobKey
from lms_core.kernel.ids import IdType
from lms_core.kernel.tables import UtcDateTime

revision = "0ad980fc723d"
down_revision = "3e67d134794a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "files",
        sa.Column("organisation_id", IdType("unit"), nullable=False),
        sa.Column("id", IdType("file"), nullable=False),
        sa.Column("room_id", IdType("room"), nullable=False),
        sa.Column("owner_id", IdType("person"), nullable=False),
        sa.Column("reader_id", IdType("person"), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("key", BlobKey(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("held_by", sa.String(), nullable=True),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_files")),
    )
    gone = sa.text("gone")
    op.create_index("ix_files_gone", "files", ["id"], sqlite_where=gone, postgresql_where=gone)
    op.create_index("ix_files_made_at", "files", ["made_at"])
    op.create_index("ix_files_one", "files", ["id"])
    op.create_index("ix_files_owner", "files", ["organisation_id", "owner_id", "made_at"])


def downgrade() -> None:
    raise NotImplementedError
