"""Pages that must be read before the client can be: whole in one answer, without script or anything from elsewhere.

They look like the client (its tokens, written out) and exist in its three languages.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha256
from html import escape
from typing import Literal

from aiohttp import web

Language = Literal["kk", "ru", "en"]
LANGUAGES: tuple[Language, ...] = ("kk", "ru", "en")
_NAMES: Mapping[Language, str] = {"kk": "Қазақша", "ru": "Русский", "en": "English"}
_SWITCH: Mapping[Language, str] = {"kk": "Тіл", "ru": "Язык", "en": "Language"}

_STYLE = """
:root{color-scheme:light dark;--bg:#f4f4f1;--surface:#fff;--sunken:#ebebe7;--text:#16242b;--muted:#4d5b62;
--line:#dcddd8;--line-strong:#788286;--action:#046573;--action-hover:#034d58;--on-action:#fff;--link:#046573;--focus:#046573;
--saffron-fg:#5d3c03;--saffron-bg:#fde7ca;--saffron-line:#996502}
@media (prefers-color-scheme:dark){:root{--bg:#0e1518;--surface:#151e22;--sunken:#0a1012;--text:#e6ebea;--muted:#a9b5b8;
--line:#2a363b;--line-strong:#738187;--action:#90cedb;--action-hover:#b9e1ea;--on-action:#06262c;--link:#90cedb;
--focus:#90cedb;--saffron-fg:#fbd19a;--saffron-bg:#35280f;--saffron-line:#be7f03}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--text);
font:420 1rem/1.6 "Onest Variable","Noto Sans",system-ui,sans-serif}
header,main{max-width:44rem;margin:0 auto;padding:1rem}
header{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;justify-content:space-between}
nav{display:flex;flex-wrap:wrap}
nav a,nav b{display:inline-flex;align-items:center;min-height:44px;padding:0 .5rem}
h1{font-size:1.5625rem;line-height:1.25;margin:.5rem 0 1rem}
h2{font-size:1.25rem;line-height:1.25;margin:2rem 0 .5rem}
a{color:var(--link)}
:focus-visible{outline:2px solid var(--focus);outline-offset:2px;border-radius:4px}
.go{display:inline-flex;align-items:center;min-height:48px;padding:.5rem 1.25rem;border-radius:10px;
background:var(--action);color:var(--on-action);font-weight:560;text-decoration:none;margin:.25rem .5rem .25rem 0}
.go:hover{background:var(--action-hover)}
.go.quiet{background:none;color:var(--link);border:1px solid var(--line-strong)}
code{font-family:ui-monospace,"Noto Sans Mono","DejaVu Sans Mono",monospace;font-size:.9375rem;overflow-wrap:anywhere}
.print{display:block;background:var(--sunken);border:1px solid var(--line);border-radius:10px;padding:.75rem 1rem}
.care{background:var(--saffron-bg);color:var(--saffron-fg);border-left:4px solid var(--saffron-line);
border-radius:6px;padding:.75rem 1rem}
details{background:var(--surface);border:1px solid var(--line);border-radius:10px;margin:.5rem 0}
summary{min-height:48px;padding:.75rem 1rem;font-weight:560;cursor:pointer}
details ol{margin:0;padding:0 1rem 1rem 2.25rem}
li{margin:.25rem 0}
.muted{color:var(--muted)}
"""
_POLICY = (
    "default-src 'none'; style-src 'sha256-"
    + b64encode(sha256(_STYLE.encode()).digest()).decode()
    + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def language_of(request: web.Request) -> Language:
    """The one asked for (`?lang=`), else the first of the browser's that we speak, else Kazakh."""
    asked = request.query.get("lang")
    wanted = [asked] if asked else re.findall(r"[a-zA-Z]{2}", request.headers.get("Accept-Language", "")[:200])
    spoken: list[Language] = [language for word in wanted for language in LANGUAGES if language == word.lower()]
    return spoken[0] if spoken else "kk"


def page(
    request: web.Request, language: Language, title: str, parts: Iterable[str], status: int = 200, *, asks: bool = False
) -> web.Response:
    """`parts` is HTML; what comes from elsewhere must be escaped in it. `asks`: there is a form in it."""
    body = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · Sabaq</title><style>{_STYLE}</style></head><body>"
        f"<header><strong>Sabaq</strong>{_switch(request.path, language)}</header>"
        f"<main><h1>{escape(title)}</h1>{''.join(parts)}</main></body></html>"
    )
    policy = _POLICY.replace("form-action 'none'", "form-action 'self'") if asks else _POLICY
    return web.Response(
        status=status,
        text=body,
        content_type="text/html",
        headers={"Content-Security-Policy": policy, "Content-Language": language, "Vary": "Accept-Language"},
    )


def steps(heading: str, items: Iterable[str]) -> str:
    """A folded list of numbered steps."""
    listed = "".join(f"<li>{escape(item)}</li>" for item in items)
    return f"<details><summary>{escape(heading)}</summary><ol>{listed}</ol></details>"


def paragraph(text: str, kind: str = "") -> str:
    return f"<p{f' class={kind!r}' if kind else ''}>{escape(text)}</p>"


def _switch(path: str, now: Language) -> str:
    links = "".join(
        f'<b lang="{language}" aria-current="true">{name}</b>'
        if language == now
        else f'<a lang="{language}" hreflang="{language}" href="{escape(path)}?lang={language}">{name}</a>'
        for language, name in _NAMES.items()
    )
    return f'<nav aria-label="{_SWITCH[now]}">{links}</nav>'
