"""Other servers' programs: fetched or built when they are asked for first, into `.tools/peers`."""

import json
import shutil
from pathlib import Path

from server.setup_env import ROOT, SetUp
from server.setup_steps import CannotDo

HERE = Path(__file__).parent
KEPT = ROOT / ".tools" / "peers"
LIVEKIT = "github.com/livekit/livekit-server@v1.13.4"


def janus() -> Path:
    """Debian's package; its own service is not started by us, nor needed."""
    if not shutil.which("janus"):
        SetUp(ROOT).debian("janus", why="Janus is to be measured beside Sabaq")
    return Path(shutil.which("janus") or "janus")


def pion() -> Path:
    """A minimal forwarder on Pion, with its default interceptors (pion/main.go)."""
    program = KEPT / "pionsfu"
    if not program.exists():
        folder = _copied(HERE / "pion", "pion")
        _go("Pion", folder, ("go", "mod", "tidy"), ("go", "build", "-o", program, "."))
    return program


def livekit() -> Path:
    """Built from its module, by the checksums that come in it. Minutes."""
    program = KEPT / "livekit-server"
    if not program.exists():
        _need_go("LiveKit")
        said = SetUp(ROOT).call("go", "mod", "download", "-json", LIVEKIT)
        module = json.loads(said[said.index("{") :])["Dir"]
        _go("LiveKit", _copied(Path(module), "livekit"), ("go", "build", "-o", program, "./cmd/server"))
    return program


def _go(name: str, folder: Path, *commands: tuple[object, ...]) -> None:
    _need_go(name)

    def work() -> None:
        for command in commands:
            SetUp(ROOT).call("nice", *command, cwd=folder)

    SetUp(ROOT).timed(f"{name}, built from Go modules", work)


def _need_go(name: str) -> None:
    if not shutil.which("go"):
        raise CannotDo(f"{name} is built with Go 1.26 or newer; install it, or leave {name} out with --peers")


def _copied(source: Path, name: str) -> Path:
    """Go's store of modules is read-only, and a build writes beside its sources."""
    folder = KEPT / name
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(source, folder, copy_function=shutil.copyfile)
    for each in [folder, *folder.rglob("*")]:
        each.chmod(0o755 if each.is_dir() else 0o644)
    return folder
