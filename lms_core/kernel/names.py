"""What a directory calls a thing, in the three languages."""

from dataclasses import dataclass
from typing import Protocol


class _Named(Protocol):
    name_kk: str
    name_ru: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Names:
    kk: str
    ru: str
    en: str

    @classmethod
    def of(cls, row: "_Named") -> "Names":
        """From a row with `name_kk`, `name_ru`, `name_en`."""
        return cls(row.name_kk, row.name_ru, row.name_en)
