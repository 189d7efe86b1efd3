"""Who is heard in a crowd. The trace is replayed by the native wire too (`cargo test`).

A line is an event: `m most` · `h key level time passed` a sound was heard · `f key` it is forgotten.
"""

import os
import random
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from media.wire.loudest import AUDIBLE, HOLD, MARGIN, UNMEASURED, Loudest

TRACE = Path(__file__).with_name("traces") / "loudest.txt"

TALK, SOFT, SILENCE = 100, 80, 0


def speak(group: Loudest, start: float, seconds: float, **levels: int) -> dict[str, list[bool]]:
    """Packets of 20 ms of all who are named; which of them were forwarded."""
    passed: dict[str, list[bool]] = {key: [] for key in levels}
    for number in range(round(seconds * 50)):
        for key, level in levels.items():
            passed[key].append(group.heard(key, level, start + number * 0.02))
    return passed


def test_the_first_loud_packet_passes_while_there_is_a_place() -> None:
    group = Loudest(2)
    assert not any(speak(group, 0.0, 1.0, a=SILENCE, b=SILENCE)["a"])
    passed = speak(group, 1.0, 1.0, a=TALK, b=SOFT, c=SOFT)
    assert all(passed["a"]) and all(passed["b"]) and not any(passed["c"])


def test_who_falls_silent_is_held_for_about_a_second_and_no_longer() -> None:
    group = Loudest(2)
    speak(group, 0.0, 1.0, a=TALK)
    passed = speak(group, 1.0, 3.0, a=SILENCE)["a"]
    assert HOLD <= passed.index(False) * 0.02 <= HOLD + 0.5
    assert not any(passed[passed.index(False) :])


def test_much_louder_ones_are_heard_at_once_and_alike_ones_wait() -> None:
    group = Loudest(1)
    speak(group, 0.0, 1.0, a=SOFT)
    assert not any(speak(group, 1.0, 1.0, a=SOFT, b=SOFT + MARGIN - 1)["b"])
    passed = speak(group, 2.0, 1.0, a=SOFT, b=SOFT + MARGIN + 1)
    assert all(passed["b"]) and not any(passed["a"][1:])


def test_two_alike_voices_in_turn_do_not_push_each_other_out() -> None:
    group = Loudest(1)
    changes, had = 0, ""
    for turn in range(20):
        for number in range(20):
            now = turn * 0.4 + number * 0.02
            for key in "ab":
                talks = (turn % 2 == 0) == (key == "a")
                if group.heard(key, TALK if talks else SILENCE, now) and key != had:
                    changes, had = changes + 1, key
    assert changes == 1


def test_a_sound_without_levels_is_always_heard_and_takes_nobodys_place() -> None:
    group = Loudest(1)
    passed = speak(group, 0.0, 1.0, a=TALK, dumb=-1)
    assert all(passed["a"]) and all(passed["dumb"])
    group.heard("dumb", SILENCE, 1.0)
    assert not group.heard("dumb", -1, 1.0 + UNMEASURED)
    assert group.heard("dumb", -1, 1.1 + UNMEASURED)


def test_fewer_places_leave_the_loudest_and_a_forgotten_one_gives_its_place() -> None:
    group = Loudest(2)
    speak(group, 0.0, 1.0, a=SOFT, b=TALK)
    group.most = 1
    passed = speak(group, 1.0, 0.1, a=SOFT, b=TALK)
    assert not any(passed["a"]) and all(passed["b"])
    group.forget("b")
    assert group.heard("a", SOFT, 1.2)


LEVELS = st.sampled_from([-1, 0, 30, 56, 57, 60, 70, 80, 84, 90, 100, 127])
EVENTS = st.lists(st.tuples(st.sampled_from("abcdef"), LEVELS, st.sampled_from([0.0, 0.02, 0.2, 1.0])), max_size=80)


@settings(max_examples=200, deadline=None)
@given(EVENTS, st.integers(1, 3))
def test_never_more_than_so_many_and_never_the_much_quieter(events: list[tuple[str, int, float]], most: int) -> None:
    group, now, latest = Loudest(most), 0.0, dict[str, tuple[float, bool]]()
    for key, level, step in events:
        now += step
        passed = group.heard(key, level, now)
        if level < 0:
            continue
        latest[key] = level, passed
        if level >= AUDIBLE and not passed:
            louder = [each for each in group._places if group._loudness(each, now) >= max(AUDIBLE, level - MARGIN)]
            assert len(louder) == most, "left out, though there was a place"
        assert len(group._places) <= most


def story() -> list[str]:
    """A lively class, drawn by lot."""
    chance, group, now, lines = random.Random(6), Loudest(3), 0.0, ["m 3"]
    moods = dict.fromkeys("0123456789", 0)
    for _ in range(3000):
        now = round(now + chance.choice((0.0, 0.004, 0.02)), 3)
        key = chance.choice("0123456789")
        if chance.random() < 0.02:
            moods[key] = chance.choice((-1, 0, 50, 70, 85, 90, 100, 120))
        level = max(-1, min(127, moods[key] + chance.choice((-20, -3, 0, 3)))) if moods[key] > 0 else moods[key]
        match chance.random():
            case draw if draw < 0.002:
                group.forget(key)
                lines.append(f"f {key}")
            case draw if draw < 0.004:
                group.most = chance.randint(1, 4)
                lines.append(f"m {group.most}")
        lines.append(f"h {key} {level} {now} {int(group.heard(key, level, now))}")
    return lines


def test_the_trace_is_told_as_it_was() -> None:
    if os.environ.get("SABAQ_WRITE_GOLDEN"):
        TRACE.write_text("\n".join(story()) + "\n", "utf-8")
    group = Loudest(0)
    lines = TRACE.read_text("utf-8").splitlines()
    assert 300 < sum(line.endswith(" 1") for line in lines) < 2700
    for number, line in enumerate(lines, start=1):
        kind, *words = line.split()
        match kind:
            case "m":
                group.most = int(words[0])
            case "f":
                group.forget(words[0])
            case _:
                assert group.heard(words[0], int(words[1]), float(words[2])) == (words[3] == "1"), f"line {number}"
