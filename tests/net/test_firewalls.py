"""Calls through networks that let little through: real firewalls, relays and browsers, each in a place of its own."""

import asyncio
from collections.abc import Callable

import pytest

from tests.net.namespaces import OUTSIDE, SERVER
from tests.net.site import PAGES_NAME, RELAY_NAME, UDP_PORT, People, Site, verdict

NewSite = Callable[..., Site]
pytestmark = pytest.mark.timeout(600)  # each has a server, a network and a browser of its own
ONLY_443 = "tcp dport 443 accept"
WORKS = {"secure": "works", "socket": "works"}


@pytest.mark.req("S234-10")
@pytest.mark.complaint(7)
async def test_with_tcp_443_alone_the_call_goes_by_the_relay(new_site: NewSite, people: People) -> None:
    site = new_site()
    site.net.allow(ONLY_443)
    site.serve(turn=site.relay())
    teacher, _ = await people.meet(site)
    assert await verdict(teacher) == ("detour", {**WORKS, "udp": "blocked", "tcp": "blocked", "relay": "works"})


async def test_one_address_with_a_proxy_that_splits_by_name(new_site: NewSite, people: People) -> None:
    site = new_site({PAGES_NAME: SERVER, RELAY_NAME: SERVER})
    site.net.allow(ONLY_443)
    turn = site.relay(address="127.0.0.1", relay_address=SERVER, port=5349)
    site.serve(port=8080, tls=False, turn=turn, trusted_proxies=SERVER, public_url=site.url)
    site.split()
    teacher, _ = await people.meet(site)
    assert await verdict(teacher) == ("detour", {**WORKS, "udp": "blocked", "tcp": "blocked", "relay": "works"})


@pytest.mark.complaint(7)
async def test_without_udp_the_call_goes_straight_over_tcp(new_site: NewSite, people: People) -> None:
    site = new_site()
    site.net.allow("meta l4proto tcp accept")
    site.serve()
    teacher, _ = await people.meet(site)
    assert await verdict(teacher) == ("detour", {**WORKS, "udp": "blocked", "tcp": "works", "relay": "absent"})


async def test_behind_a_translated_address_the_public_one_is_found(new_site: NewSite, people: People) -> None:
    site = new_site({PAGES_NAME: OUTSIDE})
    ports = f"tcp dport {{ 443, {UDP_PORT} }} ct status dnat accept"
    site.net.allow(ports, f"udp dport {UDP_PORT} ct status dnat accept")
    site.net.translate()
    site.serve(public_addresses=OUTSIDE)
    teacher, _ = await people.meet(site)
    assert await verdict(teacher) == ("good", {**WORKS, "udp": "works", "tcp": "works", "relay": "absent"})


@pytest.mark.complaint(7)
async def test_where_nothing_but_the_page_passes_it_is_said(new_site: NewSite, people: People) -> None:
    site = new_site()
    site.net.allow(ONLY_443)
    site.serve()
    teacher = await people.come(site, "teacher")
    assert await verdict(teacher) == ("none", {**WORKS, "udp": "blocked", "tcp": "blocked", "relay": "absent"})


@pytest.mark.parametrize("way", ["meta l4proto { tcp, udp } accept", "meta l4proto tcp accept"])
@pytest.mark.complaint(5)
async def test_a_network_that_is_cut_for_some_seconds_comes_back(way: str, new_site: NewSite, people: People) -> None:
    site = new_site()
    site.net.allow(way)
    site.serve()
    teacher, pupil = await people.meet(site)
    site.net.run("router", "nft", "flush chain inet wall forward")
    await asyncio.sleep(6)  # the network is away that long
    site.net.allow(way)
    await asyncio.gather(*(one.receives(videos=1, sounds=1) for one in (teacher, pupil)))
