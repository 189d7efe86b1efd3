"""The audit never calls unknown what it could not ask."""

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests import run
from tests.house import audit

LOCK = "idna==3.20 \\\n    --hash=sha256:00\nsegno==1.6.6 \\\n    --hash=sha256:00\n"
NPM = {"vulnerabilities": {"left": {"severity": "high", "range": "<1.2"}}}


class _Osv(BaseHTTPRequestHandler):
    """Knows one hole, in segno."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
        hole = {"vulns": [{"id": "HOLE-1", "modified": "2026-01-01T00:00:00Z"}]}
        self._say({"results": [hole if q["package"]["name"] == "segno" else {} for q in asked]})

    def do_GET(self) -> None:
        self._say({"id": "HOLE-1", "modified": "2026-01-01T00:00:00Z", "summary": "a hole", "affected": []})

    def _say(self, told: object) -> None:
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def osv() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Osv) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_known_hole_is_told(osv: str) -> None:
    assert audit.of_python(LOCK, osv) == ["segno 1.6.6: HOLE-1, mended in no version"]
    assert audit.of_python(LOCK.partition("segno")[0], osv) == []


def test_a_service_that_is_away_is_no_good_news(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{probe.getsockname()[1]}"
        with pytest.raises(audit.CouldNotAsk):
            audit.of_python(LOCK, nobody)
    said: list[str] = []
    monkeypatch.setattr(audit, "of_python", _away)
    monkeypatch.setattr(audit, "of_npm", _away)
    assert audit.ask(said.append) == 1
    assert len(said) == 2
    assert all("COULD NOT ASK, so nothing is known" in line for line in said)


def _away(*_: object) -> list[str]:
    raise audit.CouldNotAsk("nobody there")


def test_nothing_known_is_said_only_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(audit, "of_python", lambda *_: [])
    monkeypatch.setattr(audit, "of_npm", list)
    assert (audit.ask(said.append), len(said)) == (0, 2)
    monkeypatch.setattr(audit, "of_npm", lambda: audit.read_npm(json.dumps(NPM)))
    assert audit.ask(said.append) == 1
    assert "  left: high (<1.2)" in said


@pytest.mark.parametrize(
    "said", ["", "rubbish", '{"message": "405 Method Not Allowed"}', '{"error": {"summary": "away"}}']
)
def test_an_odd_answer_is_no_good_news(said: str) -> None:
    for read in (audit.read_npm, audit.read_uv):
        with pytest.raises(audit.CouldNotAsk):
            read(said)
    nothing = {"summary": {"audited_packages": 0}, "vulnerabilities": []}
    with pytest.raises(audit.CouldNotAsk):
        audit.read_uv(json.dumps(nothing))


def test_it_is_a_chore_and_no_kind_of_tests() -> None:
    assert "audit" in run.CHORES
    assert "audit" not in run.KINDS
