"""The first minutes of an installation: look around in a demo school, or set up one's own organisation."""

from dataclasses import dataclass
from typing import Literal

from lms_core.access import service as access
from lms_core.access import steps
from lms_core.access.policy import Role
from lms_core.kernel.api import PUBLIC, Api, Context
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Malformed, Refusal
from lms_core.kernel.ids import PersonId
from lms_core.kernel.names import Names
from lms_core.kernel.text import clean
from lms_core.orgs import service as orgs
from lms_core.orgs.service import Kind, Level, Organisation
from lms_core.people import service as people
from lms_core.people.api import LoggedIn
from lms_core.people.service import Language

from . import VERSION, demo, demo_names
from .demo import DemoNotOffered, DemoPerson

State = Literal["empty", "demo", "ready"]
LONGEST_NAME = 200
UNNAMED = Names("Ұйым", "Организация", "Organisation")

api = Api()


class AlreadySetUp(Refusal):
    """An organisation was set up before; its administrator makes further ones."""

    code, status = "already_set_up", 409


@dataclass(frozen=True, slots=True)
class SetupState:
    """`ready`: an organisation was set up. `organisation`: the one to greet with, as long as it is clear."""

    state: State
    demo_offered: bool
    organisation: Names | None
    version: str


@dataclass(frozen=True, slots=True)
class OpenDemo:
    pass


@dataclass(frozen=True, slots=True)
class DemoPeople:
    people: list[DemoPerson]


@dataclass(frozen=True, slots=True)
class EnterDemo:
    """With `language`, that person reads in it from now on."""

    login: str
    language: Language | None = None


@dataclass(frozen=True, slots=True)
class NewAdmin:
    family: str
    given: str
    login: str
    password: str


@dataclass(frozen=True, slots=True)
class SetUp:
    invitation: str
    kind: Kind
    names: Names
    admin: NewAdmin
    language: Language = "kk"
    """What the administrator reads in."""


@api.route("GET", "/api/setup", needs=PUBLIC)
async def setup_state(ctx: Context) -> SetupState:
    """How far this installation is, for the page that greets."""

    async def look(tx: Tx) -> SetupState:
        now = await state(tx)
        greeted = await people.first_organisation(tx) or await demo.find_school(tx)
        return SetupState(now, ctx.peer.local and now != "ready", greeted and greeted.names, VERSION)

    return await ctx.run(look)


@api.route("POST", "/api/setup/demo", needs=PUBLIC)
async def open_demo(ctx: Context, body: OpenDemo) -> DemoPeople:
    """Whom one can be in the demo school, which is filled if need be. From this machine only.

    Refusals: demo_not_offered.
    """
    await _check_offered(ctx)
    if await ctx.run(demo.find_school) is None:
        assert ctx.blobs, "a server has blobs"
        await demo.fill_database(ctx.db, ctx.blobs)

    async def list_people(tx: Tx) -> DemoPeople:
        school = await demo.find_school(tx)
        return DemoPeople(await demo.persons(tx, school) if school else [])

    return await ctx.run(list_people)


@api.route("POST", "/api/setup/demo/enter", needs=PUBLIC)
async def enter_demo(ctx: Context, body: EnterDemo) -> LoggedIn:
    """Be somebody of the demo school, without a password. From this machine only.

    Refusals: demo_not_offered.
    """
    await _check_offered(ctx)

    async def find(tx: Tx) -> PersonId:
        school = await demo.find_school(tx)
        known = await access.logins_of(tx, school.id) if school else {}
        if body.login not in demo.LOGINS or body.login not in known:
            raise DemoNotOffered
        return known[body.login]

    token, ctx.actor = await steps.enter(ctx, await ctx.run(find), "demo")

    async def greet(tx: Tx) -> people.Me:
        return await (people.speak(tx, body.language) if body.language else people.me(tx, tx.actor))

    return LoggedIn(token, await ctx.run(greet))


@api.route("POST", "/api/setup/organisation", needs=PUBLIC)
async def set_up_organisation(ctx: Context, body: SetUp) -> LoggedIn:
    """Make this installation's first organisation and its administrator; the demo school goes.

    Refusals: invitation_invalid, already_set_up, login_invalid, password_unfit, name_unfit.
    """

    async def check(tx: Tx) -> None:
        await access.check_invitation(tx, body.invitation)
        await _check_not_ready(tx)

    await ctx.run(check)
    access.check_password(body.admin.password)
    hashed = await ctx.in_thread(access.new_hash, body.admin.password)
    person = await ctx.run(lambda tx: _set_up(tx, body, hashed))
    token, actor = await steps.enter(ctx, person, "set_up")
    return LoggedIn(token, await ctx.run(lambda tx: people.me(tx, actor)))


async def state(tx: Tx) -> State:
    """`ready` once an organisation was set up; the demo school alone does not count, nor one without anybody, which
    only keeps what was imported before (`a_place_for_imports`)."""
    if await people.first_organisation(tx):
        return "ready"
    return "demo" if await orgs.demo_units(tx) else "empty"


async def a_place_for_imports(tx: Tx) -> Organisation:
    """The first organisation, else the demo school, else one that waits for who sets it up."""
    found = await orgs.first_organisation(tx) or await demo.find_school(tx)
    if found is None:
        country = await orgs.add_unit(tx, None, Level.REPUBLIC, demo_names.COUNTRY)
        found = await orgs.add_unit(tx, country.id, Level.ORGANISATION, UNNAMED)
    return found


async def make_invitation(tx: Tx) -> str:
    """The code of the set-up link, valid once, and until the next one is made."""
    return await access.make_invitation(tx)


async def _set_up(tx: Tx, body: SetUp, password_hash: str) -> PersonId:
    await access.use_invitation(tx, body.invitation)
    await _check_not_ready(tx)
    await demo.wipe(tx)
    names = _clean_names(body.names)
    if waiting := await orgs.first_organisation(tx):
        organisation = await orgs.name_anew(tx, waiting.id, names, body.kind)
    else:
        country = await orgs.add_unit(tx, None, Level.REPUBLIC, demo_names.COUNTRY)
        organisation = await orgs.add_unit(tx, country.id, Level.ORGANISATION, names, kind=body.kind)
    person = await people.add_person(tx, organisation.id, body.admin.family, body.admin.given, language=body.language)
    await access.open_account(tx, person, organisation.id, body.admin.login, password_hash)
    await access.assign(tx, person, Role.ADMINISTRATOR, organisation.path)
    return person


async def _check_not_ready(tx: Tx) -> None:
    if await state(tx) == "ready":
        raise AlreadySetUp


async def _check_offered(ctx: Context) -> None:
    if not ctx.peer.local or await ctx.run(state) == "ready":
        raise DemoNotOffered


def _clean_names(names: Names) -> Names:
    cleaned = {language: clean(getattr(names, language)) for language in ("kk", "ru", "en")}
    unfit = [language for language, name in cleaned.items() if not 1 <= len(name) <= LONGEST_NAME]
    if unfit:
        raise Malformed(fields=[{"at": f"names.{language}", "why": "length"} for language in unfit])
    return Names(**cleaned)
