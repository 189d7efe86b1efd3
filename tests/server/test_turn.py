"""Passwords for the relay, as coturn computes them."""

import shutil
import subprocess

import pytest

from server.config import Turn
from server.turn import IceServer, ice_servers, link_values

TURN = Turn(("turns:relay.example:443?transport=tcp", "turn:relay.example:3478"), "the secret")


def test_a_name_says_until_when_and_the_password_proves_it() -> None:
    (server,) = ice_servers(TURN, "part_1", 1_700_000_000.9)
    assert server == IceServer(list(TURN.urls), "1700000000:part_1", "0Q4y7LuLJq0Dgah+FAY7ndFeS90=")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to compare with")
def test_the_password_is_what_coturns_own_recipe_gives() -> None:
    (server,) = ice_servers(TURN, "part_1", 1_700_000_000)
    recipe = f"printf %s '{server.username}' | openssl dgst -sha1 -hmac '{TURN.secret}' -binary | openssl base64"
    told = subprocess.run(["sh", "-c", recipe], capture_output=True, check=True, text=True).stdout.strip()
    assert server.credential == told


def test_without_a_relay_there_is_nothing() -> None:
    assert ice_servers(None, "part_1", 1.0) == []
    assert link_values([]) == []


def test_links_are_as_whip_wants_them() -> None:
    server = IceServer(["turns:relay.example:443?transport=tcp", "turn:r"], "1:p", "pw=")
    assert link_values([server]) == [
        '<turns:relay.example:443?transport=tcp>; rel="ice-server"; username="1:p"; credential="pw="; '
        'credential-type="password"',
        '<turn:r>; rel="ice-server"; username="1:p"; credential="pw="; credential-type="password"',
    ]
