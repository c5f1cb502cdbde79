#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Send frames and print what a counter must say of them: kernel-frames.py INTERFACE every|forms|ring|tun [DIRECTION].

every: each type and code of both families, one to three times; forms: each way to carry, break and split a message, once;
ring: the same in socket buffers of which only the Ethernet header can be read directly; tun: makes the interface,
without link headers, and keeps it for as long as standard input is open. Counts and totals are sorted, as by `sort`.
"""

import fcntl
import mmap
import os
import socket
import struct
import sys

SOL_PACKET, PACKET_TX_RING, TP_STATUS_SEND_REQUEST, RING_FRAME = 263, 13, 1, 2048
ETH_P_ALL, TUNSETIFF, IFF_TUN, IFF_NO_PI = 3, 0x400454CA, 1, 0x1000
IP4, IP6, ARP, TAG, OUTER_TAG, OLD_TAG = 0x0800, 0x86DD, 0x0806, 0x8100, 0x88A8, 0x9100
HOP, TCP, UDP, ROUTING, FRAGMENT, AH, ICMP6, OPTIONS = 0, 6, 17, 43, 44, 51, 58, 60


def ethernet(protocol, packet, tags=()):
    """A frame between two stations that nobody is."""
    link = bytes.fromhex("020000000001020000000002")
    return link + b"".join(struct.pack("!HH", tag, 5) for tag in tags) + struct.pack("!H", protocol) + packet


def ip4(payload, protocol=1, fragment=0, options=b"", version=4, header=None, length=None):
    """An IPv4 packet that may lie about its header and length."""
    words = 5 + len(options) // 4
    claimed = words * 4 + len(payload) if length is None else length
    return struct.pack("!BBHHHBBH4s4s", version << 4 | (words if header is None else header), 0, claimed, 7, fragment,
                       64, protocol, 0, b"\x0a\x00\x00\x01", b"\x0a\x00\x00\x02") + options + payload


def ip6(payload, protocol=ICMP6, version=6, length=None):
    """An IPv6 packet that may lie."""
    claimed = len(payload) if length is None else length
    return struct.pack("!IHBB16s16s", version << 28, claimed, protocol, 64, b"\xfd" + bytes(15), b"\xfd" + bytes(15)) + payload


def message(kind, code, size=8):
    return bytes([kind, code]) + bytes(size - 2)


def chain(protocols, payload, last=ICMP6):
    """Extension headers, each of its shortest form, before a payload."""
    for protocol in reversed(protocols):
        following, last = last, protocol
        payload = bytes([following, 2 if protocol == AH else 0]) + bytes(14 if protocol == AH else 6) + payload
    return payload


def every():
    """Each frame, how often it is sent, and what it counts as: family, type, code and octets, or a word."""
    for family in (4, 6):
        for kind in range(256):
            for code in range(256):
                packet = ip4(message(kind, code)) if family == 4 else ip6(message(kind, code, 8 + code % 32))
                yield ethernet(IP4 if family == 4 else IP6, packet), 1 + (kind + code) % 3, (family, kind, code, len(packet))


def forms4():
    """Forms of ICMPv4; the code numbers the form."""
    yield ethernet(IP4, ip4(message(3, 0))), (4, 3, 0, 28)
    yield ethernet(IP4, ip4(message(3, 1)) + bytes(18)), (4, 3, 1, 28)
    yield ethernet(IP4, ip4(message(3, 2)), [TAG]), (4, 3, 2, 28)
    yield ethernet(IP4, ip4(message(3, 3)), [OUTER_TAG, TAG]), (4, 3, 3, 28)
    yield ethernet(IP4, ip4(message(3, 4)), [OLD_TAG, TAG, TAG, TAG]), (4, 3, 4, 28)
    yield ethernet(IP4, ip4(message(3, 5), options=bytes(4))), (4, 3, 5, 32)
    yield ethernet(IP4, ip4(message(3, 6, 1400), options=bytes(40))), (4, 3, 6, 1460)
    yield ethernet(IP4, ip4(message(3, 7, 64), fragment=0x2000)), (4, 3, 7, 84)
    yield ethernet(IP4, ip4(message(3, 8), length=1000)), (4, 3, 8, 1000)
    yield ethernet(IP4, ip4(message(3, 10))[:26]), (4, 3, 10, 28)
    yield ethernet(IP4, ip4(message(3, 11), length=0)), (4, 3, 11, 28)
    yield ethernet(IP4, ip4(message(3, 200))), (4, 3, 200, 28)
    yield ethernet(IP4, ip4(message(128, 0), protocol=ICMP6)), (6, 128, 0, 28)
    yield ethernet(IP4, ip4(message(3, 9, 64), fragment=0x2001)), "fragments"
    yield ethernet(IP4, ip4(message(3, 9), fragment=1)), "fragments"
    yield ethernet(IP4, ip4(message(3, 9), version=5)), "malformed"
    yield ethernet(IP4, ip4(message(3, 9), header=4)), "malformed"
    yield ethernet(IP4, ip4(message(3, 9), header=15)), "malformed"
    yield ethernet(IP4, ip4(message(3, 9), length=19)), "malformed"
    yield ethernet(IP4, ip4(message(3, 9), length=25)), "malformed"
    yield ethernet(IP4, ip4(message(3, 9))[:25]), "malformed"
    yield ethernet(IP4, ip4(message(3, 9))[:25], [TAG]), "malformed"
    yield ethernet(IP4, ip4(b"")), "malformed"
    yield ethernet(IP4, b""), "malformed"
    yield ethernet(IP4, b"\x45"), "malformed"
    yield ethernet(IP4, ip4(bytes(8), protocol=UDP)), "other"
    yield ethernet(IP4, ip4(bytes(20), protocol=TCP, fragment=1)), "other"
    yield ethernet(ARP, bytes(28)), "other"
    yield ethernet(IP4, ip4(message(3, 9)), [TAG] * 6), "other"
    yield ethernet(0x8863, b""), "other"


def forms6():
    """Forms of ICMPv6."""
    yield ethernet(IP6, ip6(message(1, 0))), (6, 1, 0, 48)
    yield ethernet(IP6, ip6(message(1, 1)), [TAG]), (6, 1, 1, 48)
    yield ethernet(IP6, ip6(message(1, 2)), [OUTER_TAG, TAG]), (6, 1, 2, 48)
    yield ethernet(IP6, ip6(chain([HOP], message(1, 3)), HOP)), (6, 1, 3, 56)
    yield ethernet(IP6, ip6(chain([HOP, OPTIONS, ROUTING, AH, OPTIONS], message(1, 4)), HOP)), (6, 1, 4, 96)
    yield ethernet(IP6, ip6(bytes([ICMP6, 255]) + bytes(2046) + message(1, 5), OPTIONS)[:9000]), (6, 1, 5, 2096)
    yield ethernet(IP6, ip6(chain([OPTIONS] * 8, message(1, 6)), OPTIONS)), (6, 1, 6, 112)
    yield ethernet(IP6, ip6(bytes([ICMP6, 0, 0, 1]) + bytes(4) + message(1, 7), FRAGMENT)), (6, 1, 7, 56)
    # the second octet of a fragment header is reserved, no length
    yield ethernet(IP6, ip6(bytes([ICMP6, 9, 0, 0]) + bytes(4) + message(1, 8), FRAGMENT)), (6, 1, 8, 56)
    yield ethernet(IP6, ip6(message(1, 9))[:-6]), (6, 1, 9, 48)
    yield ethernet(IP6, ip6(chain([HOP], message(1, 10)), HOP, length=0)), (6, 1, 10, 56)
    yield ethernet(IP6, ip6(message(8, 0), 1)), (4, 8, 0, 48)
    yield ethernet(IP6, ip6(message(1, 200), length=5000)), (6, 1, 200, 5040)
    yield ethernet(IP6, ip6(bytes([ICMP6, 0, 0, 8]) + bytes(4) + message(1, 9), FRAGMENT)), "fragments"
    yield ethernet(IP6, ip6(bytes([UDP, 0, 0, 8]) + bytes(4) + message(1, 9), FRAGMENT)), "other"
    yield ethernet(IP6, ip6(chain([OPTIONS] * 9, message(1, 9)), OPTIONS)), "malformed"
    yield ethernet(IP6, ip6(message(1, 9), version=4)), "malformed"
    yield ethernet(IP6, ip6(message(1, 9), length=1)), "malformed"
    yield ethernet(IP6, ip6(message(1, 9))[:-7]), "malformed"
    yield ethernet(IP6, ip6(b"")[:39]), "malformed"
    yield ethernet(IP6, ip6(bytes([ICMP6, 200]) + bytes(14), HOP)), "malformed"
    yield ethernet(IP6, ip6(bytes([ICMP6, 0]), HOP)), "malformed"
    yield ethernet(IP6, ip6(b"", 59)), "other"
    yield ethernet(IP6, ip6(chain([OPTIONS], bytes(20), TCP), OPTIONS)), "other"


def forms():
    for frame, counted in (*forms4(), *forms6()):
        yield frame, 1, counted


def send_plain(interface, frames):
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as out:
        out.bind((interface, 0))
        for frame, times, _ in frames:
            for _ in range(times):
                out.send(frame)


def send_ring(interface, frames):
    """By the packet socket's ring, from which the kernel takes all but the link header by reference."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as out:
        out.setsockopt(SOL_PACKET, PACKET_TX_RING, struct.pack("IIII", 4 * RING_FRAME, 64, RING_FRAME, 256))
        out.bind((interface, 0))
        ring = mmap.mmap(out.fileno(), 256 * RING_FRAME)
        for number, (frame, _, _) in enumerate(frames):
            at = number * RING_FRAME
            ring[at + 32:at + 32 + len(frame)] = frame  # TPACKET_HDRLEN without the address
            ring[at:at + 16] = struct.pack("LII", TP_STATUS_SEND_REQUEST, len(frame), len(frame))
        out.send(b"")


def send_tun(interface, packets):
    """Into the network as if they came from it; the answers go out, as does one ping."""
    tun = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH", interface.encode(), IFF_TUN | IFF_NO_PI))
    print("ready", flush=True)
    sys.stdin.readline()
    for packet, _, _ in packets:
        os.write(tun, packet)
    return tun


def bare():
    """What has no tag, without its link header."""
    for frame, times, counted in forms():
        if frame[12:14] in (b"\x08\x00", b"\x86\xdd") and len(frame) > 14 and frame[14] >> 4 in (4, 6):
            if (frame[12:14] == b"\x08\x00") == (frame[14] >> 4 == 4):
                yield frame[14:], times, counted


def expect(frames, direction):
    """The lines that the counter must print."""
    cells, totals = {}, dict.fromkeys(("frames", "bytes", "icmp", "fragments", "malformed", "other"), 0)
    for frame, times, counted in frames:
        totals["frames"] += times
        totals["bytes"] += times * len(frame)
        totals[counted if isinstance(counted, str) else "icmp"] += times
        if not isinstance(counted, str):
            packets, octets = cells.get(counted[:3], (0, 0))
            cells[counted[:3]] = packets + times, octets + times * counted[3]
    lines = [f"{direction} {' '.join(map(str, key + cell))}" for key, cell in cells.items()]
    lines.append(f"{direction} " + " ".join(f"{name}={value}" for name, value in totals.items()))
    return sorted(lines)


def main():
    interface, what, direction = sys.argv[1], sys.argv[2], sys.argv[3]
    frames = list({"every": every, "forms": forms, "ring": forms, "tun": bare}[what]())
    if what == "ring":  # a slot of it holds no more
        frames = [row for row in frames if len(row[0]) <= 2016]
    kept = {"every": send_plain, "forms": send_plain, "ring": send_ring, "tun": send_tun}[what](interface, frames)
    print("\n".join(expect(frames, direction)), flush=True)
    if kept is not None:
        sys.stdin.read()


main()
