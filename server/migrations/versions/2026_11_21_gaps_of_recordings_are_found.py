"""gaps of recordings are found"""

import sqlalchemy as sa
from alembic import op

revision = "880910ae12b8"
down_revision = "3a833bde1ae3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    where = sa.text("why <> ''")
    op.create_index(
        "ix_recording_segments_gaps",
        "recording_segments",
        ["organisation_id", "recording_id"],
        sqlite_where=where,
        postgresql_where=where,
    )


def downgrade() -> None:
    op.drop_index("ix_recording_segments_gaps", "recording_segments")
