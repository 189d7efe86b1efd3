"""Yjs updates by hand: what a browser sends, without a browser."""


def number(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def string(text: str) -> bytes:
    return number(len(text.encode())) + text.encode()


def typed(client: int, clock: int, text: str, *, root: str = "notes") -> bytes:
    """Text typed into a document at its root: one struct of one client, and nothing deleted."""
    head = number(1) + number(1) + number(client) + number(clock)
    return head + bytes([0x04]) + number(1) + string(root) + string(text) + number(0)
