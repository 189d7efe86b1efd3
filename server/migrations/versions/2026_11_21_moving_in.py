"""moving in"""

import sqlalchemy as sa
from alembic import op

from lms_core.kernel.ids import IdType
from lms_core.kernel.text import search_key, sort_key

revision = "5b1f0c7e4a92"
down_revision = "10c5a0d17001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("units", "persons", "groups", "courses", "lessons"):
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    with op.batch_alter_table("units") as batch_op:
        batch_op.add_column(sa.Column("school_year", sa.Integer(), nullable=True))
    with op.batch_alter_table("groups") as batch_op:
        batch_op.add_column(sa.Column("closed", sa.Boolean(), server_default=sa.false(), nullable=False))
    with op.batch_alter_table("courses") as batch_op:
        batch_op.add_column(sa.Column("ended", sa.Date(), nullable=True))
    with op.batch_alter_table("subjects") as batch_op:
        batch_op.add_column(sa.Column("organisation_id", IdType("unit"), nullable=True))
        batch_op.create_index(batch_op.f("ix_subjects_organisation_id"), ["organisation_id"], unique=False)
    with op.batch_alter_table("persons") as batch_op:
        batch_op.drop_constraint("uq_persons_iin", type_="unique")
        batch_op.drop_index("ix_persons_organisation_id")
        batch_op.add_column(sa.Column("search", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("sort", sa.String(), server_default="", nullable=False))
        batch_op.create_index("ix_persons_organisation_sort", ["organisation_id", "sort"], unique=False)
        batch_op.create_index("ix_persons_organisation_iin", ["organisation_id", "iin"], unique=True)
    _fill()


def _fill() -> None:
    names = ("family", "given", "patronymic")
    persons = sa.table(
        "persons", sa.column("id", IdType("person")), *(sa.column(n) for n in (*names, "search", "sort"))
    )
    known = op.get_bind().execute(sa.select(persons.c.id, *(persons.c[name] for name in names))).all()
    for person, *of in known:
        name = f"{of[0]} {of[1]} {of[2] or ''}"
        fresh = {"search": f" {search_key(name)}", "sort": sort_key(name)}
        op.get_bind().execute(sa.update(persons).where(persons.c.id == person).values(fresh))


def downgrade() -> None:
    raise NotImplementedError
