"""A Sabaq behind a router, a relay and a proxy beside it, and a Chromium on the other side that trusts it."""

import asyncio
import json
import os
import re
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Playwright, async_playwright, expect

from bench.first_frame import FLAGS
from tests.browser.visitor import Visitor
from tests.net import authority
from tests.net.namespaces import RELAY, SERVER, Net
from tests.support.running import PASSWORD, ROOT

PAGES_NAME, RELAY_NAME = "lessons.school.example", "relay.school.example"
NAMES = {PAGES_NAME: SERVER, RELAY_NAME: RELAY}
UDP_PORT = 40000
SECRET = "a secret of this test"
PATIENCE = 60.0


class Site:
    url = f"https://{PAGES_NAME}"

    def __init__(self, net: Net, folder: Path) -> None:
        self.net, self.folder = net, folder
        self.data = folder / "data"
        self.authority, self.pair = authority.make(folder, PAGES_NAME, RELAY_NAME)

    def serve(self, *, port: int = 443, tls: bool = True, **settings: Any) -> None:
        """Start Sabaq on its address, with TLS of its own, and wait until it listens."""
        self.data.mkdir()
        environ = {**os.environ, "SABAQ_DEMO_PASSWORD": PASSWORD}
        environ |= {
            f"SABAQ_{key.upper()}": value if isinstance(value, str) else json.dumps(value)
            for key, value in settings.items()
        }
        verb = [sys.executable, "-m", "server"]
        self.net.start("server", [*verb, "demo", "--data", str(self.data)], env=environ, cwd=ROOT).wait()
        words = ["--host", SERVER, "--port", str(port), "--udp-port", str(UDP_PORT), "--planes", "1"]
        if tls:
            words += ["--tls-cert", str(self.pair.cert), "--tls-key", str(self.pair.key)]
        self.net.start("server", [*verb, "run", "--data", str(self.data), *words], env=environ, cwd=ROOT)
        self.listening(port)
        self.listening(UDP_PORT)

    def relay(self, *, address: str = RELAY, relay_address: str = RELAY, port: int = 443) -> dict[str, Any]:
        """Start coturn for TLS; the setting `turn` that goes with it."""
        config = self.folder / "turnserver.conf"
        config.write_text(
            f"listening-ip={address}\nrelay-ip={relay_address}\nlistening-port=3478\ntls-listening-port={port}\n"
            f"cert={self.pair.cert}\npkey={self.pair.key}\nuse-auth-secret\nstatic-auth-secret={SECRET}\n"
            f"realm={PAGES_NAME}\nno-cli\nno-dtls\nlog-file=stdout\npidfile={self.folder}/turn.pid\n"
            f"userdb={self.folder}/turn.db\n"
        )
        self.net.start("server", ["turnserver", "-c", str(config)])
        self.listening(port, address)
        return {"urls": [f"turns:{RELAY_NAME}:443?transport=tcp"], "secret": SECRET}

    def split(self) -> None:
        """The proxy that stands in the operator's guide, word for word but for names, address and file."""
        guide = (ROOT / "docs" / "operator.md").read_text("utf-8")
        found = re.search(r"```haproxy\n(.*?)```", guide, re.DOTALL)
        assert found
        text = found[1].replace("192.0.2.10", SERVER).replace("/etc/haproxy/school.pem", str(self.pair.both))
        config = self.folder / "haproxy.cfg"
        config.write_text(text)
        self.net.start("server", ["haproxy", "-db", "-f", str(config)])
        self.listening(443)

    def listening(self, port: int, address: str = SERVER) -> None:
        """Wait until something takes TCP connections there."""
        until = time.monotonic() + PATIENCE
        probe = f"import socket; socket.create_connection(({address!r}, {port}), 1)"
        while True:
            try:
                self.net.run("server", sys.executable, "-c", probe)
                return
            except AssertionError:
                if time.monotonic() > until:
                    raise AssertionError(f"nothing listens on {address}:{port}\n{self.logs()}") from None
            time.sleep(0.2)

    def logs(self) -> str:
        """The end of what each program said."""
        ends = {path.name: path.read_text("utf-8", "replace")[-4000:] for path in self.folder.glob("*.log")}
        return "\n".join(f"{name}: {end}" for name, end in ends.items())

    def chromium(self) -> Path:
        """A program that is Chromium in the client's namespace, with a home in which our authority is trusted."""
        home = self.folder / "home"
        store = home / ".pki" / "nssdb"
        store.mkdir(parents=True)
        self.net.run("client", "certutil", "-d", f"sql:{store}", "-N", "--empty-password")
        trust = ("-A", "-t", "C,,", "-n", "test", "-i", str(self.authority))
        self.net.run("client", "certutil", "-d", f"sql:{store}", *trust)
        program = self.folder / "chromium"
        inside = " ".join(self.net.inside("client", ["env", f"HOME={home}", str(shutil.which("chromium"))]))
        program.write_text(f'#!/bin/sh\nexec {inside} "$@"\n')
        program.chmod(0o755)
        return program


class Guest(Visitor):
    """Somebody who sees no more of the server than the router lets through."""

    async def log_in(self, login: str) -> "Guest":  # type: ignore[override]
        """As the page's form would."""
        await self.go("/log-in")
        await self.ask("/api/log-in", {"login": login, "password": PASSWORD})
        return self

    async def ask(self, path: str, body: Any) -> Any:
        return await self.page.evaluate(
            "async ([path, body]) => (await fetch(path, {method: 'POST', body: JSON.stringify(body), "
            "headers: {'X-Sabaq': '1', 'Content-Type': 'application/json'}})).json()",
            [path, body],
        )


WATCHED = """() => {
  const Plain = RTCPeerConnection
  const all = (window.peersMade = [])
  window.RTCPeerConnection = class extends Plain {
    constructor(...words) {
      super(...words)
      this.errors = []
      this.addEventListener('icecandidateerror', ({ url, errorCode, errorText }) =>
        this.errors.push(`${url} ${errorCode} ${errorText}`))
      all.push(this)
    }
  }
}"""
PEERS = """async () => Promise.all((window.peersMade ?? []).map(async (peer) => {
  const kept = new Set(['candidate-pair', 'local-candidate', 'remote-candidate', 'transport'])
  const found = [...(await peer.getStats()).values()].filter((one) => kept.has(one.type))
  return { connection: peer.connectionState, ice: peer.iceConnectionState, gathering: peer.iceGatheringState,
           signaling: peer.signalingState, errors: peer.errors, found }
}))"""
"""What the peer connections of a page came to, for who looks why a call failed."""


class People:
    def __init__(self) -> None:
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None

    async def come(self, site: Site, login: str) -> Guest:
        if self._browser is None:
            self._playwright = await async_playwright().start()
            self._browser = await self._playwright.chromium.launch(executable_path=site.chromium(), args=FLAGS)
        context = await self._browser.new_context(
            locale="en-GB", permissions=["camera", "microphone", "clipboard-read", "clipboard-write"]
        )
        await context.add_init_script(f"({WATCHED})()")
        guest = Guest(site, context, await context.new_page(), "en")  # type: ignore[arg-type]
        return await guest.log_in(login)

    async def meet(self, site: Site) -> tuple[Guest, Guest]:
        """A teacher and a pupil in a lesson, who see and hear each other."""
        teacher, pupil = await self.come(site, "teacher"), await self.come(site, "student1")
        lesson = (await teacher.ask("/api/lessons", {"title": "Far away"}))["id"]
        await asyncio.gather(teacher.enter(lesson), pupil.enter(lesson))
        try:
            await asyncio.gather(*(one.receives(videos=1, sounds=1) for one in (teacher, pupil)))
        except AssertionError as why:
            peers = [json.dumps(await one.page.evaluate(PEERS)) for one in (teacher, pupil)]
            raise AssertionError(f"{why}\nteacher: {peers[0]}\npupil: {peers[1]}\n{site.logs()}") from None
        return teacher, pupil

    async def close(self) -> None:
        if self._browser:
            await self._browser.close()
        if self._playwright:
            await self._playwright.stop()


async def verdict(guest: Guest) -> tuple[str, dict[str, str]]:
    """What the connection page says: the verdict, and the outcome of each check."""
    await guest.go("/connection")
    told = guest.page.locator('[data-verdict]:not([data-verdict=""])')
    await expect(told).to_have_count(1)
    outcomes = {
        str(await each.get_attribute("data-check")): str(await each.get_attribute("data-outcome"))
        for each in await guest.page.locator("[data-check]").all()
    }
    return str(await told.get_attribute("data-verdict")), outcomes
