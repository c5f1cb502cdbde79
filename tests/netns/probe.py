#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What an ordinary program sees when it uses a target. Independent of sonde: the judge of the labs.

Usage: probe.py URL [OCTETS [SECONDS [SOURCE]]]; prints one word.
"""

import errno
import socket
import sys
from urllib.parse import urlsplit

IP_RECVERR, IPV6_RECVERR = 11, 25
WORDS = {
    errno.ECONNREFUSED: "refused",
    errno.ECONNRESET: "reset",
    errno.EHOSTUNREACH: "host-unreachable",
    errno.ENETUNREACH: "net-unreachable",
    errno.EACCES: "forbidden",
    errno.EPERM: "forbidden",
    errno.EINVAL: "invalid",
    errno.EMSGSIZE: "too-big",
}


def ask(kind, family, address, size, seconds, source):
    """One exchange; returns a word."""
    with socket.socket(family, kind) as probe:
        probe.settimeout(seconds)
        if kind == socket.SOCK_DGRAM and family == socket.AF_INET:
            probe.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
        elif kind == socket.SOCK_DGRAM:
            probe.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVERR, 1)
        if source:
            probe.bind((source, 0))
        probe.connect(address)
        try:
            probe.sendall(b"x" * size)
            received = 0
            while received < size:
                data = probe.recv(65536)
                if not data:
                    return "closed"
                received += len(data)
            return "reply"
        except TimeoutError:
            return "silent"


def main():
    url = urlsplit(sys.argv[1])
    size = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 0.7
    source = sys.argv[4] if len(sys.argv) > 4 else None
    kind = socket.SOCK_STREAM if url.scheme == "tcp" else socket.SOCK_DGRAM
    try:
        family, _, _, _, address = socket.getaddrinfo(url.hostname, url.port, type=kind)[0]
        print(ask(kind, family, address, size, seconds, source))
    except socket.gaierror:
        print("unresolved")
    except TimeoutError:
        print("timeout")
    except OSError as problem:
        print(WORDS.get(problem.errno, str(problem)))


main()
