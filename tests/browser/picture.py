"""Draws the README's picture: a real lesson in real browsers, with drawn people instead of cameras.

.venv/bin/python -m tests.browser.picture
"""

import asyncio
import json
import tempfile
from pathlib import Path

import aiohttp
from playwright.async_api import async_playwright

from bench.first_frame import FLAGS
from tests.browser.conftest import CHROMIUM
from tests.browser.visitor import Crowd
from tests.support.running import ROOT, Caller, Running, running

PICTURES = ROOT / "docs" / "pictures"
DRAWN = """({index, board}) => {
  const paint = (width, height, draw) => {
    const canvas = document.createElement('canvas')
    Object.assign(canvas, {width, height})
    const pen = canvas.getContext('2d')
    setInterval(() => draw(pen, width, height, performance.now() / 1000), 66)
    return canvas.captureStream(15)
  }
  const grounds = ['#7c9aa0', '#a88f72', '#6e7f9e', '#8a7c94', '#7f9277', '#9a7a74', '#5f8291', '#a39a7a']
  const skins = ['#e8c4a0', '#d9ab82', '#f0d0b0', '#c99a74'], hairs = ['#2a2320', '#4a3328', '#1b1a1e', '#5b4636']
  const shirts = ['#046573', '#7463b0', '#c23a3d', '#28693a', '#996502', '#45443e']
  const face = (pen, w, h, t) => {
    const x = w / 2 + Math.sin(t / 2 + index) * 4, y = h * 0.46
    pen.fillStyle = grounds[index % grounds.length]; pen.fillRect(0, 0, w, h)
    pen.fillStyle = 'rgb(255 255 255 / .16)'; pen.fillRect(w * 0.08, h * 0.1, w * 0.2, h * 0.34)
    const oval = (cx, cy, rx, ry, colour) => {
      pen.fillStyle = colour; pen.beginPath(); pen.ellipse(cx, cy, rx, ry, 0, 0, 7); pen.fill()
    }
    oval(x, h * 1.08, w * 0.3, h * 0.34, shirts[index % shirts.length])
    pen.fillStyle = skins[index % skins.length]; pen.fillRect(x - 26, y + 50, 52, 60)
    if (index % 2) oval(x, y + 12, 92, 110, hairs[index % hairs.length])
    oval(x, y, 72, 88, skins[index % skins.length])
    pen.fillStyle = hairs[index % hairs.length]; pen.beginPath()
    pen.ellipse(x, y - 34, 78, 62, 0, Math.PI, 0); pen.fill()
    oval(x - 26, y - 2, 7, 8, '#23201e'); oval(x + 26, y - 2, 7, 8, '#23201e')
    pen.strokeStyle = '#7a3f36'; pen.lineWidth = 5; pen.beginPath()
    pen.arc(x, y + 26, 24, 0.3, Math.PI - 0.3); pen.stroke()
  }
  const graph = (pen, w, h) => {
    pen.fillStyle = '#fdfdfb'; pen.fillRect(0, 0, w, h)
    pen.strokeStyle = '#e3e6e3'; pen.lineWidth = 2
    for (let i = 0; i < 12; i++) {
      pen.strokeRect(760, 80 + i * 80, 1040, 0); pen.strokeRect(760 + i * 94, 80, 0, 880)
    }
    pen.fillStyle = '#16242b'; pen.font = '620 68px "Onest Variable"'
    board.title.forEach((line, i) => pen.fillText(line, 90, 170 + i * 84))
    pen.font = '52px "Onest Variable"'
    const lines = ['f(x) = x² − 2x', 'f′(x) = 2x − 2', 'f′(2) = 2 = tg α']
    lines.forEach((line, i) => pen.fillText(line, 90, 440 + i * 100))
    pen.fillStyle = '#fee3e1'; pen.beginPath(); pen.roundRect(78, 740, 420, 110, 18); pen.fill()
    pen.fillStyle = '#7a1b1e'; pen.font = '620 56px "Onest Variable"'; pen.fillText('y = 2x − 4', 118, 815)
    const at = (x, y) => [1090 + x * 210, 640 - y * 150]
    pen.strokeStyle = '#37474c'; pen.lineWidth = 4; pen.beginPath()
    pen.moveTo(...at(-1.4, 0)); pen.lineTo(...at(3.3, 0))
    pen.moveTo(...at(0, -2)); pen.lineTo(...at(0, 3.6)); pen.stroke()
    pen.strokeStyle = '#046573'; pen.lineWidth = 9; pen.beginPath()
    for (let x = -1.05; x <= 3.05; x += 0.02) pen.lineTo(...at(x, x * x - 2 * x)); pen.stroke()
    pen.strokeStyle = '#9f252a'; pen.lineWidth = 7; pen.beginPath()
    pen.moveTo(...at(1.1, -1.8)); pen.lineTo(...at(3.3, 2.6)); pen.stroke()
    pen.fillStyle = '#9f252a'; pen.beginPath(); pen.arc(...at(2, 0), 16, 0, 7); pen.fill()
  }
  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
  navigator.mediaDevices.getUserMedia = async (wish) => {
    const given = await real(wish)
    if (!wish.video) return given
    given.getVideoTracks().forEach((track) => { track.stop(); given.removeTrack(track) })
    given.addTrack(paint(640, 360, face).getVideoTracks()[0])
    return given
  }
  navigator.mediaDevices.getDisplayMedia = async () => paint(1920, 1080, graph)
}"""
BOARD = {"title": ["Туындының", "геометриялық", "мағынасы"]}
CHAT = [
    ("student3", "Апай, тақтаны сәл үлкейтесіз бе?"),
    ("student5", "Жанаманың теңдеуінде f(x₀) неге нөл болды?"),
    ("teacher", "x₀ = 2 мәнін функцияға қойып көр: 4 − 4 = 0."),
    ("student2", "Түсіндім. Егер x₀ = 1 болса, жанама Ox осіне параллель бола ма?"),
    ("student6", "Да, потому что f′(1) = 0"),
]


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        loop = asyncio.get_running_loop()
        manager = running(Path(folder))
        server = await loop.run_in_executor(None, manager.__enter__)
        try:
            await _draw(server)
        finally:
            await loop.run_in_executor(None, manager.__exit__, None, None, None)


async def _draw(server: Running) -> None:
    async with aiohttp.ClientSession() as http, async_playwright() as playwright:
        teacher = await Caller(server, http).log_in("teacher")
        lesson = (await teacher("POST", "/api/lessons", {"title": "11 «А» · Алгебра"}))["id"]
        crowd = Crowd(await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS))
        people = {}
        for index, login in enumerate(["teacher", *(f"student{n}" for n in range(1, 7))]):
            people[login] = one = await crowd.visitor(server, size=(1440, 900) if index == 0 else (640, 480))
            await one.context.add_init_script(f"({DRAWN})({json.dumps({'index': index, 'board': BOARD})})")
            await (await one.log_in(login)).enter(lesson)
            if index > 2:
                await one.page.keyboard.press("m")
        room = (await teacher("GET", f"/api/lessons/{lesson}"))["lesson"]["room_id"]
        for login, text in CHAT:
            writer = await Caller(server, http).log_in(login)
            await writer("POST", f"/api/rooms/{room}/messages", {"text": text})
        shown = people["teacher"]
        await shown.button("room.screen").click()
        await shown.page.wait_for_timeout(4000)
        await shown.page.screenshot(path=PICTURES / "lesson.png")
        pupil = people["student2"].page
        await pupil.set_viewport_size({"width": 390, "height": 844})
        await pupil.wait_for_timeout(2500)
        await pupil.screenshot(path=PICTURES / "phone.png")


if __name__ == "__main__":
    asyncio.run(main())
