"""`python3 -m tests [kinds …] [-- pytest's arguments]`: installs what the tests need, then runs them all.

Read by whatever Python 3 is found: only the standard library, until the environment is there.
"""

import sys

from server import setup_env

if __name__ == "__main__":
    if not setup_env.inside():
        setup_env.ensure("test")
    from tests import run

    sys.exit(run.main(sys.argv[1:]))
