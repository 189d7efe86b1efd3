"""An exam on paper."""

import pytest

from tests.lms_core.exams.sat import published
from tests.support.story import Json, refused
from tests.support.world import World


@pytest.mark.req("S456-27.14")
async def test_variants_are_printed_and_looking_at_keys_leaves_a_line(world: World) -> None:
    anna, boris, misha, admin = await world.enters("anna", "boris", "misha", "administrator")
    exam = await published(world, anna, languages=["kk", "ru"])
    sheet = await anna.asks("exam_paper_sheet", query={"variants": 2, "language": "ru"}, exam_id=exam)
    assert (sheet["title"], sheet["language"], sheet["seconds"]) == ("Туынды", "ru", 1800)
    first, second = sheet["variants"]
    assert [one["place"] for one in first["questions"]] == [1, 2, 3, 4]
    assert all(one["key"] is None for one in first["questions"]), "nobody asked for keys"
    again = await anna.asks("exam_paper_sheet", query={"variants": 2, "language": "ru"}, exam_id=exam)
    assert again["variants"] == sheet["variants"], "a variant that was printed is that variant for ever"
    assert first["questions"] != second["questions"]

    looks: Json = {"query": {"what": "looked"}, "organisation_id": world.school.school.id}

    async def lines() -> list[Json]:
        found = (await admin.asks("read_audit", **looks))["items"]
        return [one for one in found if one["op"] == "exam_paper_sheet"]

    assert await lines() == []
    told = await anna.asks("exam_paper_sheet", query={"keys": "true"}, exam_id=exam)
    for one in told["variants"][0]["questions"]:
        shown, key = one["shown"], one["key"]
        if shown["kind"] == "single":
            [right] = key["answer"]["ids"]
            said = next(option for option in shown["options"] if option["id"] == right)
            assert said["words"]["blocks"][0]["runs"][0]["text"] == "A"
        else:
            assert key == {"answer": None, "accepted": []}
    [line] = await lines()
    assert line["actor_id"] == world.school.persons["anna"]

    for who in (boris, misha):
        with refused(("not_found", "forbidden")[who is misha], (404, 403)[who is misha]):
            await who.asks("exam_paper_sheet", exam_id=exam)
    with refused("too_many_variants", 422):
        await anna.asks("exam_paper_sheet", query={"variants": 11}, exam_id=exam)
    with refused("language_not_offered", 422):
        await anna.asks("exam_paper_sheet", query={"language": "en"}, exam_id=exam)
