"""A loose wire between processes: short messages over Redis to all others, which may be lost.

Each message is sealed with the installation's key, so neither another installation on the same Redis nor
whoever else may write there is believed.
"""

import asyncio
import hmac
import json
import secrets
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from lms_core.kernel.clock import Clock

from .fanout import LOST, open_redis

CHANNEL = "sabaq:feed"
BEAT = 1.0
"""Seconds without a message after which Redis is asked whether it is there; three of them: it is not."""
PAUSE = 0.5
WAITING = 10_000
BATCH = 500
_NAME = _SEAL = 16

log = structlog.get_logger(__name__)


class Bus:
    """`send` never waits. `listener(item)` is called with what others sent, in the order of each of them."""

    def __init__(self, url: str, key: bytes, clock: Clock) -> None:
        self._redis = open_redis(url, BEAT)
        self._key, self._clock = key, clock
        self._name = secrets.token_bytes(_NAME)
        self._waiting: deque[Any] = deque(maxlen=WAITING)
        self._news = asyncio.Event()
        self._listener: Callable[[Any], Awaitable[None]] | None = None
        self._joined: list[Callable[[], None]] = []
        self.up = False

    def listen(self, listener: Callable[[Any], Awaitable[None]]) -> None:
        self._listener = listener

    def on_joined(self, listener: Callable[[], None]) -> None:
        """Call `listener` when messages come (again): those of before are lost."""
        self._joined.append(listener)

    def send(self, item: Any) -> None:
        """To all other processes, soon; `item` is JSON. The oldest are lost when too many wait."""
        self._waiting.append(item)
        self._news.set()

    async def run(self) -> None:
        """Until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._carry())
                tasks.create_task(self._keep_hearing())
        finally:
            await self._redis.aclose()

    async def _carry(self) -> None:
        while not _cancelled():
            await self._news.wait()
            self._news.clear()
            while self._waiting and not _cancelled():
                batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
                try:
                    await self._redis.publish(CHANNEL, self._sealed(batch))
                except LOST:
                    self._waiting.clear()  # they read it in the database
                    await self._clock.sleep(PAUSE)

    async def _keep_hearing(self) -> None:
        while not _cancelled():
            try:
                await self._hear()
            except LOST as why:
                self._now_up(False, type(why).__name__)
            await self._clock.sleep(PAUSE)

    async def _hear(self) -> None:
        async with self._redis.pubsub() as wire:
            await wire.subscribe(CHANNEL)
            silent = 0
            while silent < 3 and not _cancelled():
                message = await wire.get_message(timeout=BEAT)
                silent = 0 if message else silent + 1
                if message is None:
                    await wire.ping()
                elif message["type"] == "subscribe":
                    self._now_up(True)
                elif message["type"] == "message":
                    await self._open(message["data"])
            raise TimeoutError

    async def _open(self, data: bytes) -> None:
        name, seal, text = data[:_NAME], data[_NAME : _NAME + _SEAL], data[_NAME + _SEAL :]
        if name == self._name or not hmac.compare_digest(seal, self._seal(name, text)) or not self._listener:
            return
        for item in json.loads(text):
            try:
                await self._listener(item)
            except Exception:
                log.exception("bus_message_failed")

    def _sealed(self, batch: list[Any]) -> bytes:
        text = json.dumps(batch, ensure_ascii=False, separators=(",", ":")).encode()
        return self._name + self._seal(self._name, text) + text

    def _seal(self, name: bytes, text: bytes) -> bytes:
        return hmac.digest(self._key, name + text, "sha256")[:_SEAL]

    def _now_up(self, up: bool, why: str = "") -> None:
        if up != self.up:
            self.up = up
            log.info("bus_joined") if up else log.warning("bus_lost", why=why)
        if up:
            for listener in self._joined:
                listener()


def _cancelled() -> bool:
    """Redis' client swallows a cancellation that meets it while it connects."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
