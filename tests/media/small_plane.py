"""A plane that moves nothing: it binds its port, speaks the seam, and misbehaves when a transport is so named."""

import argparse
import os
import signal
import socket
import sys
import time

from media.plane import seam


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--fd", type=int)
    words.add_argument("--host")
    words.add_argument("--udp-port", type=int)
    words.add_argument("--wire")
    words.add_argument("--public-address", action="append", default=[])
    words.add_argument("--exit", type=int)
    given = words.parse_args()
    if given.exit is not None:
        sys.exit(given.exit)
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind((given.host, given.udp_port))
    control = socket.socket(fileno=given.fd)
    port = udp.getsockname()[1]
    control.sendall(seam.encode(seam.Ready(port, (given.host, *given.public_address))))
    stream = control.makefile("rb")
    while head := stream.read(4):
        order = seam.decode_order(stream.read(int.from_bytes(head, "big")))
        transport = getattr(order, "transport", "")
        if transport == "nonsense":
            control.sendall(b"\0\0\0\x02{}")
        elif transport == "too long":
            control.sendall(b"\xff\xff\xff\xff")
        elif transport == "hang":
            signal.pause()
        elif transport == "deaf":  # to the end of its control socket too
            control.sendall(seam.encode(seam.Connected(transport)))
            time.sleep(60)
        elif isinstance(order, seam.Dump):
            own = {"pid": os.getpid(), "group": os.getpgid(0), "here": os.getcwd()}
            control.sendall(seam.encode(seam.Dumped(order.request, own)))
        elif isinstance(order, seam.OpenPublisher):
            control.sendall(seam.encode(seam.Answered(transport, f"answer of {os.getpid()}", ())))
        elif isinstance(order, seam.OpenReceiver):
            control.sendall(seam.encode(seam.Connected(transport)))


if __name__ == "__main__":
    main()
