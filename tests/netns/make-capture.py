#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Captures for the tests of `sonde watch`, always the same for the same words:
make-capture.py FORMAT FILE ACTOR...

FORMAT is pcap or pcapng. Each actor plays its part, from the same second on:
  ping        three hosts ping a fourth for ten seconds, which answers
  closed      a client asks a closed port forty times
  sweep       a stranger asks 200 addresses of 192.0.2.0/24 in a row
  monitor     a machine asks 150 random addresses, of which none answers
  dark        a stranger asks a few addresses of 198.51.100.0/24
  life        hosts of 192.0.2.0/25 talk to each other
  sweeps=N    N strangers sweep, each for itself
"""
import random
import struct
import sys

sys.dont_write_bytecode = True  # nothing is left behind
from attack import icmp, udp  # noqa: E402

BEGIN = 1767603600
LINK_RAW = 101


def echo(source, target, reply, number, identifier=7):
    return icmp(source, target, 0 if reply else 8, 0, struct.pack("!HH", identifier, number & 0xFFFF), bytes(range(32)))


def ping():
    for second in range(10):
        for host in (1, 2, 3):
            now = second + host * 0.01
            yield now, echo(f"192.0.2.{host}", "192.0.2.4", False, second)
            yield now + 0.001, echo("192.0.2.4", f"192.0.2.{host}", True, second)


def closed():
    for number in range(40):
        request = udp("192.0.2.1", "192.0.2.4", (40000 + number, 53))
        yield number * 0.2, request
        yield number * 0.2 + 0.001, icmp("192.0.2.4", "192.0.2.1", 3, 3, bytes(4), request[:28])


def sweep(source="203.0.113.9"):
    for number in range(200):
        yield 2 + number * 0.02, echo(source, f"192.0.2.{number + 1}", False, number)


def monitor():
    chosen = random.Random(1).sample(range(1 << 16), 150)
    for number, host in enumerate(chosen):
        yield 1 + number * 0.02, echo("192.0.2.250", f"10.9.{host >> 8}.{host & 255}", False, number)


def dark():
    for number in range(12):
        yield 3 + number * 0.3, echo("203.0.113.77", f"198.51.100.{20 + 7 * number}", False, number)


def life():
    for second in range(20):
        for host in range(1, 60):
            now = second + host * 0.003
            yield now, echo(f"192.0.2.{host}", f"192.0.2.{host + 60}", False, second)
            yield now + 0.001, echo(f"192.0.2.{host + 60}", f"192.0.2.{host}", True, second)


def sweeps(count):
    for number in range(int(count)):
        yield from sweep(f"203.0.113.{number + 1}")


def pcap(packets):
    yield struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, LINK_RAW)
    for time, octets in packets:
        yield struct.pack("<IIII", BEGIN + int(time), round(time % 1 * 1e6), len(octets), len(octets)) + octets


def block(kind, body):
    body += bytes(-len(body) % 4)
    return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)


def pcapng(packets):
    yield block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    yield block(1, struct.pack("<HHI", LINK_RAW, 0, 0))
    for time, octets in packets:
        stamp = (BEGIN + int(time)) * 1000000 + round(time % 1 * 1e6)
        yield block(6, struct.pack("<IIIII", 0, stamp >> 32, stamp & 0xFFFFFFFF, len(octets), len(octets)) + octets)


ACTORS = {actor.__name__: actor for actor in (ping, closed, sweep, monitor, dark, life, sweeps)}

if __name__ == "__main__":
    random.seed(1)
    packets = []
    for word in sys.argv[3:]:
        name, _, value = word.partition("=")
        packets += ACTORS[name](*[value] if value else [])
    packets.sort(key=lambda packet: packet[0])
    with open(sys.argv[2], "wb") as file:
        file.writelines({"pcap": pcap, "pcapng": pcapng}[sys.argv[1]](packets))
