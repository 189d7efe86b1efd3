"""The container file and the Compose file. No container is run here: what they say is held against the code."""

import json
import re
from typing import Any

import pytest
import yaml

from server.config import Settings
from server.setup_env import ROOT
from server.setup_native import NativeSteps
from tests.deploy.said import DEPLOY, settings, verb

OURS = ("server1", "server2", "worker")


@pytest.fixture
def compose() -> dict[str, Any]:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))


def _container(word: str) -> list[str]:
    """The last instruction of that name, put together."""
    text = (DEPLOY / "Containerfile").read_text("utf-8").replace("\\\n", " ")
    return re.findall(rf"^{word} (.*)$", text, re.MULTILINE)


def test_the_image_runs_our_program(tmp_path) -> None:
    assert json.loads(_container("ENTRYPOINT")[-1]) == [".venv/bin/python", "-m", "server"]
    assert verb(json.loads(_container("CMD")[-1])) == "run"
    environ = dict(pair.split("=", 1) for pair in _container("ENV")[-1].split())
    read = settings(environ, tmp_path)
    assert (str(read.data), read.host) == ("/var/lib/sabaq", "0.0.0.0")
    assert _container("VOLUME")[-1] == str(read.data)
    assert _container("USER")[-1] == "sabaq"
    assert _container("EXPOSE")[-1].split() == ["8080/tcp", "40000-40003/udp", "40000-40003/tcp"]
    assert (Settings().port, Settings().udp_port) == (8080, 40000)


def test_the_image_cannot_change_its_code() -> None:
    [copied] = [line for line in _container("COPY") if "--from=made" in line]
    assert "--chown=root:root" in copied


def test_the_image_moves_packets_in_rust() -> None:
    [built] = [line for line in _container("RUN") if "server.setup_native" in line]
    [taken] = [line for line in _container("COPY") if "--from=wire" in line]
    assert taken.split()[-2:] == [built.split()[-1], NativeSteps(ROOT).wheels.name]


@pytest.mark.parametrize("name", OURS)
def test_each_service_does_a_verb_with_real_settings(compose: dict[str, Any], tmp_path, name: str) -> None:
    service = compose["services"][name]
    assert verb(service.get("command", ["run"])) == ("worker" if name == "worker" else "run")
    given = {"PUBLIC_URL": "https://school.example", "PUBLIC_ADDRESSES": "192.0.2.10"}
    environ = {
        key: re.sub(r"\$\{(\w+)\}", lambda found: given[found[1]], value)
        for key, value in service["environment"].items()
    }
    read = settings(environ, tmp_path)
    assert read.database_url
    assert read.redis_url.split("/")[2].split(":")[0] in compose["services"]
    assert service["volumes"] == ["data:/var/lib/sabaq"]
    if name != "worker":
        ports = f"{read.udp_port}-{read.udp_port + read.planes - 1}"
        assert service["ports"] == [f"{ports}:{ports}/{kind}" for kind in ("udp", "tcp")]
        assert read.internal_url == f"http://{name}:{read.port}"


def test_servers_do_not_share_ports(compose: dict[str, Any]) -> None:
    ports = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert len(set(ports)) == len(ports)


def test_the_proxy_knows_the_servers(compose: dict[str, Any]) -> None:
    [mounted] = [v for v in compose["services"]["proxy"]["volumes"] if v.endswith("/nginx.conf:ro")]
    text = (DEPLOY / mounted.split(":")[0]).read_text("utf-8")
    assert sorted(re.findall(r"server (server\d):8080;", text)) == ["server1", "server2"]


def test_secrets_are_files(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        for key, value in service.get("environment", {}).items():
            secret = any(word in key.lower() for word in ("password", "secret", "database_url", "turn", "smtp", "oidc"))
            assert not secret or (key.endswith("_FILE") and value.startswith("/run/secrets/")), (name, key)
        for secret in service.get("secrets", []):
            assert compose["secrets"][secret]["file"] == f"./secrets/{secret}"


def test_no_secret_stands_anywhere() -> None:
    """Placeholders say that they are some."""
    said = re.compile(r"""(?:password|secret|token)["']?[ \t]*[=:][ \t]*["']?([^\s"',}]+)""", re.IGNORECASE)
    for file in DEPLOY.rglob("*"):
        if file.is_file():
            for value in said.findall(file.read_text("utf-8")):
                harmless = ("/", "./", "…", "false", "REPLACE-ME", "sabaq", "{secretName", "{{", "school-example-tls")
                assert value.startswith(harmless), (file.name, value)
