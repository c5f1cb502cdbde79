#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# sonde why --report and --firewall-log: the answer in a file, and what a firewall's log adds to it. On this machine only.
# shellcheck disable=SC2154 # `run` sets $stderr

bats_require_minimum_version 1.5.0

setup_file() {
    ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export ROOT SONDE="${SONDE:-$ROOT/build/sonde}"
    # two ports of this machine, one with a listener, and one that stays closed
    python3 "$BATS_TEST_DIRNAME/listen.py" >"$BATS_FILE_TMPDIR/ports" 3>&- &
    echo $! >"$BATS_FILE_TMPDIR/listener"
    for _ in $(seq 100); do
        [ -s "$BATS_FILE_TMPDIR/ports" ] && break
        sleep 0.05
    done
    read -r OPEN CLOSED <"$BATS_FILE_TMPDIR/ports"
    export OPEN CLOSED
}

teardown_file() {
    kill "$(cat "$BATS_FILE_TMPDIR/listener")"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

why() {
    "$SONDE" why "$@"
}

# dropped ADDRESS PORT [COUNT]: lines of a log about packets of this machine
dropped() {
    for second in $(seq 10 $((9 + ${3-1}))); do
        echo "Nov 21 03:13:$second host kernel: [4711.12] FW-DROP IN=lo OUT= MAC=00 SRC=$1 DST=$1 LEN=60 TOS=0x00 PREC=0x00" \
            "TTL=64 ID=1 DF PROTO=TCP SPT=40000 DPT=$2 WINDOW=65495 RES=0x00 SYN URGP=0"
    done
}

@test "the report as JSON is the answer as JSON" {
    run -1 why --json --report report.json "tcp://127.0.0.1:$CLOSED"
    [ "$output" = "$(cat report.json)" ]
    python3 "$BATS_TEST_DIRNAME/validate.py" "$ROOT/share/schemas" <report.json
}

@test "the report as HTML stands alone and says what the screen says" {
    run -1 why --report report.html "tcp://127.0.0.1:$CLOSED"
    [ "$(head -n 1 report.html)" = '<!DOCTYPE html>' ]
    [ "$(tail -n 1 report.html)" = '</html>' ]
    run ! grep -E '<script|<link|<img|https?:|url\(' report.html
    python3 - report.html <<'END'
import html.parser
import sys

VOID = {"meta", "br"}

class Checker(html.parser.HTMLParser):
    """Every element is closed where it should be."""
    def __init__(self):
        super().__init__()
        self.open, self.text = [], []
    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)
    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open)
        self.open.pop()
    def handle_data(self, data):
        self.text.append(data)

checker = Checker()
checker.feed(open(sys.argv[1], encoding="utf-8").read())
assert not checker.open, checker.open
words = "".join(checker.text)
assert "nothing listens there" in words and "port-closed" in words, words
END
}

@test "the report as Markdown has the sections of the screen" {
    run -1 why --report report.md "tcp://127.0.0.1:$CLOSED" "tcp://127.0.0.1:$OPEN"
    [ "$(head -n 1 report.md)" = "# sonde why tcp://127.0.0.1:$CLOSED tcp://127.0.0.1:$OPEN" ]
    [ "$(grep -c '^## ' report.md)" = 2 ]
    [ "$(grep -c '^### Evidence$' report.md)" = 2 ]
    grep -qx '| Cause | Confidence | Place |' report.md
    grep -qx '| --- | ---: | --- |' report.md
    grep -q '^1\. 127\.0\.0\.1 is this machine itself\.$' report.md
}

@test "a report of the server's own view" {
    run why --from-server "127.0.0.1:$OPEN" --report report.md
    grep -qx "# sonde why --from-server 127.0.0.1:$OPEN" report.md
    grep -q '^### Sockets$' report.md
    why --from-server "$CLOSED" --report report.json >/dev/null || true
    python3 "$BATS_TEST_DIRNAME/validate.py" "$ROOT/share/schemas" <report.json
}

@test "a file that cannot be written stops before any packet, and a full disk is told" {
    run --separate-stderr -2 why --report report.txt 127.0.0.1
    [[ $stderr == *"its name is to end in .html, .md or .json"* ]]
    [ -z "$output" ]
    run --separate-stderr -1 why --report /nowhere/report.md 127.0.0.1
    [ "$stderr" = "sonde: cannot write the report /nowhere/report.md: No such file or directory" ]
    [ -z "$output" ]
    ln -s /dev/full full.html
    run --separate-stderr -1 why --report full.html "tcp://127.0.0.1:$OPEN"
    [ "$stderr" = "sonde: the report full.html is incomplete: No space left on device" ]
    [[ $output == *"answers; nothing is wrong"* ]]
}

@test "lines about the target become evidence, whoever else was logged" {
    { dropped 127.0.0.1 "$CLOSED" 3; dropped 127.0.0.1 1; dropped 127.0.0.9 "$CLOSED"; echo "Nov 21 sshd: hello"; } >fw.log
    run -1 why --json --firewall-log fw.log "tcp://127.0.0.1:$CLOSED"
    [[ $(jq -r '.evidence[-1]' <<<"$output") == "The firewall log fw.log has 3 lines of packets of this machine to the target, dropped, in by lo, marked \"FW-DROP\"; the last one at Nov 21 03:13:12." ]]
    [[ $(jq -r '.next[-1]' <<<"$output") == *"compare the time of its last line"* ]]
    # without the log the rest is the same
    [ "$(jq '.evidence | length' <<<"$output")" = "$(($(why --json "tcp://127.0.0.1:$CLOSED" | jq '.evidence | length') + 1))" ]
}

@test "a log from standard input, without a line about the target, or without any that is understood" {
    run -0 why --json --firewall-log - "tcp://127.0.0.1:$OPEN" < <(dropped 127.0.0.1 1 2)
    [ "$(jq -r '.evidence[-1]' <<<"$output")" = "The firewall log (standard input) has no line about the target (2 about packets)." ]
    run -0 why --json --firewall-log - "tcp://127.0.0.1:$OPEN" < <(head -c 100000 /dev/urandom)
    [[ $(jq -r '.limits[-1]' <<<"$output") == "The firewall log (standard input): none of its lines"* ]]
    run -0 why --json --firewall-log /dev/null "tcp://127.0.0.1:$OPEN"
}

@test "a firewall is confirmed by its log, and its rule is named" {
    [ "$(id -u)" = 0 ] || skip "needs root"
    # shellcheck disable=SC2016 # for the shell inside of the namespaces
    run unshare -n bash -ec '
        unshare -n sleep 60 & peer=$!
        trap "kill $peer" EXIT
        until [ "$(readlink /proc/$peer/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.01; done
        ip link set lo up
        ip link add e0 type veth peer name e0 netns $peer
        ip addr add 10.9.0.1/24 dev e0; ip link set e0 up
        nsenter -t $peer -n bash -ec "
            ip link set lo up; ip addr add 10.9.0.2/24 dev e0; ip link set e0 up
            nft add table ip f
            nft add chain ip f i { type filter hook input priority 0 \; }
            nft add rule ip f i tcp dport 8443 drop"
        echo "FW-DROP-8443 IN=e0 OUT= SRC=10.9.0.1 DST=10.9.0.2 PROTO=TCP SPT=40000 DPT=8443" >fw.log
        "$SONDE" why --json --firewall-log fw.log tcp://10.9.0.2:8443'
    [ "$(jq -r '.verdict[0].cause' <<<"$output")" = firewall-drop ]
    [[ $(jq -r '.next[-1]' <<<"$output") == 'The rule is the one marked "FW-DROP-8443" in the log of netfilter'* ]]
}

@test "a log that is not there, or is a folder, is refused" {
    run --separate-stderr -2 why --firewall-log nothing 127.0.0.1
    [ "$stderr" = "sonde: cannot read the firewall log nothing: No such file or directory" ]
    run --separate-stderr -2 why --firewall-log . 127.0.0.1
    [ "$stderr" = "sonde: cannot read the firewall log .: Is a directory" ]
    run --separate-stderr -2 why --firewall-log - -f - </dev/null
    [[ $stderr == *"cannot both read standard input"* ]]
}

@test "the manual names every cause" {
    python3 - "$ROOT" <<'END'
import re
import sys
from pathlib import Path

root = Path(sys.argv[1])
causes = re.findall(r'\[CAUSE_\w+\]\s*=\s*\{"([a-z-]+)"', (root / "lib/diagnose/cause.c").read_text())
manual = re.findall(r"^\.It Cm (\S+)$", (root / "share/man/sonde-why.1").read_text(), re.MULTILINE)
assert len(causes) > 20 and sorted(causes) == sorted(manual), set(causes) ^ set(manual)
END
}
