"""One's own locks, and those of others, as people meet them: in an organisation that was set up, not in the demo."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from playwright.async_api import expect
from pyotp.totp import TOTP

from tests.browser.visitor import DESK, PATIENCE, PHONE, Crowd, Visitor, picture
from tests.support.mailbox import Mailbox, a_mailbox, text_of
from tests.support.running import Caller, Running

pytestmark = pytest.mark.pages
ADMIN, ADMIN_PASSWORD = "saule", "birds over the steppe"
FRESH = "a kettle and two apples"
NUMBERS = count(1)
NAMES = {"kk": "Мектеп", "ru": "Школа", "en": "School"}


@dataclass
class School:
    """An organisation of one's own. `admin` calls as its administrator."""

    server: Running
    admin: Caller
    id: str

    async def person(self, family: str, given: str, **place: str) -> tuple[str, str, str]:
        """A new one with a slip: id, login, password."""
        data = {"family": family, "given": given, "language": "kk"}
        person = (await self("people", {"data": data, **place}))["id"]
        slip = (await self("slips", {"person_ids": [person], "group_id": None}))["items"][0]
        return person, slip["login"], slip["password"]

    async def learner_and_teacher(self) -> tuple[str, str, Caller]:
        """A learner's id and login, and a teacher of theirs as a caller."""
        today = datetime.now(UTC).date()
        year = today.year if today.month >= 8 else today.year - 1
        group = (await self("groups", {"name": f"7Ә{next(NUMBERS)}", "grade": 7, "year": year}))["id"]
        learner, login, _ = await self.person("Оспан", "Әлия", group_id=group)
        teacher, name, slip = await self.person("Иманова", "Гүлназ", role="teacher")
        subject = (await self.admin("GET", f"/api/organisations/{self.id}/subjects"))["items"][0]["code"]
        course = {"subject_code": subject, "group_ids": [group], "teacher_ids": [teacher], "year": year}
        await self("courses", course)
        caller = await Caller(self.server, self.admin.http).log_in(name, slip)
        await caller("POST", "/api/me/password", {"old": slip, "new": FRESH})
        return learner, login, caller

    async def __call__(self, path: str, body: Any) -> Any:
        return await self.admin("POST", f"/api/organisations/{self.id}/{path}", body)


@asynccontextmanager
async def _school(server: Running) -> AsyncIterator[School]:
    """Set up, if it was not yet."""
    who = {"family": "Ахметова", "given": "Сәуле", "login": ADMIN, "password": ADMIN_PASSWORD}
    mark = server.data / "set-up-by-tests"
    async with aiohttp.ClientSession() as http:
        admin = Caller(server, http)
        if not mark.exists():
            code = server.invitation().partition("#")[2].removeprefix("code=")
            body = {"invitation": code, "kind": "school", "names": NAMES, "admin": who, "language": "kk"}
            await admin("POST", "/api/setup/organisation", body)
            mark.touch()
        await admin.log_in(ADMIN, ADMIN_PASSWORD)
        me = await admin("GET", "/api/me")
        yield School(server, admin, me["roles"][0]["organisation_id"])


@pytest.fixture
async def school(school_server: Running) -> AsyncIterator[School]:
    """Many tests are in it: each adds people of its own, and changes nothing that is of all."""
    async with _school(school_server) as made:
        yield made


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Running]:
    server = Running(tmp_path, planes=1)
    server.start()
    yield server
    server.kill()


@pytest.fixture
async def own_school(own: Running) -> AsyncIterator[School]:
    async with _school(own) as made:
        yield made


@pytest.fixture
async def box() -> AsyncIterator[Mailbox]:
    async with a_mailbox() as made:
        yield made


@pytest.fixture
async def school_with_mail(tmp_path: Path, box: Mailbox) -> AsyncIterator[School]:
    smtp = {"host": "127.0.0.1", "port": box.port, "sender": "sabaq@school.example", "security": "none"}
    server = Running(tmp_path, planes=1)
    server.environ |= {"SABAQ_SMTP": json.dumps(smtp), "SABAQ_PUBLIC_URL": server.url}
    await asyncio.to_thread(server.start)
    async with _school(server) as made:
        yield made
    await asyncio.to_thread(server.kill)


async def _in_a_letter(box: Mailbox, pattern: str) -> str:
    async with asyncio.timeout(PATIENCE):
        while True:
            found = [re.search(pattern, text_of(letter), re.MULTILINE) for letter in box.letters]
            for match in filter(None, found):
                return match[1]
            box.arrived.clear()
            await box.arrived.wait()


async def _visitor(school: School, crowd: Crowd, language: str, size: tuple[int, int], dark: bool = False) -> Visitor:
    """Somebody who chose a language in this browser, whatever that of the account is."""
    made = await crowd.visitor(school.server, language=language, size=size, dark=dark)
    await made.context.add_init_script(f"localStorage.setItem('sabaq.language', '{language}')")
    return made


async def _enters(visitor: Visitor, login: str, password: str) -> None:
    await visitor.page.get_by_label(visitor.say("login.login"), exact=True).fill(login)
    await visitor.page.get_by_label(visitor.say("login.password"), exact=True).fill(password)
    await visitor.button("login.submit").click()


async def _heading(visitor: Visitor, key: str) -> None:
    await expect(visitor.page.get_by_role("heading", name=visitor.say(key), exact=True, level=1)).to_be_visible()


async def _look(visitor: Visitor, name: str) -> None:
    assert await visitor.accessible() == [], name
    assert await visitor.wide() <= 0, name
    await visitor.page.screenshot(path=picture(f"locks-{name}-{visitor.language}"), full_page=True)


def _forgive(visitor: Visitor, status: str) -> None:
    """The browser writes each refusal down: one with this status was wanted here."""
    assert [text for text in visitor.complaints if status in text]
    visitor.complaints = [text for text in visitor.complaints if status not in text]


def _text_of(file: Path) -> str:
    return json.dumps(json.loads(file.read_text("utf-8")), ensure_ascii=False)


async def _log_out(visitor: Visitor) -> None:
    await visitor.go("/settings")
    await visitor.button("settings.logOut").click()
    await _heading(visitor, "login.title")


async def _field(visitor: Visitor, key: str, text: str) -> None:
    await visitor.page.get_by_label(visitor.say(key), exact=True).fill(text)


async def _sets_up_totp(visitor: Visitor, password: str) -> tuple[str, list[str]]:
    """The secret, and the recovery codes."""
    await _field(visitor, "locks.yourPassword", password)
    await visitor.button("locks.next").click()
    secret = await visitor.page.locator("[data-secret]").get_attribute("data-secret")
    assert secret
    await expect(visitor.page.get_by_alt_text(visitor.say("locks.qr"))).to_have_js_property("complete", True)
    assert await visitor.page.get_by_alt_text(visitor.say("locks.qr")).evaluate("picture => picture.naturalWidth") > 50
    await _look(visitor, "scan")
    await _field(visitor, "locks.codeOfApp", TOTP(secret).now())
    await visitor.button("locks.confirm").click()
    codes = visitor.page.get_by_role("list", name=visitor.say("locks.codes"), exact=True).get_by_role("listitem")
    await expect(codes).to_have_count(10)
    await _look(visitor, "codes")
    await visitor.button("locks.copy").click()
    await expect(visitor.page.get_by_text(visitor.say("locks.copied"), exact=True)).to_be_visible()
    copied = await visitor.page.evaluate("navigator.clipboard.readText()")
    assert copied.split("\n") == await codes.all_inner_texts()
    await visitor.button("locks.codesKept").click()
    return secret, copied.split("\n")


@pytest.mark.parametrize(("language", "size"), [("kk", DESK), ("ru", PHONE)])
async def test_a_teacher_changes_the_slip_and_sets_up_a_second_step(
    school: School, crowd: Crowd, language: str, size: tuple[int, int]
) -> None:
    _, login, slip = await school.person("Сейтқали", f"Айбек {language}", role="teacher")
    one = await _visitor(school, crowd, language, size)
    await one.go("/connection")
    await _enters(one, login, slip)
    await _heading(one, "locks.heldPassword")
    await _look(one, "held-password")
    await _field(one, "locks.givenPassword", slip)
    await _field(one, "locks.newPassword", "12345678")
    await one.button("locks.changePassword").click()
    await expect(one.page.get_by_role("alert")).to_contain_text(one.say("error.password_common"))
    _forgive(one, "422")
    await _field(one, "locks.newPassword", FRESH)
    await one.button("locks.changePassword").click()
    await _heading(one, "connection.title")
    assert urlsplit(one.page.url).path == "/connection"

    await one.go("/settings")
    await one.page.get_by_role("link", name=one.say("locks.summary"), exact=True).click()
    await _heading(one, "locks.title")
    await _look(one, "page-before")
    await one.button("locks.setUp").click()
    secret, codes = await _sets_up_totp(one, FRESH)
    await expect(one.page.get_by_text(one.say("locks.factorsOn"), exact=True)).to_be_visible()

    await _log_out(one)
    await _enters(one, login, FRESH)
    await _heading(one, "login.secondTitle")
    await _field(one, "login.code", "000000")
    await one.button("login.submit").click()
    await expect(one.page.get_by_role("alert")).to_contain_text(one.say("error.wrong_code"))
    _forgive(one, "403")
    await _look(one, "second-step")
    await _field(one, "login.code", TOTP(secret).at(int(time.time()) + 30))
    await one.page.get_by_label(one.say("login.trust")).check()
    await one.button("login.submit").click()
    await expect(one.page.locator("nav")).to_be_visible()

    await _log_out(one)
    await _enters(one, login, FRESH)
    await expect(one.page.locator("nav")).to_be_visible()
    other = await _visitor(school, crowd, language, size)
    await other.go("/settings/locks")
    await _enters(other, login, FRESH)
    await _field(other, "login.code", codes[0].upper())
    await other.button("login.submit").click()
    await _heading(other, "locks.title")
    left = other.say("locks.codesLeft").replace("{{left}}", "9")
    await expect(other.page.get_by_text(left, exact=True)).to_be_visible()
    await expect(other.page.locator("[data-device]")).to_have_count(1)
    await _look(other, "page-after")
    await _used_codes_are_refused(other, login, codes[0])

    await one.go("/settings/locks")
    await expect(one.page.locator("[data-login]")).to_have_count(1)
    await one.page.locator("[data-device]").get_by_role("button").click()
    await expect(one.page.locator("[data-device]")).to_have_count(0)


async def _used_codes_are_refused(visitor: Visitor, login: str, code: str) -> None:
    await _log_out(visitor)
    await _enters(visitor, login, FRESH)
    await _field(visitor, "login.code", code)
    await visitor.button("login.submit").click()
    await expect(visitor.page.get_by_role("alert")).to_contain_text(visitor.say("error.wrong_code"))
    _forgive(visitor, "403")


async def test_a_code_on_paper_leads_back_in_and_stands_in_the_log(school: School, crowd: Crowd) -> None:
    learner, login, teacher = await school.learner_and_teacher()
    paper = await teacher("POST", f"/api/people/{learner}/paper-code", {})
    one = await _visitor(school, crowd, "en", PHONE)
    await one.go("/log-in")
    await one.page.get_by_role("link", name=one.say("login.haveCode"), exact=True).click()
    await _heading(one, "login.codeTitle")
    await _look(one, "code")
    await one.go("/")
    await one.go(f"/log-in/code#{login}:{paper['code']}")
    await expect(one.page.get_by_label(one.say("login.givenCode"), exact=True)).to_have_value(paper["code"])
    assert urlsplit(one.page.url).fragment == ""
    await _field(one, "locks.newPassword", FRESH)
    await one.button("login.codeSubmit").click()
    await expect(one.page.locator("nav")).to_be_visible()
    assert urlsplit(one.page.url).path == "/"

    admin = await _visitor(school, crowd, "ru", DESK)
    await admin.go("/audit")
    await _enters(admin, ADMIN, ADMIN_PASSWORD)
    await _heading(admin, "audit.title")
    made = admin.page.locator('[data-what="code_made"]').filter(has_text="Оспан")
    await expect(made.first).to_contain_text(admin.say("audit.code.paper"))
    await _look(admin, "audit")
    await made.first.get_by_role("button").filter(has_text="Оспан").click()
    only = admin.page.locator('[data-what="logged_in"]')
    await expect(only).to_have_count(1)
    await expect(only).to_contain_text(admin.say("locks.by.paper"))
    await admin.page.get_by_label(admin.say("audit.show"), exact=True).select_option("refused")
    await expect(admin.page.get_by_text(admin.say("audit.empty"), exact=True)).to_be_visible()
    phone = await _visitor(school, crowd, "kk", PHONE, dark=True)
    await phone.go("/audit")
    await _enters(phone, ADMIN, ADMIN_PASSWORD)
    await expect(phone.page.locator("[data-what]").first).to_be_visible()
    await _look(phone, "audit")
    await expect(one.page.get_by_text(one.say("nav.audit"), exact=True)).to_have_count(0)


async def test_those_in_charge_help_somebody_back_in(school: School, crowd: Crowd) -> None:
    learner, login, _ = await school.learner_and_teacher()
    one = await _visitor(school, crowd, "kk", PHONE, dark=True)
    await one.go(f"/school/{school.id}/people/{learner}")
    await _enters(one, ADMIN, ADMIN_PASSWORD)
    await one.button("locks.paperTitle").click()
    await one.button("locks.paperMake").click()
    code = one.page.get_by_role("dialog").locator("[data-code]")
    await expect(code).to_be_visible()
    await _look(one, "paper")
    given = await code.get_attribute("data-code")
    await one.button("locks.copy").click()
    await expect(one.page.get_by_text(one.say("locks.copied"), exact=True)).to_be_visible()
    assert (await one.page.evaluate("navigator.clipboard.readText()")).split("\n")[1:] == [login, given]
    await one.page.emulate_media(media="print")
    await expect(one.page.locator(".printed")).to_contain_text(given or "no code")
    await expect(one.page.locator(".printed")).to_be_visible()
    await expect(one.page.locator("#root")).to_be_hidden()
    await expect(one.page.get_by_role("dialog")).to_be_hidden()
    await one.page.emulate_media(media="screen")
    await one.button("locks.paperDone").click()
    await expect(one.page.locator(".printed")).to_have_count(0)
    await one.button("locks.inviteTitle").click()
    await one.button("locks.inviteMake").click()
    await expect(code).to_be_visible()
    await one.button("locks.copy").click()
    link = urlsplit(await one.page.evaluate("navigator.clipboard.readText()"))
    assert (link.path, link.fragment) == ("/log-in/code", f"{login}:{await code.get_attribute('data-code')}")
    await one.button("locks.paperDone").click()
    await one.button("locks.removeFactorsTitle").click()
    await _look(one, "remove-factors")
    await one.button("locks.remove").click()
    await expect(one.page.get_by_role("dialog")).to_have_count(0)


async def test_a_passkey_logs_in_alone(school: School, crowd: Crowd) -> None:
    _, login, slip = await school.person("Жұмабек", "Дана", role="teacher")
    teacher = await Caller(school.server, school.admin.http).log_in(login, slip)
    await teacher("POST", "/api/me/password", {"old": slip, "new": FRESH})
    one = await _visitor(school, crowd, "ru", PHONE)
    device = await one.context.new_cdp_session(one.page)
    await device.send("WebAuthn.enable")
    able = {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    options = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True, **able}
    made = await device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    here = f"http://localhost:{school.server.port}"
    await one.page.goto(f"{here}/settings/locks")
    await _enters(one, login, FRESH)
    await _heading(one, "locks.title")
    await one.button("locks.passkeyAdd").click()
    await _field(one, "locks.passkeyName", "Ноутбук")
    await _field(one, "locks.yourPassword", "not this one")
    await one.button("locks.next").click()
    await expect(one.page.get_by_role("alert")).to_contain_text(one.say("locks.wrongPassword"))
    await _look(one, "passkey")
    await _field(one, "locks.yourPassword", FRESH)
    await one.button("locks.next").click()
    codes = one.page.get_by_role("list", name=one.say("locks.codes"), exact=True).get_by_role("listitem")
    await expect(codes).to_have_count(10)
    await one.button("locks.codesKept").click()
    await expect(one.page.locator("[data-passkey]")).to_contain_text("Ноутбук")
    await _look(one, "page-passkey")

    await one.page.goto(f"{here}/settings")
    await one.button("settings.logOut").click()
    await _heading(one, "login.title")
    await _look(one, "log-in")
    await one.button("login.byPasskey").click()
    await expect(one.page.locator("nav")).to_be_visible()

    await one.page.goto(f"{here}/settings/locks")
    await expect(one.page.locator("[data-login]").filter(has_text=one.say("locks.here"))).to_contain_text(
        one.say("locks.by.passkey")
    )
    await one.page.locator("[data-passkey]").get_by_role("button").click()
    await _field(one, "locks.yourPassword", FRESH)
    await one.button("locks.remove").click()
    await expect(one.page.locator("[data-passkey]")).to_have_count(0)
    await one.page.goto(f"{here}/settings")
    await one.button("settings.logOut").click()
    await one.button("login.byPasskey").click()
    await expect(one.page.get_by_role("alert")).to_contain_text(one.say("error.passkey_refused"))
    await device.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": made["authenticatorId"]})
    assert one.hosts == {f"localhost:{school.server.port}"}
    one.hosts = set()


async def test_the_organisation_asks_its_administrator_for_a_second_step(own_school: School, crowd: Crowd) -> None:
    school = own_school
    one = await _visitor(school, crowd, "en", DESK)
    await one.go("/settings/locks")
    await _enters(one, ADMIN, ADMIN_PASSWORD)
    await _heading(one, "locks.title")
    await _look(one, "page-admin")
    await one.page.get_by_label(one.say("locks.ruleLabel"), exact=True).select_option("administrators")
    await expect(one.page.get_by_text(one.say("locks.ruleKept"), exact=True)).to_be_visible()
    await _heading(one, "locks.heldSecond")
    await one.go("/audit?what=lock_changed")
    await _heading(one, "locks.heldSecond")
    _forgive(one, "403")
    await _look(one, "held-second")
    await _sets_up_totp(one, ADMIN_PASSWORD)
    await _heading(one, "audit.title")
    rule = one.page.locator('[data-what="lock_changed"]')
    await expect(rule.filter(has_text=one.say("audit.lock.second_factor_administrators"))).to_have_count(1)

    await one.go("/settings/locks")
    async with one.page.expect_download() as told:
        await one.button("locks.dataGet").click()
    assert ADMIN in _text_of(await (await told.value).path())
    await one.page.get_by_role("button", name=one.say("locks.remove")).click()
    await _field(one, "locks.yourPassword", ADMIN_PASSWORD)
    await one.button("locks.remove").click()
    await expect(one.page.get_by_role("alert")).to_contain_text(one.say("error.second_factor_required"))


async def test_a_forgotten_password_is_renewed_by_mail(school_with_mail: School, box: Mailbox, crowd: Crowd) -> None:
    one = await _visitor(school_with_mail, crowd, "kk", DESK)
    await one.go("/settings/locks")
    await _enters(one, ADMIN, ADMIN_PASSWORD)
    await one.button("locks.mailAdd").click()
    await _field(one, "locks.mailAddress", "saule@mail.example")
    await _field(one, "locks.yourPassword", ADMIN_PASSWORD)
    await one.button("locks.next").click()
    code = await _in_a_letter(box, r"^(\d{6})$")
    await _field(one, "locks.mailCode", code)
    await _look(one, "mail")
    await one.page.get_by_role("dialog").get_by_role("button", name=one.say("locks.confirm"), exact=True).click()
    await expect(one.page.get_by_text(one.say("locks.mailConfirmed"), exact=True)).to_be_visible()
    await _look(one, "page-mail")
    await _log_out(one)
    await one.page.get_by_role("link", name=one.say("login.forgot"), exact=True).click()
    await _heading(one, "login.forgotTitle")
    await _look(one, "forgotten")
    await _field(one, "login.login", ADMIN)
    await one.button("login.forgotSend").click()
    await expect(one.page.get_by_text(one.say("login.forgotSent"), exact=True)).to_be_visible()
    link = await _in_a_letter(box, r"(http\S+/log-in/code#\S+)$")
    await one.page.goto(link)
    await expect(one.page.get_by_label(one.say("login.login"), exact=True)).to_have_value(ADMIN)
    await _field(one, "locks.newPassword", FRESH)
    await one.button("login.codeSubmit").click()
    await expect(one.page.locator("nav")).to_be_visible()
