#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sockets in each state that a server's can be in, for the tests of sonde why --from-server; ends after two minutes.

why-server.py tcp:ADDRESS:PORT[:full] udp:ADDRESS:PORT[:full] ...   an IPv6 address stands in brackets; "full" is a queue
that nobody empties. Prints "ready" when all of them are there. What connects is accepted unless the queue is to be full.
"""

import re
import socket
import sys
import threading
import time

WAIT = 120


def accept(listener):
    kept = []
    while True:
        kept.append(listener.accept()[0])


def fill(connected):
    """One more connection or datagram; whether it found room."""
    try:
        connected.send(b"x" * 1000)
        return True
    except OSError:
        return False


def open_tcp(family, address, port, full):
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    listener.listen(1 if full else 16)
    clients = [listener]
    if not full:
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
    for _ in range(4 if full else 0):
        client = socket.socket(family)
        client.setblocking(False)
        client.connect_ex(("::1" if family == socket.AF_INET6 else "127.0.0.1", port))
        clients.append(client)
    return clients


def open_udp(family, address, port, full):
    receiver = socket.socket(family, socket.SOCK_DGRAM)
    receiver.bind((address, port))
    sender = socket.socket(family, socket.SOCK_DGRAM)
    sender.connect(("::1" if family == socket.AF_INET6 else "127.0.0.1", port))
    for _ in range(1000 if full else 0):
        fill(sender)
    return [receiver]


def open_one(word):
    match = re.fullmatch(r"(tcp|udp):(\[[0-9a-f:]*\]|[0-9.]+):(\d+)(:full)?", word)
    if not match:
        sys.exit(f"why-server.py: {word} is no socket")
    kind, address, port, full = match.groups()
    address = address.strip("[]")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return (open_tcp if kind == "tcp" else open_udp)(family, address, int(port), bool(full))


kept = [open_one(word) for word in sys.argv[1:]]
time.sleep(0.2)  # until the connections that fill a queue are through
print("ready", flush=True)
time.sleep(WAIT)
