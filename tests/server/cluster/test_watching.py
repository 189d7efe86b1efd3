"""Who is dead: by one's own seconds, while one sees, and only then."""

from server.cluster.watching import BEAT, DEAD_AFTER, DOUBTED_AFTER, GAP, Watch


def seen(watch: Watch, beats: dict[str, int], start: float, seconds: float) -> float:
    """Look every half second, at counters that stand still; the time afterwards."""
    now = start
    while now <= start + seconds:
        watch.look(beats, now)
        now += BEAT
    return now - BEAT


def test_who_stands_still_for_three_seconds_is_dead() -> None:
    watch = Watch()
    now = seen(watch, {"b": 7}, 100.0, DEAD_AFTER - BEAT)
    assert watch.dead(now, (), ()) == {}
    now = seen(watch, {"b": 7}, now + BEAT, 0)
    assert watch.dead(now, (), ()) == {"b": 7}


def test_who_beats_lives_however_its_clock_goes() -> None:
    watch = Watch()
    for turn in range(100):
        watch.look({"b": turn // 4}, turn * BEAT)
        assert watch.dead(turn * BEAT, (), ()) == {}


def test_who_refuses_connections_is_dead_sooner_but_not_at_once() -> None:
    watch = Watch()
    now = seen(watch, {"b": 7}, 0.0, DOUBTED_AFTER - BEAT)
    assert (watch.doubtful(now), watch.dead(now, {"b"}, ())) == ([], {})
    now = seen(watch, {"b": 7}, now + BEAT, 0)
    assert (watch.doubtful(now), watch.dead(now, {"b"}, ())) == (["b"], {"b": 7})
    assert watch.dead(now, (), ()) == {}


def test_who_answers_on_a_link_lives_though_it_cannot_reach_the_database() -> None:
    watch = Watch()
    now = seen(watch, {"b": 7, "c": 1}, 0.0, 60.0)
    assert watch.dead(now, (), {"b"}) == {"c": 1}


def test_who_was_blind_or_slept_begins_to_count_anew() -> None:
    for interrupt in (lambda watch: watch.blind(), lambda watch: None):
        watch = Watch()
        now = seen(watch, {"b": 7}, 0.0, DEAD_AFTER - BEAT)
        interrupt(watch)
        now = seen(watch, {"b": 7}, now + GAP + BEAT, 0)
        assert watch.dead(now, {"b"}, ()) == {}
        now = seen(watch, {"b": 7}, now + BEAT, DEAD_AFTER - BEAT)
        assert watch.dead(now, (), ()) == {"b": 7}
