#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# sonde watch --report: what a capture shows, as a page that stands alone, as Markdown, as JSON.
# shellcheck disable=SC2154 # `run` sets $stderr

bats_require_minimum_version 1.5.0

setup_file() {
    ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export ROOT SONDE="${SONDE:-$ROOT/build/sonde}"
    # a sweep of 200 addresses in order, and a monitor whose four hosts answer, for half a minute
    python3 - "$BATS_FILE_TMPDIR/made.pcap" <<'END'
import socket
import struct
import sys

def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF

def echo(kind, source, target, number):
    message = struct.pack("!BBHHH", kind, 0, 0, 7, number) + bytes(range(32))
    message = message[:2] + struct.pack("!H", checksum(message)) + message[4:]
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(message), number, 0, 64, 1, 0,
                       socket.inet_aton(source), socket.inet_aton(target))
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + message

packets = [(10 + n * 0.02, echo(8, "203.0.113.9", f"192.0.2.{n + 1}", n)) for n in range(200)]
for second in range(30):
    for host in range(1, 5):
        packets.append((second + host * 0.1, echo(8, "192.0.2.250", f"192.0.2.{host}", second)))
        packets.append((second + host * 0.1 + 0.002, echo(0, f"192.0.2.{host}", "192.0.2.250", second)))
with open(sys.argv[1], "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
    for time, octets in sorted(packets, key=lambda packet: packet[0]):
        file.write(struct.pack("<IIII", 1767603600 + int(time), round(time % 1 * 1e6), len(octets), len(octets)) + octets)
END
    printf '\xd4\xc3\xb2\xa1\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\x00\x00\x65\x00\x00\x00' \
        >"$BATS_FILE_TMPDIR/empty.pcap"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    MADE=$BATS_FILE_TMPDIR/made.pcap EMPTY=$BATS_FILE_TMPDIR/empty.pcap
}

# check FILE WORD...: every element is closed where it should be, nothing is fetched, and the words are there
check() {
    run ! grep -E '<script|<link|<img|<iframe|<use|https?:|url\(|href|src=|javascript| on[a-z]+=' "$1"
    python3 - "$@" <<'END'
import html.parser
import sys

VOID = {"meta", "br"}

class Checker(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.text, self.tags = [], [], []
    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open)
        self.open.pop()
    def handle_data(self, data):
        self.text.append(data)

checker = Checker()
checker.feed(open(sys.argv[1], encoding="utf-8").read())
assert not checker.open, checker.open
words = "".join(checker.text)
for word in sys.argv[2:]:
    assert word in words, (word, words)
END
}

@test "the report as HTML has the verdict, the pictures and the proof, and stands alone" {
    run -1 "$SONDE" watch -r "$MADE" --report report.html
    [ "$(head -n 1 report.html)" = '<!DOCTYPE html>' ]
    [ "$(tail -n 1 report.html)" = '</html>' ]
    [ "$(grep -c '<svg' report.html)" = 2 ]
    check report.html "1 attack" "203.0.113.9" "ICMP messages by type over time" "Who asked whom" "IPv4 echo-request (8/0)" \
        "Packets that prove it" "192.0.2.250" "2026-01-05 UTC" "Messages by type and code" "How well the watch could see"
    # each picture is XML by itself
    python3 - report.html <<'END'
import re
import sys
import xml.etree.ElementTree as tree
pictures = re.findall(r"<svg.*?</svg>", open(sys.argv[1], encoding="utf-8").read(), re.DOTALL)
for picture in pictures:
    assert len(list(tree.fromstring(picture).iter())) > 10
END
    # the sweeper has one column with many rows, the monitor one with four
    grep -Eq '<title>203\.0\.113\.9: targets 200, asked 200, answered 0</title>' report.html
    grep -Eq '<title>192\.0\.2\.250: targets 4, asked 120, answered 120</title>' report.html
}

@test "the report as Markdown has the same as tables" {
    run -1 "$SONDE" watch -r "$MADE" --report report.md
    [[ $(head -n 1 report.md) == "# sonde watch "* ]]
    grep -qx '### ICMP messages by type over time' report.md
    grep -Eq '^\| IPv4 echo-request \(8/0\) \| 320 \| [0-9]+ \| .*█' report.md
    grep -qx '| 203.0.113.9 | 200 | 200 | 0 |' report.md
    grep -q '^    [0-9:.]* IP 203.0.113.9 > 192.0.2.[0-9]*: ICMP echo-request (8/0)' report.md
}

@test "the report as JSON is one object of its schema, with the same records as the output" {
    run -1 "$SONDE" watch --json -r "$MADE" --report report.json
    [ "$(wc -l <report.json)" = 1 ]
    python3 "$BATS_TEST_DIRNAME/validate.py" "$ROOT/share/schemas" <report.json
    [ "$(jq -r .schema report.json)" = sonde.watch.report/1 ]
    [ "$(jq -c .summary report.json)" = "$(grep '"sonde.watch.summary/1"' <<<"$output")" ]
    [ "$(jq -c '.counts[]' report.json | sort)" = "$(grep '"sonde.watch.count/1"' <<<"$output" | sort)" ]
    [ "$(jq '[.incidents[].findings[].id] | sort' report.json)" = \
        "$(jq -s 'map(select(.schema == "sonde.watch.finding/1").id) | sort' <<<"$output")" ]
    [ "$(jq '.questions | length' report.json)" = 440 ]
    [ "$(jq '[.incidents[].findings[] | select(.source == "203.0.113.9").lines | length] | add > 0' report.json)" = true ]
}

@test "a capture without a packet, and one in which nothing is looked for" {
    run -0 "$SONDE" watch -r "$EMPTY" --report empty.html
    check empty.html "Nothing that looks like an attack."
    [ "$(grep -c '<svg' empty.html)" = 0 ]
    run -0 "$SONDE" watch -r "$EMPTY" --report empty.md
    run -0 "$SONDE" watch -r "$EMPTY" --report empty.json
    [ "$(jq '.incidents | length' empty.json)" = 0 ]
    run -0 "$SONDE" watch -r "$MADE" --detect none --report counted.html
    check counted.html "Only counted: no attack was looked for."
}

@test "names of files stay words" {
    cp "$MADE" '<script>alert(1)<script>.pcap'
    run -1 "$SONDE" watch -r '<script>alert(1)<script>.pcap' --report report.html
    check report.html "<script>alert(1)<script>.pcap"
}

@test "random packets give a whole page" {
    python3 - noise.pcap <<'END'
import random
import struct
import sys
random.seed(5)
with open(sys.argv[1], "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
    for number in range(20000):
        size = 8 + random.randrange(60)
        head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + size, number & 0xFFFF, 0, 64, 1, 0)
        octets = head + random.randbytes(8 + size)
        file.write(struct.pack("<IIII", 1767603600 + number // 50, number % 50, len(octets), len(octets)) + octets)
END
    run "$SONDE" watch -r noise.pcap --report noise.html
    check noise.html "Messages by type and code" "Rows with the fewest packets found no room in these tables."
    run "$SONDE" watch -r noise.pcap --report noise.json
    python3 "$BATS_TEST_DIRNAME/validate.py" "$ROOT/share/schemas" <noise.json
    [ "$(jq '.counts | length' noise.json)" = 256 ]
}

@test "a file that cannot be written stops before any packet, and a full disk is told" {
    run --separate-stderr -2 "$SONDE" watch -r "$MADE" --report report.txt
    [[ $stderr == *"its name is to end in .html, .md or .json"* ]]
    [ -z "$output" ]
    run --separate-stderr -1 "$SONDE" watch -r "$MADE" --report /nowhere/report.md
    [ "$stderr" = "sonde: cannot write the report /nowhere/report.md: No such file or directory" ]
    ln -s /dev/full full.html
    run --separate-stderr "$SONDE" watch -r "$MADE" --report full.html
    [ "$status" != 0 ]
    [ "$stderr" = "sonde: the report full.html is incomplete: No space left on device" ]
    [[ $output == *sonde.watch.summary/1* ]]
}
