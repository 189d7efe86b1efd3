"""The negotiation of a down connection, step by step and with every order of steps."""

import itertools

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from media.plane import receiver as module
from media.plane import sdp
from media.plane.codecs import Codec
from media.plane.receiver import Begin, Receiver
from media.plane.sdp import Local, Refusal, Sent, Shape
from tests.wire.browser import Browser

VP8 = Codec(96, "VP8", 90_000, 1, (), frozenset({"nack"}))
PICTURE = Shape("video", VP8, "0", {})
SOUND = Shape("audio", Codec(111, "OPUS", 48_000, 2), "0", {})
LOCAL = Local("ours", "our-password-0123456789", (("sha-256", ":".join(["AA"] * 32)),), "actpass", (), 7)


class Both:
    """A receiver and the browser that answers it."""

    def __init__(self) -> None:
        self.receiver = Receiver()
        self.numbers = itertools.count(1)
        self.text = ""
        self.streams: dict[str, str] = {}

    def subscribe(self, *publications: str) -> None:
        for publication in publications:
            self.receiver.subscribe(publication, SOUND if publication.endswith("0") else PICTURE, self.draw)

    def draw(self) -> Sent:
        number = next(self.numbers)
        return Sent(number, 1000 + number, "s", "s", "t")

    def offer(self) -> dict[str, str]:
        lines, streams = self.receiver.offer()
        self.text = sdp.write(LOCAL, lines)
        self.streams = dict(streams)
        return self.streams

    def answer(self) -> list[Begin]:
        told = Browser.answer(_HANDS, self.text)
        return self.receiver.answered(self.receiver.check(self.receiver.revision, told))


class _Hands(Browser):
    """Only the words of a browser."""

    def __init__(self) -> None:
        self.ufrag, self.password = "brow", "browserpassword0123456789"


_HANDS = _Hands()


def test_what_is_answered_begins_once() -> None:
    both = Both()
    both.subscribe("a:1", "a:0", "a:1")
    assert both.receiver.wants_offer
    assert both.offer() == {"0": "a:1", "1": "a:0"}
    assert [begin.publication for begin in both.answer()] == ["a:1", "a:0"]
    both.subscribe("b:1")
    both.offer()
    assert [begin.publication for begin in both.answer()] == ["b:1"]


def test_one_offer_at_a_time() -> None:
    both = Both()
    both.subscribe("a:1")
    both.offer()
    both.subscribe("b:1")
    assert not both.receiver.wants_offer
    both.answer()
    assert both.receiver.wants_offer


def test_what_was_taken_back_before_the_answer_does_not_begin() -> None:
    both = Both()
    both.subscribe("a:1")
    both.offer()
    assert both.receiver.unsubscribe("a:1")
    assert not both.receiver.unsubscribe("a:1")
    assert both.answer() == []
    assert both.receiver.wants_offer
    assert both.offer() == {}


def test_what_was_taken_back_and_wished_again_waits_for_its_own_offer() -> None:
    both = Both()
    both.subscribe("a:1")
    both.offer()
    both.receiver.unsubscribe("a:1")
    both.subscribe("a:1")
    assert both.answer() == []
    assert both.offer() == {"1": "a:1"}
    (begin,) = both.answer()
    assert begin.sent.ssrc == 2


def test_a_line_is_used_again_only_after_the_browser_knows_it_is_empty() -> None:
    both = Both()
    both.subscribe("a:1")
    both.offer()
    both.answer()
    both.receiver.unsubscribe("a:1")
    both.subscribe("b:1")
    assert both.offer() == {"1": "b:1"}
    both.answer()
    both.subscribe("c:0", "c:1")
    assert both.offer() == {"0": "c:1", "1": "b:1", "2": "c:0"}


def test_one_codec_has_one_number_on_all_lines_and_numbers_never_meet() -> None:
    both = Both()
    both.subscribe("a:1", "b:1", "a:0")
    both.receiver.subscribe("c:1", Shape("video", Codec(45, "AV1", 90_000), "0", {}), both.draw)
    both.offer()
    sections = sdp.read(both.text).sections
    numbers = [[codec.number for codec in section.codecs] for section in sections]
    assert numbers == [[96, 97], [96, 97], [98], [99, 100]]


def test_lines_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_SLOTS", 2)
    both = Both()
    both.subscribe("a:1", "b:1", "c:1")
    assert both.offer() == {"0": "a:1", "1": "b:1"}


def test_a_bad_answer_leaves_the_offer_open() -> None:
    both = Both()
    both.subscribe("a:1")
    with pytest.raises(Refusal, match="answer_unexpected"):
        both.receiver.check(0, "")
    both.offer()
    with pytest.raises(Refusal, match="sdp_malformed"):
        both.receiver.check(1, "nonsense")
    assert len(both.answer()) == 1


class Negotiation(RuleBasedStateMachine):
    """Wishes, offers and answers in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.both = Both()
        self.wished: set[str] = set()
        self.begun: dict[str, int] = {}
        self.sources: set[int] = set()
        self.open = False
        self.empty: set[str] = set()
        self.lines = 0

    @rule(name=st.sampled_from(["a:0", "a:1", "b:1", "c:1"]))
    def subscribe(self, name: str) -> None:
        self.both.subscribe(name)
        self.wished.add(name)

    @rule(name=st.sampled_from(["a:0", "a:1", "b:1", "c:1"]))
    def unsubscribe(self, name: str) -> None:
        assert self.both.receiver.unsubscribe(name) == (name in self.wished)
        self.wished.discard(name)
        self.begun.pop(name, None)

    @precondition(lambda self: self.both.receiver.wants_offer)
    @rule()
    def offer(self) -> None:
        assert not self.open
        streams = self.both.offer()
        assert set(streams.values()) == self.wished
        assert len(set(streams.values())) == len(streams)
        lines = len(sdp.read(self.both.text).sections)
        assert lines >= self.lines, "m-lines are never taken away"
        self.lines = lines
        self.open = True

    @precondition(lambda self: self.open)
    @rule()
    def answer(self) -> None:
        for begin in self.both.answer():
            assert begin.publication in self.wished
            assert begin.publication not in self.begun
            assert begin.sent.ssrc not in self.sources, "a source is used once"
            self.sources.add(begin.sent.ssrc)
            self.begun[begin.publication] = begin.sent.ssrc
        self.open = False

    @invariant()
    def it_comes_to_rest_with_all_wishes_begun(self) -> None:
        if not self.open and not self.both.receiver.wants_offer:
            assert set(self.begun) == self.wished


TestNegotiation = Negotiation.TestCase
TestNegotiation.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
