#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Services with a character each, for the tests of lib/net; dies with its standard input or after two minutes.

TCP: 1 answers, 2 greets, 3 resets at once, 4 resets after data, 5 is silent, 6 has a full accept queue.
UDP: 1 echoes, 2 answers from another port, 3 is forged: an ICMP error whose quote is wrong,
4: one whose quote is right, 5: time exceeded with an MPLS label (RFC 4884, RFC 4950).
"""

import socket
import struct
import sys
import threading

ETH_P_IP = 0x0800
LINGER_RESET = struct.pack("ii", 1, 0)
WAIT = 120


def thread(function, *arguments):
    threading.Thread(target=function, args=arguments, daemon=True).start()


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_RESET)
    connection.close()


def answer(connection):
    if connection.recv(65536):
        connection.sendall(b"hello")
    connection.close()


def greet(connection):
    connection.sendall(b"220 hello\r\n")
    connection.recv(65536)


def reset_late(connection):
    connection.recv(65536)
    reset(connection)


def keep_silent(connection):
    threading.Event().wait(WAIT)
    connection.close()


def listen(port, backlog):
    listener = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("::", port))
    listener.listen(backlog)
    return listener


def carefully(behave, connection):
    try:
        behave(connection)
    except OSError:
        pass


def serve(port, behave):
    listener = listen(port, 16)
    while True:
        thread(carefully, behave, listener.accept()[0])


def serve_udp(port, other):
    here = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    here.bind(("::", port))
    there = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    while True:
        data, sender = here.recvfrom(65536)
        (there if other else here).sendto(data, sender)


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def icmp(kind, code, rest, body):
    head = struct.pack("!BBH", kind, code, 0) + rest
    return head[:2] + struct.pack("!H", checksum(head + body)) + head[4:] + body


def forge(port, quote):
    if port == 3:
        return icmp(3, 13, bytes(4), quote[:28] + bytes([quote[28] ^ 1]) + quote[29:])
    if port == 4:
        return icmp(3, 13, bytes(4), quote)
    label = struct.pack("!HBB", 8, 1, 1) + struct.pack("!I", 77 << 12 | 1 << 8 | 1)
    extension = struct.pack("!BBH", 0x20, 0, 0) + label
    extension = extension[:2] + struct.pack("!H", checksum(extension)) + extension[4:]
    return icmp(11, 0, bytes([0, 32, 0, 0]), quote.ljust(128, b"\0") + extension)


def watch():
    capture = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_IP))
    sender = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    while True:
        packet, source = capture.recvfrom(65536)
        if packet[9] != socket.IPPROTO_UDP or packet[0] != 0x45 or source[2] == socket.PACKET_OUTGOING:
            continue
        port = struct.unpack("!H", packet[22:24])[0]
        if port in (3, 4, 5):
            sender.sendto(forge(port, packet), (socket.inet_ntoa(packet[12:16]), 0))


def main():
    full = listen(6, 0)
    socket.create_connection(("::1", 6))
    for port, behave in ((1, answer), (2, greet), (3, reset), (4, reset_late), (5, keep_silent)):
        thread(serve, port, behave)
    thread(serve_udp, 1, False)
    thread(serve_udp, 2, True)
    thread(watch)
    threading.Timer(0.2, lambda: print("ready", flush=True)).start()
    threading.Event().wait(WAIT)
    full.close()


sys.exit(main())
