"""The lock files: exact versions and hashes for every platform, no addresses. `python3 -m tests locks`."""

import subprocess
import sys

from server.setup_env import SetUp
from server.setup_words import without_source
from tests.house.tree import ROOT

OPTIONS = "--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --fork-strategy fewest"
UV = "uv==0.13.8"


def resolve() -> int:
    """Resolve pyproject.toml anew; what stays possible keeps its version."""
    compile_ = [str(SetUp(ROOT).uv), "pip", "compile", "-q", *OPTIONS.split()]
    run, test, own = (f"requirements/{name}.lock" for name in ("run", "test", "uv"))
    build, project = ("--extra", "build"), "pyproject.toml"
    subprocess.run([*compile_, *build, project, "-o", run], cwd=ROOT, check=True)
    subprocess.run([*compile_, *build, "--extra", "test", "-c", run, project, "-o", test], cwd=ROOT, check=True)
    subprocess.run([*compile_, "-", "-o", own], cwd=ROOT, check=True, input=UV, text=True)
    resolve_crates(SetUp(ROOT))
    print("requirements/*.lock are resolved; the next start installs them", file=sys.stderr)
    return 0


def resolve_crates(setup: SetUp) -> None:
    """Resolve the native wire's Cargo.toml anew, where there is a cargo."""
    if cargo := setup.cargo():
        setup.call(cargo, "update", "--quiet", cwd=setup.crate, env=setup.cargo_env())
        made = (setup.crate / "Cargo.lock").read_text("utf-8")
        (setup.crate / "crates.lock").write_text(without_source(made), "utf-8")
    else:
        print("crates.lock stays as it is: there is no cargo", file=sys.stderr)
