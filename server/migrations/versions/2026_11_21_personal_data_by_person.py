"""what is kept of a person is found by the person"""

from alembic import op

revision = "4e1f0a7c93d2"
down_revision = "7565dbd5e9b4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_visits_person", "visits", ["person_id"])
    op.create_index("ix_messages_author", "messages", ["author_id"])


def downgrade() -> None:
    op.drop_index("ix_messages_author", "messages")
    op.drop_index("ix_visits_person", "visits")
