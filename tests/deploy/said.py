"""What files of `deploy/` say to our program, held against the program."""

from collections.abc import Mapping
from pathlib import Path

from server import cli, config
from tests.house.tree import ROOT

DEPLOY = ROOT / "deploy"
SAMPLES = {
    "database_url": "postgresql://sabaq@database/sabaq",
    "redis_url": "redis://redis:6379/0",
    "turn": '{"urls": ["turns:relay.school.example:443?transport=tcp"], "secret": "s"}',
}
"""What a file of a secret could hold."""


def verb(words: list[str]) -> str:
    """The verb that `python3 -m server WORDS` runs. SystemExit for what is none, or has unknown options."""
    parsed = cli._parser().parse_args(cli._with_verb(words))
    return parsed.verb.__name__.removeprefix("_")


def settings(environ: Mapping[str, str], folder: Path) -> config.Settings:
    """As a server would read these variables; files of secrets are put in their place. Raises SettingsError."""
    given = dict(environ)
    for name in [name for name in given if name.endswith("_FILE")]:
        secret = folder / Path(given[name]).name
        secret.write_text(SAMPLES[secret.name])
        given[name] = str(secret)
    return config.load(folder / "sabaq.toml", given, {})
