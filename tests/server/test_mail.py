"""Letters, through a real mail server: confirmed addresses, the way back in, what is told, and what strangers try."""

import asyncio
import json
import re
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pyotp.totp import TOTP

from lms_core.access import core
from lms_core.access.mail import check_address
from lms_core.access.model import Letter, Ticket
from lms_core.access.service import select
from server.config import Settings, SettingsError, Smtp, load
from server.mail import WORDS, NotNow, Post, browser_of, link_of
from tests.net import authority
from tests.support.factories import PASSWORD
from tests.support.mailbox import Mailbox, a_mailbox, text_of
from tests.support.running import PASSWORD as DEMO_PASSWORD
from tests.support.running import Running, free_port
from tests.support.story import Person, refused
from tests.support.world import World, a_world

URL = "https://school.example"
ADDRESS = "anna@mail.example"
NEW = "жаңа құпия сөз"


def smtp(port: int, **more: Any) -> Smtp:
    return Smtp("127.0.0.1", "Sabaq <sabaq@school.example>", port, **{"security": "none"} | more)


@pytest.fixture
async def box() -> AsyncIterator[Mailbox]:
    async with a_mailbox() as made:
        yield made


@pytest.fixture
async def world(tmp_path: Path, box: Mailbox) -> AsyncIterator[World]:
    """The school, with a mail server."""
    async with a_world(tmp_path, smtp=smtp(box.port), public_url=URL) as made:
        yield made


async def with_mail(world: World, box: Mailbox, name: str = "anna", address: str = ADDRESS) -> Person:
    [person] = await world.enters(name)
    await person.asks("set_mail", {"password": PASSWORD, "address": address})
    await world.house.mailer.drain()
    await person.asks("confirm_mail", {"code": code_in(box.letters[-1])})
    box.letters.clear()
    return person


@contextmanager
def known_browser(world: World) -> Iterator[None]:
    """The browser that logged in last, whose cookie is not kept without https."""
    cookies = world.http.session.cookie_jar
    device = next(cookie.value for cookie in cookies if cookie.key == "sabaq_device")
    world.http.session.headers["Cookie"] = f"sabaq_device={device}"
    yield
    del world.http.session.headers["Cookie"]


def code_in(letter: EmailMessage) -> str:
    [code] = re.findall(r"^(\d{6})$", text_of(letter), re.MULTILINE)
    return code


def link_in(letter: EmailMessage) -> tuple[str, str]:
    """Login and code."""
    [found] = re.findall(rf"^{URL}/log-in/code#(.+):(.+)$", text_of(letter), re.MULTILINE)
    return found


async def test_an_address_counts_once_its_code_came_back(world: World, box: Mailbox) -> None:
    [anna] = await world.enters("anna")
    assert (await anna.asks("my_locks"))["mail"] is None
    with refused("wrong_credentials"):
        await anna.asks("set_mail", {"password": "guessed", "address": ADDRESS})
    await anna.asks("set_mail", {"password": PASSWORD, "address": f" {ADDRESS} "})
    assert (await anna.asks("my_locks"))["mail"] == {"address": ADDRESS, "confirmed": False}
    assert await world.house.mailer.drain() == 1
    [letter] = box.letters
    assert (letter["To"], letter["From"]) == (ADDRESS, "Sabaq <sabaq@school.example>")
    assert (letter["Auto-Submitted"], letter.get_content_type()) == ("auto-generated", "text/plain")
    assert box.envelopes[0].mail_from == "sabaq@school.example"
    for _ in range(4):
        with refused("wrong_code"):
            await anna.asks("confirm_mail", {"code": "no code"})
    await anna.asks("confirm_mail", {"code": code_in(letter)})
    assert (await anna.asks("my_locks"))["mail"] == {"address": ADDRESS, "confirmed": True}
    with refused("ticket_invalid"):
        await anna.asks("confirm_mail", {"code": code_in(letter)})
    await anna.asks("remove_mail", {"password": PASSWORD})
    assert (await anna.asks("my_locks"))["mail"] is None
    await world.house.mailer.drain()
    assert box.letters[-1]["Subject"] == WORDS["kk"]["mail_changed"]["subject"]


async def test_five_guesses_and_an_hour_end_a_code(world: World, box: Mailbox) -> None:
    [anna] = await world.enters("anna")
    await anna.asks("set_mail", {"password": PASSWORD, "address": ADDRESS})
    await world.house.mailer.drain()
    for _ in range(5):
        with refused("wrong_code"):
            await anna.asks("confirm_mail", {"code": "000000x"})
    with refused("ticket_invalid"):
        await anna.asks("confirm_mail", {"code": code_in(box.letters[0])})
    await anna.asks("set_mail", {"password": PASSWORD, "address": ADDRESS})
    await world.house.mailer.drain()
    await world.clock.advance(core.MAIL_CODE_LIFE.total_seconds())
    with refused("ticket_invalid"):
        await anna.asks("confirm_mail", {"code": code_in(box.letters[-1])})


async def test_a_code_for_one_address_does_not_confirm_another(world: World, box: Mailbox) -> None:
    [anna] = await world.enters("anna")
    await anna.asks("set_mail", {"password": PASSWORD, "address": ADDRESS})
    await world.house.mailer.drain()
    await anna.asks("set_mail", {"password": PASSWORD, "address": "minister@gov.example"})
    with refused("ticket_invalid"):
        await anna.asks("confirm_mail", {"code": code_in(box.letters[0])})
    assert (await anna.asks("my_locks"))["mail"]["confirmed"] is False


@pytest.mark.req("S234-10")
async def test_who_forgot_the_password_comes_back_by_a_letter(world: World, box: Mailbox) -> None:
    await with_mail(world, box)
    there = _elsewhere(world)
    assert await there.asks("recover", {"login": " ANNA "}) == {}
    await world.house.mailer.drain()
    login, code = link_in(box.letters[0])
    await there.asks("log_in_with_paper_code", {"login": login, "code": code, "password": NEW})
    with refused("wrong_credentials"):
        await there.asks("log_in_with_paper_code", {"login": login, "code": code, "password": PASSWORD})
    await _elsewhere(world).logs_in("anna", NEW)
    await world.house.mailer.drain()
    subjects = {letter["Subject"] for letter in box.letters}
    assert WORDS["kk"]["password_changed"]["subject"] in subjects
    await there.asks("recover", {"login": "anna"})
    await world.house.mailer.drain()
    await world.clock.advance(core.MAILED_CODE_LIFE.total_seconds())
    with refused("wrong_credentials"):
        late = {"login": "anna", "code": link_in(box.letters[-1])[1], "password": NEW}
        await there.asks("log_in_with_paper_code", late)


async def test_a_letter_does_not_go_around_the_second_factor(world: World, box: Mailbox) -> None:
    anna = await with_mail(world, box)
    offer = await anna.asks("offer_totp", {"password": PASSWORD})
    code = TOTP(offer["secret"]).at(int(world.clock.now().timestamp()))
    await anna.asks("set_up_totp", {"ticket": offer["ticket"], "code": code})
    there = _elsewhere(world)
    await there.asks("recover", {"login": "anna"})
    await world.house.mailer.drain()
    assert box.letters[0]["Subject"] == WORDS["kk"]["factor_added"]["subject"]
    login, code = link_in(box.letters[-1])
    with refused("second_factor_needed"):
        await there.asks("log_in_with_paper_code", {"login": login, "code": code, "password": NEW})


async def test_asking_tells_nothing_and_sends_nothing_for_nobody(world: World, box: Mailbox) -> None:
    await with_mail(world, box)
    [boris] = await world.enters("boris")
    await boris.asks("set_mail", {"password": PASSWORD, "address": "boris@mail.example"})  # never confirmed
    await world.house.mailer.drain()
    box.letters.clear()
    there = _elsewhere(world)
    queued = {}
    for login in ("anna", "boris", "dina", "nobody", "x" * 5000, "a\r\nBcc: x@y.example"):
        assert await there.asks("recover", {"login": login}) == {}
        rows = await world.run(lambda tx: tx.all(select(Letter)))
        queued[login[:10]] = [(row.kind, row.person_id, row.address) for row in rows]
        if login != "anna":
            await world.house.mailer.drain()
            assert box.letters == []
        else:
            await world.house.mailer.drain()
            box.letters.clear()
    assert set(map(tuple, queued.values())) == {(("recover", None, ""),)}, "the request does the same for all"


async def test_a_stranger_cannot_undo_the_teachers_code_nor_flood_a_person(world: World, box: Mailbox) -> None:
    await with_mail(world, box, "misha")
    [anna] = await world.enters("anna")
    paper = await anna.asks("make_paper_code", {}, person_id=world.school.persons["misha"])
    there = _elsewhere(world)
    for _ in range(10):
        assert await there.asks("recover", {"login": "misha"}) == {}
    await world.house.mailer.drain()
    assert len(box.letters) == 3
    with refused("wrong_credentials"):  # each letter makes the one before it void
        early = {"login": "misha", "code": link_in(box.letters[0])[1], "password": NEW}
        await there.asks("log_in_with_paper_code", early)
    await there.asks("log_in_with_paper_code", {"login": "misha", "code": paper["code"], "password": NEW})
    with refused("wrong_credentials"):  # and who is in needs none of the others
        rest = {"login": "misha", "code": link_in(box.letters[-1])[1], "password": PASSWORD}
        await there.asks("log_in_with_paper_code", rest)
    for _ in range(50):
        await there.asks("recover", {"login": "misha"})
    with refused("too_many_attempts", 429):
        await there.asks("recover", {"login": "misha"})


async def test_one_person_cannot_flood_a_strangers_address(world: World, box: Mailbox) -> None:
    anna, boris = await world.enters("anna", "boris")
    for _ in range(5):
        await anna.asks("set_mail", {"password": PASSWORD, "address": "victim@mail.example"})
        await world.house.mailer.drain()
    for person in (anna, boris):
        with refused("too_many_attempts", 429):
            await person.asks("set_mail", {"password": PASSWORD, "address": "Victim@mail.example"})
    assert len(box.letters) == 5


async def test_changes_of_locks_are_told(world: World, box: Mailbox) -> None:
    anna = await with_mail(world, box)
    await anna.asks("change_password", {"old": PASSWORD, "new": NEW})
    offer = await anna.asks("offer_totp", {"password": NEW})
    code = TOTP(offer["secret"]).at(int(world.clock.now().timestamp()))
    await anna.asks("set_up_totp", {"ticket": offer["ticket"], "code": code})
    [factor] = (await anna.asks("my_locks"))["factors"]
    await anna.asks("remove_factor", {"password": NEW}, factor_id=factor["id"])
    there = _elsewhere(world)
    await there.logs_in("anna", NEW)
    with known_browser(world):
        await there.logs_in("anna", NEW)
    await world.house.mailer.drain()
    told = ("password_changed", "factor_added", "factor_removed", "new_browser")
    assert [letter["Subject"] for letter in box.letters] == [WORDS["kk"][kind]["subject"] for kind in told]
    assert "127.0.0.1" in text_of(box.letters[-1])
    assert {letter["To"] for letter in box.letters} == {ADDRESS}


@pytest.mark.req("S234-9")
@pytest.mark.parametrize("language", ["kk", "ru", "en"])
async def test_a_letter_speaks_the_persons_language(world: World, box: Mailbox, language: str) -> None:
    [anna] = await world.enters("anna")
    await anna.asks("change_me", {"language": language})
    await anna.asks("set_mail", {"password": PASSWORD, "address": ADDRESS})
    await world.house.mailer.drain()
    [letter] = box.letters
    assert letter["Subject"] == WORDS[language]["confirm"]["subject"]
    assert WORDS[language]["hello"] in text_of(letter)
    assert letter["Content-Language"] == language


def test_every_letter_has_its_words_and_fills_them() -> None:
    marks = {}
    for language, words in WORDS.items():
        told = {
            kind: " ".join(said["text"]) for kind, said in words.items() if isinstance(said, dict) and "text" in said
        }
        marks[language] = {kind: set(re.findall(r"{(\w+)}", text)) for kind, text in told.items()}
    assert marks["kk"] == marks["ru"] == marks["en"]
    known = {"site", "login", "code", "link", "browser", "peer", "lesson", "day", "time"}
    assert set().union(*marks["kk"].values()) <= known


async def test_an_invitation_is_mailed_and_good_for_a_week(world: World, box: Mailbox) -> None:
    admin, anna = await world.enters("administrator", "anna")
    dina = world.school.persons["dina"]
    with refused("forbidden"):
        await anna.asks("invite", {}, person_id=dina)
    with refused("not_found"):
        await admin.asks("invite", {}, person_id=world.school.persons["victor"])
    made = await admin.asks("invite", {"address": "dina@mail.example"}, person_id=dina)
    assert (made["login"], made["mailed"], made["link"]) == ("dina", True, f"{URL}/log-in/code#dina:{made['code']}")
    rows = await world.run(lambda tx: tx.all(select(Letter)))
    assert made["code"] not in str(rows[0].data), "no code lies open in the database"
    await world.house.mailer.drain()
    assert link_in(box.to("dina@mail.example")[0]) == ("dina", made["code"])
    await world.clock.advance(core.INVITATION_LIFE.total_seconds() - 1)
    there = _elsewhere(world)
    await there.asks("log_in_with_paper_code", {"login": "dina", "code": made["code"], "password": NEW})
    made = await admin_again(world, "invite", dina)
    assert made["mailed"] is False


async def admin_again(world: World, operation: str, person: str) -> Any:
    [admin] = await world.enters("administrator")
    return await admin.asks(operation, {}, person_id=person)


@pytest.mark.parametrize(
    "address",
    [
        "anna@mail.example\r\nBcc: all@mail.example",
        "anna@mail.example\nX: y",
        "anna@mail.example, all@mail.example",
        "Anna <anna@mail.example>",
        "anna@mail.example>\r\nRCPT TO:<x@y.example",
        *("anna", "@mail.example", "anna@", "anna@localhost", "a b@mail.example", '"a"@mail.example', "a@-x.example"),
        *(
            "анна@mail.example",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "a..b@mail.example",
            ".a@mail.example",
            "a@b@mail.example",
        ),
        "x" * 65 + "@mail.example",
        "a@" + "x" * 64 + ".example",
        "a@" + "x.\0.example",
        "a@" + "xxx." * 70 + "kz",
    ],
)
async def test_an_address_is_one_plain_address(address: str) -> None:
    with pytest.raises(core.MailAddressUnfit):
        check_address(address)


def test_a_domain_in_kazakh_letters_is_an_address() -> None:
    assert check_address("anna@мектеп.қаз") == "anna@xn--e1aaogsq.xn--80ao21a"


async def test_a_line_break_is_refused_at_the_door(world: World, box: Mailbox) -> None:
    anna, admin = await world.enters("anna", "administrator")
    bad = f"{ADDRESS}\r\nBcc: all@mail.example"
    with refused("mail_address_unfit", 422):
        await anna.asks("set_mail", {"password": PASSWORD, "address": bad})
    with refused("mail_address_unfit", 422):
        await admin.asks("invite", {"address": bad}, person_id=world.school.persons["dina"])
    await world.house.mailer.drain()
    assert box.letters == []


async def test_the_host_of_a_request_leads_nobody_anywhere(world: World, box: Mailbox) -> None:
    await with_mail(world, box)
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    async with world.http.post("/api/log-in/recover", json={"login": "anna"}, headers=headers) as response:
        assert response.status == 200
    await world.house.mailer.drain()
    assert "evil" not in box.letters[-1].as_string()
    assert link_in(box.letters[-1])[0] == "anna"


@pytest.mark.req("S234-5.3")
async def test_a_mail_server_that_is_gone_loses_no_letter(tmp_path: Path) -> None:
    port = free_port()
    async with a_world(tmp_path, smtp=smtp(port), public_url=URL) as world:
        [anna] = await world.enters("anna")
        await anna.asks("set_mail", {"password": PASSWORD, "address": ADDRESS})
        assert await world.house.mailer.drain() == 0
        assert await world.house.mailer.drain() == 0, "not before its time"
        async with a_mailbox(port) as box:
            await world.clock.advance(60)
            box.says.append("451 try later")
            assert await world.house.mailer.drain() == 0
            await world.clock.advance(3600)
            assert await world.house.mailer.drain() == 1
            await anna.asks("confirm_mail", {"code": code_in(box.letters[0])})
        assert await world.run(lambda tx: tx.all(select(Letter))) == []


async def test_a_letter_that_nobody_will_take_does_not_hold_up_others(world: World, box: Mailbox) -> None:
    anna, boris = await world.enters("anna", "boris")
    await anna.asks("set_mail", {"password": PASSWORD, "address": "gone@mail.example"})
    await boris.asks("set_mail", {"password": PASSWORD, "address": "boris@mail.example"})
    box.says.append("550 no such mailbox")
    assert await world.house.mailer.drain() == 2
    assert [letter["To"] for letter in box.letters] == ["boris@mail.example"]


async def test_a_letter_that_waited_too_long_is_not_sent(tmp_path: Path) -> None:
    port = free_port()
    async with a_world(tmp_path, smtp=smtp(port), public_url=URL) as world:
        await world.stranger().asks("recover", {"login": "anna"})
        await world.clock.advance(7 * 3600)
        assert await world.house.mailer.drain() == 0
        assert await world.run(lambda tx: tx.all(select(Letter))) == []
        assert await world.run(lambda tx: tx.all(select(Ticket))) == []


async def test_without_a_mail_server_no_letters_are_offered(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        [anna] = await world.enters("anna")
        with refused("mail_not_offered", 409):
            await anna.asks("set_mail", {"password": PASSWORD, "address": ADDRESS})
        assert await anna.asks("recover", {"login": "anna"}) == {}
        assert await world.run(lambda tx: tx.all(select(Letter))) == []
        ways = await world.stranger().asks("ways_to_log_in")
        assert (ways["mail"], ways["passkeys"]) == (False, False)
        [admin] = await world.enters("administrator")
        made = await admin.asks("invite", {"address": ADDRESS}, person_id=world.school.persons["dina"])
        assert made["mailed"] is False


async def test_the_ways_say_what_is_offered(world: World) -> None:
    ways = await world.stranger().asks("ways_to_log_in")
    assert (ways["password"], ways["mail"], ways["passkeys"], ways["oidc"]) == (True, True, True, [])


async def test_a_running_server_sends_by_itself(tmp_path: Path) -> None:
    async with a_mailbox() as box, aiohttp.ClientSession() as http:
        told = {"host": "127.0.0.1", "port": box.port, "sender": "sabaq@school.example", "security": "none"}
        server = Running(tmp_path, planes=1, environ={"SABAQ_SMTP": json.dumps(told), "SABAQ_PUBLIC_URL": URL})
        await asyncio.to_thread(server.fill)
        await asyncio.to_thread(server.start)
        try:
            body = {"login": "admin", "password": DEMO_PASSWORD}
            async with http.post(f"{server.url}/api/log-in", json=body) as answer:
                me = await answer.json()
            headers = {"Authorization": f"Bearer {me['token']}"}
            invite = f"{server.url}/api/people/{me['me']['id']}/invite"
            async with http.post(invite, json={"address": ADDRESS}, headers=headers) as answer:
                made = await answer.json()
            async with asyncio.timeout(60):
                await box.arrived.wait()
        finally:
            await asyncio.to_thread(server.kill)
        assert link_in(box.letters[0]) == ("admin", made["code"])
        assert not [word for word in (ADDRESS, made["code"], me["token"]) if word in server.log()]


async def test_letters_go_by_tls_to_the_server_that_is_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, pair = authority.make(tmp_path, "localhost")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pair.cert, pair.key)
    async with a_mailbox(tls=context, user="sabaq", password="a secret") as box:
        own = Smtp("localhost", "sabaq@school.example", box.port, "sabaq", "a secret", "starttls")
        monkeypatch.delenv("SSL_CERT_FILE", raising=False)
        with pytest.raises(NotNow, match="SSLCertVerificationError"):
            await _post(own)
        monkeypatch.setenv("SSL_CERT_FILE", str(root))
        with pytest.raises(NotNow, match="535"):
            await _post(replace(own, password="wrong"))
        await _post(own)
        assert box.by_tls == [True]


async def _post(own: Smtp) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "sabaq@school.example", ADDRESS, "x"
    message.set_content("y")
    await asyncio.to_thread(Post(own).send, message, ADDRESS)


def test_mail_needs_a_public_address_and_a_sender() -> None:
    def loads(sender: str, **more: str) -> Settings:
        return load(Path("none"), {}, {"smtp": {"host": "mail", "sender": sender}} | more)

    assert loads("Sabaq <a@school.example>", public_url=URL).smtp
    for sender, more in (("a@b", {}), ("nobody", {"public_url": URL}), ("a@b\r\nBcc: x@y", {"public_url": URL})):
        with pytest.raises(SettingsError, match="smtp"):
            loads(sender, **more)


def test_a_browser_is_named_and_what_it_says_is_not_repeated() -> None:
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    assert browser_of(firefox) == "Firefox, Linux"
    assert browser_of("Mozilla/5.0 (Linux; Android 14) … Chrome/130 Mobile Safari/537.36") == "Chrome, Android"
    assert browser_of("http://evil.example/click") == "—"


def test_a_login_stands_whole_in_its_link() -> None:
    assert link_of("https://a.example/", "а+b@c", "x-y") == "https://a.example/log-in/code#%D0%B0%2Bb%40c:x-y"


def _elsewhere(world: World) -> Person:
    world.http.session.cookie_jar.clear()
    return world.stranger()
