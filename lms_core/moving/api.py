import base64
from dataclasses import dataclass

from lms_core.access.policy import Permission
from lms_core.kernel.api import Api, Context
from lms_core.kernel.ids import UnitId
from lms_core.people.service import Language

from . import service
from .core import Kind
from .service import Report, Sheet

api = Api()


@dataclass(frozen=True, slots=True)
class TakeList:
    """`only_good`: leave out the rows that are refused; else one refused row refuses all."""

    sheet: Sheet
    only_good: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """`content`: an .xlsx file in base64."""

    name: str
    content: str


@api.route("POST", "/api/organisations/{organisation_id}/import/check", needs=Permission.PLAN_WRITE)
async def check_list(ctx: Context, organisation_id: UnitId, body: Sheet) -> Report:
    """What would become of each row of a pasted list or an Excel file; nothing is written.

    Refusals: list_unfit.
    """
    return await service.check(ctx, organisation_id, body)


@api.route("POST", "/api/organisations/{organisation_id}/import", needs=Permission.PLAN_WRITE)
async def take_list(ctx: Context, organisation_id: UnitId, body: TakeList) -> Report:
    """Take a list whole, or its good rows. Given again, nothing is doubled.

    Refusals: list_unfit, import_refused.
    """
    return await service.take(ctx, organisation_id, body.sheet, only_good=body.only_good)


@api.route("GET", "/api/import/templates/{kind}", needs=Permission.PLAN_WRITE)
async def read_template(ctx: Context, kind: Kind, language: Language = "kk") -> Template:
    """An empty Excel list with the header that is understood."""
    content = base64.b64encode(service.template(kind, language)).decode()
    return Template(f"sabaq-{kind}-{language}.xlsx", content)
