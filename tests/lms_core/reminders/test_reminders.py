"""Reminders by letter and by push, as people live them: through a real mail server and a real push service."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from lms_core.access.model import Letter
from lms_core.kernel import personal
from lms_core.kernel.actor import Actor
from lms_core.kernel.ids import PersonId
from lms_core.lessons import timetable
from lms_core.reminders.model import Notice, PushSubscription, ReminderWish
from server import keys
from server.config import SettingsError, Smtp, load
from server.mail import WORDS
from server.push import Outside, Vapid
from tests.support.factories import PASSWORD
from tests.support.mailbox import Mailbox, a_mailbox, text_of
from tests.support.push_service import PushService, a_push_service
from tests.support.story import Person, refused
from tests.support.world import World, a_world

URL = "https://school.example"
SLOT = {"day": "2026-10-23", "begins": "15:30", "minutes": 20, "count": 1, "places": 2, "title": "Теңдеулер"}
WISH: dict[str, Any] = {"page": True, "letter": False, "minutes": 10, "quiet_from": "", "quiet_to": ""}
TOMORROW = datetime(2026, 10, 23, 4, 50, tzinfo=UTC)
"""When misha's lesson of that day begins: 09:50 on the wall."""


@pytest.fixture
async def box() -> AsyncIterator[Mailbox]:
    async with a_mailbox() as made:
        yield made


@pytest.fixture
async def services() -> AsyncIterator[PushService]:
    async with a_push_service() as made:
        yield made


@pytest.fixture
async def world(tmp_path: Path, box: Mailbox, services: PushService) -> AsyncIterator[World]:
    """The school, with letters; push services are the one of this test."""
    smtp = Smtp("127.0.0.1", "Sabaq <sabaq@school.example>", box.port, security="none")
    async with a_world(tmp_path, smtp=smtp, public_url=URL, push_services=(services.origin,)) as made:
        yield made


async def with_letters(world: World, box: Mailbox, name: str, **wish: Any) -> Person:
    [person] = await world.enters(name)
    await person.asks("set_mail", {"password": PASSWORD, "address": f"{name}@mail.example"})
    await world.house.mailer.drain()
    [code] = re.findall(r"^(\d{6})$", text_of(box.letters[-1]), re.MULTILINE)
    await person.asks("confirm_mail", {"code": code})
    await person.asks("set_reminders", WISH | {"letter": True} | wish)
    box.letters.clear()
    return person


async def push_on(world: World) -> Person:
    [admin] = await world.enters("administrator")
    await admin.asks("set_push_rule", {"push": True}, organisation_id=world.school.school.id)
    return admin


async def with_push(world: World, services: PushService, name: str, browser: str = "", **wish: Any) -> Person:
    [person] = await world.enters(name)
    if wish:
        await person.asks("set_reminders", WISH | wish)
    key = (await person.asks("read_reminders"))["push_key"]
    await person.asks("wake_browser", {"endpoint": services.subscribe(browser or name, key)})
    return person


async def passes_to(world: World, minutes_before: float) -> None:
    """The minutes before tomorrow's lesson; what runs by itself, runs."""
    wanted = TOMORROW.timestamp() - minutes_before * 60
    await world.clock.advance(wanted - world.clock.now().timestamp())
    await world.job("reminders.tell")
    await world.house.mailer.drain()
    await world.house.pusher.drain()


async def rows(world: World, table: Any) -> list[Any]:
    return list(await world.run(lambda tx: tx.all(select(table))))


# --- Letters


async def test_who_wants_a_letter_gets_one_before_each_lesson(world: World, box: Mailbox) -> None:
    await with_letters(world, box, "misha", minutes=10)
    await passes_to(world, 11)
    assert box.letters == []
    await passes_to(world, 9.5)
    await passes_to(world, 8.5)
    [letter] = box.letters
    assert (letter["To"], letter["Subject"]) == ("misha@mail.example", "Сабақ сағат 09:50 басталады")
    assert "Алгебра · Интеграл" in text_of(letter)
    assert f"{URL}/lessons/{world.school.tomorrow.id}" in text_of(letter)
    assert "Оспан" not in text_of(letter) and "Anna" not in text_of(letter), "nothing of people"


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
async def test_a_reminder_speaks_the_persons_language(world: World, box: Mailbox, language: str) -> None:
    misha = await with_letters(world, box, "misha")
    await misha.asks("change_me", {"language": language})
    await passes_to(world, 5)
    [letter] = box.letters
    assert letter["Subject"] == WORDS[language]["lesson_soon"]["subject"].format(time="09:50")
    name = {"kk": "Алгебра · ", "ru": "Алгебра (ru) · ", "en": "Алгебра (en) · "}[language]
    assert name + "Интеграл" in text_of(letter)


async def test_a_lesson_in_quiet_hours_or_called_off_is_not_told_of(world: World, box: Mailbox) -> None:
    await with_letters(world, box, "misha", quiet_from="09:00", quiet_to="10:00")
    await with_letters(world, box, "dina", quiet_from="22:00", quiet_to="07:00")
    await passes_to(world, 5)
    assert [letter["To"] for letter in box.letters] == ["dina@mail.example"]


async def test_a_lesson_that_was_called_off_is_not_told_of_and_one_that_moved_is_told_anew(
    world: World, box: Mailbox
) -> None:
    await with_letters(world, box, "misha")
    school, lesson = world.school.school, world.school.tomorrow.id
    await world.run(lambda tx: timetable.cancel(tx, school, lesson, 1), Actor(world.school.persons["anna"]))
    await passes_to(world, 9)
    assert box.letters == []
    restored = await world.run(lambda tx: timetable.cancel(tx, school, lesson, 2, restore=True))
    await passes_to(world, 8)
    moved = {"day": restored.day, "minutes": 45, "teacher": restored.teacher_id, "title": ""}
    await world.run(lambda tx: timetable.change(tx, school, lesson, restored.version, begins="10:00", **moved))
    await passes_to(world, -1)
    assert [letter["Subject"] for letter in box.letters] == [
        "Сабақ сағат 09:50 басталады",
        "Сабақ сағат 10:00 басталады",
    ]


async def test_nobody_else_is_written_to(world: World, box: Mailbox) -> None:
    for name in ("erlan", "parent", "director"):
        await with_letters(world, box, name)
    await passes_to(world, 5)
    assert box.letters == []


async def test_a_consultation_is_told_to_whose_it_is(world: World, box: Mailbox) -> None:
    anna = await with_letters(world, box, "anna")
    misha = await with_letters(world, box, "misha")
    [slot] = (await anna.asks("open_consultations", SLOT))["items"]
    here = {"lesson_id": slot["lesson_id"]}
    await misha.asks("book_consultation", **here)
    await world.settle()
    await world.house.mailer.drain()
    [told] = box.letters
    assert (told["To"], told["Subject"]) == ("anna@mail.example", WORDS["kk"]["consultation_booked"]["subject"])
    assert "23.10.2026 күні сағат 15:30" in text_of(told) and "Misha" not in text_of(told)
    await anna.asks("call_consultation_off", **here)
    await world.settle()
    await world.house.mailer.drain()
    assert [(one["To"], one["Subject"]) for one in box.letters[1:]] == [
        ("misha@mail.example", WORDS["kk"]["consultation_off"]["subject"])
    ]


async def test_a_place_taken_and_given_back_again_and_again_is_told_once(world: World, box: Mailbox) -> None:
    anna = await with_letters(world, box, "anna")
    [misha] = await world.enters("misha")
    [slot] = (await anna.asks("open_consultations", SLOT))["items"]
    for _ in range(6):
        await misha.asks("book_consultation", lesson_id=slot["lesson_id"])
        await misha.asks("give_consultation_back", lesson_id=slot["lesson_id"])
    await world.settle()
    await world.house.mailer.drain()
    assert sorted(letter["Subject"] for letter in box.letters) == sorted(
        WORDS["kk"][kind]["subject"] for kind in ("consultation_booked", "consultation_given_back")
    )


async def test_a_consultation_waits_for_the_end_of_quiet_hours(world: World, box: Mailbox) -> None:
    anna = await with_letters(world, box, "anna", quiet_from="09:00", quiet_to="11:00")
    [misha] = await world.enters("misha")
    [slot] = (await anna.asks("open_consultations", SLOT))["items"]
    await misha.asks("book_consultation", lesson_id=slot["lesson_id"])
    await world.settle()
    assert (await world.house.mailer.drain(), box.letters) == (0, [])
    await world.clock.advance(65 * 60 + 1)  # 11:00 on the wall
    await world.house.mailer.drain()
    assert len(box.letters) == 1


async def test_letters_end_by_a_link_without_a_log_in(world: World, box: Mailbox) -> None:
    misha = await with_letters(world, box, "misha")
    await passes_to(world, 5)
    [letter] = box.letters
    link = letter["List-Unsubscribe"].strip("<>")
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click" and link in text_of(letter)
    path = link.removeprefix(URL)
    async with world.http.get(path) as page:
        shown = await page.text()
        assert page.status == 200 and WORDS["kk"]["stop"]["ask"] in shown and "form-action 'self'" in str(page.headers)
    assert (await misha.asks("read_reminders"))["wish"]["letter"] is True, "opening it changes nothing"
    async with world.http.post(path, data={"List-Unsubscribe": "One-Click"}) as page:
        assert page.status == 200 and WORDS["kk"]["stop"]["done"] in await page.text()
    assert (await misha.asks("read_reminders"))["wish"]["letter"] is False
    for guess in ("x", path.rpartition("/")[2][:-3] + "abc", "%00", "a" * 5000):
        async with world.http.post(f"/reminders/stop/{guess}") as page:
            assert page.status == 404 and WORDS["kk"]["stop"]["gone"] in await page.text()


async def test_a_link_to_stop_is_no_way_in_and_speaks_three_languages(world: World, box: Mailbox) -> None:
    await with_letters(world, box, "misha")
    await passes_to(world, 5)
    path = box.letters[0]["List-Unsubscribe"].strip("<>").removeprefix(URL)
    for language, words in WORDS.items():
        async with world.http.get(path, params={"lang": language}) as page:
            assert words["stop"]["title"] in await page.text() and "Set-Cookie" not in page.headers
    codes = set()
    for _ in range(61):
        async with world.http.get("/reminders/stop/guess") as page:
            codes.add(page.status)
    assert codes == {404, 429}


async def test_letters_need_an_address_and_a_mail_server(world: World, tmp_path: Path) -> None:
    [misha] = await world.enters("misha")
    assert (await misha.asks("read_reminders"))["letters"] == "address_missing"
    with refused("letters_not_offered", 409):
        await misha.asks("set_reminders", WISH | {"letter": True})
    async with a_world(tmp_path / "other") as other:
        [anna] = await other.enters("anna")
        assert (await anna.asks("read_reminders"))["letters"] == "off"
        with refused("letters_not_offered", 409):
            await anna.asks("set_reminders", WISH | {"letter": True})


async def test_a_removed_or_erased_person_is_reminded_no_more(world: World, box: Mailbox) -> None:
    await with_letters(world, box, "misha")
    dina = await with_letters(world, box, "dina")
    [admin] = await world.enters("administrator")
    here = {"organisation_id": world.school.school.id, "person_id": world.school.persons["misha"]}
    await admin.asks("remove_person", {}, **here)
    await world.run(lambda tx: personal.erase(tx, PersonId(str(dina.id))))
    assert [row.person_id for row in await rows(world, ReminderWish)] == [world.school.persons["misha"]]
    await passes_to(world, 5)
    assert box.letters == []


async def test_letters_nobody_could_send_are_forgotten(world: World, box: Mailbox) -> None:
    await with_letters(world, box, "misha")
    await world.clock.advance(TOMORROW.timestamp() - 300 - world.clock.now().timestamp())
    await world.job("reminders.tell")
    assert [row.kind for row in await rows(world, Letter)] == ["lesson_soon"]
    await world.clock.advance(301)
    await world.job("access.forget_letters")
    assert await rows(world, Letter) == []


# --- Web push


async def test_push_is_off_until_the_administrator_turns_it_on(world: World, services: PushService) -> None:
    misha, teacher, admin = await world.enters("misha", "anna", "administrator")
    assert (await misha.asks("read_reminders"))["push_key"] == ""
    with refused("push_not_offered", 409):
        await misha.asks("wake_browser", {"endpoint": services.subscribe("misha", "")})
    here = {"organisation_id": world.school.school.id}
    for other in (misha, teacher):
        with refused("forbidden"):
            await other.asks("set_push_rule", {"push": True}, **here)
    assert (await admin.asks("read_push_rule", **here)) == {
        "push": False,
        "possible": True,
        "services": [services.origin],
    }
    assert (await admin.asks("set_push_rule", {"push": True}, **here))["push"] is True
    key = (await misha.asks("read_reminders"))["push_key"]
    await misha.asks("wake_browser", {"endpoint": services.subscribe("misha", key)})
    await admin.asks("set_push_rule", {"push": False}, **here)
    assert await rows(world, PushSubscription) == [], "turned off, addresses are forgotten"


async def test_a_browser_is_woken_without_a_word_and_fetches_what_there_is(world: World, services: PushService) -> None:
    await push_on(world)
    misha = await with_push(world, services, "misha")
    assert services.taken == [], "nothing goes out for being asked"
    await passes_to(world, 9)
    await passes_to(world, 8)
    [(name, headers, body)] = services.taken
    assert (name, body, headers["TTL"], headers["Urgency"]) == ("misha", b"", "540", "high")
    [claims] = services.claims
    now = world.clock.now().timestamp()
    assert (claims["aud"], claims["sub"]) == (services.origin, URL) and now < claims["exp"] < now + 24 * 3600
    told = await misha.asks("read_notices")
    [notice] = told["items"]
    assert told["language"] == "kk"
    assert (notice["kind"], notice["lesson_id"]) == ("lesson_soon", world.school.tomorrow.id)
    assert (notice["subject"]["ru"], notice["title"]) == ("Алгебра (ru)", "Интеграл")
    [dina] = await world.enters("dina")
    assert (await dina.asks("read_notices"))["items"] == []
    with refused("not_logged_in"):
        await world.stranger().asks("read_notices")


async def test_a_teacher_who_leads_is_woken_too_and_as_early_as_chosen(world: World, services: PushService) -> None:
    await push_on(world)
    await with_push(world, services, "anna", minutes=30)
    await with_push(world, services, "misha", minutes=5)
    await passes_to(world, 29)
    assert services.woken == ["anna"]
    await passes_to(world, 4)
    assert services.woken == ["anna", "misha"]


@pytest.mark.parametrize("status", [404, 410])
async def test_a_browser_that_is_gone_is_forgotten(world: World, services: PushService, status: int) -> None:
    await push_on(world)
    await with_push(world, services, "misha")
    services.says["misha"] = [(status, {})]
    await passes_to(world, 9)
    assert await rows(world, PushSubscription) == []


async def test_a_busy_service_is_asked_again_a_few_times_and_not_after_the_lesson(
    world: World, services: PushService
) -> None:
    await push_on(world)
    await with_push(world, services, "misha")
    services.says["misha"] = [(429, {"Retry-After": "60"}), (503, {}), (500, {})]
    await passes_to(world, 9)
    for minutes in (8.5, 7.9, 7, 6):
        await passes_to(world, minutes)
    assert services.woken == ["misha"] * 4, "not at once, and no more once it was taken"
    services.says["misha"] = [(503, {})] * 20
    [misha] = await world.enters("misha")
    [slot] = await _booked(world, misha)
    for _ in range(20):
        await world.clock.advance(300)
        await world.house.pusher.drain()
    assert len(services.taken) <= 4 + 5, slot


async def _booked(world: World, misha: Person) -> list[Any]:
    """A consultation that misha had booked was called off."""
    [anna] = await world.enters("anna")
    [slot] = (await anna.asks("open_consultations", SLOT))["items"]
    await misha.asks("book_consultation", lesson_id=slot["lesson_id"])
    await anna.asks("call_consultation_off", lesson_id=slot["lesson_id"])
    await world.settle()
    return [slot]


async def test_a_service_that_is_away_disturbs_nobody_elses_browser(world: World, services: PushService) -> None:
    await push_on(world)
    for name in ("misha", "dina"):
        await with_push(world, services, name)
    services.says["misha"] = [(503, {})]
    await passes_to(world, 9)
    assert sorted(services.woken) == ["dina", "misha"]
    await passes_to(world, 8)
    assert sorted(services.woken) == ["dina", "misha", "misha"]


async def test_a_browser_sleeps_once_its_log_in_ended(world: World, services: PushService) -> None:
    await push_on(world)
    misha = await with_push(world, services, "misha", "phone")
    other = await with_push(world, services, "misha", "home")
    await misha.asks("log_out")
    await world.settle()
    assert [row.endpoint.rpartition("/")[2] for row in await rows(world, PushSubscription)] == ["home"]
    await other.asks("log_out_everywhere")
    await world.settle()
    assert await rows(world, PushSubscription) == []


async def test_a_log_in_that_ran_out_wakes_no_browser_though_nobody_said_so(
    world: World, services: PushService
) -> None:
    await push_on(world)
    misha = await with_push(world, services, "misha")
    await world.clock.advance(TOMORROW.timestamp() - 540 - world.clock.now().timestamp())
    await world.job("reminders.tell")
    await misha.asks("log_out")  # and nothing heard of it yet
    await world.house.pusher.drain()
    assert (services.taken, await rows(world, PushSubscription)) == ([], [])


async def test_a_shared_browser_belongs_to_who_asked_last(world: World, services: PushService) -> None:
    await push_on(world)
    misha = await with_push(world, services, "misha", "shared")
    dina = await with_push(world, services, "dina", "shared")
    [row] = await rows(world, PushSubscription)
    assert row.person_id == dina.id
    endpoint = f"{services.origin}/p/shared"
    await misha.asks("let_browser_sleep", {"endpoint": endpoint})
    assert len(await rows(world, PushSubscription)) == 1, "not misha's to end any more"
    await dina.asks("let_browser_sleep", {"endpoint": endpoint})
    await dina.asks("let_browser_sleep", {"endpoint": endpoint})
    assert await rows(world, PushSubscription) == []


async def test_strange_services_and_too_many_browsers_are_borne(world: World, services: PushService) -> None:
    await push_on(world)
    [misha] = await world.enters("misha")
    for endpoint in ("https://127.0.0.1/x", "https://evil.example/x", f"{services.origin}@evil.example/x", ""):
        with refused("push_service_unknown", 422):
            await misha.asks("wake_browser", {"endpoint": endpoint})
    for number in range(15):
        await world.clock.advance(1)
        await misha.asks("wake_browser", {"endpoint": services.subscribe(f"b{number}", "")})
    kept = {row.endpoint.rpartition("/")[2] for row in await rows(world, PushSubscription)}
    assert kept == {f"b{number}" for number in range(5, 15)}


async def test_an_erased_person_leaves_nothing_and_reads_no_secret_before(world: World, services: PushService) -> None:
    await push_on(world)
    misha = await with_push(world, services, "misha", minutes=15)
    await passes_to(world, 9)
    tables = {one["table"]: one["rows"] for one in (await misha.asks("read_my_data"))["tables"]}
    assert {"reminder_wishes", "push_subscriptions", "notices"} <= set(tables)
    assert "endpoint" not in tables["push_subscriptions"][0]
    await world.run(lambda tx: personal.erase(tx, PersonId(str(misha.id))))
    for table in (ReminderWish, PushSubscription, Notice):
        assert await rows(world, table) == []


async def test_what_was_told_is_forgotten_after_a_day(world: World, services: PushService) -> None:
    await push_on(world)
    await with_push(world, services, "misha")
    await passes_to(world, 9)
    assert len(await rows(world, Notice)) == 1
    await world.clock.advance(24 * 3600 + 1)
    await world.job("reminders.forget")
    assert await rows(world, Notice) == []


async def test_push_needs_a_public_address(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        [admin] = await world.enters("administrator")
        here = {"organisation_id": world.school.school.id}
        assert (await admin.asks("read_push_rule", **here))["possible"] is False
        with refused("push_not_offered", 409):
            await admin.asks("set_push_rule", {"push": True}, **here)


def test_the_key_is_that_of_the_installation(tmp_path: Path) -> None:
    """It comes of a key that every backup holds and that all machines of one installation share."""
    made = [Vapid(keys.key(tmp_path, "seal"), URL).public for _ in range(2)]
    assert made[0] == made[1]
    assert len(made[0]) == 87 and made[0] != Vapid(b"another", URL).public


@pytest.mark.parametrize("service", ["", "*", "*.", "push", "push.example/x", "https://push.example/", "a b.example"])
def test_a_push_service_is_a_host_or_an_origin(service: str) -> None:
    with pytest.raises(SettingsError, match="push_services"):
        load(Path("none"), {}, {"push_services": (service or " , *",)})
    assert load(Path("none"), {"SABAQ_PUSH_SERVICES": "push.example, *.push.example"}, {}).push_services == (
        "push.example",
        "*.push.example",
    )


async def test_a_service_whose_name_leads_inside_is_not_asked() -> None:
    with pytest.raises(OSError, match="inside"):
        await Outside().resolve("localhost")
