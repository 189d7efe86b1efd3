"""A room driven by hand: the test says what happens, when, and what the plane answers."""

from typing import Any

from lms_core.kernel.errors import Refusal
from media import room_io as io
from media.plane import seam
from media.room import Room
from media.room_deeds import Deed
from media.room_state import Limits
from tests.media.given import grant, tracks, wishes


class Drive:
    """A room driven by hand: requests are numbered, the plane answers what the test says."""

    def __init__(self, *, limits: Limits | None = None, plane_up: bool = True) -> None:
        self.now = 0.0
        self.room = Room("room_1", 0.0, limits=limits, plane_up=plane_up)
        self.out: list[io.Output] = []
        self.count = 0

    def give(self, given: io.Input) -> list[io.Output]:
        self.out = self.room.handle(given, self.now)
        return self.out

    def ask(self, kind: type, *rest: object) -> Any:
        """The Reply's value, the refusal, or None while the plane is awaited."""
        self.count += 1
        return self.answer_in(self.give(kind(str(self.count), *rest)))

    @staticmethod
    def answer_in(outputs: list[io.Output]) -> Any:
        answers = [o for o in outputs if isinstance(o, io.Reply | io.Refuse)]
        assert len(answers) <= 1
        for answer in answers:
            return answer.value if isinstance(answer, io.Reply) else answer.refusal
        return None

    def wait(self, seconds: float) -> list[io.Output]:
        self.now += seconds
        return self.give(io.Tick())

    def enter(self, who: str = "anna", connection: str = "", **changes: Any) -> Any:
        return self.ask(io.Enter, connection or f"tab_{who}", grant(who, **changes))

    def do(self, who: str, deed: Deed, chance: float = 0.0) -> Any:
        return self.ask(io.Do, f"tab_{who}", deed, chance)

    def one(self, who: str) -> dict[str, Any]:
        """The ParticipantView."""
        return next(p for p in self.room.snapshot()["participants"] if p["id"] == f"part_{who}")

    @property
    def leading(self) -> dict[str, Any]:
        return self.room.snapshot()["leading"]

    def publish(self, who: str, transport: str, *sources: str) -> Any:
        self.ask(io.Publish, f"tab_{who}", transport, True, "offer", wishes(*sources))
        return self.answer_in(self.give(seam.Answered(transport, "answer", tracks(transport, *sources))))

    def post(self, who: str, transport: str, *kinds: str, **changes: Any) -> Any:
        self.ask(io.PostPublisher, grant(who, **changes), transport, "offer")
        infos = tuple(seam.TrackInfo(str(i), k, f"{transport}:{i}", True) for i, k in enumerate(kinds))
        return self.answer_in(self.give(seam.Answered(transport, "answer", infos)))

    def signals(self, name: str) -> list[dict[str, Any]]:
        return [o.body for o in self.out if isinstance(o, io.Tell | io.TellAll) and o.name == name]

    def said(self, connection: str, name: str) -> list[dict[str, Any]]:
        tells = [o.body for o in self.out if isinstance(o, io.Tell) and (o.connection, o.name) == (connection, name)]
        some = [o for o in self.out if isinstance(o, io.TellSome) and o.name == name]
        return [*tells, *(o.body for o in some if connection in o.connections)]

    def told(self, connection: str) -> list[str]:
        return [o.name for o in self.out if isinstance(o, io.Tell) and o.connection == connection]

    def orders(self) -> list[seam.Order]:
        return [o for o in self.out if not type(o).__module__.endswith("room_io")]  # type: ignore[misc]

    def facts(self, *kinds: type) -> list[Any]:
        return [o for o in self.out if isinstance(o, kinds)]

    @property
    def people(self) -> dict[str, bool]:
        return {p["id"]: p["connected"] for p in self.room.snapshot()["participants"]}

    @property
    def publications(self) -> dict[str, tuple[str, str]]:
        found = self.room.snapshot()["publications"]
        return {p["id"]: (p["participant_id"], p["source"]) for p in found}


def refused(answer: object, code: str, **params: object) -> None:
    assert isinstance(answer, Refusal), answer
    assert (answer.code, answer.params) == (code, params)
