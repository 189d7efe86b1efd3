"""A lesson is recorded by a process that is killed twice; what was on the disk is played back whole.

The two hours of thirty are `python3 -m bench lesson`; here are a few of a lesson's minutes, by the same way.
"""

import asyncio
from pathlib import Path

import pytest

from bench.lesson import OPEN, Lesson, hold
from tests.support.running import running

LESSON = Lesson(seconds=130, people=3, cameras=1, kills=(47, 94))


@pytest.mark.req("S456-27.10")
@pytest.mark.timeout(400)
@pytest.mark.complaint(9)
def test_a_recording_that_is_killed_twice_lacks_its_open_segments_and_nothing_else(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        held = asyncio.run(hold(server, LESSON))
    assert held.wrong == []
    assert held.publications == 3 * (LESSON.people + LESSON.cameras + 1)
    assert len(held.lost) == 2 * (LESSON.people + LESSON.cameras + 1)
    assert 0 < max(held.lost) <= OPEN
    assert held.segments >= held.publications
