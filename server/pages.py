"""Serves the built client: the page with its policy, and its files, compressed ahead."""

import secrets
from pathlib import Path

from aiohttp import web

CLIENT = Path(__file__).parent.parent / "web_client" / "dist"
_NONCE_MARK = "__CSP_NONCE__"
_OF_SERVER = ("/api", "/socket.io", "/whip", "/whep", "/files")
_NO_CLIENT = """<!doctype html><meta charset="utf-8"><title>Sabaq</title>
<h1>Sabaq</h1><p>The pages are not built on this machine (no Node). The API runs: see /api/openapi.json.</p>"""


def policy(nonce: str) -> str:
    """The Content-Security-Policy of the page: nothing from anywhere else, no inline script."""
    return "; ".join(
        (
            "default-src 'self'",
            # WebAssembly: background blur runs in the browser. It lets no text become code.
            "script-src 'self' 'wasm-unsafe-eval'",
            f"style-src 'self' 'nonce-{nonce}'",
            "img-src 'self' data: blob:",
            "media-src 'self' blob:",
            "connect-src 'self'",
            "font-src 'self'",
            "worker-src 'self'",
            "manifest-src 'self'",
            "object-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'self'",
            "form-action 'self'",
        )
    )


def add_to(app: web.Application, folder: Path = CLIENT) -> None:
    """Serve the client's files, and its page for every path that is not the server's own."""
    index = folder / "index.html"
    page = index.read_text("utf-8") if index.exists() else _NO_CLIENT

    async def show(request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        if ("/" + path).startswith(_OF_SERVER):
            raise web.HTTPNotFound
        if path and (file := _file(folder, path)):
            return _file_response(file, path)
        if path.startswith("assets/"):
            raise web.HTTPNotFound
        nonce = secrets.token_urlsafe(16)
        headers = {
            "Content-Security-Policy": policy(nonce),
            "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self), geolocation=()",
            "Cache-Control": "no-cache",
        }
        text = page.replace(_NONCE_MARK, nonce)
        shown = web.Response(text=text, content_type="text/html", charset="utf-8", headers=headers)
        shown.enable_compression()
        return shown

    app.router.add_get("/{path:.*}", show)


def _file(folder: Path, path: str) -> Path | None:
    try:
        file = (folder / path).resolve()
        inside = file.is_relative_to(folder.resolve())
        return file if inside and file.is_file() and file.name != "index.html" else None
    except (ValueError, OSError):  # a null byte, a name too long
        return None


def _file_response(file: Path, path: str) -> web.FileResponse:
    keep = "public, max-age=31536000, immutable" if path.startswith("assets/") else "no-cache"
    headers = {"Cache-Control": keep, "Content-Security-Policy": policy("none")}
    if file.suffix == ".webmanifest":
        headers["Content-Type"] = "application/manifest+json"
    return web.FileResponse(file, headers=headers)
