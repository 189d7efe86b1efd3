import asyncio
from pathlib import Path
from tests.server import test_roles_golden as g
from tests.support.world import a_world
async def test_it(tmp_path: Path):
    bad=[]
    for role in ("learner","administrator"):
        async with a_world(tmp_path/role) as world:
            for asked in g._questions(world):
                person=(await world.enters(g.ROLES[role]))[0]
                try:
                    async with asyncio.timeout(6):
                        a=await g._answer(world, person, asked)
                        if a.startswith("5") or "malformed" in a: bad.append((role,asked,a))
                except TimeoutError: bad.append((role,asked,"HANG"))
    print("BAD", bad); assert 0
