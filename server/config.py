"""Settings: read once from `sabaq.toml` and `SABAQ_…` variables, then passed down.

A variable wins over the file, a command line flag over both; an unknown key is an error. `NAME_FILE` in place
of a variable `NAME` reads the value from a file: so a secret need not stand in the environment. A variable of
a key with parts (`turn`, `smtp`, `oidc`) is JSON.
"""

import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from email.utils import parseaddr
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any, get_type_hints
from urllib.parse import urlsplit

from lms_core.kernel.plain import from_plain
from media.spread import MOST_ON_PLANE

VARIABLES_OF_OTHERS = {"SABAQ_DEMO_PASSWORD", "SABAQ_ENVIRONMENT", "SABAQ_TEST_DATABASE"}
_TURN = re.compile(r"turns?:(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?(?:\?transport=(?:udp|tcp))?")
_PUSH_SERVICE = re.compile(r"(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+|https?://[a-z0-9.-]+(?::\d{1,5})?")
_PATHS = ("data", "tls_cert", "tls_key")


class SettingsError(ValueError):
    """A setting that cannot be used; the message names it."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A TURN server browsers may relay through. `secret` is shared with it (`static-auth-secret` of coturn)."""

    urls: tuple[str, ...]
    secret: str


@dataclass(frozen=True, slots=True)
class Smtp:
    """Where mail is handed over. `security`: `starttls`, `tls` or `none`."""

    host: str
    sender: str
    port: int = 587
    user: str = ""
    password: str = ""
    security: str = "starttls"


@dataclass(frozen=True, slots=True)
class Oidc:
    """A provider that people may log in by. `name` is what the button says; `id` stands in addresses."""

    id: str
    name: str
    issuer: str
    client_id: str
    client_secret: str = ""
    claim: str = "preferred_username"
    """The claim that is compared with log-in names, if it may be."""
    trust_claim: bool = False
    """Link an account by that claim at the first log-in: only where nobody may choose it there himself."""
    organisation: str = ""
    """The id of the organisation whose accounts may be linked so; empty: all."""


@dataclass(frozen=True, slots=True)
class Settings:
    data: Path = Path("data")
    """The folder that holds the database, keys and files."""
    host: str = "127.0.0.1"
    port: int = 8080
    http_port: int = 0
    """With TLS: a second port, without it, that leads to the first and explains the local authority; 0: none."""
    udp_port: int = 40000
    """Plane k receives on udp_port + k, UDP and TCP."""
    planes: int = 0
    """How many processes move packets; 0: one a core."""
    most_on_plane: int = MOST_ON_PLANE
    """Connections of one room that a plane takes before others get its next viewers."""
    wire: str = "auto"
    """What moves packets: `native`, `python`, or `auto`: native where it is built."""
    public_addresses: tuple[str, ...] = ()
    """Addresses browsers reach the planes by, beside the machine's own."""
    public_url: str = ""
    """How browsers reach the pages (`https://school.example`); empty: as each request says."""
    internal_url: str = ""
    """How the other processes reach this one; empty: by `host` and `port`."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks whose forwarding headers are believed."""
    database_url: str = ""
    """`postgresql://…`; empty: SQLite in `data`."""
    redis_url: str = ""
    """`redis://…`; empty: nothing is shared but by the database."""
    blob_url: str = ""
    """`s3://bucket/prefix?endpoint=…` or a folder; empty: `blobs` in `data`."""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    local_tls: tuple[str, ...] = ()
    """Names and addresses for a certificate by this installation's own authority."""
    turn: Turn | None = None
    smtp: Smtp | None = None
    oidc: tuple[Oidc, ...] = ()
    push_services: tuple[str, ...] = (
        "fcm.googleapis.com",
        "updates.push.services.mozilla.com",
        "*.notify.windows.com",
        "*.push.apple.com",
    )
    """Push services of browsers' makers (November 2026: Chrome and its kin, Firefox, Edge, Safari): hosts, or whole
    origins. None is talked to before an administrator turns web push on."""
    metrics_from: tuple[str, ...] = ("127.0.0.0/8", "::1")
    """Addresses or networks that may read /metrics."""
    otel_endpoint: str = ""
    """Where OpenTelemetry traces go (OTLP over HTTP); empty: nowhere."""
    most_file_mb: int = 50
    """MB that a file may have which somebody shares in a lesson."""
    least_free_mb: int = 1024
    """MB of free disk below which what grows is refused."""
    resources_per_grant: int = 16
    """WHIP and WHEP resources that one grant may have open at once."""
    loudest_sounds: int = 5
    """Of more microphones than so many in one room (or breakout) only the loudest are sent on; 0: all, always."""
    capture_seconds: int = 0
    """Seconds for which an administrator of the installation may look at the heads of one connection's packets; 0: not
    at all."""
    log: str = "info"

    @property
    def plane_count(self) -> int:
        return self.planes or os.cpu_count() or 1

    @property
    def tls(self) -> bool:
        return bool(self.tls_cert or self.local_tls)


def load(file: Path, environ: Mapping[str, str], flags: Mapping[str, Any]) -> Settings:
    """Settings from all three places. Raises SettingsError for an unknown key or a value of the wrong kind."""
    values: dict[str, Any] = {}
    if file.exists():
        values.update(tomllib.loads(file.read_text("utf-8")))
    for name, value in environ.items():
        if name.startswith("SABAQ_") and name not in VARIABLES_OF_OTHERS:
            key, value = _variable(name.removeprefix("SABAQ_").lower(), value)
            values[key] = value
    values.update({key: value for key, value in flags.items() if value is not None})
    known = {field.name for field in fields(Settings)}
    if unknown := sorted(values.keys() - known):
        raise SettingsError(f"unknown setting: {', '.join(unknown)}")
    kinds = get_type_hints(Settings)
    made = {key: _convert(key, value, kinds[key]) for key, value in values.items()}
    return _checked(replace(Settings(), **made))


def _variable(key: str, value: str) -> tuple[str, str]:
    return (
        (key.removesuffix("_file"), Path(value).read_text("utf-8").strip()) if key.endswith("_file") else (key, value)
    )


def _convert(key: str, value: Any, kind: Any) -> Any:
    try:
        if kind == tuple[str, ...]:
            items = value.split(",") if isinstance(value, str) else value
            return tuple(item.strip() for item in items if item.strip())
        if kind in (int, str):
            return kind(value)
        if key in _PATHS:
            return Path(value)
        return from_plain(kind, json.loads(value) if isinstance(value, str) else value)
    except (TypeError, ValueError, AttributeError):
        raise SettingsError(f"{key}: its value does not fit") from None  # the value may be a secret


def _checked(settings: Settings) -> Settings:
    ranges = (
        ("port", 0, 65535), ("http_port", 0, 65535), ("udp_port", 1, 65535), ("planes", 0, 256),
        ("loudest_sounds", 0, 1000), ("capture_seconds", 0, 60),
    )  # fmt: skip
    for key, low, high in ranges:
        if not low <= getattr(settings, key) <= high:
            raise SettingsError(f"{key}: must lie between {low} and {high}")
    if settings.most_on_plane < 1:
        raise SettingsError("most_on_plane: at least 1")
    if settings.resources_per_grant < 1:
        raise SettingsError("resources_per_grant: at least 1")
    if settings.udp_port + settings.plane_count > 65536:
        raise SettingsError("udp_port: too high for that many planes")
    if not 1 <= settings.most_file_mb <= 4096:
        raise SettingsError("most_file_mb: must lie between 1 and 4096")
    if settings.wire not in ("auto", "native", "python"):
        raise SettingsError("wire: one of auto, native, python")
    if settings.log not in ("debug", "info", "warning", "error"):
        raise SettingsError("log: one of debug, info, warning, error")
    for key in ("trusted_proxies", "metrics_from"):
        for item in getattr(settings, key):
            try:
                ip_network(item, strict=False)
            except ValueError:
                raise SettingsError(f"{key}: {item} is no address or network") from None
    for address in settings.public_addresses:
        try:
            ip_address(address)
        except ValueError:
            raise SettingsError(f"public_addresses: {address} is no address (names are not resolved)") from None
    if settings.turn and not (settings.turn.urls and all(_TURN.fullmatch(each) for each in settings.turn.urls)):
        raise SettingsError("turn: urls must look like turns:relay.example:443?transport=tcp")
    if settings.turn and not settings.turn.secret:
        raise SettingsError("turn: the secret that the relay knows too")
    if (settings.tls_cert is None) != (settings.tls_key is None):
        raise SettingsError("tls_cert and tls_key: both or neither")
    if settings.tls_cert and settings.local_tls:
        raise SettingsError("local_tls: not beside tls_cert")
    if settings.http_port and not settings.tls:
        raise SettingsError("http_port: needs tls_cert or local_tls")
    if settings.http_port and settings.http_port == settings.port:
        raise SettingsError("http_port: not the same as port")
    if settings.public_url and not settings.public_url.startswith(("http://", "https://")):
        raise SettingsError("public_url: must begin with https:// or http://")
    if settings.database_url and not settings.database_url.startswith(("postgresql://", "postgres://")):
        raise SettingsError("database_url: must begin with postgresql://")
    if settings.redis_url and not settings.redis_url.startswith(("redis://", "rediss://", "unix://")):
        raise SettingsError("redis_url: must begin with redis://")
    for service in settings.push_services:
        if not _PUSH_SERVICE.fullmatch(service):
            raise SettingsError(f"push_services: {service} is no host, and no origin like https://push.example")
    for provider in settings.oidc:
        _check_provider(provider)
    if len({provider.id for provider in settings.oidc}) < len(settings.oidc):
        raise SettingsError("oidc: each id once")
    if settings.smtp and settings.smtp.security not in ("starttls", "tls", "none"):
        raise SettingsError("smtp: security is starttls, tls or none")
    if settings.smtp and not settings.public_url:
        raise SettingsError("smtp: needs public_url, which the links in letters are made of")
    if settings.smtp and not parseaddr(settings.smtp.sender)[1].isascii():
        raise SettingsError("smtp: the sender's address has Latin letters only")
    if settings.smtp and not re.fullmatch(r"[^<>\r\n]*<[^<>\s@]+@[^<>\s@]+>|[^<>\s@]+@[^<>\s@]+", settings.smtp.sender):
        raise SettingsError("smtp: sender is an address, or a name and an <address>")
    return settings


def _check_provider(provider: Oidc) -> None:
    if not re.fullmatch(r"[a-z0-9-]{1,32}", provider.id):
        raise SettingsError("oidc: an id has small letters, digits and hyphens")
    at = urlsplit(provider.issuer)
    here = at.hostname in ("localhost", "127.0.0.1", "::1")
    if at.scheme != "https" and not (at.scheme == "http" and here):
        raise SettingsError(f"oidc: the issuer of {provider.id} must begin with https://")
    if not provider.client_id or not provider.name:
        raise SettingsError(f"oidc: {provider.id} needs a client_id and a name")
