"""recordings"""

import sqlalchemy as sa
from alembic import op

from lms_core.kernel.blobs import BlobKey
from lms_core.kernel.ids import IdType
from lms_core.kernel.tables import JSON_TYPE, UtcDateTime

revision = "3e67d134794a"
down_revision = "01a10c3083e5"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recording_consents",
        sa.Column("organisation_id", IdType("unit"), nullable=False),
        sa.Column("person_id", IdType("person"), nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=True),
        sa.Column("agreed_at", UtcDateTime(), nullable=True),
        sa.Column("guardian_agrees", sa.Boolean(), nullable=True),
        sa.Column("guardian_id", IdType("person"), nullable=True),
        sa.Column("guardian_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("organisation_id", "person_id", name=op.f("pk_recording_consents")),
    )
    op.create_table(
        "recording_events",
        sa.Column("organisation_id", IdType("unit"), nullable=False),
        sa.Column("recording_id", IdType("recording"), nullable=False),
        sa.Column("id", IdType("moment"), nullable=False),
        sa.Column("at_s", sa.Double(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("person_id", IdType("person"), nullable=True),
        sa.Column("body", JSON_TYPE, nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "recording_id", "id", name=op.f("pk_recording_events")),
    )
    op.create_table(
        "recording_films",
        sa.Column("organisation_id", IdType("unit"), nullable=False),
        sa.Column("recording_id", IdType("recording"), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("leased", UtcDateTime(), nullable=True),
        sa.Column("progress", sa.Double(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("file_key", BlobKey(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "recording_id", name=op.f("pk_recording_films")),
    )
    with op.batch_alter_table("recording_films", schema=None) as batch_op:
        batch_op.create_index("ix_recording_films_state", ["state"], unique=False)

    op.create_table(
        "recording_segments",
        sa.Column("organisation_id", IdType("unit"), nullable=False),
        sa.Column("recording_id", IdType("recording"), nullable=False),
        sa.Column("track_id", IdType("track"), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("starts_s", sa.Double(), nullable=False),
        sa.Column("ends_s", sa.Double(), nullable=False),
        sa.Column("blob_key", BlobKey(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("packets", sa.Integer(), nullable=False),
        sa.Column("dropped", sa.Integer(), nullable=False),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint(
            "organisation_id", "recording_id", "track_id", "number", name=op.f("pk_recording_segments")
        ),
    )
    op.create_table(
        "recording_publications",
        sa.Column("organisation_id", IdType("unit"), nullable=False),
        sa.Column("recording_id", IdType("recording"), nullable=False),
        sa.Column("id", IdType("track"), nullable=False),
        sa.Column("participant_id", sa.String(), nullable=False),
        sa.Column("person_id", IdType("person"), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("codec", sa.String(), nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("starts_s", sa.Double(), nullable=False),
        sa.Column("ends_s", sa.Double(), nullable=False),
        sa.Column("file_key", BlobKey(), nullable=True),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("about", JSON_TYPE, nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "recording_id", "id", name=op.f("pk_recording_publications")),
    )
    op.create_table(
        "recordings",
        sa.Column("organisation_id", IdType("unit"), nullable=False),
        sa.Column("id", IdType("recording"), nullable=False),
        sa.Column("room_id", IdType("room"), nullable=False),
        sa.Column("lesson_id", IdType("lesson"), nullable=False),
        sa.Column("started_by", IdType("person"), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("keep_until", UtcDateTime(), nullable=False),
        sa.Column("leased", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_recordings")),
    )
    with op.batch_alter_table("recordings", schema=None) as batch_op:
        batch_op.create_index("ix_recordings_id", ["id"], unique=False)
        batch_op.create_index("ix_recordings_lesson", ["organisation_id", "lesson_id"], unique=False)
        batch_op.create_index(
            "ix_recordings_on",
            ["room_id"],
            unique=True,
            sqlite_where=sa.text("state = 'recording'"),
            postgresql_where=sa.text("state = 'recording'"),
        )
        batch_op.create_index(
            "ix_recordings_work",
            ["state"],
            unique=False,
            sqlite_where=sa.text("state IN ('processing', 'deleting')"),
            postgresql_where=sa.text("state IN ('processing', 'deleting')"),
        )


def downgrade() -> None:
    raise NotImplementedError
