"""Many microphones in one place: only the loudest are forwarded then. The plane is told which belong together."""

from collections.abc import Callable, Mapping

from .plane import seam
from .room_people import Outbox
from .room_state import Publication


class Sounds:
    """Each place is a group of its own while it has more than `most` microphones (0: never). What a screen plays is
    not in it: that is wanted whole."""

    def __init__(
        self,
        out: Outbox,
        room_id: str,
        publications: Mapping[str, Publication],
        place_of: Callable[[Publication], str],
        most: int,
    ) -> None:
        self._out, self._room_id, self._publications = out, room_id, publications
        self._place_of, self._most = place_of, most
        self._limited: set[str] = set()

    def follow(self) -> None:
        """Publications came, went, or are in other places."""
        if not self._most:
            return
        where: dict[str, list[Publication]] = {}
        for publication in self._publications.values():
            if publication.source == "microphone":
                where.setdefault(f"{self._room_id}/{self._place_of(publication)}", []).append(publication)
        limited = {group for group, sounds in where.items() if len(sounds) > self._most}
        for group in sorted(limited ^ self._limited):
            self._out.order(seam.LimitSounds(group, self._most if group in limited else 0))
        self._limited = limited
        for group, sounds in where.items():
            self._put(sounds, group if group in limited else "")

    def _put(self, sounds: list[Publication], group: str) -> None:
        for publication in sounds:
            if publication.group != group:
                publication.group = group
                self._out.order(seam.PutSound(publication.id, group))
