"""A real mail server (aiosmtpd) that keeps what it is given, or refuses as it is told."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword
from aiosmtpd.smtp import Session as SmtpSession


@dataclass
class Mailbox:
    """`says`: answers to a recipient in place of taking it."""

    letters: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    says: list[str] = field(default_factory=list)
    by_tls: list[bool] = field(default_factory=list)
    port: int = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def to(self, address: str) -> list[EmailMessage]:
        return [letter for letter in self.letters if letter["To"] == address]

    async def handle_RCPT(
        self, server: Any, session: SmtpSession, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.says:
            return self.says.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: SmtpSession, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.letters.append(message_from_bytes(envelope.content, policy=default))  # type: ignore[arg-type]
        self.envelopes.append(envelope)
        self.by_tls.append(session.ssl is not None)
        self.arrived.set()
        return "250 OK"


def text_of(letter: EmailMessage) -> str:
    return letter.get_content().replace("\r\n", "\n")


@asynccontextmanager
async def a_mailbox(
    port: int = 0, *, tls: ssl.SSLContext | None = None, user: str = "", password: str = ""
) -> AsyncIterator[Mailbox]:
    """With `tls`, letters are taken after STARTTLS only; with `user`, after a log-in only."""
    box = Mailbox()

    def knows(server: Any, session: Any, envelope: Any, mechanism: str, said: Any) -> AuthResult:
        fits = isinstance(said, LoginPassword) and (said.login, said.password) == (user.encode(), password.encode())
        return AuthResult(success=fits, handled=False)

    options: dict[str, Any] = {"tls_context": tls, "require_starttls": tls is not None}
    if user:
        options |= {"authenticator": knows, "auth_required": True, "auth_require_tls": tls is not None}
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(box, **options), "127.0.0.1", port)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
        await server.wait_closed()
