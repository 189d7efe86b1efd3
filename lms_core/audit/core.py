"""How long the audit log is kept, by dated rules."""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class KeepRule:
    """`days` hold for what happened from `valid_from` on, up to the next rule. `source`: the act it rests on."""

    days: int
    valid_from: date
    source: str


BY_POWER = ("looked", "role_given", "role_ended", "lock_changed", "code_made", "erased")
"""What people do to others because they may. A log of it names them, or it is none (decree 832 again)."""
KEEP = (KeepRule(1096, date(2016, 12, 20), "Decree 832 of 20.12.2016: event logs are kept at least three years"),)


def keep_time(day: date) -> timedelta:
    """How long what happened on a day is kept."""
    rules = [rule for rule in KEEP if rule.valid_from <= day] or [KEEP[0]]
    return timedelta(days=rules[-1].days)
