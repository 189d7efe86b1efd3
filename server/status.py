"""Whether the server works, and what its long-lived objects say of themselves."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from lms_core.access import policy
from lms_core.access.policy import Permission, Scope
from lms_core.kernel.api import PUBLIC, Api, Context
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Forbidden, Refusal
from lms_core.orgs import service as orgs
from lms_core.people import service as people

from . import VERSION


class NotReady(Refusal):
    """Started, but the media processes are not up yet (or anew); or about to end."""

    code, status = "not_ready", 503


class Ready(Protocol):
    @property
    def ready(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Health:
    status: str
    version: str


class Draining(Protocol):
    @property
    def draining(self) -> bool: ...


def status_api(planes: Ready, parts: Mapping[str, Any], cluster: Draining) -> Api:
    """`parts` are the long-lived objects by name; those that can are asked to `dump()`, at once or awaited."""
    api = Api()

    @api.route("GET", "/api/health", needs=PUBLIC)
    async def health(ctx: Context) -> Health:
        """200 once everything that serves lessons runs, until the process is to end."""
        if cluster.draining or not planes.ready:
            raise NotReady
        return Health("ok", VERSION)

    @api.route("GET", "/api/dump", needs=Permission.SYSTEM_DUMP)
    async def dump(ctx: Context) -> dict[str, Any]:
        """What every long-lived object says of itself, for the operator.

        It tells of all organisations' rooms, so it is for administrators of the one that set up the installation.
        """
        await ctx.run(check_operator)
        return {name: await said(part) for name, part in parts.items() if hasattr(part, "dump")}

    return api


async def check_operator(tx: Tx) -> None:
    """Raises Forbidden for who does not administer the whole installation: the top of its first organisation."""
    units = [first] if (first := await people.first_organisation(tx)) else await orgs.demo_units(tx)
    home = [Scope(unit.path) for unit in units]
    if not policy.allows(tx.actor, Permission.SYSTEM_DUMP, home):
        raise Forbidden(needs=str(Permission.SYSTEM_DUMP))


async def said(part: Any) -> Any:
    answer = part.dump()
    return await answer if inspect.isawaitable(answer) else answer
