from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from lms_core.kernel.blobs import BlobKey
from lms_core.kernel.ids import BankId, ExamId, ItemId, PersonId, UnitId, id_column
from lms_core.kernel.personal import Blanked, Kept, Personal
from lms_core.kernel.tables import Table

ASKED = Kept("what was asked in exams, and who passed it", "as the bank itself", "house rule", date(2026, 11, 1))
_ALONE = text("NOT held")
_SENT = text("sender_id IS NOT NULL")


class Bank(Table):
    """Questions that belong together; a `shared` one is the whole organisation's, another its owner's alone.

    pii: whose it is, keep: as the bank itself
    """

    __tablename__ = "banks"
    personal = Personal(("owner_id",), ASKED)
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    id: Mapped[BankId] = id_column("bank", primary_key=True)
    title: Mapped[str]
    shared: Mapped[bool]
    owner_id: Mapped[PersonId | None] = id_column("person")
    made_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_banks_one", "id"),)


class BankItem(Table):
    """A question as it is now. `state`: draft, review, approved, retired, or `arriving` until all of its import is
    there. `titles` are the first words of its prompt, `languages` as in `kk ru`, `sound`: nothing is wrong with it.

    pii: who wrote it, keep: as the bank itself
    """

    __tablename__ = "items"
    personal = Personal(("author_id",), ASKED)
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    id: Mapped[ItemId] = id_column("item", primary_key=True)
    bank_id: Mapped[BankId] = id_column("bank")
    version: Mapped[int]
    state: Mapped[str]
    sound: Mapped[bool]
    kind: Mapped[str]
    subject: Mapped[str]
    difficulty: Mapped[int]
    points: Mapped[str]
    family: Mapped[str]
    title_kk: Mapped[str]
    title_ru: Mapped[str]
    title_en: Mapped[str]
    search: Mapped[str]
    languages: Mapped[str]
    author_id: Mapped[PersonId | None] = id_column("person")
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    __table_args__ = (
        Index("ix_items_bank", "organisation_id", "bank_id", "id"),
        Index("ix_items_one", "id"),
        Index(
            "ix_items_arriving",
            "changed_at",
            sqlite_where=text("state = 'arriving'"),
            postgresql_where=text("state = 'arriving'"),
        ),
    )


class ItemVersion(Table):
    """One version of a question; never changed. `body`: as `plain.to_plain` gives it.

    pii: who wrote it, keep: as the bank itself
    """

    __tablename__ = "item_versions"
    personal = Personal(("author_id",), ASKED, frozenset({"body"}))
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    item_id: Mapped[ItemId] = id_column("item", primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]]
    author_id: Mapped[PersonId | None] = id_column("person")
    at: Mapped[datetime]


class ItemObjective(Table):
    """What a question's newest version asks for, by the code of an objective."""

    __tablename__ = "item_objectives"
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    item_id: Mapped[ItemId] = id_column("item", primary_key=True)
    objective: Mapped[str] = mapped_column(primary_key=True)
    __table_args__ = (Index("ix_item_objectives_objective", "organisation_id", "objective"),)


class Objective(Table):
    """What is to be learnt in a subject, in the organisation's own directory."""

    __tablename__ = "objectives"
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    name_kk: Mapped[str]
    name_ru: Mapped[str]
    name_en: Mapped[str]


class ItemReview(Table):
    """What another person said of a version: approve or return.

    pii: who passed it and why not, keep: as the bank itself
    """

    __tablename__ = "item_reviews"
    personal = Personal(("reviewer_id",), ASKED)
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    item_id: Mapped[ItemId] = id_column("item", primary_key=True)
    nth: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]
    reviewer_id: Mapped[PersonId] = id_column("person")
    verdict: Mapped[str]
    comment: Mapped[str]
    at: Mapped[datetime]


class ItemMedia(Table):
    """A picture, sound or film by what it holds, or a file that was exported. `held`: a version shows it, so it stays;
    `gone`: its bytes are to be removed, then the row is. `sender_id`: for whose account it counts, for a day.

    pii: who sent it, keep: 1d
    """

    __tablename__ = "item_media"
    personal = Personal(("sender_id",), Blanked({"sender_id": None}), frozenset({"key"}))
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    sha256: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(BlobKey)
    type: Mapped[str]
    bytes: Mapped[int]
    made_at: Mapped[datetime]
    held: Mapped[bool]
    gone: Mapped[bool] = mapped_column(default=False)
    sender_id: Mapped[PersonId | None] = id_column("person")
    __table_args__ = (
        Index("ix_item_media_alone", "made_at", sqlite_where=_ALONE, postgresql_where=_ALONE),
        Index(
            "ix_item_media_sent",
            *("organisation_id", "sender_id", "made_at"),
            sqlite_where=_SENT,
            postgresql_where=_SENT,
        ),
    )


class ItemUse(Table):
    """How a version did in an exam: how many were asked, which part of the points they got, and how well it told the
    strong from the weak (-1 to 1)."""

    __tablename__ = "item_uses"
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    item_id: Mapped[ItemId] = id_column("item", primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[ExamId] = id_column("exam", primary_key=True)
    title: Mapped[str]
    asked: Mapped[int]
    facility: Mapped[float | None]
    discrimination: Mapped[float | None]
    at: Mapped[datetime]
