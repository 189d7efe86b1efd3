"""Who receives what, and who is heard as speaking."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from media.policy import MOST_SPEAKERS, PAUSE, Speech, listen, offered, received, wait, without

STEP = 0.2


def heard(*reports: Mapping[str, float], before: Speech | None = None, now: float = 0.0) -> Speech:
    speech = before or Speech()
    for number, report in enumerate(reports):
        speech = listen(speech, report, now + number * STEP)
    return speech


def test_everybody_receives_the_others_in_order() -> None:
    publications = [("a:0", "anna"), ("m:0", "misha"), ("a:1", "anna"), ("d:0", "dana")]
    assert received("misha", True, publications) == ["a:0", "a:1", "d:0"]
    assert received("misha", False, publications) == []


def test_one_click_is_not_speech_and_two_reports_are() -> None:
    assert heard({"anna": 100}).order == ()
    assert heard({"anna": 100}, {"anna": 100}).order == ("anna",)


def test_a_quiet_room_speaks_never() -> None:
    assert heard(*[{"anna": 64, "misha": 70}] * 50).order == ()


def test_a_voice_falls_silent_at_a_lower_level_than_it_began() -> None:
    speech = heard({"anna": 90}, {"anna": 90})
    assert heard(*[{"anna": 70}] * 20, before=speech, now=0.4).order == ("anna",)
    assert heard(*[{"anna": 55}] * 20, before=speech, now=0.4).order == ()


def test_a_pause_between_words_is_not_silence() -> None:
    speech = heard({"anna": 100}, {"anna": 100})
    last = STEP
    assert speech.ends_at() == last + PAUSE
    assert wait(speech, last + PAUSE - 0.01).order == ("anna",)
    assert wait(speech, last + PAUSE).order == ()
    assert wait(speech, last + PAUSE).ends_at() is None


def test_the_louder_is_first_and_a_little_louder_is_not_enough() -> None:
    both = heard(*[{"anna": 90, "misha": 100}] * 3)
    assert both.order == ("misha", "anna")
    assert heard(*[{"anna": 104, "misha": 100}] * 5, before=both, now=0.6).order == ("misha", "anna")
    assert heard(*[{"anna": 115, "misha": 100}] * 5, before=both, now=0.6).order == ("anna", "misha")


def test_who_is_gone_is_in_nothing() -> None:
    speech = without(heard(*[{"anna": 100, "misha": 100}] * 3), "anna")
    assert speech.order == ("misha",)
    assert "anna" not in (speech.loudness or {})
    assert "anna" not in (speech.heard_at or {})


reports = st.lists(
    st.tuples(st.floats(0, 2), st.dictionaries(st.sampled_from("abcdefghij"), st.integers(0, 127))), max_size=30
)


@given(reports)
def test_speech_is_always_few_distinct_recent_and_forgotten_in_the_end(
    steps: list[tuple[float, dict[str, float]]],
) -> None:
    speech, now = Speech(), 0.0
    for seconds, report in steps:
        now += seconds
        speech = listen(speech, report, now)
        assert len(set(speech.order)) == len(speech.order) <= MOST_SPEAKERS
        assert (ends := speech.ends_at()) is None or now < ends <= now + PAUSE
        assert (ends is None) == (speech.order == ())
    for _ in range(20):
        now += 1
        speech = listen(speech, {}, now)
    assert speech == Speech((), {}, {})


def test_a_viewer_with_few_places_gets_who_leads_then_the_newest_and_muted_ones_last() -> None:
    given = [("pupil", False, False), ("vanished", True, False), ("teacher", True, False), ("muted", True, True)]
    assert offered(given) == ("teacher", "vanished", "pupil", "muted")
    assert offered([]) == ()
