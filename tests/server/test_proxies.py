"""Who asks, through honest proxies, dishonest strangers and rubbish."""

from types import SimpleNamespace
from typing import Any

import pytest
from multidict import CIMultiDict

from server.proxies import Proxies, parse_address, within

PROXIES = Proxies.of(["198.51.100.0/24", "2001:db8:ffff::/48", "10.0.0.1"])
PROXY = "198.51.100.7"


def asked(remote: str, *headers: tuple[str, str], host: str = "inside:8080", scheme: str = "http") -> Any:
    return SimpleNamespace(remote=remote, host=host, scheme=scheme, headers=CIMultiDict(headers))


def xff(*values: str) -> list[tuple[str, str]]:
    return [("X-Forwarded-For", value) for value in values]


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        ([], PROXY),
        (xff("203.0.113.5"), "203.0.113.5"),
        (xff("1.1.1.1, 203.0.113.5"), "203.0.113.5"),  # what stands left was sent by a stranger
        (xff("1.1.1.1", "203.0.113.5"), "203.0.113.5"),
        (xff("203.0.113.5, 198.51.100.9"), "203.0.113.5"),
        (xff("203.0.113.5, 10.0.0.1,198.51.100.9 "), "203.0.113.5"),
        (xff("  203.0.113.5  "), "203.0.113.5"),
        (xff("203.0.113.5:54321"), "203.0.113.5"),
        (xff("2001:db8::5"), "2001:db8::5"),
        (xff("[2001:db8::5]:443"), "2001:db8::5"),
        (xff("[2001:DB8:0::5]"), "2001:db8::5"),
        (xff("::ffff:203.0.113.5"), "203.0.113.5"),
        (xff('"203.0.113.5"'), "203.0.113.5"),
        (xff("198.51.100.8"), "198.51.100.8"),  # all are ours: the outermost
        (xff("1.1.1.1, unknown"), PROXY),
        (xff("1.1.1.1, 198.51.100.9, _hidden, 198.51.100.8"), "198.51.100.8"),
        (xff("1.1.1.1, "), PROXY),
        (xff("999.1.1.1"), PROXY),
        (xff("203.0.113.5; DROP"), PROXY),
        (xff("127.0.0.1"), "127.0.0.1"),
        (xff(", ".join(["1.1.1.1"] * 5000 + ["203.0.113.5"])), "203.0.113.5"),
        ([("Forwarded", "for=203.0.113.5")], "203.0.113.5"),
        ([("Forwarded", 'for="[2001:db8::5]:443";proto=https;by=10.0.0.1')], "2001:db8::5"),
        ([("forwarded", "FOR = 203.0.113.5")], PROXY),  # no spaces around = in the grammar
        ([("Forwarded", "For=203.0.113.5;Proto=https, for=198.51.100.9")], "203.0.113.5"),
        ([("Forwarded", "for=1.1.1.1"), ("Forwarded", "for=203.0.113.5")], "203.0.113.5"),
        ([("Forwarded", 'for="1.1.1.1, for=203.0.113.5')], PROXY),  # an open quote
        ([("Forwarded", 'host="a,b;c\\"d";for=203.0.113.5')], "203.0.113.5"),
        ([("Forwarded", "for=1.1.1.1;for=203.0.113.5")], PROXY),
        ([("Forwarded", "for=unknown")], PROXY),
        ([("Forwarded", "proto=https")], PROXY),
        ([("Forwarded", ";;;=,,")], PROXY),
        # One kind of header is the proxy's and the other a stranger's; which, cannot be known.
        ([*xff("203.0.113.5"), ("Forwarded", "for=1.1.1.1")], PROXY),
        ([*xff("203.0.113.5"), ("Forwarded", "for=203.0.113.5")], "203.0.113.5"),
        ([("X-Real-IP", "1.1.1.1"), ("CF-Connecting-IP", "1.1.1.1")], PROXY),
    ],
)
def test_the_nearest_who_is_no_proxy_of_ours_asks(headers: list[tuple[str, str]], address: str) -> None:
    assert PROXIES.peer(asked(PROXY, *headers)).address == address


@pytest.mark.parametrize("remote", ["192.0.2.1", "127.0.0.1", "::1", "2001:db8::1", "198.51.101.7"])
@pytest.mark.parametrize("name", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_nobody_else_is_believed(remote: str, name: str) -> None:
    forged = [(name, "for=203.0.113.5" if name == "Forwarded" else "203.0.113.5"), ("X-Forwarded-Proto", "https")]
    forged.append(("X-Forwarded-Host", "school.example"))
    peer = PROXIES.peer(asked(remote, *forged, host="localhost:8080"))
    assert (peer.address, peer.local, peer.origin) == (remote, False, "http://localhost:8080")


@pytest.mark.parametrize(
    ("headers", "origin"),
    [
        ([("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "school.example")], "https://school.example"),
        ([("X-Forwarded-Proto", "https")], "https://inside:8080"),
        ([("X-Forwarded-Proto", "https, http")], "http://inside:8080"),
        ([("X-Forwarded-Proto", "javascript"), ("X-Forwarded-Host", "a b")], "http://inside:8080"),
        ([("X-Forwarded-Host", "evil.example, school.example:8443")], "http://school.example:8443"),
        ([("X-Forwarded-Host", "user@evil.example")], "http://inside:8080"),
        ([("X-Forwarded-Host", "evil.example/path")], "http://inside:8080"),
        ([("X-Forwarded-Host", "[2001:db8::1]:443"), ("X-Forwarded-Proto", "https")], "https://[2001:db8::1]:443"),
        ([("Forwarded", "for=1.2.3.4;proto=https;host=school.example")], "https://school.example"),
        ([("Forwarded", "for=1.2.3.4;proto=https;host=evil.example"), *xff("1.2.3.4")], "http://inside:8080"),
    ],
)
def test_links_are_made_with_what_the_browser_sees(headers: list[tuple[str, str]], origin: str) -> None:
    assert PROXIES.peer(asked(PROXY, *headers)).origin == origin


def test_the_operators_word_on_the_address_wins() -> None:
    proxies = Proxies.of([PROXY], "https://school.example/")
    request = asked(PROXY, ("X-Forwarded-Host", "evil.example"))
    assert proxies.peer(request).origin == "https://school.example"
    assert proxies.is_ours(request, "https://school.example")
    assert not proxies.is_ours(asked("192.0.2.1", ("X-Forwarded-Host", "evil.example")), "https://evil.example")
    assert not proxies.is_ours(request, "null")
    assert not proxies.is_ours(request, "http://[")


@pytest.mark.parametrize(
    ("remote", "host", "headers", "local"),
    [
        ("127.0.0.1", "127.0.0.1:8080", [], True),
        ("127.0.0.1", "localhost", [], True),
        ("::1", "[::1]:8080", [], True),
        ("::ffff:127.0.0.1", "localhost", [], True),
        ("127.0.0.1", "school.example", [], False),
        ("192.0.2.7", "localhost", [], False),
        ("127.0.0.1", "127.0.0.1.evil.example", [], False),
        ("127.0.0.1", "localhost.", [], False),
        ("", "", [], False),
        *(
            ("127.0.0.1", "localhost", [(name, "127.0.0.1")], False)
            for name in (
                "X-Forwarded-For",
                "forwarded",
                "X-FORWARDED-HOST",
                "X-Forwarded-Proto",
                "X-Real-IP",
                "Via",
                "CF-Connecting-IP",
            )
        ),
    ],
)
def test_local_is_only_who_sits_at_this_machine(
    remote: str, host: str, headers: list[tuple[str, str]], local: bool
) -> None:
    assert Proxies().peer(asked(remote, *headers, host=host)).local is local


def test_behind_a_proxy_of_ours_nobody_is_local() -> None:
    proxies = Proxies.of(["127.0.0.1"])
    assert not proxies.peer(asked("127.0.0.1", host="localhost")).local
    assert not proxies.peer(asked("127.0.0.1", *xff("127.0.0.1"), host="localhost")).local


def test_addresses_and_networks() -> None:
    assert parse_address("fe80::1%eth0") == parse_address("fe80::1")
    assert parse_address("0x7f.1") is None
    assert parse_address("127.1") is None
    assert within("::ffff:10.1.2.3", ["10.0.0.0/8"])
    assert not within("", ["0.0.0.0/0"])
    assert not within("::1", ["0.0.0.0/0"])
