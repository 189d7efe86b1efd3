"""The page that tells how to trust this installation's own authority, and the plain port that leads to TLS.

Whoever reads it over http may be shown another page by whoever stands between: so it asks to compare the
fingerprint with the one that the administrator has.
"""

import json
import re
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

from aiohttp import web

from lms_core.kernel.plain import from_plain

from .authority import Authority
from .plain_page import Language, language_of, page, paragraph, steps
from .proxies import hostname

FILE = "sabaq-authority"
_FILES = f"/trust/{FILE}.{{kind:crt|cer}}"
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{1,128}")
_WORDS = Path(__file__).parent / "trust_words.json"


@dataclass(frozen=True, slots=True)
class Device:
    """`{name}` in a step is the file's name."""

    name: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """What the page says: plain words for a person with a phone in the hand."""

    title: str
    why: str
    what: str
    download: str
    windows_file: str
    compare_title: str
    compare: str
    how_title: str
    devices: tuple[Device, ...]
    done_title: str
    done: str
    open: str
    care: str
    none_title: str
    none: str


def add_to(app: web.Application, authority: Authority | None) -> None:
    """Serve `/trust` and the certificate in both forms."""

    async def show(request: web.Request) -> web.Response:
        return _page(request, authority, f"{request.scheme}://{request.host}")

    app.router.add_get("/trust", show)
    _add_files(app, authority)


def plain_app(authority: Authority | None, port: int, acme: Path, public_url: str = "") -> web.Application:
    """What the port without TLS serves: the trust page, ACME's answers from `acme`, and the way to `port`."""
    app = web.Application(client_max_size=1024)

    async def lead(request: web.Request) -> web.Response:
        raise web.HTTPPermanentRedirect(https_address(request, port, public_url) + request.rel_url.raw_path_qs)

    async def challenge(request: web.Request) -> web.Response:
        token = request.match_info["token"]
        file = acme / ".well-known" / "acme-challenge" / token
        if not _CHALLENGE.fullmatch(token) or not file.is_file() or file.is_symlink():
            raise web.HTTPNotFound
        return web.Response(body=file.read_bytes()[:4096], content_type="application/octet-stream")

    async def show(request: web.Request) -> web.Response:
        return _page(request, authority, https_address(request, port, public_url))

    app.router.add_get("/.well-known/acme-challenge/{token}", challenge)
    if authority:
        app.router.add_get("/trust", show)
        _add_files(app, authority)
    app.router.add_route("*", "/{path:.*}", lead)
    return app


def https_address(request: web.Request, port: int, public_url: str) -> str:
    """Where the same server is reached by TLS."""
    if public_url.startswith("https://"):
        return public_url.rstrip("/")
    name = hostname(request.host) or "localhost"
    shown = f"[{name}]" if ":" in name else name
    return f"https://{shown}" + ("" if port == 443 else f":{port}")


def _add_files(app: web.Application, authority: Authority | None) -> None:
    async def file(request: web.Request) -> web.Response:
        if authority is None:
            raise web.HTTPNotFound
        kind = request.match_info["kind"]
        headers = {
            "Content-Type": "application/x-x509-ca-cert",
            "Content-Disposition": f'attachment; filename="{FILE}.{kind}"',
        }
        return web.Response(body=authority.pem if kind == "crt" else authority.der, headers=headers)

    app.router.add_get(_FILES, file)


def _page(request: web.Request, authority: Authority | None, https: str) -> web.Response:
    language = language_of(request)
    words = _words()[language]
    if authority is None:
        return page(request, language, words.none_title, [paragraph(words.none)])
    address = escape(https, quote=True)
    files = (
        f'<p><a class="go" href="/trust/{FILE}.crt" download>{escape(words.download)}</a>'
        f'<a class="go quiet" href="/trust/{FILE}.cer" download>{escape(words.windows_file)}</a></p>'
    )
    parts = [
        paragraph(words.why),
        paragraph(words.what, "muted"),
        files,
        f"<h2>{escape(words.compare_title)}</h2>",
        paragraph(words.compare),
        f'<code class="print">SHA-256 {authority.fingerprint}</code>',
        f"<h2>{escape(words.how_title)}</h2>",
        *(steps(device.name, [s.format(name=f"{FILE}.crt") for s in device.steps]) for device in words.devices),
        f"<h2>{escape(words.done_title)}</h2>",
        paragraph(words.done),
        f'<p><a class="go" href="{address}/">{escape(words.open)} {address}</a></p>',
        paragraph(words.care, "care"),
    ]
    return page(request, language, words.title, parts)


@cache
def _words() -> dict[Language, Words]:
    return from_plain(dict[Language, Words], json.loads(_WORDS.read_text("utf-8")))
