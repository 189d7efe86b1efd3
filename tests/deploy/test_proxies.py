"""The proxies' own programs read our examples."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.deploy.said import DEPLOY
from tests.house.tree import ROOT

NGINX = {"compose.conf": "{}", "sabaq.conf": "events {{}}\nhttp {{\n{}\n}}\n"}
HEADERS = {"Host", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded", "X-Request-ID"}


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    """A folder with a certificate, its key, and both in one file."""
    names = (
        "-subj",
        "/CN=school.example",
        "-days",
        "2",
        "-nodes",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
    )
    files = ("-out", str(tmp_path / "chain.pem"), "-keyout", str(tmp_path / "key.pem"))
    subprocess.run(["openssl", "req", "-x509", *names, *files], check=True, capture_output=True)
    (tmp_path / "school.pem").write_text((tmp_path / "chain.pem").read_text() + (tmp_path / "key.pem").read_text())
    return tmp_path


@pytest.mark.parametrize("name", NGINX)
def test_nginx_takes_it(pair: Path, name: str) -> None:
    done = _nginx(pair, name, (DEPLOY / "nginx" / name).read_text())
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr


def test_nginx_would_refuse(pair: Path) -> None:
    text = (DEPLOY / "nginx" / "sabaq.conf").read_text().replace("proxy_buffering off", "proxy_bufering off")
    assert "proxy_bufering" in _nginx(pair, "sabaq.conf", text).stderr


def _nginx(pair: Path, name: str, text: str) -> subprocess.CompletedProcess[str]:
    text = re.sub(r"/\S+/(?:fullchain|chain)\.pem", str(pair / "chain.pem"), text)
    text = re.sub(r"/\S+/(?:privkey|key)\.pem", str(pair / "key.pem"), text)
    text = re.sub(r"server server\d:", "server 127.0.0.1:", text)  # names that only Compose knows
    conf = pair / "nginx.conf"
    conf.write_text(f"pid {pair}/pid;\nerror_log stderr;\n" + NGINX[name].format(text))
    words = ["nginx", "-t", "-q", "-e", "stderr", "-p", str(pair), "-c", str(conf)]
    return subprocess.run(words, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", NGINX)
def test_what_nginx_forwards_is_what_a_server_reads(name: str) -> None:
    text = (DEPLOY / "nginx" / name).read_text()
    assert set(re.findall(r"proxy_set_header (\S+)", text)) == HEADERS | {"Upgrade", "Connection"}
    assert "location /internal/" in text
    assert "location = /metrics" in text


def _haproxy(file: Path, pair: Path) -> None:
    file.write_text(re.sub(r"/\S+/school\.pem", str(pair / "school.pem"), file.read_text()))
    done = subprocess.run(["haproxy", "-c", "-f", str(file)], capture_output=True, text=True, check=False)
    assert (done.returncode, "WARNING" in done.stderr) == (0, False), done.stderr


def test_haproxy_takes_both(pair: Path) -> None:
    here = pair / "haproxy.cfg"
    here.write_text((DEPLOY / "haproxy.cfg").read_text())
    _haproxy(here, pair)
    blocks = re.findall(r"```haproxy\n(.*?)```", (ROOT / "docs" / "operator.md").read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 1
    here.write_text(blocks[0])
    _haproxy(here, pair)
