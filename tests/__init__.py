"""The tests of Sabaq; `python3 -m tests` runs them all."""
