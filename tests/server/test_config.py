from pathlib import Path

import pytest

from server.config import Settings, SettingsError, Turn, load

NONE = Path("/nonexistent/sabaq.toml")


def test_defaults_keep_the_server_on_this_machine() -> None:
    assert load(NONE, {}, {}) == Settings()
    assert Settings().host == "127.0.0.1"


def test_flag_wins_over_variable_over_file(tmp_path: Path) -> None:
    file = tmp_path / "sabaq.toml"
    file.write_text('port = 1\nudp_port = 2\nhost = "::1"\npublic_addresses = ["192.0.2.1"]\n')
    settings = load(file, {"SABAQ_PORT": "3", "SABAQ_UDP_PORT": "4", "HOME": "/"}, {"port": 5, "host": None})
    assert (settings.port, settings.udp_port, settings.host) == (5, 4, "::1")
    assert settings.public_addresses == ("192.0.2.1",)


def test_a_list_in_a_variable_is_divided_by_commas() -> None:
    settings = load(NONE, {"SABAQ_PUBLIC_ADDRESSES": "192.0.2.1, 192.0.2.2"}, {})
    assert settings.public_addresses == ("192.0.2.1", "192.0.2.2")


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"SABAQ_PROT": "1"}, "prot"),
        ({"SABAQ_PORT": "eighty"}, "port"),
        ({"SABAQ_PORT": "70000"}, "port"),
        ({"SABAQ_UDP_PORT": "65530", "SABAQ_PLANES": "10"}, "udp_port"),
        ({"SABAQ_RESOURCES_PER_GRANT": "0"}, "resources_per_grant"),
        ({"SABAQ_MOST_ON_PLANE": "0"}, "most_on_plane"),
        ({"SABAQ_LOG": "loud"}, "log"),
        ({"SABAQ_PUBLIC_ADDRESSES": "school.example"}, "public_addresses"),
        ({"SABAQ_TURN": '{"urls": ["https://relay"], "secret": "s"}'}, "turn"),
        ({"SABAQ_TURN": '{"urls": [], "secret": "s"}'}, "turn"),
        ({"SABAQ_TURN": '{"urls": ["turn:relay"], "secret": ""}'}, "turn"),
    ],
)
def test_what_cannot_be_used_is_named(variables: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        load(NONE, variables, {})


def test_a_relay_in_a_variable_is_json() -> None:
    urls = ("turns:relay.example:443?transport=tcp", "turn:[2001:db8::1]:3478")
    value = '{"urls": ["turns:relay.example:443?transport=tcp", "turn:[2001:db8::1]:3478"], "secret": "s"}'
    assert load(NONE, {"SABAQ_TURN": value}, {}).turn == Turn(urls, "s")


def test_the_demo_password_is_no_setting_of_the_server() -> None:
    assert load(NONE, {"SABAQ_DEMO_PASSWORD": "x"}, {}) == Settings()
