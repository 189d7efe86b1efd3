"""`python3 -m bench` lists the benchmarks; `python3 -m bench NAME [options]` runs one."""

import sys

from server import setup_env

_TESTS = {"answers", "first-frame", "http", "lesson", "lighthouse", "line", "nine", "playback", "takeover"}
"""Those that stand on what tests have."""

if __name__ == "__main__":
    if not setup_env.inside():
        setup_env.ensure("test" if _TESTS & set(sys.argv) else "run")
    from bench import run

    sys.exit(run.main(sys.argv[1:]))
