"""Settings: read once from `sabaq.toml` and `SABAQ_…` variables, then passed down.

A variable wins over the file, a command line flag over both; an unknown key is an error.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

VARIABLES_OF_OTHERS = {"SABAQ_DEMO_PASSWORD", "SABAQ_ENVIRONMENT"}


class SettingsError(ValueError):
    """A setting that cannot be used; the message names it."""


@dataclass(frozen=True, slots=True)
class Settings:
    data: Path = Path("data")
    """The folder that holds the database, keys and files."""
    host: str = "127.0.0.1"
    port: int = 8080
    udp_port: int = 40000
    """Plane k receives on udp_port + k."""
    planes: int = 0
    """How many processes move packets; 0: one a core."""
    public_addresses: tuple[str, ...] = ()
    """Addresses browsers reach the planes by, beside the machine's own."""
    resources_per_grant: int = 16
    """WHIP and WHEP resources that one grant may have open at once."""
    log: str = "info"

    @property
    def plane_count(self) -> int:
        return self.planes or os.cpu_count() or 1


def load(file: Path, environ: Mapping[str, str], flags: Mapping[str, Any]) -> Settings:
    """Settings from all three places. Raises SettingsError for an unknown key or a value of the wrong kind."""
    values: dict[str, Any] = {}
    if file.exists():
        values.update(tomllib.loads(file.read_text("utf-8")))
    for name, value in environ.items():
        if name.startswith("SABAQ_") and name not in VARIABLES_OF_OTHERS:
            values[name.removeprefix("SABAQ_").lower()] = value
    values.update({key: value for key, value in flags.items() if value is not None})
    known = {field.name: field for field in fields(Settings)}
    if unknown := sorted(values.keys() - known.keys()):
        raise SettingsError(f"unknown setting: {', '.join(unknown)}")
    defaults = Settings()
    made = {key: _convert(key, value, type(getattr(defaults, key))) for key, value in values.items()}
    return _checked(replace(defaults, **made))


def _convert(key: str, value: Any, kind: type) -> Any:
    try:
        if kind is tuple:
            items = value.split(",") if isinstance(value, str) else value
            return tuple(item.strip() for item in items if item.strip())
        return kind(value)
    except (TypeError, ValueError, AttributeError):
        raise SettingsError(f"{key}: {value!r} is no {kind.__name__}") from None


def _checked(settings: Settings) -> Settings:
    for key, low, high in (("port", 0, 65535), ("udp_port", 1, 65535), ("planes", 0, 256)):
        if not low <= getattr(settings, key) <= high:
            raise SettingsError(f"{key}: must lie between {low} and {high}")
    if settings.resources_per_grant < 1:
        raise SettingsError("resources_per_grant: at least 1")
    if settings.udp_port + settings.plane_count > 65536:
        raise SettingsError("udp_port: too high for that many planes")
    if settings.log not in ("debug", "info", "warning", "error"):
        raise SettingsError("log: one of debug, info, warning, error")
    return settings
