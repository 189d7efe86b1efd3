"""The operator's verbs: `backup`, `restore`, `doctor` and `let-in`, with words for a person or JSON for a program."""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lms_core.kernel.clock import SystemClock

from .config import Settings, SettingsError


def add_to(verbs: Any, common: argparse.ArgumentParser) -> None:
    """Put them among the others."""
    as_json = argparse.ArgumentParser(add_help=False)
    as_json.add_argument("--json", action="store_true", help="print JSON and nothing else on standard output")
    backup = verbs.add_parser(
        "backup", parents=[common, as_json], help="write database, files and keys into one file, also while running"
    )
    backup.add_argument("file", type=Path, metavar="FILE", help="written under exactly this name; replaced whole")
    backup.set_defaults(verb=_backup)
    restore = verbs.add_parser("restore", parents=[common, as_json], help="put a backup into an empty installation")
    restore.add_argument("file", type=Path, metavar="FILE")
    restore.add_argument("--replace", action="store_true", help="put it in the place of what is there")
    restore.add_argument(
        "--keep-log-ins", action="store_true", dest="keep", help="who was logged in then is now (for a move)"
    )
    restore.set_defaults(verb=_restore)
    doctor = verbs.add_parser("doctor", parents=[common, as_json], help="look at everything a server stands on")
    doctor.set_defaults(verb=_doctor)
    let_in = verbs.add_parser(
        "let-in", parents=[common, as_json], help="a new password for who lost password and second factors"
    )
    let_in.add_argument("login", help="whose second factors are removed, and whom the code on the screen lets in")
    let_in.set_defaults(verb=_let_in)
    questions = verbs.add_parser(
        "import-questions", parents=[common, as_json], help="take a file of questions into a bank"
    )
    questions.add_argument("file", type=Path, metavar="FILE", help="GIFT, Aiken, Moodle XML, QTI (also packed), Excel")
    questions.add_argument("--format", default="auto", help="auto, gift, aiken, moodle, qti, xlsx (default: auto)")
    questions.add_argument("--bank", metavar="ID", help="default: the first organisation's shared bank")
    questions.set_defaults(verb=_import_questions)


def _backup(settings: Settings, words: argparse.Namespace) -> None:
    from . import backup, disk, s3
    from .app import open_database
    from .backup_file import BackupUnfit

    if not settings.database_url and not (settings.data / "sabaq.sqlite").exists():
        sys.exit(f"sabaq: there is no school in {settings.data}")
    engine, clock = open_database(settings).engine, SystemClock()
    blobs = s3.open_blobs(settings, disk.EndlessSpace())
    began = clock.monotonic()

    def work() -> backup.Done:
        return asyncio.run(backup.write(engine, blobs, settings.data / "keys", words.file, clock.now()))

    done = _said(work, f"no backup was made of {settings.data}", (BackupUnfit,))
    seconds = round(clock.monotonic() - began, 3)
    if done.missing_blobs:
        backup.say(f"WARNING: {len(done.missing_blobs)} files are missing: {', '.join(done.missing_blobs[:5])} …")
    _show(words, asdict(done) | {"seconds": seconds}, f"{done.file}: {done.rows} rows, {done.blobs} files, {seconds} s")


def _restore(settings: Settings, words: argparse.Namespace) -> None:
    from . import disk, migrate, restore, run, s3
    from .app import open_database
    from .backup_file import BackupUnfit

    clock = SystemClock()
    began = clock.monotonic()

    def work() -> restore.Done:
        with words.file.open("rb") as file, run.lock(settings):
            target = restore.Target(
                open_database(settings).engine, s3.open_blobs(settings, disk.EndlessSpace()), settings.data, clock
            )
            wanted = {"replace": words.replace, "keep_log_ins": words.keep}
            return asyncio.run(restore.restore(file, target, **wanted))

    done = _said(work, f"{words.file} was not restored", (BackupUnfit, migrate.CannotStart))
    seconds = round(clock.monotonic() - began, 3)
    _show(words, asdict(done) | {"seconds": seconds}, f"{done.rows} rows and {done.blobs} files in {seconds} s")


def _doctor(settings: Settings, words: argparse.Namespace) -> None:
    from . import doctor

    sys.exit(doctor.run(settings, as_json=words.json))


def _let_in(settings: Settings, words: argparse.Namespace) -> None:
    from lms_core.access import passwords
    from lms_core.kernel.actor import SYSTEM
    from lms_core.kernel.errors import NotFound

    from .app import open_database
    from .mail import link_of

    if not settings.database_url and not (settings.data / "sabaq.sqlite").exists():
        sys.exit(f"sabaq: there is no school in {settings.data}")
    db = open_database(settings)

    async def work() -> passwords.PaperCode:
        try:
            return await db.run(SYSTEM, lambda tx: passwords.let_in(tx, words.login))
        finally:
            await db.close()

    made = _said(lambda: asyncio.run(work()), f"{words.login} was not let in", (NotFound,))
    link = link_of(settings.public_url, made.login, made.code)
    lines = f"Login {made.login}, code {made.code}, good once until {made.expires:%Y-%m-%d %H:%M} UTC.\n{link}"
    plain = {"login": made.login, "code": made.code, "expires": made.expires.isoformat(), "link": link}
    _show(words, plain, lines)


def _import_questions(settings: Settings, words: argparse.Namespace) -> None:
    from lms_core.items.banks import BankArchived
    from lms_core.kernel.errors import NotFound

    from . import importing, migrate

    def work() -> importing.ImportReport:
        return asyncio.run(importing.bring_in(settings, words.file, words.format, words.bank))

    report = _said(work, f"{words.file} was not taken", (NotFound, BankArchived, migrate.CannotStart))
    _show(words, importing.said(report), importing.tell(report))


def _said(work: Callable[[], Any], what: str, unfit: tuple[type[Exception], ...]) -> Any:
    """What `work` gives; an error that a person can act on is one line."""
    try:
        return work()
    except (SettingsError, *unfit) as no:
        sys.exit(f"sabaq: {what}: {no}")
    except OSError as no:
        sys.exit(f"sabaq: {what}: {no.strerror or no}{f' ({no.filename})' if no.filename else ''}")


def _show(words: argparse.Namespace, plain: dict[str, Any], line: str) -> None:
    print(json.dumps(plain, ensure_ascii=False) if words.json else line, flush=True)
