"""`python3 -m server`: makes the environment when it is missing or old, then runs the verb.

Read by whatever Python 3 is found, before any package is there: only the standard library, until the end.
"""

from server import setup_env


def main() -> None:
    """Exec into the environment first; inside it, hand over to the verbs of `server.cli`."""
    if not setup_env.inside():
        setup_env.ensure("run")
    from server import cli

    cli.main()


if __name__ == "__main__":
    main()
