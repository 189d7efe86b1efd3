"""`python -m server`, but the interpreter of its planes is blocked 50 ms in every 250.

A plane that is started as this module runs as it always does, beside a thread that sleeps and keeps the interpreter's
lock while it does: no line of Python is run in that process meanwhile, whoever wrote it.
"""

import ctypes
import sys
import threading
import time

BLOCKED, EVERY = 0.050, 0.250


def main() -> None:
    if "--fd" in sys.argv:
        from media.plane import process

        threading.Thread(target=_block, daemon=True).start()
        process.main()
    else:
        from media.planes import Planes
        from server import cli

        assert Planes.__init__.__kwdefaults__
        Planes.__init__.__kwdefaults__["command"] = (sys.executable, "-m", "bench.load.blocked")
        cli.main()


def _block() -> None:
    usleep = ctypes.PyDLL(None).usleep  # a CDLL would give the lock away
    while True:
        time.sleep(EVERY - BLOCKED)
        usleep(int(BLOCKED * 1e6))


if __name__ == "__main__":
    main()
