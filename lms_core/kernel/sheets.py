"""Excel and OpenDocument files, read in a process of their own with little memory and time: strangers made them."""

import json
import subprocess
import sys
from pathlib import Path
from threading import Lock

MEMORY = 512 * 1024 * 1024
SECONDS = 15
MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 5000, 50, 1000
MOST_OUT = 8 * 1024 * 1024
_ROOT = Path(__file__).parents[2]
_ONE_AT_A_TIME = Lock()


class Unreadable(ValueError):
    """Broken, protected by a password, too large when unpacked, or no table at all."""


def read(file: bytes, rows: int = MOST_ROWS, letters: int = LONGEST_CELL, most_out: int = MOST_OUT) -> list[list[str]]:
    """The cells of the first sheet: so many rows at most, each cell cut after so many letters.

    Slow: call it in a thread. Raises Unreadable.
    """
    command = [sys.executable, "-m", "lms_core.kernel.sheets", str(rows), str(letters)]
    try:
        with _ONE_AT_A_TIME:
            done = subprocess.run(command, input=file, capture_output=True, cwd=_ROOT, timeout=SECONDS)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise Unreadable from None
    if done.returncode or len(done.stdout) > most_out:
        raise Unreadable
    return json.loads(done.stdout)


def _main() -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    except ImportError:
        pass  # no such limits on this system; the time is bounded by who waits
    from io import BytesIO

    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_filelike(BytesIO(sys.stdin.buffer.read()))
    rows, letters = map(int, sys.argv[1:])
    table = book.get_sheet_by_index(0).to_python(nrows=rows)
    sys.stdout.write(json.dumps([[_text(cell)[:letters] for cell in row[:MOST_COLUMNS]] for row in table]))


def _text(cell: object) -> str:
    """Numbers as people write them: 11, not 11.0; times as 08:30."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if hasattr(cell, "strftime") and not hasattr(cell, "year"):
        return cell.strftime("%H:%M")  # type: ignore[attr-defined]
    return str(cell)


if __name__ == "__main__":
    _main()
