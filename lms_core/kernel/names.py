"""What a directory calls a thing, in the three languages."""

from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.orm import Mapped


class _Named(Protocol):
    name_kk: Mapped[str]
    name_ru: Mapped[str]
    name_en: Mapped[str]


@dataclass(frozen=True, slots=True)
class Names:
    kk: str
    ru: str
    en: str

    @classmethod
    def of(cls, row: "_Named") -> "Names":
        """From a row with `name_kk`, `name_ru`, `name_en`."""
        return cls(row.name_kk, row.name_ru, row.name_en)
