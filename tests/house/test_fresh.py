"""What is generated from the code fits the code."""

import json
import subprocess
import sys
from pathlib import Path

from server.setup_env import SetUp
from tests.house import events, requirements, sbom
from tests.house.tree import ROOT

API = ROOT / "web_client" / "src" / "api"


def test_openapi_is_what_the_routes_say() -> None:
    """Else: `python3 -m server openapi > web_client/src/api/openapi.json`."""
    said = subprocess.run(
        [sys.executable, "-m", "server", "openapi"], cwd=ROOT, capture_output=True, check=True, text=True
    )
    assert json.loads((API / "openapi.json").read_text("utf-8")) == json.loads(said.stdout)


def test_the_clients_types_are_what_openapi_says(tmp_path: Path) -> None:
    """Else: `npm run types` in `web_client`."""
    setup, fresh = SetUp(ROOT), tmp_path / "schema.d.ts"
    node = setup.node()
    generate = [*node.npm, "exec", "--", "openapi-typescript", str(API / "openapi.json"), "--output", str(fresh)]
    setup.call(*generate, cwd=setup.generator, env=node.env)
    assert (API / "schema.d.ts").read_text("utf-8") == fresh.read_text("utf-8")


def test_the_table_of_requirements_is_what_the_marks_say() -> None:
    """Else: `python3 -m tests requirements`."""
    assert set(requirements.marks()) <= set(requirements.titles())
    assert requirements.PAGE.read_text("utf-8") == requirements.page()


def test_every_complaint_of_others_users_has_a_test() -> None:
    """Else: mark one; then `python3 -m tests requirements`."""
    assert set(requirements.marks("complaint")) == set(requirements.titles("complaints"))
    assert requirements.COMPLAINTS.read_text("utf-8") == requirements.complaints()


def test_no_event_changed_its_shape() -> None:
    """A changed shape means a new name. New events: `python3 -m tests events`."""
    assert events.shapes() == events.golden()


def test_the_parts_list_is_what_the_locks_say() -> None:
    """Else: `python3 -m tests sbom`."""
    assert sbom.FILE.read_text("utf-8") == sbom.document()
    assert sbom.PAGE.read_text("utf-8") == sbom.page()
