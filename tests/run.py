"""Runs the kinds of tests in order, quick ones first, and reports at the end: nothing stops half way."""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from server.setup_env import ROOT, SetUp
from server.setup_steps import CannotDo
from tests.house import audit, locks, requirements

TOOLS = Path(sys.executable).parent
CODE = ("server", "media", "proctoring", "lms_core", "services", "tests", "bench")
MIRRORS = ("lms_core", "media", "server", "proctoring", "services")
BROWSER = {"chromium": "chromium", "firefox-esr": "firefox-esr", "fc-list": "fonts-dejavu-core"}
CLUSTER = {"chromium": "chromium", "fc-list": "fonts-dejavu-core"}
NET = {
    "chromium": "chromium", "ip": "iproute2", "nft": "nftables", "turnserver": "coturn", "haproxy": "haproxy",
    "certutil": "libnss3-tools", "sysctl": "procps",
}  # fmt: skip
DEPLOY = {"nginx": "nginx-light", "haproxy": "haproxy", "systemd-analyze": "systemd", "openssl": "openssl"}
"""Program → Debian's package of it."""
FUZZED = (
    "-Cpasses=sancov-module", "-Cllvm-args=-sanitizer-coverage-level=4", "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters", "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Zsanitizer=address", "-Cdebug-assertions", "--cfg fuzzing",
)  # fmt: skip
"""What makes the compiler tell libFuzzer which code was reached."""
BESIDE = ("-n", str(min(4, os.cpu_count() or 1)), "--dist", "loadfile")
"""So many files of tests at once."""
NO_TESTS = 5
"""What pytest answers where no test has the marks and names that were asked for."""
MOST_AGAIN = 3
"""More failed tests than that are no accident."""


@dataclass
class Part:
    """One program of a kind. `counts`: it writes its own numbers of passed and failed tests to that file.

    `tests` are the words of the command that name what is run. `again`: a few of those that failed get one second
    try, which is told (docs/decisions/0014).
    """

    command: list[str]
    tests: list[str] = field(default_factory=list)
    folder: Path = ROOT
    env: dict[str, str] = field(default_factory=dict)
    counts: Path | None = None
    again: bool = False
    quiet: bool = False
    """What it says is shown only when it fails."""


@dataclass
class Kind:
    """One heading: what it is, and its parts, given pytest's arguments and a scratch folder."""

    title: str
    parts: Callable[[list[str], Path], Iterator[Part]]


@dataclass
class Result:
    name: str
    passed: int = 0
    failed: int = 0
    seconds: float = 0.0
    second: list[str] = field(default_factory=list)
    """Tests that passed at their second try only."""


def main(argv: list[str]) -> int:
    """Exit code: 0 when everything passed, 1 otherwise."""
    words = _words(argv)
    if words.kinds and words.kinds[0] in CHORES:
        return CHORES[words.kinds[0]]()
    os.chdir(ROOT)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # each of many processes would compile all of our code again
    results = [_run(name, words.pytest) for name in KINDS if not words.kinds or name in words.kinds]
    return _report(results)


def _words(argv: list[str]) -> argparse.Namespace:
    at = argv.index("--") if "--" in argv else len(argv)
    parser = argparse.ArgumentParser(
        prog="python3 -m tests",
        description="Runs all tests, or some kinds: " + "; ".join(f"{n}: {k.title}" for n, k in KINDS.items()),
        epilog="Instead of kinds, one chore: requirements (rewrite docs/requirements.md), events (add new "
        "events to the golden file), locks (resolve requirements/*.lock anew), sbom (rewrite docs/sbom.json and "
        "docs/licences.md), audit (ask advisory services about the locked packages). After --: pytest's arguments.",
    )
    parser.add_argument("kinds", nargs="*", metavar="kind")
    words = parser.parse_args(argv[:at])
    if unknown := set(words.kinds) - KINDS.keys() - CHORES.keys():
        parser.error(f"no such kind: {', '.join(sorted(unknown))}")
    words.pytest = argv[at + 1 :]
    return words


def _run(name: str, pytest: list[str]) -> Result:
    kind, result, started = KINDS[name], Result(name), time.monotonic()
    print(f"\n── {name}: {kind.title}", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        try:
            for part in kind.parts(pytest, Path(scratch)):
                _count(part, result)
        except CannotDo as why:
            print(f"✗ {why}", flush=True)
            result.failed += 1
    if not (result.passed or result.failed):
        print("✗ not one test ran", flush=True)
        result.failed = 1
    result.seconds = time.monotonic() - started
    return result


def _count(part: Part, result: Result) -> None:
    passed, failed, names = _try(part, part.tests)
    if part.again and 0 < failed == len(names) <= MOST_AGAIN and all("::" in name for name in names):
        print(f"── again, once: {', '.join(names)}", flush=True)
        _, failed, still = _try(part, names)
        result.second += [name for name in names if name not in still] if failed == len(still) else []
        failed = max(failed, len(still))
        passed += len(names) - failed
    result.passed += passed
    result.failed += failed


def _try(part: Part, tests: list[str]) -> tuple[int, int, list[str]]:
    """Run it on these tests: how many passed and failed, and which failed, if it tells."""
    if part.counts:
        part.counts.unlink(missing_ok=True)
    command, env = [*part.command, *tests], {**os.environ, **part.env}
    try:
        with tempfile.TemporaryFile() as said:
            to = said if part.quiet else None
            done = subprocess.run(
                command, cwd=part.folder, env=env, stdin=subprocess.DEVNULL, stdout=to, stderr=to, check=False
            )
            if part.quiet and done.returncode:
                said.seek(0)
                print(said.read()[-8000:].decode("utf-8", "replace"), flush=True)
    except FileNotFoundError:
        raise CannotDo(f"there is no {command[0]}") from None
    passed, failed, names = _counted(part.counts) or (0, 0, [])
    if part.counts and done.returncode == NO_TESTS:
        return 0, 0, []
    if not (passed or failed) or (done.returncode != 0 and failed == 0):
        passed, failed = passed + (done.returncode == 0), int(done.returncode != 0)
    return passed, failed, names


def _counted(file: Path | None) -> tuple[int, int, list[str]] | None:
    """Passed, failed and who failed, from our plugin's file or vitest's report; None when there is no such file."""
    if file is None or not file.exists():
        return None
    numbers = json.loads(file.read_text("utf-8"))
    if "numTotalTests" in numbers:
        return numbers["numPassedTests"], numbers["numTotalTests"] - numbers["numPassedTests"], []
    return numbers["passed"], numbers["failed"], numbers["names"]


def _report(results: list[Result]) -> int:
    print(f"\n{'':12}{'passed':>8}{'failed':>8}{'seconds':>10}")
    for r in results:
        print(f"{'✗' if r.failed else '✓'} {r.name:10}{r.passed:8}{r.failed:8}{r.seconds:10.1f}")
    for name in [name for r in results for name in r.second]:
        print(f"! passed at the second try only: {name}")
    passed, failed = sum(r.passed for r in results), sum(r.failed for r in results)
    print(f"\n{passed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


# --- The kinds


def _lint(_: list[str], __: Path) -> Iterator[Part]:
    yield Part([str(TOOLS / "ruff"), "check", "--quiet", *CODE])
    yield Part([str(TOOLS / "ruff"), "format", "--check", "--quiet", *CODE])


def _types(_: list[str], __: Path) -> Iterator[Part]:
    yield Part([str(TOOLS / "basedpyright")])


def _native(_: list[str], scratch: Path) -> Iterator[Part]:
    setup = SetUp(ROOT)
    cargo = setup.cargo()
    if cargo is None:
        print("▸ no cargo here: the native wire is not built, and no kind tests it", flush=True)
        return
    if not (setup.native_fits() and setup.module.exists()):
        raise CannotDo("the native wire is not built: see .setup/log.txt")
    env = setup.cargo_env()
    if not shutil.which("cargo-clippy", path=env["PATH"]):
        print("▸ this cargo has neither clippy nor rustfmt: rustup component add clippy rustfmt", flush=True)
    else:
        yield Part([cargo, "fmt", "--check"], folder=setup.crate, env=env)
        how = ("--quiet", "--locked", "--all-targets", "--features", "python")
        yield Part([cargo, "clippy", *how, "--", "--deny", "warnings"], folder=setup.crate, env=env)
    yield Part([cargo, "test", "--quiet", "--locked"], folder=setup.crate, env=env)
    host = f"{platform.machine()}-unknown-linux-gnu"
    built = Path(env["CARGO_TARGET_DIR"]) / host / "release"
    flags = {"RUSTC_BOOTSTRAP": "1", "RUSTFLAGS": " ".join(FUZZED)}  # as `cargo fuzz` does it, which need not be here
    how = ("--quiet", "--release", "--target", host)
    yield Part([cargo, "build", *how], folder=setup.crate / "fuzz", env=env | flags)
    for target in sorted((setup.crate / "fuzz" / "fuzz_targets").glob("*.rs")):
        yield Part([str(built / target.stem), "-max_total_time=10"], folder=scratch, env=env, quiet=True)


def _house(pytest: list[str], scratch: Path) -> Iterator[Part]:
    yield Part([str(TOOLS / "lint-imports"), "--no-cache"])
    yield _pytest(["tests/house"], pytest, scratch)


def _core(pytest: list[str], scratch: Path) -> Iterator[Part]:
    yield _pytest([f"tests/{m}" for m in MIRRORS if (ROOT / "tests" / m).is_dir()], [*BESIDE, *pytest], scratch)


def _postgres(pytest: list[str], scratch: Path) -> Iterator[Part]:
    folders = [f"tests/{m}" for m in ("lms_core", "server") if (ROOT / "tests" / m).is_dir()]
    part = _pytest(folders, [*BESIDE, *pytest], scratch)
    part.env["SABAQ_TEST_DATABASE"] = "postgresql"
    yield part


def _client(_: list[str], scratch: Path) -> Iterator[Part]:
    counts = scratch / "vitest.json"
    node = SetUp(ROOT).node()
    report = ("--reporter=default", "--reporter=json", f"--outputFile.json={counts}")
    client = ROOT / "web_client"
    yield Part([*node.npm, "exec", "--", "tsc", "--noEmit"], folder=client, env=node.env)
    yield Part([*node.npm, "test", "--", *report], folder=client, env=node.env, counts=counts)


def _wire(pytest: list[str], scratch: Path) -> Iterator[Part]:
    part = _pytest(["tests/wire"], pytest, scratch)
    part.again = True
    yield part


def _browser(pytest: list[str], scratch: Path) -> Iterator[Part]:
    if missing := [package for program, package in BROWSER.items() if not shutil.which(program)]:
        SetUp(ROOT).debian(*missing, why="the browser stories need them")
    for words in (["-m", "pages", *BESIDE], ["-m", "not pages"]):
        part = _pytest(["tests/browser"], [*words, *pytest], scratch)
        part.again = True
        part.env["PLAYWRIGHT_NODEJS_PATH"] = SetUp(ROOT).node().program  # its own needs a library of Debian's more
        yield part


def _net(pytest: list[str], scratch: Path) -> Iterator[Part]:
    if missing := [package for program, package in NET.items() if not shutil.which(program)]:
        SetUp(ROOT).debian(*missing, why="the tests of firewalls need them")
    probe = f"sabaq-probe-{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", probe], capture_output=True, text=True, check=False)
    if made.returncode:
        raise CannotDo(f"the tests of firewalls need network namespaces, and none can be made: {made.stderr.strip()}")
    subprocess.run(["ip", "netns", "del", probe], check=True)
    part = _pytest(["tests/net"], pytest, scratch)
    part.again = True
    part.env["PLAYWRIGHT_NODEJS_PATH"] = SetUp(ROOT).node().program
    yield part


def _pytest(folders: list[str], arguments: list[str], scratch: Path) -> Part:
    counts = scratch / "pytest.json"
    strict = ("-p", "tests.house.strict", "--counts", str(counts), "--continue-on-collection-errors")
    command = [sys.executable, "-m", "pytest", "-q", "-rfE", "--tb=short", *strict, *arguments]
    return Part(command, folders, counts=counts)


def _deploy(pytest: list[str], scratch: Path) -> Iterator[Part]:
    if missing := [package for program, package in DEPLOY.items() if not shutil.which(program)]:
        SetUp(ROOT).debian(*missing, why="they read our examples for them")
    yield _pytest(["tests/deploy"], pytest, scratch)


def _cluster(pytest: list[str], scratch: Path) -> Iterator[Part]:
    if missing := [package for program, package in CLUSTER.items() if not shutil.which(program)]:
        SetUp(ROOT).debian(*missing, why="the calls through two servers are made in Chromium")
    part = _pytest(["tests/cluster"], pytest, scratch)
    part.again = True
    part.env["PLAYWRIGHT_NODEJS_PATH"] = SetUp(ROOT).node().program
    yield part


KINDS = {
    "lint": Kind("ruff", _lint),
    "types": Kind("basedpyright", _types),
    "native": Kind("the native wire's own: cargo's fmt, clippy and test, and 10 s of each fuzzer", _native),
    "house": Kind("who may import whom, and the house's other rules", _house),
    "core": Kind("machines alone, and stories on the whole app in process", _core),
    "postgres": Kind("the stories of core again, on a real PostgreSQL", _postgres),
    "deploy": Kind("units, containers, the chart and proxies, as what reads them reads them", _deploy),
    "client": Kind("TypeScript and vitest", _client),
    "wire": Kind("two real peers on loopback", _wire),
    "net": Kind("calls through firewalls, relays and translated addresses, in network namespaces", _net),
    "cluster": Kind("two real servers on PostgreSQL and Redis, while one of them dies", _cluster),
    "browser": Kind("Chromium and Firefox with fake cameras, against a running server", _browser),
}


def _add_new_events() -> int:
    from tests.house import events  # imports every feature, and tests must run when one is broken

    return events.add_new()


def _rewrite_sbom() -> int:
    from tests.house import sbom  # reads test packages

    return sbom.rewrite()


CHORES: dict[str, Callable[[], int]] = {
    "requirements": requirements.rewrite,
    "events": _add_new_events,
    "locks": locks.resolve,
    "sbom": _rewrite_sbom,
    "audit": audit.ask,
}
