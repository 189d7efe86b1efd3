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


def _part(folder: Path, *words: str, again: bool = False) -> run.Part:
    """The tests of a folder that has nothing of ours."""
    plain = ["-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-p", "tests.house.strict", *words]
    command = [sys.executable, "-m", "pytest", *plain, "--counts", str(folder / "counts.json"), f"--rootdir={folder}"]
    part = run.Part(command, [str(folder)], counts=folder / "counts.json", again=again)
    part.folder, part.env["PYTHONPATH"] = folder, str(run.ROOT)
    return part


def _run(folder: Path, *, shaky: int, needed: int, again: bool = True) -> run.Result:
    (folder / "test_it.py").write_text(TESTS.format(all=6, shaky=shaky, needed=needed))
    part = _part(folder, again=again)
    part.tests = [str(folder / "test_it.py")]
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


def test_where_nothing_fits_the_words_that_is_no_failure_of_the_part(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("def test_it(): pass\n")
    part = _part(tmp_path, "-k", "other")
    assert run._try(part, part.tests) == (0, 0, [])


def test_a_kind_of_which_not_one_test_ran_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(run.KINDS, "none", run.Kind("nothing", lambda _, __: iter(())))
    assert run._run("none", []).failed == 1


def test_of_workers_beside_each_other_each_test_is_counted_once(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("def test_it(): pass\n")
    (tmp_path / "test_that.py").write_text("import pytest\ndef test_a(): pytest.skip('x')\ndef test_b(): pass\n")
    (tmp_path / "test_broken.py").write_text("import nowhere_at_all\n")
    part = _part(tmp_path, "-n", "2", "--continue-on-collection-errors")
    passed, failed, names = run._try(part, part.tests)
    assert (passed, failed) == (2, 2)
    assert sorted(names) == ["test_broken.py", "test_that.py::test_a"]
