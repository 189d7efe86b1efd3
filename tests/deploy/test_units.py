"""systemd's units."""

import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest

from tests.deploy.said import DEPLOY, settings, verb

UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]


def _read(unit: Path) -> ConfigParser:
    parser = ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(unit)
    return parser


def test_systemd_finds_nothing_wrong(tmp_path: Path) -> None:
    """In a folder beside each other, as they are installed."""
    for unit in UNITS:
        shutil.copy(unit, tmp_path)
    words = ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / unit.name) for unit in UNITS)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    said = [line for line in done.stderr.splitlines() if "sabaq" in line]
    assert (done.returncode, said) == (0, [])


def test_systemd_would_find_something(tmp_path: Path) -> None:
    broken = tmp_path / "sabaq.service"
    broken.write_text((DEPLOY / "systemd" / "sabaq.service").read_text().replace("KillMode=mixed", "KillMode=rude"))
    words = ["systemd-analyze", "verify", "--man=no", str(broken)]
    assert "rude" in subprocess.run(words, capture_output=True, text=True, check=False).stderr


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_what_they_start_is_a_verb(unit: Path, tmp_path: Path) -> None:
    service = _read(unit)["Service"]
    _, _, words = service["ExecStart"].partition("/usr/bin/python3 -m server ")
    want = {"sabaq.service": "run", "sabaq-worker.service": "worker", "sabaq-backup.service": "backup"}
    assert verb(words.rstrip("'").replace("$$(date +%%u)", "1").split()) == want[unit.name]
    assert settings(dict([service["Environment"].split("=", 1)]), tmp_path).data == Path("/var/lib/sabaq")
    assert service["WorkingDirectory"] == "/opt/sabaq"


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_they_may_do_little(unit: Path) -> None:
    service = _read(unit)["Service"]
    assert (service["User"], service["NoNewPrivileges"], service["ProtectSystem"]) == ("sabaq", "yes", "strict")
    assert "/opt" not in service.get("ReadWritePaths", ""), "the server reads its code and cannot change it"
