"""Logging in by a provider: with a real one, and with one that lies."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey
from sqlalchemy import update

from lms_core.access.core import TicketInvalid
from lms_core.access.model import Account
from lms_core.kernel.clock import ManualClock
from server.config import Oidc, Settings, SettingsError, load
from server.oidc_client import OidcFailed, Provider
from tests.support.factories import PASSWORD
from tests.support.provider import SECRET, Visitor, a_provider
from tests.support.running import free_port
from tests.support.world import World, a_world


@asynccontextmanager
async def school(folder: Path, issuer: str, back: str, **options: Any) -> AsyncIterator[World]:
    """The school of the stories, reached at `back`, with one provider."""
    own = Oidc("school-id", "Мектеп ID", issuer, "sabaq", SECRET, **options)
    async with a_world(folder, now=datetime.now(UTC), oidc=(own,), public_url=back) as world:
        yield world


@contextmanager
def ports() -> Iterator[tuple[str, str]]:
    """Our own address, and a provider's that sends people back there."""
    back = f"http://127.0.0.1:{free_port()}"
    with a_provider(f"{back}/api/oidc/school-id/return") as issuer:
        yield back, issuer


@asynccontextmanager
async def reached(world: World, back: str) -> AsyncIterator[str]:
    """The world's application a second time, at the address the provider knows."""
    site = web.TCPSite(await _runner(world), "127.0.0.1", urlsplit(back).port)
    await site.start()
    try:
        yield back
    finally:
        await site.stop()


async def _runner(world: World) -> web.BaseRunner:
    server = world.http.server
    assert server.runner
    return server.runner


async def test_one_logs_in_by_a_real_provider(tmp_path: Path) -> None:
    with ports() as (back, issuer):
        async with school(tmp_path, issuer, back, trust_claim=True) as world, reached(world, back), Visitor() as anna:
            ways = await world.stranger().asks("ways_to_log_in")
            assert ways["oidc"] == [{"id": "school-id", "name": "Мектеп ID"}]
            _, here, _ = await anna.logs_in(f"{back}/api/oidc/school-id/start", "anna")
            assert here == f"{back}/"
            mine = anna.cookies[urlsplit(back).netloc]
            assert "sabaq_oidc" not in mine
            async with world.http.get("/api/me", headers={"Authorization": f"Bearer {mine['sabaq']}"}) as answer:
                assert (await answer.json())["id"] == world.school.persons["anna"]
            # Found by the link now, whatever the claim says; and once more in a browser that has never been here.
            await world.run(_rename("anna"))
            async with Visitor() as elsewhere:
                _, here, _ = await elsewhere.logs_in(f"{back}/api/oidc/school-id/start", "anna")
                assert here == f"{back}/"


def _rename(login: str) -> Any:
    async def work(tx: Any) -> None:
        await tx.execute(update(Account).where(Account.login == login).values(login=f"{login}-renamed"))

    return work


@pytest.mark.parametrize(
    ("name", "options", "code"),
    [
        ("anna", {}, "oidc_no_account"),  # the claim is not believed
        ("nobody-here", {"trust_claim": True}, "oidc_no_account"),
        ("administrator", {"trust_claim": True}, "oidc_no_account"),  # never by a claim
        ("anna", {"trust_claim": True, "organisation": "unit_" + "0" * 26}, "oidc_no_account"),
        ("anna@x.example", {"trust_claim": True, "claim": "email"}, "oidc_no_account"),  # not verified there
    ],
)
async def test_who_has_no_account_here_reads_so(tmp_path: Path, name: str, options: Any, code: str) -> None:
    with ports() as (back, issuer):
        async with school(tmp_path, issuer, back, **options) as world, reached(world, back), Visitor() as visitor:
            status, _, text = await visitor.logs_in(f"{back}/api/oidc/school-id/start?lang=en", name)
            assert (status, code in text) == (403, True)
            assert "sabaq" not in visitor.cookies[urlsplit(back).netloc]


async def test_a_person_links_an_account_and_logs_in_by_it(tmp_path: Path) -> None:
    with ports() as (back, issuer):
        async with school(tmp_path, issuer, back) as world, reached(world, back):
            (admin,) = await world.enters("administrator")
            assert (await admin.asks("my_oidc_links"))["items"][0]["linked"] is False
            leave = await admin.asks("link_oidc", {"password": PASSWORD}, provider="school-id")
            start = back + leave["address"]
            (anna,) = await world.enters("anna")
            async with Visitor({"sabaq": str(anna.token)}) as lured:  # another person's link leads nowhere
                status, _, text = await lured.get(start)
                assert ("ticket_invalid" in text, status) == (True, TicketInvalid.status)
            async with Visitor({"sabaq": str(admin.token)}) as browser:
                _, here, _ = await browser.logs_in(start, "someone")
                assert here == f"{back}/settings/locks"
            assert (await admin.asks("my_oidc_links"))["items"][0]["linked"] is True
            async with Visitor() as fresh:
                _, here, _ = await fresh.logs_in(f"{back}/api/oidc/school-id/start", "someone")
                assert here == f"{back}/"
            leave = await anna.asks("link_oidc", {"password": PASSWORD}, provider="school-id")
            async with Visitor({"sabaq": str(anna.token)}) as browser:
                status, _, text = await browser.logs_in(back + leave["address"], "someone")
                assert (status, "oidc_linked_elsewhere" in text) == (409, True)
            await admin.asks("unlink_oidc", {"password": PASSWORD}, provider="school-id")
            async with Visitor() as fresh:
                status, _, _ = await fresh.logs_in(f"{back}/api/oidc/school-id/start", "someone")
                assert status == 403


async def test_a_way_back_that_did_not_begin_here_leads_nowhere(tmp_path: Path) -> None:
    with ports() as (back, issuer):
        app = school(tmp_path, issuer, back, trust_claim=True)
        async with app as world, reached(world, back), Visitor() as victim, Visitor() as thief:
            _, _, address = await thief.get(f"{back}/api/oidc/school-id/start", follow=False)
            state = parse_qs(urlsplit(address).query)["state"][0]
            for query in (f"code=x&state={state}", "code=x&state=", "state=x", "error=access_denied", ""):
                status, _, text = await victim.get(f"{back}/api/oidc/school-id/return?{query}")
                assert (status, "oidc_failed" in text) == (502, True)
            status, _, text = await thief.get(f"{back}/api/oidc/school-id/return?code=guessed&state={state}")
            assert (status, "oidc_failed" in text) == (502, True)
            assert (await thief.get(f"{back}/api/oidc/none/start"))[0] == 404


class Liar:
    """A provider that signs what it is told to; what it was asked for its keys is counted."""

    def __init__(self) -> None:
        self.key = ECKey.generate_key("P-256", {"kid": "one", "use": "sig", "alg": "ES256"})
        self.shown = [self.key]
        self.claims: dict[str, Any] = {}
        self.algorithm = "ES256"
        self.asked = 0
        self.about: dict[str, Any] = {}
        self.raw: str | None = None
        self.url = ""

    async def discovery(self, _: web.Request) -> web.Response:
        made = {"issuer": self.url, "jwks_uri": f"{self.url}/keys", "token_endpoint": f"{self.url}/token"}
        return web.json_response(made | {"authorization_endpoint": f"{self.url}/auth"} | self.about)

    async def keys(self, _: web.Request) -> web.Response:
        self.asked += 1
        return web.json_response(KeySet([*self.shown]).as_dict(private=False))

    async def token(self, _: web.Request) -> web.Response:
        if self.raw is not None:
            return web.Response(text=self.raw, content_type="application/json")
        key: Any = OctKey.import_key("x" * 32) if self.algorithm == "HS256" else self.key
        header = {"alg": self.algorithm, "kid": self.key.kid}
        return web.json_response({"id_token": jwt.encode(header, self.claims, key, algorithms=[self.algorithm])})


@asynccontextmanager
async def lying() -> AsyncIterator[tuple[Liar, Provider, ManualClock]]:
    liar, app = Liar(), web.Application()
    app.router.add_get("/.well-known/openid-configuration", liar.discovery)
    app.router.add_get("/keys", liar.keys)
    app.router.add_post("/token", liar.token)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    liar.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    now = datetime.now(UTC)
    clock = ManualClock(now)
    second = int(now.timestamp())
    liar.claims = {"iss": liar.url, "aud": "sabaq", "sub": "s", "nonce": "n", "iat": second, "exp": second + 60}
    provider = Provider(Oidc("id", "Name", liar.url, "sabaq", trust_claim=True), clock)
    try:
        yield liar, provider, clock
    finally:
        await runner.cleanup()


async def claims(provider: Provider) -> Any:
    return await provider.claims("http://back", "code", "n", "verifier")


async def test_an_honest_token_is_believed_within_a_minute_of_clocks() -> None:
    async with lying() as (liar, provider, clock):
        liar.claims["preferred_username"] = "anna"
        assert (await claims(provider)).login == "anna"
        await clock.advance(119)
        await claims(provider)
        await clock.advance(5)
        with pytest.raises(OidcFailed):
            await claims(provider)


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://other.example"},
        {"aud": "another-client"},
        {"aud": ["sabaq", "another-client"]},
        {"aud": ["sabaq"], "azp": "another-client"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1},
        {"exp": None},
        {"iat": 4102444800},
        {"sub": ""},
        {"sub": 7},
        {"sub": "s" * 256},
        {"sub": None},
    ],
)
async def test_a_token_for_others_or_of_other_times_is_not_believed(change: dict[str, Any]) -> None:
    async with lying() as (liar, provider, _):
        liar.claims = {name: value for name, value in (liar.claims | change).items() if value is not None}
        with pytest.raises(OidcFailed):
            await claims(provider)


async def test_a_token_signed_by_nobody_or_by_a_shared_secret_is_not_believed() -> None:
    async with lying() as (liar, provider, _):
        liar.algorithm = "HS256"
        with pytest.raises(OidcFailed):
            await claims(provider)
        for raw in ('{"id_token": "eyJhbGciOiJub25lIn0.e30."}', "{}", "[]", "{", '{"id_token": 7}', '"' + "a" * 300000):
            liar.raw = raw
            with pytest.raises(OidcFailed):
                await claims(provider)


async def test_new_keys_are_looked_for_and_not_at_every_strangers_word() -> None:
    async with lying() as (liar, provider, clock):
        await claims(provider)
        assert liar.asked == 1
        liar.key = ECKey.generate_key("P-256", {"kid": "two", "use": "sig", "alg": "ES256"})
        with pytest.raises(OidcFailed):
            await claims(provider)
        assert liar.asked == 1
        liar.shown = [liar.key]
        await clock.advance(31)
        await claims(provider)
        assert liar.asked == 2


@pytest.mark.parametrize("about", [{"issuer": "https://other.example"}, {"token_endpoint": "file:///etc/passwd"}])
async def test_a_provider_that_calls_itself_otherwise_is_not_asked(about: dict[str, Any]) -> None:
    async with lying() as (liar, provider, _):
        liar.about = about
        with pytest.raises(OidcFailed):
            await claims(provider)


async def test_a_provider_that_is_away_is_said() -> None:
    provider = Provider(Oidc("id", "Name", f"http://127.0.0.1:{free_port()}", "sabaq"), ManualClock(datetime.now(UTC)))
    with pytest.raises(OidcFailed):
        await provider.address("http://back", "s", "n", "v", anew=False)


def test_settings_of_providers_are_checked() -> None:
    good = {"id": "id", "name": "N", "issuer": "https://id.example", "client_id": "c"}
    none = Path("/nonexistent/sabaq.toml")
    assert isinstance(load(none, {"SABAQ_OIDC": json.dumps([good])}, {}), Settings)
    for change in ({"id": "A/B"}, {"issuer": "http://id.example"}, {"client_id": ""}, {"name": ""}):
        with pytest.raises(SettingsError, match="oidc"):
            load(none, {"SABAQ_OIDC": json.dumps([good | change])}, {})
    with pytest.raises(SettingsError, match="each id once"):
        load(none, {"SABAQ_OIDC": json.dumps([good, good])}, {})
