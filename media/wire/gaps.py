"""Which packets of a stream are missing, when to ask for them, and when to give up. Pure: time is given.

A late packet is taken only when it is known to be missing: so no number is ever forwarded twice, which would
mean sealing two different packets under one SRTP nonce.
"""

FIRST_WAIT = 0.005
"""Seconds before a missing packet is asked for: what is only out of order comes by itself."""
MAX_ASKED = 8
MAX_AGE = 1.2
MAX_MISSING = 200

_SLOWEST, _FASTEST = 0.3, 0.025


class Gaps:
    """Missing packets by extended sequence number."""

    __slots__ = ("_missing", "round_trip")

    def __init__(self) -> None:
        self._missing: dict[int, _Missing] = {}
        self.round_trip = 0.1

    def __bool__(self) -> bool:
        return bool(self._missing)

    def __len__(self) -> int:
        return len(self._missing)

    def skipped(self, first: int, end: int, now: float) -> bool:
        """Packets first … end-1 did not come. False when these are too many to be asked for."""
        if end - first + len(self._missing) > MAX_MISSING:
            self._missing.clear()
            return False
        for index in range(first, end):
            self._missing[index] = _Missing(now)
        return True

    def arrived(self, index: int, now: float) -> bool:
        """A late packet came, by itself or because it was asked for. False when it was not missing."""
        missing = self._missing.pop(index, None)
        if missing is None:
            return False
        if missing.asked == 1:
            sample = min(max(now - missing.last, 0.001), 1.0)
            self.round_trip += (sample - self.round_trip) / 8
        return True

    def due(self, now: float) -> tuple[list[int], int]:
        """What to ask for now, in order, and how many were given up."""
        wait = min(max(1.5 * self.round_trip, _FASTEST), _SLOWEST)
        wanted, hopeless = [], []
        for index, missing in self._missing.items():
            if now - missing.since > MAX_AGE or missing.asked >= MAX_ASKED:
                hopeless.append(index)
            elif now - missing.last >= (wait if missing.asked else FIRST_WAIT):
                missing.asked += 1
                missing.last = now
                wanted.append(index)
        for index in hopeless:
            del self._missing[index]
        return sorted(wanted), len(hopeless)

    def expire(self, now: float) -> None:
        """Forget what is not to be asked for and will not come any more."""
        for index in [key for key, missing in self._missing.items() if now - missing.since > MAX_AGE]:
            del self._missing[index]

    def forget_after(self, index: int) -> None:
        """What comes after that is not missed."""
        for each in [key for key in self._missing if key > index]:
            del self._missing[each]

    def clear(self) -> None:
        self._missing.clear()


class _Missing:
    __slots__ = ("asked", "last", "since")

    def __init__(self, now: float) -> None:
        self.since = self.last = now
        self.asked = 0
