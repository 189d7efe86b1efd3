"""What measurements stand on: the bad link's sums, and what `bench sfu` says in which words."""

import random

import pytest

from bench import cases, sfu
from bench.link import Direction
from bench.worked import check_worked


def through(way: Direction, packets: int, every: float, size: int = 1000) -> list[float | None]:
    """When each of so many packets comes out, less when it went in."""
    at = [n * every for n in range(packets)]
    return [out and out - now for now, out in ((now, way.leaves_at(size, now)) for now in at)]


def test_a_rate_is_kept_and_what_does_not_fit_its_queue_is_dropped() -> None:
    way = Direction("rate=800k,queue=100")  # a packet of 1,000 B takes 10 ms of it
    late = through(way, 400, 0.005)  # twice as many as fit
    came = [each for each in late if each is not None]
    assert max(came) == pytest.approx(0.110, abs=0.001)
    assert 200 <= len(came) <= 212
    assert way.counts["queue_drops"] == 400 - len(came)
    assert way.counts["max_queue_ms"] == pytest.approx(100, abs=1)


def test_a_rate_that_changes_holds_for_what_comes_then() -> None:
    way = Direction("rate=800k")
    assert way.leaves_at(1000, 0.0) == pytest.approx(0.010)
    way.set("rate=80k")
    assert way.leaves_at(1000, 0.0) == pytest.approx(0.110)


def test_delay_and_jitter_are_as_asked_and_keep_the_order() -> None:
    way = Direction("delay=75,jitter=30", random.Random(1))
    late = [each for each in through(way, 1000, 0.05) if each is not None]
    assert 0.075 <= min(late) < 0.077 and 0.103 < max(late) <= 0.1051
    near = through(Direction("delay=75,jitter=30", random.Random(1)), 1000, 0.001)
    outs = [round(each + n * 0.001, 9) for n, each in enumerate(near) if each is not None]
    assert len(outs) == 1000 and outs == sorted(outs)


@pytest.mark.parametrize("burst", [1, 5])
def test_loss_is_as_asked_alone_and_in_bursts(burst: int) -> None:
    way = Direction(f"loss=10,burst={burst}", random.Random(1))
    lost = [each is None for each in through(way, 50_000, 0.001)]
    assert sum(lost) / len(lost) == pytest.approx(0.1, abs=0.01)
    runs = sum(now and not before for before, now in zip([False, *lost], lost, strict=False))
    assert sum(lost) / runs == pytest.approx(burst if burst > 1 else 1.1, rel=0.1)


def test_a_link_is_not_what_nobody_knows() -> None:
    with pytest.raises(ValueError, match="speed"):
        Direction("speed=5")


def test_a_row_has_its_fixed_names_and_what_its_case_alone_says() -> None:
    said = {"subs": 20, "us_per_fwd": 2.345, "loss_pct": 0.0, "p50_ms": 0.2, "p99_ms": 0.4, "mended": 1.0}
    row = sfu._row("nack", "native", said)
    assert list(row) == ["case", "wire", "viewers", "us_per_packet", "lost", "p50_ms", "p99_ms", "mended"]
    assert row["case"] == "nack" and row["wire"] == "native" and row["viewers"] == 20


WORKED = {"watching": 20, "lines": 20, "kept": 1, "asked": 1000, "mended": 0.995, "resent": 1000, "by_rtx": 995}


@pytest.mark.parametrize("broken", [{"mended": 0.98}, {"resent": 900}, {"by_rtx": 0}, {"lines": 19}, {"kept": 0}])
def test_a_measurement_of_what_was_not_done_is_found(broken: dict[str, float]) -> None:
    assert check_worked(WORKED) == []
    assert len(check_worked(WORKED | broken)) == 1


def test_who_only_watches_need_not_be_repaired() -> None:
    assert check_worked({"watching": 0, "lines": 0, "kept": 1}) == []
    assert len(check_worked({"watching": 20, "lines": 20, "kept": 1})) == 1


def test_hostile_bytes_that_are_answered_or_kept_are_found() -> None:
    flood = cases.CASES["flood"].check
    well = {"hostile": 9990, "answered_bytes": 0, "grown_mb": 2}
    assert flood(well) == []
    for broken in ({"hostile": 500}, {"answered_bytes": 20}, {"grown_mb": 200}):
        assert len(flood(well | broken)) == 1


def test_what_several_measured_at_one_time_is_one_row() -> None:
    one = {
        "subs": 10, "fwd": 1000, "secs": 2.0, "loss_pct": 0.0, "lat_us": {"p50": 100, "p99": 300},
        "nack": {"asked": 10, "rtx": 10, "plain": 0, "p99_ms": 2.0},
        "server_cpu_s": 0.01, "server_user_s": 0.004, "server_sys_s": 0.006,
    }  # fmt: skip
    other = {**one, "fwd": 3000, "loss_pct": 2.0, "lat_us": {"p50": 200, "p99": 200}}
    said = cases._together([one, other])
    assert (said["subs"], said["fwd_pps"], said["loss_pct"]) == (20, 2000, 1.5)
    assert said["us_per_fwd"] == pytest.approx(2.5)
    assert said["lat_us"] == {"p50": 200, "p99": 300}
    assert (said["asked"], said["by_rtx"], said["mended"]) == (20, 20, 1.0)
