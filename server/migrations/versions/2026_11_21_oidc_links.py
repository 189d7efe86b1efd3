"""oidc links"""

import sqlalchemy as sa
from alembic import op

from lms_core.kernel.ids import IdType
from lms_core.kernel.tables import UtcDateTime

revision = "7d20c5a1e006"
down_revision = "c1a57e2d0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "oidc_links",
        sa.Column("organisation_id", IdType("unit"), nullable=False),
        sa.Column("person_id", IdType("person"), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("created", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "person_id", "issuer", name=op.f("pk_oidc_links")),
    )
    op.create_index("ix_oidc_links_subject", "oidc_links", ["issuer", "subject"], unique=True)


def downgrade() -> None:
    raise NotImplementedError
