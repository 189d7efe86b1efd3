"""`/reminders/stop/<token>`: no more reminders by letter, for who is not logged in (RFC 8058 for mail programs).

The token names the person, sealed by this installation, and does nothing else: whoever has the letter may end such
letters, as one might throw them away. Opening the page changes nothing, for mail servers look at links ahead.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from html import escape
from typing import Any, cast

import structlog
from aiohttp import web

from lms_core.kernel.actor import SYSTEM
from lms_core.kernel.api import Sealer
from lms_core.kernel.errors import NotFound
from lms_core.kernel.ids import PersonId, id_to_int
from lms_core.reminders import service

from .http import Doors
from .plain_page import language_of, page, paragraph

PURPOSE = "stop-letters"
RULE = "60/5minute"
"""Of one address."""
LONGEST = 200

log = structlog.get_logger(__name__)


def link_of(site: str, sealer: Sealer, person: PersonId) -> str:
    token = urlsafe_b64encode(sealer.seal(person.encode(), PURPOSE)).decode().rstrip("=")
    return f"{site}/reminders/stop/{token}"


def person_of(sealer: Sealer, token: str) -> PersonId | None:
    """None for what we did not seal."""
    try:
        person = sealer.open(urlsafe_b64decode(token[:LONGEST] + "=" * (-len(token) % 4)), PURPOSE).decode()
        id_to_int("person", person)
        return PersonId(person)
    except (ValueError, NotFound):
        return None


def add_to(app: web.Application, doors: Doors) -> None:
    async def ask(request: web.Request) -> web.Response:
        person = await _person(request, doors)
        return _shown(request, "ask" if person else "gone")

    async def stop(request: web.Request) -> web.Response:
        person = await _person(request, doors)
        if person is None:
            return _shown(request, "gone")
        await doors.db.run(SYSTEM, lambda tx: service.end_letters(tx, person))
        log.info("done", op="stop_letters", who=person)
        return _shown(request, "done")

    app.router.add_get("/reminders/stop/{token}", ask)
    app.router.add_post("/reminders/stop/{token}", stop)


async def _person(request: web.Request, doors: Doors) -> PersonId | None:
    """Raises 429."""
    peer = doors.proxies.peer(request).address
    if wait := await doors.limits.spent(RULE, "stop_letters", peer):
        raise web.HTTPTooManyRequests(headers={"Retry-After": str(round(wait))})
    await doors.limits.count(RULE, "stop_letters", peer)
    assert doors.sealer
    return person_of(doors.sealer, request.match_info["token"])


def _shown(request: web.Request, what: str) -> web.Response:
    from .mail import WORDS

    language = language_of(request)
    words = cast(dict[str, Any], WORDS[language]["stop"])
    parts = [paragraph(words[what])]
    if what == "ask":
        parts.append(f'<form method="post"><button class="go">{escape(words["button"])}</button></form>')
    else:
        parts.append(f'<p><a class="go quiet" href="/settings">{escape(words["settings"])}</a></p>')
    shown = page(request, language, words["title"], parts, 404 if what == "gone" else 200, asks=what == "ask")
    shown.headers["Cache-Control"] = "no-store"
    shown.headers["Referrer-Policy"] = "no-referrer"
    return shown
