from dataclasses import dataclass

from lms_core.kernel.api import SELF, Api, Context

from . import service

api = Api()


@dataclass(frozen=True, slots=True)
class Done:
    """Nothing more to say."""


@api.route("POST", "/api/log-out", needs=SELF)
async def log_out(ctx: Context, body: Done) -> Done:
    """End this log-in."""
    await ctx.run(service.log_out)
    ctx.new_token = ""
    return Done()


@api.route("POST", "/api/log-out-everywhere", needs=SELF)
async def log_out_everywhere(ctx: Context, body: Done) -> Done:
    """End all log-ins of mine, on every device, with their connections and places in rooms."""
    await ctx.run(service.log_out_everywhere)
    ctx.new_token = ""
    return Done()
