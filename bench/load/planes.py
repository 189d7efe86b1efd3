"""`python -m server`, but the processes of its planes are a module's of the bench."""

import sys
from collections.abc import Callable


def run(module: str, prepare: Callable[[], None]) -> None:
    """The server; or, where it was started by one as its plane, `prepare` and then a plane as it always runs."""
    if "--fd" in sys.argv:
        from media.plane import process

        prepare()
        process.main()
    else:
        from media.planes import Planes
        from server import cli

        assert Planes.__init__.__kwdefaults__
        Planes.__init__.__kwdefaults__["command"] = (sys.executable, "-m", module)
        cli.main()
