#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Print a capture of 192.0.2.1: an error that answers its datagram, one that answers nothing, timestamp requests, an echo."""
import struct
import sys

RAW = 101  # LINKTYPE_RAW


def checksum(octets):
    octets += b"\0" * (len(octets) % 2)
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def ip(source, destination, protocol, payload):
    ends = b"".join(bytes(map(int, end.split("."))) for end in (source, destination))
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 1, 0, 61, protocol, 0) + ends
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + payload


def icmp(kind, code, body=b""):
    message = struct.pack("!BBHI", kind, code, 0, 0) + body
    return message[:2] + struct.pack("!H", checksum(message)) + message[4:]


def udp(destination, port):
    return ip("192.0.2.1", destination, 17, struct.pack("!HHHH", 4000, port, 8, 0))


packets = [
    udp("198.51.100.9", 53),
    ip("198.51.100.9", "192.0.2.1", 1, icmp(3, 3, udp("198.51.100.9", 53))),
    ip("203.0.113.1", "192.0.2.1", 1, icmp(3, 3, udp("203.0.113.1", 7))),
    ip("203.0.113.1", "192.0.2.1", 1, icmp(13, 0)),
    ip("203.0.113.1", "192.0.2.1", 1, icmp(13, 0)),
    ip("203.0.113.2", "192.0.2.1", 1, icmp(13, 0)),
    ip("203.0.113.2", "192.0.2.1", 1, icmp(8, 0)),
]
out = sys.stdout.buffer
out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, RAW))
for second, packet in enumerate(packets):
    out.write(struct.pack("<IIII", second, 0, len(packet), len(packet)) + packet)
