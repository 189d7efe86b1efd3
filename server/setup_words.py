"""The set-up's pure half: hashes of inputs, and what other programs' words mean. Standard library only."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

NOT_SOURCE = {"node_modules", "dist", "coverage"}
TOO_FAR = re.compile(
    r"dns error|failed to lookup|name resolution|Name or service not known|Network is unreachable"
    r"|NewConnectionError|Connection refused|Could not resolve|error sending request"
    r"|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT",
    re.IGNORECASE,
)


def digest(*files: Path) -> str:
    """A hash of paths and contents; a missing file counts as empty."""
    total = hashlib.sha256()
    for file in files:
        body = file.read_bytes() if file.exists() else b""
        total.update(f"{file}\0{len(body)}\0".encode())
        total.update(body)
    return total.hexdigest()


def files_below(folder: Path) -> Iterator[Path]:
    """Every source file in a folder, in a fixed order, without what is installed or built there."""
    for entry in sorted(os.scandir(folder), key=lambda e: e.name):
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in NOT_SOURCE:
                yield from files_below(Path(entry.path))
        elif entry.is_file():
            yield Path(entry.path)


def node_version(words: str) -> tuple[int, ...]:
    """`v22.12.0` → (22, 12)."""
    return tuple(int(n) for n in re.findall(r"\d+", words)[:2])


def source_line(lock: str) -> str:
    """Where a Cargo.lock's crates are from, as it says; empty when it names none."""
    found = re.search(r'^source = ".+"$', lock, re.MULTILINE)
    return found[0] if found else ""


def without_source(lock: str) -> str:
    """A Cargo.lock → our list of crates, which names no registry."""
    return re.sub(r'^source = ".+"\n', "", lock, flags=re.MULTILINE)


def with_source(crates: str, source: str) -> str:
    """Our list of crates → a Cargo.lock. What has a checksum is a registry's."""
    return re.sub(r"^(?=checksum = )", lambda _: f"{source}\n", crates, flags=re.MULTILINE)


def parse_pip_settings(words: str) -> dict[str, str]:
    """What `pip config list` prints → names without their section; the environment wins over files."""
    found: dict[str, str] = {}
    for section in ("global", "install", ":env:"):
        for name, value in re.findall(rf"^{section}\.([\w-]+)=(.*)$", words, re.MULTILINE):
            with contextlib.suppress(SyntaxError, ValueError):
                found[name] = str(ast.literal_eval(value))
    return found


def index_options(pip: Mapping[str, str], environ: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """pip's settings → uv's options and environment, save where uv was told something itself."""
    options: list[str] = []
    if not {"UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "UV_CONFIG_FILE"} & environ.keys():
        if index := pip.get("index-url"):
            options += ["--index-url", index]
        for extra in pip.get("extra-index-url", "").split():
            options += ["--extra-index-url", extra, "--index-strategy", "unsafe-best-match"]
        for links in pip.get("find-links", "").split():
            if "://" in links or Path(links).exists():
                options += ["--find-links", links]
        if pip.get("no-index", "").lower() in ("1", "true", "yes", "on"):
            options += ["--no-index"]
    for host in pip.get("trusted-host", "").split():
        options += ["--allow-insecure-host", host]
    env = {"UV_PYTHON_DOWNLOADS": "never"}
    names = {"SSL_CERT_FILE": "cert", "HTTPS_PROXY": "proxy", "UV_HTTP_TIMEOUT": "default-timeout"}
    for name, setting in names.items():
        if (value := pip.get(setting)) and name not in environ:
            env[name] = value
    return options, env


def reason(words: str) -> str:
    """The first telling line of a program's output, bounded; "no network" when that is what it says."""
    if TOO_FAR.search(words):
        return "no network, or the packages' server cannot be reached"
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"error|^E:|cannot|failed|not found", line, re.IGNORECASE)]
    return (telling + lines[-1:] + [""])[0][:200]
