"""Sizes, names and first lines of files."""

import ast
import re

import pytest

from tests.house.tree import CODE, GENERATED, ROOT, features, files

LONGEST = 500
FEATURE_FILES = {
    "__init__.py", "model.py", "core.py", "service.py", "events.py", "api.py", "reactions.py", "jobs.py",
}  # fmt: skip
ALSO = {
    "lms_core/access": {
        *("policy.py", "accounts.py"),  # policy: the only file that decides permission
        *("steps.py", "links.py", "factors.py", "passkeys.py", "passwords.py", "common_passwords.txt"),
        *("mail.py", "letters.py"),  # addresses and the way back in; what waits to be sent
    },
    "lms_core/desk": {"data.py", "learners.py"},  # a person's data: shown, erased; whom one may help back in
    "lms_core/files": {"inside.py"},  # what strangers' files hold
    "lms_core/messages": {"views.py", "private.py"},  # as they are shown; a learner's talk with who leads
    "lms_core/polls": {"tables.py"},  # answers as CSV and Excel
    "lms_core/exams": {
        *("timing.py", "saves.py", "beats.py"),  # the clock of a sitting; which answers are taken; signs of life
        *(
            "settings.py",
            "finding.py",
            "exams.py",
            "entry.py",
            "papers.py",
        ),  # how one is set, told; its questions
        *("takers.py", "admission.py", "commission.py"),  # who sits it, and who watches
        *(
            "sittings.py",
            "answers.py",
            "handed.py",
            "moves.py",
            "reading.py",
            "forgetting.py",
        ),  # a learner's own; its changes
        *("choices.py", "sheets.py"),  # of what an author chooses; an exam on paper
        "blueprint.py",
    },
    "lms_core/marking": {
        *("views.py", "outcomes.py", "scales.py", "scales.json"),  # what is shown; percent to result, by dated acts
        *("scoring.py", "marks.py", "regrades.py", "appeals.py"),  # by rule, by hand; faulty questions; who disagrees
        *("results.py", "statistics.py", "tables.py", "protocol.py", "aloud.py"),  # what came out; told in a call
        *("releases.py", "review.py", "shown.py", "learning.py"),  # who is told what; and the bank
    },
    "lms_core/boards": {"yjs.py"},  # what strangers send, walked through
    "lms_core/lessons": {
        *("timetable.py", "visits.py"),  # planning, and the join log
        *("guests.py", "attendance.py", "talks.py"),  # by invitation; minutes present; what a class talks about
        "coming.py",  # what begins soon, and for whom
        *("knowing.py", "standings.py"),  # who may know of a lesson; what persons have in its open room
    },
    "lms_core/reminders": {"pushes.py"},  # browsers that are to be woken
    "lms_core/recordings": {"consents.py", "kept.py", "films.py", "moments.py"},  # who agreed; what there is of each
    "lms_core/items": {
        *("banks.py", "reviews.py", "media.py", "trying.py"),  # whose; passed by whom; pictures; a preview
        *("questions.py", "many.py", "trade.py"),  # written, read, changed; at once; files come and go
        # what follows knows no table
        *(
            "content.py",
            "rich.py",
            "plain.py",
            "checks.py",
            "faults.py",
        ),  # what a question is, and as JSON; what is wrong with it
        *(
            "answers.py",
            "scoring.py",
            "views.py",
            "keys.py",
            "drawing.py",
        ),  # what is answered, its worth; what a learner sees
        *("markup.py", "tags.py", "written.py"),  # others' HTML in and out
        *("arithmetic.py", "expressions.py", "formulas.py"),  # an own reckoner
        "exchange",  # files of other programs
        "stock.py",  # questions that come with the house
        *("reading.py", "areas.py"),  # a typed line; a place in a picture
    },
}
SENTENCE = re.compile(r"[A-Z][^\n]{5,}[.;]$", re.MULTILINE)


def test_no_file_is_longer_than_a_person_reads_at_once() -> None:
    texts = {
        file.as_posix(): len((ROOT / file).read_text("utf-8").splitlines())
        for file in files(*CODE)
        if file.as_posix() not in GENERATED and "migrations/versions" not in file.as_posix()
    }
    assert {file: lines for file, lines in texts.items() if lines > LONGEST} == {}


@pytest.mark.parametrize("feature", features(), ids=str)
def test_each_feature_folder_has_the_same_files_and_few(feature) -> None:
    names = {f.name for f in (ROOT / feature).iterdir() if f.name != "__pycache__"}
    assert names - FEATURE_FILES - ALSO.get(feature.as_posix(), set()) == set()


def test_each_package_says_in_its_first_line_what_it_is() -> None:
    silent = []
    for file in files(".py"):
        if file.name == "__init__.py" and file.parts[0] != "tests":
            words = ast.get_docstring(ast.parse((ROOT / file).read_text("utf-8"))) or ""
            if not SENTENCE.match(words):
                silent.append(file.as_posix())
    assert silent == []


def test_nothing_names_a_folder_of_the_machine_it_was_written_on() -> None:
    home = re.compile(r"(?<![\w.])/(?:" + "|".join(("root", "home", "work")) + r")/\w")
    found = [
        f"{file}: {match[0]}"
        for file in files()
        if b"\0" not in (body := (ROOT / file).read_bytes())
        for match in [home.search(body.decode("utf-8", "replace"))]
        if match
    ]
    assert found == []


def test_locks_hold_versions_and_hashes_and_no_address() -> None:
    locks = [f for f in files(".lock") if f.name != "Cargo.lock"]  # that is made of crates.lock, and in no clone
    npm = [f for f in files(".json") if f.name == "package-lock.json"]
    assert len(locks) == 4
    assert [f.as_posix() for f in locks if "://" in (ROOT / f).read_text("utf-8")] == []
    addresses = re.compile(r'"resolved": "(?!scripts/)|://')  # what stands in for a package lies beside the lock
    assert [f.as_posix() for f in npm if addresses.search((ROOT / f).read_text("utf-8"))] == []


def test_the_test_lock_holds_all_of_the_run_lock() -> None:
    run, test = (_pinned(f"requirements/{name}.lock") for name in ("run", "test"))
    assert run <= test
    assert len(run) > 20


def test_every_declared_package_is_locked() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = [*project["dependencies"], *(d for ds in project["optional-dependencies"].values() for d in ds)]
    names = {re.match(r"[\w.-]+", d)[0].lower() for d in declared}  # type: ignore[index]
    assert names - {line.partition("==")[0] for line in _pinned("requirements/test.lock")} == set()


def _pinned(lock: str) -> set[str]:
    return set(re.findall(r"^[\w.-]+==[\w.]+", (ROOT / lock).read_text("utf-8"), re.MULTILINE))
