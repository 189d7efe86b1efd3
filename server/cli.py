"""The verbs: `python3 -m server [run] …`, `demo`, `migrate`, `openapi`."""

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from lms_core.kernel.clock import SystemClock

from . import verbs as operating
from .config import Settings, SettingsError, load

FLAGS = ("data", "host", "port", "udp_port", "planes", "tls_cert", "tls_key")


def main(argv: list[str] | None = None) -> None:
    words = _parser().parse_args(_with_verb(sys.argv[1:] if argv is None else argv))
    flags = {name: getattr(words, name, None) for name in FLAGS}
    try:
        settings = load(Path("sabaq.toml"), os.environ, flags)
    except (SettingsError, OSError) as no:
        sys.exit(f"sabaq: {no}")
    words.verb(settings, words)


def _with_verb(argv: list[str]) -> list[str]:
    return argv if (argv and not argv[0].startswith("-")) or argv[:1] in (["-h"], ["--help"]) else ["run", *argv]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m server", description="Sabaq: live lessons and exams.")
    verbs = parser.add_subparsers(required=True, metavar="verb")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--data", type=Path, metavar="DIR", help="database, keys and files (default: data)")
    run = verbs.add_parser("run", parents=[common], help="start the server (what happens without a verb)")
    run.add_argument("--host", help="address to listen on (default: 127.0.0.1)")
    run.add_argument("--port", type=int, help="HTTP port (default: 8080)")
    run.add_argument("--udp-port", type=int, dest="udp_port", help="first media port (default: 40000)")
    run.add_argument("--planes", type=int, help="media processes (default: one a core)")
    run.add_argument("--tls-cert", type=Path, dest="tls_cert", metavar="FILE", help="certificate chain (PEM)")
    run.add_argument("--tls-key", type=Path, dest="tls_key", metavar="FILE", help="its private key (PEM)")
    run.set_defaults(verb=_run)
    worker = verbs.add_parser("worker", parents=[common], help="do background jobs, in place of the servers")
    worker.set_defaults(verb=_worker)
    demo = verbs.add_parser("demo", parents=[common], help="fill a demo school and end")
    demo.set_defaults(verb=_demo)
    migrate = verbs.add_parser("migrate", parents=[common], help="bring the database to the newest schema")
    migrate.add_argument("--write", metavar="MESSAGE", help="write a new migration (for developers)")
    migrate.set_defaults(verb=_migrate)
    operating.add_to(verbs, common)
    verbs.add_parser("openapi", help="print the API's description").set_defaults(verb=_openapi)
    return parser


def _run(settings: Settings, _: Any) -> None:
    from . import run

    run.serve(settings)


def _worker(settings: Settings, _: Any) -> None:
    from . import worker

    worker.work(settings)


def _demo(settings: Settings, _: Any) -> None:
    from . import demo, disk, migrate, s3
    from .app import open_database

    db = open_database(settings)
    migrate.upgrade(db.engine)

    async def fill() -> None:
        await demo.fill_database(db, s3.open_blobs(settings, disk.EndlessSpace()))
        await db.close()

    asyncio.run(fill())
    print(f"The demo school is in {settings.data}. Start: python3 -m server --data {settings.data}")


def _migrate(settings: Settings, words: Any) -> None:
    from . import migrate
    from .app import open_database

    engine = open_database(settings).engine
    if words.write:
        migrate.write(engine, words.write)
        return
    try:
        print("migrated" if migrate.prepare(engine, settings.data, SystemClock().now()) else "nothing to do")
    except migrate.CannotStart as no:
        sys.exit(f"sabaq: {no}")


def _openapi(_: Settings, __: Any) -> None:
    from .app import describe

    print(json.dumps(describe(), ensure_ascii=False, indent=1, sort_keys=True))
