"""Letters about one's log-in, and reminders: sent by `smtp` of the settings, in the person's language, as plain text.

What waits to be sent lies in the database (`lms_core.access.letters`), so a mail server that is gone for a while
loses none, and who asks for a letter waits for none. The leading process sends, one letter after another.
"""

import asyncio
import json
import smtplib
import ssl
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid, parseaddr
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import structlog

from lms_core.access import letters, mail
from lms_core.access.letters import Waiting
from lms_core.access.mail import Ready
from lms_core.kernel.actor import SYSTEM
from lms_core.kernel.api import Limits, Sealer
from lms_core.kernel.clock import Clock
from lms_core.kernel.db import Database, Tx
from lms_core.people import service as people

from . import stop_letters
from .config import Settings, Smtp

PAUSE = 5.0
PATIENCE = 10.0
"""Seconds for the mail server's next word."""
LETTERS_OF_ADDRESS = "20/hour"
"""Of each of the two sorts: reminders keep nobody's way back in shut."""
SEAL = "letter"
WORDS: Mapping[str, Mapping[str, Any]] = json.loads((Path(__file__).parent / "mail_words.json").read_text("utf-8"))
_LATER = (421, 450, 451, 452, 454, 530, 534, 535)
"""What a mail server says that may take the letter another time; 53x: it does not know us, which is ours to mend."""

log = structlog.get_logger(__name__)


class NotNow(Exception):
    """The mail server takes nothing at the moment."""


class Never(Exception):
    """This letter will not be taken."""


@dataclass(frozen=True, slots=True)
class Post:
    """Hands letters to a mail server. Slow: to be called in a thread."""

    smtp: Smtp

    def send(self, message: EmailMessage, to: str) -> None:
        """Raises NotNow, Never."""
        try:
            with self._connect() as connection:
                connection.send_message(message, from_addr=parseaddr(self.smtp.sender)[1], to_addrs=[to])
        except smtplib.SMTPRecipientsRefused as no:
            raise _sorted(next(iter(no.recipients.values()))[0]) from None
        except smtplib.SMTPSenderRefused as no:
            raise NotNow(str(no.smtp_code)) from None  # for the operator to mend
        except smtplib.SMTPResponseException as no:
            raise _sorted(no.smtp_code) from None
        except (OSError, smtplib.SMTPException) as no:
            raise NotNow(type(no).__name__) from None
        except (MessageError, UnicodeError, ValueError) as no:
            raise Never(type(no).__name__) from None

    def _connect(self) -> smtplib.SMTP:
        own, context = self.smtp, ssl.create_default_context()
        if own.security == "tls":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(own.host, own.port, timeout=PATIENCE, context=context)
        else:
            connection = smtplib.SMTP(own.host, own.port, timeout=PATIENCE)
        try:
            if own.security == "starttls":
                connection.starttls(context=context)
            if own.user:
                connection.login(own.user, own.password)
        except BaseException:
            connection.close()
            raise
        return connection


class Mailer:
    """`leads`: whether this process is the one that sends."""

    def __init__(
        self,
        settings: Settings,
        db: Database,
        clock: Clock,
        limits: Limits,
        sealer: Sealer,
        leads: Callable[[], bool] = lambda: True,
    ) -> None:
        self._settings, self._db, self._clock = settings, db, clock
        self._limits, self._sealer, self._leads = limits, sealer, leads
        self._news = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="mail")
        db.on_announcement(self._news.set, "letter")

    def wake(self) -> None:
        """Another process left a letter behind."""
        self._news.set()

    async def run(self) -> None:
        """Until cancelled; without `smtp` nothing is ever sent."""
        while True:
            self._news.clear()
            if self._settings.smtp is None or not self._leads() or not await self.drain():
                await self._wait()

    async def drain(self) -> int:
        """Send what is due; how many letters left the queue."""
        if self._settings.smtp is None:
            return 0
        waiting = await self._db.run(SYSTEM, letters.take)
        for sent, letter in enumerate(waiting):
            try:
                await self._send(self._settings.smtp, letter)
            except NotNow as why:
                log.warning("mail_waits", letter=letter.id, why=str(why), waiting=len(waiting) - sent)
                rest = [one.id for one in waiting[sent:]]
                await self._db.run(SYSTEM, partial(letters.later, letters=rest))
                return sent
            await self._db.run(SYSTEM, partial(letters.done, letter=letter.id))
        return len(waiting)

    async def _send(self, smtp: Smtp, letter: Waiting) -> None:
        """Raises NotNow; a letter that is not wanted, or never will be taken, counts as sent."""
        made = await self._db.run(SYSTEM, partial(_made, letter=letter))
        if made is None:
            return
        ready, language = made
        what = "reminders" if letter.kind in letters.REMINDED else "letters"
        key = (LETTERS_OF_ADDRESS, what, ready.to.casefold())
        if await self._limits.spent(*key) is not None:
            log.warning("mail_too_often", letter=letter.id, person=ready.person)
            return
        try:
            message = compose(letter, ready, language, self._sender(smtp), self._values(letter, ready, language))
        except ValueError as why:  # sealed by other keys, or an address that no letter can bear
            log.warning("mail_unfit", letter=letter.id, person=ready.person, why=type(why).__name__)
            return
        message["Date"] = format_datetime(self._clock.now())
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, Post(smtp).send, message, ready.to)
        except Never as why:
            log.warning("mail_refused", letter=letter.id, person=ready.person, why=str(why))
            return
        await self._limits.count(*key)
        log.info("mail_sent", letter=letter.id, what=letter.kind, person=ready.person)

    def _values(self, letter: Waiting, ready: Ready, language: str) -> dict[str, str]:
        """What stands in the words. Links are made of `public_url` alone: nothing a request says leads anybody."""
        site, code = self._settings.public_url.rstrip("/"), ready.code
        if letter.kind in letters.REMINDED:
            return reminder_of(letter.data, language) | {
                "site": site,
                "link": f"{site}/lessons/{letter.data['lesson_id']}",
                "stop": stop_letters.link_of(site, self._sealer, ready.person),
            }
        if letter.kind == "invite":
            code = self._sealer.open(bytes.fromhex(letter.data["sealed"]), SEAL).decode()
        return {
            "site": site,
            "login": ready.login,
            "code": code,
            "link": link_of(self._settings.public_url, ready.login, code),
            "browser": browser_of(letter.data.get("browser", "")),
            "peer": str(letter.data.get("peer", "")),
        }

    def _sender(self, smtp: Smtp) -> Address:
        name, address = parseaddr(smtp.sender)
        return Address(name or "Sabaq", addr_spec=address)

    async def _wait(self) -> None:
        waits = [asyncio.ensure_future(self._clock.sleep(PAUSE)), asyncio.ensure_future(self._news.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()


async def _made(tx: Tx, letter: Waiting) -> tuple[Ready, str] | None:
    ready = await mail.ready(tx, letter)
    return ready and (ready, await people.language_of(tx, ready.person))


def compose(letter: Waiting, ready: Ready, language: str, sender: Address, values: Mapping[str, str]) -> EmailMessage:
    """A letter in one language. `values` fill its words; what has a line break in a header is refused."""
    words = WORDS[language]
    body: Sequence[str] = [words["hello"], *words[letter.kind]["text"], words["not_you"][_ending(letter)], words["end"]]
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = Address(addr_spec=ready.to)
    message["Subject"] = words[letter.kind]["subject"].format(**values)
    message["Message-ID"] = make_msgid(domain=sender.domain)
    message["Auto-Submitted"] = "auto-generated"
    if "stop" in values:
        message["List-Unsubscribe"] = f"<{values['stop']}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content("\n\n".join(part.format(**values) for part in body) + "\n")
    message["Content-Language"] = language
    return message


def link_of(public_url: str, login: str, code: str) -> str:
    """Where a code is spent. It stands behind `#`: no server and no proxy on the way writes it down."""
    return f"{public_url.rstrip('/')}/log-in/code#{quote(login, safe='')}:{code}"


def reminder_of(data: Mapping[str, Any], language: str) -> dict[str, str]:
    """What a reminder says of a lesson, and nothing of people."""
    parts = [str(data.get(key, "")) for key in (f"subject_{language}", "title")]
    name = " · ".join(" ".join(part.split()) for part in parts if part.strip())
    return {"lesson": name or WORDS[language]["lesson"], "day": data["day"], "time": data["time"]}


def browser_of(said: str) -> str:
    """`Firefox, Windows` of what a browser says of itself; else nothing of it is repeated."""
    browsers = {"Edg": "Edge", "OPR/": "Opera", "YaBrowser": "Yandex", "Firefox": "Firefox", "Chrome": "Chrome"}
    systems = {"Windows": "Windows", "Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Mac OS": "macOS"}
    found = [_first(said, browsers | {"Safari": "Safari"}), _first(said, systems | {"Linux": "Linux"})]
    return ", ".join(name for name in found if name) or "—"


def _first(said: str, names: Mapping[str, str]) -> str:
    return next((name for mark, name in names.items() if mark in said), "")


def _ending(letter: Waiting) -> str:
    if letter.kind in letters.REMINDED:
        return "reminded"
    return "asked" if letter.kind in ("confirm", "recover", "invite") else "told"


def _sorted(code: int) -> NotNow | Never:
    return NotNow(str(code)) if code in _LATER or 400 <= code < 500 else Never(str(code))
