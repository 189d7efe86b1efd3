"""locks and audit"""

import sqlalchemy as sa
from alembic import op

from lms_core.kernel.ids import IdType
from lms_core.kernel.tables import JSON_TYPE, UtcDateTime

revision = "10c5a0d17001"
down_revision = "dc7b810db5f7"
branch_labels = None
depends_on = None

_SQLITE = (
    "CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END",
    "CREATE TRIGGER audit_kept BEFORE DELETE ON audit WHEN OLD.keep_until > strftime('%Y-%m-%d %H:%M:%f', 'now')"
    " BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END",
)
_POSTGRESQL = (
    "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " RAISE EXCEPTION 'audit is append-only'; END $$",
    "CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_kept BEFORE DELETE ON audit FOR EACH ROW WHEN (OLD.keep_until > now())"
    " EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_whole BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
)


def upgrade() -> None:
    op.create_table(
        "access_rules",
        sa.Column("organisation_id", IdType("unit"), nullable=False),
        sa.Column("second_factor", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_access_rules")),
    )
    op.create_table(
        "factors",
        sa.Column("organisation_id", IdType("unit"), nullable=False),
        sa.Column("id", IdType("factor"), nullable=False),
        sa.Column("person_id", IdType("person"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("handle", sa.LargeBinary(), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.Column("created", UtcDateTime(), nullable=False),
        sa.Column("used", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_factors")),
        sa.UniqueConstraint("handle", name=op.f("uq_factors_handle")),
    )
    op.create_index("ix_factors_person", "factors", ["person_id"])
    op.create_table(
        "devices",
        sa.Column("organisation_id", IdType("unit"), nullable=False),
        sa.Column("id", IdType("device"), nullable=False),
        sa.Column("person_id", IdType("person"), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("browser", sa.String(), nullable=False),
        sa.Column("created", UtcDateTime(), nullable=False),
        sa.Column("last_seen", UtcDateTime(), nullable=False),
        sa.Column("trusted_until", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_devices")),
    )
    op.create_index("ix_devices_person", "devices", ["person_id", "token_hash"], unique=True)
    op.create_index("ix_devices_last_seen", "devices", ["last_seen"])
    op.create_table(
        "tickets",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("person_id", IdType("person"), nullable=True),
        sa.Column("data", JSON_TYPE, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("expires", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_tickets")),
    )
    op.create_index(op.f("ix_tickets_person_id"), "tickets", ["person_id"])
    op.create_index(op.f("ix_tickets_expires"), "tickets", ["expires"])
    with op.batch_alter_table("accounts") as batch_op:
        batch_op.add_column(sa.Column("second_factor", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("must_change", sa.Boolean(), server_default=sa.false(), nullable=False))
    with op.batch_alter_table("logins") as batch_op:
        batch_op.add_column(sa.Column("browser", sa.String(), server_default="", nullable=False))
    op.create_table(
        "audit",
        sa.Column("organisation_id", IdType("unit"), nullable=False),
        sa.Column("id", IdType("audit"), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("op", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("actor_id", IdType("person"), nullable=True),
        sa.Column("subject_id", IdType("person"), nullable=True),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("details", JSON_TYPE, nullable=False),
        sa.Column("keep_until", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_subject", "audit", ["organisation_id", "subject_id"])
    op.create_index("ix_audit_keep_until", "audit", ["keep_until"])
    for statement in _POSTGRESQL if op.get_bind().dialect.name == "postgresql" else _SQLITE:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError
