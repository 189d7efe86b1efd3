"""The runner's second try: for a few tests with real browsers, told, and once."""

import sys
from pathlib import Path

import pytest

from tests import run

TESTS = """
from pathlib import Path
import pytest

@pytest.mark.parametrize("n", range({all}))
def test_it(n):
    tried = Path(__file__).with_name(f"tried{{n}}")
    times = len(tried.read_text()) if tried.exists() else 0
    tried.write_text("x" * (times + 1))
    assert times >= {needed} or n >= {shaky}
"""


def _run(folder: Path, *, shaky: int, needed: int, again: bool = True) -> run.Result:
    (folder / "test_it.py").write_text(TESTS.format(all=6, shaky=shaky, needed=needed))
    plain = ["-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-p", "tests.house.strict"]
    command = [sys.executable, "-m", "pytest", *plain, "--counts", str(folder / "counts.json"), f"--rootdir={folder}"]
    part = run.Part(command, [str(folder / "test_it.py")], counts=folder / "counts.json", again=again)
    part.folder, part.env["PYTHONPATH"] = folder, str(run.ROOT)
    result = run.Result("kind")
    run._count(part, result)
    return result


def test_what_fails_once_is_tried_again_and_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    result = _run(tmp_path, shaky=2, needed=1)
    assert (result.passed, result.failed) == (6, 0)
    assert result.second == ["test_it.py::test_it[0]", "test_it.py::test_it[1]"]
    assert run._report([result]) == 0
    assert "! passed at the second try only: test_it.py::test_it[0]" in capfd.readouterr().out


def test_what_fails_twice_fails(tmp_path: Path) -> None:
    result = _run(tmp_path, shaky=2, needed=2)
    assert (result.passed, result.failed, result.second) == (4, 2, [])


def test_many_failures_and_other_kinds_have_one_try(tmp_path: Path) -> None:
    result = _run(tmp_path, shaky=4, needed=1)
    assert (result.passed, result.failed, result.second) == (2, 4, [])
    (tmp_path / "other").mkdir()
    result = _run(tmp_path / "other", shaky=2, needed=1, again=False)
    assert (result.passed, result.failed, result.second) == (4, 2, [])
