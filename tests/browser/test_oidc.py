"""Logging in by a real provider elsewhere (OpenID Connect), in a real browser."""

import json
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Route, expect

from tests.browser.test_locks import ADMIN, ADMIN_PASSWORD, _enters, _heading, _look, _school, _visitor
from tests.browser.test_locks import School as School
from tests.browser.visitor import DESK, PHONE, Crowd, Visitor
from tests.support.provider import SECRET, a_provider
from tests.support.running import Running

pytestmark = pytest.mark.pages
NAME = "Мектеп ID"


@pytest.fixture(scope="module")
def server_with_provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    server = Running(tmp_path_factory.mktemp("oidc"), planes=1)
    with a_provider(f"{server.url}/api/oidc/school-id/return") as issuer:
        own = {"id": "school-id", "name": NAME, "issuer": issuer, "client_id": "sabaq", "client_secret": SECRET}
        server.environ |= {"SABAQ_OIDC": json.dumps([own]), "SABAQ_PUBLIC_URL": server.url}
        server.start()
        yield server
        server.kill()


@pytest.fixture
async def school_with_provider(server_with_provider: Running) -> AsyncIterator[School]:
    async with _school(server_with_provider) as made:
        yield made


@pytest.mark.req("S234-10")
@pytest.mark.parametrize(("language", "size"), [("kk", PHONE), ("ru", DESK)])
async def test_one_links_an_account_elsewhere_and_logs_in_by_it(
    school_with_provider: School, crowd: Crowd, language: str, size: tuple[int, int]
) -> None:
    school = school_with_provider
    stranger = await _comes(school, crowd, language, size)
    await _by_service(stranger).click()
    await _at_the_provider(stranger, "saule")
    await expect(stranger.page.get_by_text("oidc_no_account")).to_be_visible()
    stranger.complaints = [text for text in stranger.complaints if "403" not in text]
    _was_elsewhere(stranger)

    one = await _comes(school, crowd, language, size)
    await _look(one, "oidc-log-in")
    await _enters(one, ADMIN, ADMIN_PASSWORD)
    await expect(one.page.locator("nav")).to_be_visible()
    await one.go("/settings/locks")
    row = one.page.get_by_role("listitem").filter(has_text=NAME)
    await expect(row).to_contain_text(one.say("locks.notLinked"))
    await row.get_by_role("button").click()
    await one.page.get_by_label(one.say("locks.yourPassword"), exact=True).fill(ADMIN_PASSWORD)
    await _look(one, "oidc-link")
    await one.button("locks.next").click()
    await _at_the_provider(one, "saule")
    await _heading(one, "locks.title")
    await expect(row).to_contain_text(one.say("locks.linked"))
    await _look(one, "oidc-linked")
    _was_elsewhere(one)

    again = await _comes(school, crowd, language, size)
    await _by_service(again).click()
    await _at_the_provider(again, "saule")
    await expect(again.page.locator("nav")).to_be_visible()
    await again.go("/settings/locks")
    mine = again.page.locator("[data-login]").filter(has_text=again.say("locks.here"))
    await expect(mine).to_contain_text(again.say("locks.by.oidc"))
    _was_elsewhere(again)

    await row.get_by_role("button").click()
    await one.page.get_by_label(one.say("locks.yourPassword"), exact=True).fill(ADMIN_PASSWORD)
    await one.page.get_by_role("dialog").get_by_role("button", name=one.say("locks.unlink"), exact=True).click()
    await expect(row).to_contain_text(one.say("locks.notLinked"))


async def _comes(school: School, crowd: Crowd, language: str, size: tuple[int, int]) -> Visitor:
    """Somebody before the page that greets. The provider's own pages ask hosts outside for their looks."""
    one = await _visitor(school, crowd, language, size)

    async def answer(route: Route) -> None:
        await (route.continue_() if urlsplit(route.request.url).hostname == "127.0.0.1" else route.fulfill(body=""))

    await one.context.route("**/*", answer)
    await one.go("/log-in")
    await expect(_by_service(one)).to_be_visible()
    return one


def _by_service(one: Visitor):
    return one.page.get_by_role("link", name=one.say("login.byService").replace("{{name}}", NAME), exact=True)


async def _at_the_provider(one: Visitor, name: str) -> None:
    """Its own forms: who one is, then that we may know."""
    await one.page.locator("input[name=login]").fill(name)
    await one.page.locator("input[name=password]").fill("x")
    await one.page.locator("button[type=submit]").click()
    await one.page.locator("form:has(input[name=prompt][value=consent]) button[type=submit]").click()


def _was_elsewhere(one: Visitor) -> None:
    """At the provider, as was wanted; our own pages ask nobody else."""
    assert one.hosts
    one.hosts = set()
