"""The way back in for the only administrator, at the machine itself."""

import json
import subprocess
import sys
from pathlib import Path

from pyotp.totp import TOTP

from tests.support.factories import PASSWORD
from tests.support.running import ROOT
from tests.support.story import refused
from tests.support.world import World, a_world, on_postgres

NEW = "жаңа құпия сөз"


async def test_who_lost_all_comes_back_by_the_console(tmp_path: Path) -> None:
    if on_postgres():
        return  # the verb opens what the settings name: here a folder
    async with a_world(tmp_path) as world:
        [admin] = await world.enters("administrator")
        offer = await admin.asks("offer_totp", {"password": PASSWORD})
        code = TOTP(offer["secret"]).at(int(world.clock.now().timestamp()))
        await admin.asks("set_up_totp", {"ticket": offer["ticket"], "code": code})
        made = json.loads(_verb(tmp_path, "let-in", " Administrator ", "--json").stdout)
        assert made["link"] == f"/log-in/code#administrator:{made['code']}"
        there = world.stranger()
        body = {"login": made["login"], "code": made["code"], "password": NEW}
        there.token = (await there.asks("log_in_with_paper_code", body))["token"]
        assert (await there.asks("my_locks"))["factors"] == []
        with refused("not_logged_in"):
            await admin.me()
        assert ("lock_changed", "factors_removed") in await _log(there, world)
        no = _verb(tmp_path, "let-in", "nobody", expect=1)
        assert no.stderr == "sabaq: nobody was not let in: not_found\n"
    no = _verb(tmp_path / "none", "let-in", "anna", expect=1)
    assert no.stderr.startswith("sabaq: there is no school")


async def _log(person: object, world: World) -> list[tuple[str, str]]:
    assert hasattr(person, "asks")
    page = await person.asks("read_audit", organisation_id=world.school.school.id)  # type: ignore[attr-defined]
    return [(one["what"], one["code"]) for one in page["items"]]


def _verb(data: Path, *words: str, expect: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "server", *words, "--data", str(data)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == expect, done.stderr[-2000:]
    return done
