"""People who act: each does what a browser or a program does, over real HTTP and sockets.

Who watches something is checked after every step: the pushed events, put into the old snapshot, must give what
a new snapshot says.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from io import BytesIO
from typing import TYPE_CHECKING, Any

import socketio

from lms_core.kernel.ids import PersonId

if TYPE_CHECKING:
    from tests.support.world import World

Json = dict[str, Any]
Reducer = Callable[[Json, Json], None]
PATIENCE = 30
READ_ANEW = ("lessons.lesson_started", "lessons.timetable_changed")


class Refused(Exception):
    def __init__(self, status: int, problem: Json) -> None:
        super().__init__(f"{status} {problem['code']} {problem['params']}")
        self.status, self.code, self.params = status, problem["code"], problem["params"]


@contextmanager
def refused(code: str, status: int | None = None) -> Iterator[list[Refused]]:
    """The block must end with this refusal; the list holds it afterwards."""
    caught: list[Refused] = []
    try:
        yield caught
    except Refused as no:
        caught.append(no)
        assert (no.code, no.status) == (code, status or no.status)
    else:
        raise AssertionError(f"not refused: {code}")


class Person:
    def __init__(self, world: "World", name: str, person: PersonId | None, token: str | None) -> None:
        self.world, self.name, self.id, self.token = world, name, person, token
        self.socket: socketio.AsyncClient | None = None
        self.watches: list[Watch] = []

    async def asks(self, operation: str, /, body: Any = None, *, query: Any = None, **path: str) -> Any:
        """Any operation by its id, with the names of its path. Raises Refused."""
        route = self.world.routes[operation]
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        url = route.path.format(**path)
        options: Json = {"headers": headers, "params": query or {}}
        if route.method != "GET":
            options["json"] = {} if body is None else body
        async with self.world.http.request(route.method, url, **options) as response:
            answer = await response.json(content_type=None)
        if response.status != 200:
            raise Refused(response.status, answer)
        return answer

    async def sends(self, operation: str, /, content: bytes, *, query: Any = None, **path: str) -> Any:
        """Any operation whose body is a file. Raises Refused."""
        route = self.world.routes[operation]
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        url = route.path.format(**path)
        async with self.world.http.request(
            route.method, url, headers=headers, params=query or {}, data=BytesIO(content)
        ) as response:
            answer = await response.json(content_type=None)
        if response.status != 200:
            raise Refused(response.status, answer)
        return answer

    async def does(self, operation: str, /, body: Any = None, **path: str) -> Any:
        """The same; afterwards the fact is told and everybody who watches is checked."""
        answer = await self.asks(operation, body, **path)
        await self.world.settle()
        return answer

    async def logs_in(self, login: str, password: str) -> Json:
        answer = await self.asks("log_in", {"login": login, "password": password})
        self.token, self.id = answer["token"], answer["me"]["id"]
        return answer["me"]

    async def me(self) -> Json:
        return await self.asks("who_am_i")

    async def lessons(self, date: str | None = None) -> list[Json]:
        return (await self.asks("list_lessons", query={"date": date} if date else None))["items"]

    async def lesson(self, lesson_id: str) -> Json:
        return (await self.asks("read_lesson", lesson_id=lesson_id))["lesson"]

    async def joins(self, lesson_id: str) -> Json:
        return await self.does("join_lesson", lesson_id=lesson_id)

    async def starts(self, title: str = "") -> Json:
        return await self.does("start_lesson", {"title": title})

    async def ends(self, lesson_id: str) -> Json:
        return await self.does("end_lesson", lesson_id=lesson_id)

    async def writes(self, room_id: str, text: str) -> Json:
        return await self.does("post_message", {"text": text}, room_id=room_id)

    async def reads(self, room_id: str) -> list[str]:
        return [item["text"] for item in (await self.asks("list_messages", room_id=room_id))["items"]]

    async def connects(self) -> socketio.AsyncClient:
        """A socket as this person."""
        if self.socket is None:
            self.socket = socketio.AsyncClient(reconnection=False)
            self.socket.on("event", self._hear)
            address = str(self.world.http.make_url("/"))
            await self.socket.connect(address, auth={"token": self.token}, transports=["websocket"])
        return self.socket

    async def commands(self, name: str, body: Json) -> Any:
        """A socket command. Raises Refused."""
        answer: Any = await (await self.connects()).call("command", (name, body), timeout=PATIENCE)
        if "problem" in answer:
            raise Refused(answer["problem"]["status"], answer["problem"])
        return answer["ok"]

    async def watches_lessons(self) -> "Watch":
        listed = await self.asks("list_lessons")
        topic = f"lessons:{listed['organisation_id']}"
        return await self._watch(topic, lambda: self.asks("list_lessons"), reduce_lessons)

    async def watches_chat(self, room_id: str) -> "Watch":
        async def read() -> Json:
            return await self.asks("list_messages", room_id=room_id) | {"me": self.id}

        return await self._watch(f"room:{room_id}", read, reduce_chat)

    async def catch_up(self) -> None:
        for watch in self.watches:
            await watch.catch_up()

    async def hangs_up(self) -> None:
        if self.socket:
            await self.socket.disconnect()

    async def _watch(self, topic: str, read: Callable[[], Awaitable[Json]], reduce: Reducer) -> "Watch":
        watch = Watch(topic, read, reduce)
        await watch.begin()
        self.watches.append(watch)
        answer = await self.commands("subscribe", {"topic": topic, "position": watch.state["position"]})
        for told in answer["events"]:
            watch.hear(told)
        return watch

    async def _hear(self, told: Json) -> None:
        for watch in self.watches:
            if watch.topic == told["topic"]:
                watch.hear(told)


class Watch:
    """One topic as one person has it: a snapshot, and the events that came since."""

    def __init__(self, topic: str, read: Callable[[], Awaitable[Json]], reduce: Reducer) -> None:
        self.topic, self._read, self._reduce = topic, read, reduce
        self.snapshot: Json = {}
        self.state: Json = {}
        self.events: list[Json] = []
        self._news = asyncio.Event()

    async def begin(self) -> None:
        self.snapshot = _in_order(await self._read())
        self.state = deepcopy(self.snapshot)
        self.events = []

    def hear(self, told: Json) -> None:
        self._news.set()
        if told["position"] <= self.state["position"]:
            return
        self.events.append(told)
        self.state["position"] = told["position"]
        self._reduce(self.state, told)

    async def catch_up(self) -> None:
        """Wait until the state is what a newcomer would be told. AssertionError when the events tell too little."""
        fresh = _in_order(await self._read())
        if any(told["name"] in READ_ANEW for told in self.events):
            await self.begin()  # a new lesson is read, not reduced
            return
        try:
            async with asyncio.timeout(PATIENCE):
                while self._differs(fresh):
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            assert self.state == fresh

    def _differs(self, fresh: Json) -> bool:
        """The newest position may be of another topic of the same stream."""
        return self.state | {"position": 0} != fresh | {"position": 0}

    def triple(self) -> Json:
        """For the client's reducers, which must come to the same."""
        expected = self.state | {"position": self.events[-1]["position"]}
        return {"topic": self.topic, "snapshot": self.snapshot, "events": self.events, "expected": expected}


def reduce_lessons(state: Json, told: Json) -> None:
    """What a fact of `lessons:…` changes in a list of lessons. Of unknown lessons nothing is to be learnt."""
    body = told["body"]
    for item in state["items"]:
        if item["id"] == body.get("lesson_id"):
            match told["name"]:
                case "lessons.lesson_opened":
                    item["state"] = "open"
                case "lessons.lesson_ended":
                    item["state"], item["ends_at"] = "ended", body["ends_at"]


def reduce_chat(state: Json, told: Json) -> None:
    """What a fact of `room:…` changes in the newest page of a chat. `me`: whose page
    it is."""
    body, items = told["body"], {item["id"]: item for item in state["items"]}
    match told["name"]:
        case "messages.message_posted" if body["message_id"] not in items:
            author = {"id": body["author_id"], "name": body["author_name"]}
            message = {"id": body["message_id"], "room_id": body["room_id"], "author": author}
            message |= {"text": body["text"], "sent_at": body["sent_at"], "reply_to": None, "files": []}
            message |= {"reactions": [], "private_with": None, "place": None, "to_all": False, "deleted": False}
            state["items"].append(message)
        case "messages.message_told":
            others = [item for item in state["items"] if item["id"] != body["message_id"]]
            state["items"] = sorted([*others, body["message"]], key=lambda item: item["id"])
        case "messages.message_reacted" if body["message_id"] in items:
            item = items[body["message_id"]]
            mine = {one["kind"] for one in item["reactions"] if one["mine"]}
            if body["person_id"] == state.get("me"):
                mine = mine | {body["kind"]} if body["on"] else mine - {body["kind"]}
            kinds = ("like", "love", "laugh", "wow", "clap", "question")
            counts = {kind: body["counts"][kind] for kind in kinds if kind in body["counts"]}
            item["reactions"] = [{"kind": k, "count": n, "mine": k in mine} for k, n in counts.items()]
        case "messages.rule_changed":
            state["rule"] = body["rule"]


def _in_order(snapshot: Json) -> Json:
    """By id: pages sort by what the clock says."""
    return snapshot | {"items": sorted(snapshot["items"], key=lambda item: item["id"])}
