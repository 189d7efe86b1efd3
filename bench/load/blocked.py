"""`python -m server`, but the interpreter of its planes is blocked 50 ms in every 250.

A plane that is started as this module runs as it always does, beside a thread that sleeps and keeps the interpreter's
lock while it does: no line of Python is run in that process meanwhile, whoever wrote it.
"""

import ctypes
import threading
import time

from bench.load import planes

BLOCKED, EVERY = 0.050, 0.250


def _block() -> None:
    usleep = ctypes.PyDLL(None).usleep  # a CDLL would give the lock away
    while True:
        time.sleep(EVERY - BLOCKED)
        usleep(int(BLOCKED * 1e6))


if __name__ == "__main__":
    planes.run("bench.load.blocked", threading.Thread(target=_block, daemon=True).start)
