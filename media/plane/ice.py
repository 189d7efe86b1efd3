"""ICE-lite (RFC 8445 §2.5) for all transports of one port. Pure: datagrams and time in, outputs out.

We never check, we only answer: always controlled, always with host candidates, those of TCP passive (RFC 6544 §4.1).
A check is known by the user fragment it was sent to; so many transports share the port. Consent (RFC 7675) is the
other side's checks.
"""

import struct
from collections.abc import Collection
from dataclasses import dataclass, field

from aioice import stun

from media.wire import Address

SILENCE = 30.0
"""Seconds without a valid check after which a connected transport is given up."""
PATIENCE = 15.0
"""The same before it is connected."""
LASTS = 1.0
"""Seconds after its last nomination in which an address is not left for one of lower priority."""

_MAX_CHECK = 1280
_ANSWER = (stun.Method.BINDING | stun.Class.RESPONSE).to_bytes(2, "big")
_COOKIE = stun.COOKIE.to_bytes(4, "big")
_ROLE_CONFLICT = (487, "Role Conflict")


@dataclass(frozen=True, slots=True)
class Reply:
    address: Address
    data: bytes


@dataclass(frozen=True, slots=True)
class Validated:
    """The transport's browser can be heard from this address; its DTLS may be taken from there."""

    transport: str
    address: Address


@dataclass(frozen=True, slots=True)
class Nominated:
    """The browser wants to be sent to at this address from now on."""

    transport: str
    address: Address


Output = Reply | Validated | Nominated


@dataclass(slots=True)
class Agent:
    """Our side of one transport. `heard` is the time of the last valid check, or of arming; None: not yet armed.

    `priority` is what the check that nominated said of its candidate, `nominated_at` when it last nominated.
    """

    transport: str
    ufrag: str
    password: str
    former: tuple[str, str] | None = None
    nominated: Address | None = None
    priority: int = 0
    nominated_at: float = 0.0
    validated: set[Address] = field(default_factory=set)
    heard: float | None = None
    connected: bool = False


class Ice:
    def __init__(self) -> None:
        self._agents: dict[str, Agent] = {}
        self._by_ufrag: dict[str, Agent] = {}
        self._nominated: dict[Address, set[str]] = {}
        """Whose browsers are sent to there."""
        self.refused = 0

    def add(self, transport: str, ufrag: str, password: str) -> None:
        agent = Agent(transport, ufrag, password)
        self._agents[transport] = self._by_ufrag[ufrag] = agent

    def arm(self, transport: str, now: float) -> None:
        """Checks are to be expected from now on."""
        agent = self._agents[transport]
        if agent.heard is None:
            agent.heard = now

    def connected(self, transport: str) -> None:
        self._agents[transport].connected = True

    def restart(self, transport: str, ufrag: str, password: str, now: float) -> None:
        """New credentials of ours (RFC 8445 §9); the former hold until a check comes with the new."""
        agent = self._agents[transport]
        if agent.former:
            self._by_ufrag.pop(agent.former[0], None)
        agent.former = (agent.ufrag, agent.password)
        agent.ufrag, agent.password = ufrag, password
        agent.heard, agent.priority = now, 0
        self._by_ufrag[ufrag] = agent

    def remove(self, transport: str) -> None:
        agent = self._agents.pop(transport, None)
        if agent is None:
            return
        self._by_ufrag.pop(agent.ufrag, None)
        if agent.former:
            self._by_ufrag.pop(agent.former[0], None)
        self._nominate(agent, None)

    def forget(self, address: Address) -> None:
        """Nothing comes from there any more: its TCP connection has ended."""
        for agent in self._agents.values():
            agent.validated.discard(address)
            if agent.nominated == address:
                self._nominate(agent, None)

    def nominated(self, transport: str) -> Address | None:
        agent = self._agents.get(transport)
        return agent.nominated if agent else None

    def expired(self, now: float) -> list[str]:
        """Transports whose browser has fallen silent. To be asked about once a second."""
        return [
            agent.transport
            for agent in self._agents.values()
            if agent.heard is not None and now - agent.heard > (SILENCE if agent.connected else PATIENCE)
        ]

    def handle(self, address: Address, data: bytes, now: float) -> list[Output]:
        """A datagram that looks like STUN. What is no valid check to one of our transports gets no answer."""
        message = _parse(data)
        agent, password = self._addressed(message)
        if message is None or agent is None or not message.check_message_integrity(password.encode()):
            self.refused += 1
            return []
        if "ICE-CONTROLLED" in message.attributes:  # we cannot lead (RFC 8445 §7.3.1.1)
            return [Reply(address, _error(message, password))]
        nominates = self._nominates(message, address, agent, now)
        if (nominates or address not in agent.validated) and self._is_held(address, agent):
            self.refused += 1
            return []
        agent.heard = now
        if agent.former and password == agent.password:
            self._by_ufrag.pop(agent.former[0], None)
            agent.former = None
        outputs: list[Output] = [Reply(address, _success(message, password, address))]
        if address not in agent.validated and len(agent.validated) < 32:
            agent.validated.add(address)
            outputs.append(Validated(agent.transport, address))
        if nominates and address in agent.validated:
            self._nominate(agent, address)
            agent.nominated_at = now
            agent.priority = message.attributes.get("PRIORITY", 0)
            outputs.append(Nominated(agent.transport, address))
        return outputs

    def _nominates(self, message: stun.Message, address: Address, agent: Agent, now: float) -> bool:
        """Whether a check moves us to its address.

        Browsers that nominate each pair they check (RFC 5245 §8.1.1.2; Firefox) use the best of them, not the last;
        one that goes over to a worse way nominates the better no more.
        """
        if "USE-CANDIDATE" not in message.attributes:
            return False
        priority = message.attributes.get("PRIORITY", 0)
        if address == agent.nominated:
            agent.nominated_at, agent.priority = now, priority
            return False
        return agent.nominated is None or priority >= agent.priority or now - agent.nominated_at > LASTS

    def _is_held(self, address: Address, agent: Agent) -> bool:
        """Another's browser, connected, is sent to there. A check's source can be forged: it takes nobody's place."""
        there = self._nominated.get(address, ())
        return any(self._agents[key].connected for key in there if key != agent.transport)

    def _nominate(self, agent: Agent, address: Address | None) -> None:
        if agent.nominated is not None and (there := self._nominated.get(agent.nominated)):
            there.discard(agent.transport)
            if not there:
                del self._nominated[agent.nominated]
        agent.nominated = address
        if address is not None:
            self._nominated.setdefault(address, set()).add(agent.transport)

    def _addressed(self, message: stun.Message | None) -> tuple[Agent | None, str]:
        if message is None or message.message_class != stun.Class.REQUEST:
            return None, ""
        if message.message_method != stun.Method.BINDING:
            return None, ""
        ufrag = message.attributes.get("USERNAME", "").partition(":")[0]
        agent = self._by_ufrag.get(ufrag)
        if agent is None:
            return None, ""
        if agent.former and agent.former[0] == ufrag:
            return agent, agent.former[1]
        return agent, agent.password


def check(ufrag: str, password: str) -> tuple[bytes, bytes]:
    """A check of a way to another plane, which nominates it (RFC 8445 §7.2.2): its transaction, and the datagram."""
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    request.attributes["USERNAME"] = f"{ufrag}:plane"
    request.attributes["PRIORITY"] = 1
    request.attributes["ICE-CONTROLLING"] = 1
    request.attributes["USE-CANDIDATE"] = None
    request.add_message_integrity(password.encode())
    return request.transaction_id, bytes(request)


def is_answer(data: bytes) -> bool:
    """A success response, of whomever to whomever."""
    return data[:2] == _ANSWER


def answers(data: bytes, password: str, checks: Collection[bytes]) -> bool:
    """Whether it is the answer to one of these checks, by who knows the password."""
    if data[8:20] not in checks:
        return False
    message = _parse(data)
    return message is not None and message.check_message_integrity(password.encode())


def _parse(data: bytes) -> stun.Message | None:
    """Cheap checks first: whoever knows the port can send us anything."""
    if not 20 <= len(data) <= _MAX_CHECK or data[4:8] != _COOKIE:
        return None
    try:
        return stun.parse_message(data)
    except (ValueError, struct.error):
        return None


def _success(request: stun.Message, password: str, address: Address) -> bytes:
    response = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, request.transaction_id)
    response.attributes["XOR-MAPPED-ADDRESS"] = address[:2]
    response.add_message_integrity(password.encode())
    return bytes(response)


def _error(request: stun.Message, password: str) -> bytes:
    response = stun.Message(stun.Method.BINDING, stun.Class.ERROR, request.transaction_id)
    response.attributes["ERROR-CODE"] = _ROLE_CONFLICT
    response.add_message_integrity(password.encode())
    return bytes(response)
