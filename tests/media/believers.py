"""A browser and a plane in memory that believe what they are told, and find what makes no sense."""

from dataclasses import dataclass, field
from typing import Any

from media.plane import seam


@dataclass
class Browser:
    """One connection: its snapshot, and what the signals after it made of it."""

    me: str
    version: int
    participants: dict[str, Any]
    publications: dict[str, Any]
    leading: dict[str, Any]
    inside: bool = True

    def hear(self, name: str, body: dict[str, Any]) -> None:
        assert self.inside
        if "version" in body:
            assert body["version"] == self.version + 1
            self.version += 1
        match name:
            case "participant_entered":
                assert body["participant"]["id"] not in self.participants
                self.participants[body["participant"]["id"]] = body["participant"]
            case "participant_changed":
                assert self.participants[body["participant"]["id"]] != body["participant"]
                self.participants[body["participant"]["id"]] = body["participant"]
            case "participant_left":
                del self.participants[body["participant_id"]]
            case "rights_changed":
                for one in body["participant_ids"]:
                    assert self.participants[one]["rights"] != body["rights"]
                    self.participants[one] = {**self.participants[one], "rights": body["rights"]}
            case "places_changed":
                for one in body["participant_ids"]:
                    self.participants[one] = {**self.participants[one], "place": body["place"], "help": False}
            case "hands_lowered":
                for one in body["participant_ids"]:
                    assert self.participants[one]["hand_at"] is not None
                    self.participants[one] = {**self.participants[one], "hand_at": None}
            case "leading_changed":
                assert self.leading != body["leading"]
                self.leading = body["leading"]
            case "publications_muted":
                for one in body["publication_ids"]:
                    assert not self.publications[one]["muted"]
                    self.publications[one] = {**self.publications[one], "muted": True}
            case "publication_added":
                assert body["publication"]["id"] not in self.publications
                self.publications[body["publication"]["id"]] = body["publication"]
            case "publication_changed":
                assert self.publications[body["publication"]["id"]] != body["publication"]
                self.publications[body["publication"]["id"]] = body["publication"]
            case "publication_removed":
                del self.publications[body["publication_id"]]
            case "replaced" | "removed" | "room_closed" | "sent_back":
                self.inside = False


@dataclass
class Plane:
    """Believes every order and finds the ones that make no sense."""

    up: bool = True
    kinds: dict[str, type] = field(default_factory=dict)
    subscribed: set[tuple[str, str]] = field(default_factory=set)
    wants: dict[tuple[str, str], int] = field(default_factory=dict)
    preferred: set[str] = field(default_factory=set)
    muted: set[str] = field(default_factory=set)
    asked: dict[str, seam.Order] = field(default_factory=dict)
    offered: dict[str, int] = field(default_factory=dict)

    def take(self, order: seam.Order) -> None:
        assert self.up, order
        match order:
            case seam.OpenPublisher() | seam.OpenViewer() | seam.OpenReceiver():
                assert order.transport not in self.kinds
                self.kinds[order.transport] = type(order)
                if not isinstance(order, seam.OpenReceiver):
                    self.asked[order.transport] = order
            case seam.ChangePublisher(transport) | seam.RestartIce(transport):
                assert transport in self.kinds
                assert transport not in self.asked
                self.asked[transport] = order
            case seam.Subscribe(transport, publication):
                assert self.kinds[transport] is seam.OpenReceiver
                assert publication.partition(":")[0] in self.kinds
                assert (transport, publication) not in self.subscribed
                self.subscribed.add((transport, publication))
            case seam.Unsubscribe(transport, publication):
                self.subscribed.remove((transport, publication))
                self.wants.pop((transport, publication), None)
            case seam.Want(transport, publication, size):
                assert (transport, publication) in self.subscribed
                assert size != self.wants.get((transport, publication))
                self.wants[transport, publication] = size
            case seam.Prefer(publication, on):
                assert on != (publication in self.preferred)
                self.preferred ^= {publication}
            case seam.TakeAnswer(transport, revision):
                assert self.offered.pop(transport) == revision
            case seam.Mute(publication, muted):
                assert muted != (publication in self.muted)
                self.muted ^= {publication}
            case seam.Close(transport):
                self.forget(transport)
            case _:
                raise AssertionError(order)

    def forget(self, transport: str) -> None:
        del self.kinds[transport]
        self.asked.pop(transport, None)
        self.offered.pop(transport, None)
        self.subscribed = {(t, p) for t, p in self.subscribed if t != transport}
        self.wants = {key: size for key, size in self.wants.items() if key in self.subscribed}
        self.preferred = {p for p in self.preferred if p.partition(":")[0] != transport}
        self.muted = {p for p in self.muted if p.partition(":")[0] != transport}
