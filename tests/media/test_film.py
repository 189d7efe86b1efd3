"""The film of a recording: the stage, who speaks, and the chat beside it as it was written, whatever was written."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from media.film import BESIDE, FACE, HEIGHT, WIDTH
from media.film_chat import PAPER, Chat
from media.letters import ink, letters
from tests.support.recorded import picture_file, sound_file

SECONDS = 5.0
STRANGE = (
    "{\\an8}{\\p1}m 0 0 l 9 9",
    "%{pts} ':\\",
    "ө" * 10_000,
    "\u202e\u2066 кері",
    "e" + "\u0301" * 5_000,
    "👩‍👩‍👧‍👦 سلام",
    "\0\x07\n\n\n",
    "",
)


def film(folder: Path, messages: list[tuple[float, str, str]], seconds: float = SECONDS) -> Path:
    """A screen from second 2 on, two cameras, one voice; made as the server has it made."""
    tracks: list[dict[str, Any]] = []
    for name, source, starts, hue in (
        ("anna", "camera", 0, 60),
        ("misha", "camera", 0, 200),
        ("anna", "screen", 2, 120),
    ):
        path = folder / f"{name}-{source}.webm"
        picture_file(path, SECONDS, hue=hue)
        said = {"path": str(path), "kind": "video", "source": source, "participant": name}
        tracks.append({**said, "starts": float(starts), "ends": SECONDS})
    sound_file(folder / "voice.webm", SECONDS)
    voice = {"path": str(folder / "voice.webm"), "kind": "audio", "source": "microphone", "participant": "misha"}
    tracks.append({**voice, "starts": 0.0, "ends": SECONDS})
    told = {"out": str(folder / "film.mp4"), "seconds": seconds, "tracks": tracks, "speaking": [[0, ["misha"]]]}
    done = subprocess.run(
        [sys.executable, "-m", "media.film"],
        input=json.dumps({**told, "messages": messages}),
        capture_output=True,
        text=True,
        check=True,
    )
    last = json.loads(done.stdout.splitlines()[-1])
    assert last == {"frames": int(seconds) * 15, "error": ""}
    return folder / "film.mp4"


def seen(path: Path, *seconds: float) -> list[np.ndarray]:
    """The greys of the pictures at these seconds."""
    wanted = {round(second * 15) for second in seconds}
    with av.open(str(path)) as file:
        frames = list(file.decode(video=0))
    return [one.to_ndarray(format="gray") for number, one in enumerate(frames) if number in wanted]


@pytest.mark.req("S456-27.10")
@pytest.mark.timeout(300)
def test_the_stage_who_speaks_and_the_chat_are_in_the_film(tmp_path: Path) -> None:
    path = film(tmp_path, [(3.0, "Оспан Әлия", "Үй тапсырмасы: 42-бет <b>"), *((4.5, "Ы", text) for text in STRANGE)])
    with av.open(str(path)) as file:
        assert {stream.codec_context.name for stream in file.streams} == {"h264", "aac"}
        assert (file.duration or 0) / 1e6 == pytest.approx(SECONDS, abs=0.2)
    before, shared, written = seen(path, 1.0, 2.7, 4.0)
    stage, face = (slice(HEIGHT // 2, None), slice(0, WIDTH - BESIDE)), (slice(20, FACE - 20), slice(WIDTH - 300, None))
    chat = (slice(FACE, None), slice(WIDTH - BESIDE, None))
    assert np.median(before[HEIGHT // 2, : WIDTH - BESIDE]) == pytest.approx(200, abs=25)  # who speaks
    assert np.median(shared[stage][:60]) == pytest.approx(120, abs=25)  # the screen
    assert np.median(shared[face]) == pytest.approx(200, abs=25)  # and who speaks, beside it
    assert np.max(shared[chat]) < PAPER + 40
    assert np.max(written[chat]) > 150
    assert np.median(written[chat]) == pytest.approx(PAPER - 16, abs=25)


def test_without_a_chat_the_stage_is_as_wide_as_the_film(tmp_path: Path) -> None:
    [shared] = seen(film(tmp_path, [], 3.0), 2.7)
    assert np.median(shared[HEIGHT - 100 : HEIGHT - 40, WIDTH - 300 :]) == pytest.approx(120, abs=25)


def test_whatever_was_written_is_drawn_within_its_column() -> None:
    chat = Chat([(float(at), text, text) for at, text in enumerate(STRANGE)], BESIDE, 300)
    for second in range(len(STRANGE) + 1):
        assert len(chat.at(second)) == BESIDE * 300
    assert chat.at(0) is chat.at(0.5)
    edges = np.frombuffer(chat.at(99), np.uint8).reshape(300, BESIDE)
    assert (edges[:, BESIDE - 8 :] == PAPER).all()


def test_every_kazakh_letter_is_there() -> None:
    alphabet = "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя"
    drawn = set()
    for letter in alphabet + alphabet.upper():
        pixels = bytearray(40 * 40)
        letters().draw(memoryview(pixels), 40, 4, 4, letter, ink(0, 255))
        drawn.add(bytes(pixels))
    assert len(drawn) == 2 * len(alphabet)
    assert letters().wrapped("бір екі үш", letters().width("бір екі")) == ["бір екі", "үш"]
