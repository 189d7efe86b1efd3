"""Whatever is typed, both databases answer the same: halves of characters, NUL, directions, ten thousand letters."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support import golden, postgres
from tests.support.story import Person, Refused
from tests.support.world import World, a_world, a_world_at

LONG = 10_000
STRANGE = "\0\ud800\udfff\u202e\u200d\u2067\ufeff\ufffe\u0301\r\n\t' \"%_\\{}ӘқІı😀👩🏽‍🏫العربية"
Pair = tuple[Person, Person]
TEXTS = st.text(st.one_of(st.sampled_from(STRANGE), st.characters()), max_size=40)


@settings(max_examples=25, deadline=None)
@given(TEXTS)
@example("\0")
@example("a\ud800b")
@example("\udfff")
@example("\ud83d\ude00")
@example("\u202eабв\u202c")
@example("👩🏽‍🏫" * 1000)
@example("ә" * LONG)
@example("%_\\'\"")
@example("")
def _check(text: str) -> None:
    assert _asked
    _asked[0](text)


_asked: list[Any] = []


def test_both_databases_answer_the_same(tmp_path: Path) -> None:
    with asyncio.Runner() as runner, postgres.a_database() as url:
        both = _both(tmp_path, url)
        ours, theirs = runner.run(both.__aenter__())
        _asked.append(lambda text: runner.run(_same(ours, theirs, text)))
        try:
            _check()
        finally:
            _asked.clear()
            runner.run(both.__aexit__(None, None, None))


@asynccontextmanager
async def _both(folder: Path, url: str) -> AsyncIterator[tuple[Pair, Pair]]:
    """An administrator and a teacher, of two schools that are alike."""
    async with a_world(folder / "sqlite") as first, a_world_at(url, folder / "postgresql") as second:
        yield await _people(first), await _people(second)


async def _people(world: World) -> Pair:
    admin, anna = await world.enters("administrator", "anna")
    return admin, anna


async def _same(ours: Pair, theirs: Pair, text: str) -> None:
    first, second = await _said(*ours, text), await _said(*theirs, text)
    assert first == second
    assert "internal" not in str(first)


async def _said(admin: Person, anna: Person, text: str) -> list[Any]:
    """What is answered where the text is written, looked for, and read again."""
    school, room = admin.world.school.school.id, anna.world.school.algebra.room_id
    names = {"kk": text, "ru": text, "en": text}
    answers = [
        await _answer(anna, "post_message", {"text": text}, room_id=room),
        await _answer(anna, "start_lesson", {"title": text}),
        await _answer(admin, "add_subject", {"names": names}, organisation_id=school),
        await _answer(admin, "add_person", {"data": {"family": text, "given": text}}, organisation_id=school),
        await _answer(admin, "list_people", None, query={"search": _sendable(text)}, organisation_id=school),
        await _answer(anna, "list_messages", None, room_id=room),
    ]
    return [golden.with_plain_ids(answer) for answer in answers]


async def _answer(person: Person, operation: str, body: Any, **more: Any) -> Any:
    try:
        return {**await person.asks(operation, body, **more), "position": None}  # schools have different pasts
    except Refused as no:
        return [no.status, no.code, no.params]


def _sendable(text: str) -> str:
    """What a URL can hold: it has no halves of characters, and is not as long."""
    return text.encode("utf-8", "replace").decode()[:500]
