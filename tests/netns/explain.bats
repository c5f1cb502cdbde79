#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# sonde explain: the questions people ask, and the very lines that this machine's tools print about real errors.
# shellcheck disable=SC2016 # commands between single quotes are for shells inside of a namespace

bats_require_minimum_version 1.5.0

setup_file() {
    ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export ROOT SONDE="${SONDE:-$ROOT/build/sonde}"
    unset NO_COLOR CLICOLOR_FORCE
}

# messages QUESTION...: what is explained, as "4/3/3 port-unreachable", one a line
messages() {
    "$SONDE" explain --json "$@" | jq -r '
        if .kind == "icmp" then "\(.family)/\(.type)/\(.code // "-") \(.name)" else "\(.kind) \(.name)" end'
}

# needs_tool NAME...: skip where this machine lacks one, or nobody may make a namespace for it
needs_tool() {
    [ "$(id -u)" = 0 ] || skip "needs root"
    for tool in "$@"; do
        command -v "$tool" >/dev/null || skip "$tool is not installed"
    done
}

# rejecting RULE COMMAND...: run a command in a namespace of its own whose loopback rejects what the rule says;
# the namespace ends with the command
rejecting() {
    unshare --net sh -c '
        ip link set lo up
        nft "add table inet t; add chain inet t i { type filter hook input priority 0; }; add rule inet t i $1" || exit 9
        shift
        timeout 10 "$@" 2>&1' sh "$@" || true
}

@test "a type and code is explained for the family that assigns it" {
    [ "$(messages 3/3)" = "4/3/3 port-unreachable" ]
    [ "$(messages 1/4)" = "6/1/4 port-unreachable" ]
    [ "$(messages 6 1/4)" = "6/1/4 port-unreachable" ]
    [ "$(messages -6 1/4)" = "6/1/4 port-unreachable" ]
    [ "$(messages 4 1/4)" = "4/1/4 unassigned-1-2" ]
    [ "$(messages 11/1 | xargs)" = "4/11/1 reassembly-time-exceeded" ]
    [ "$(messages 3/1 | xargs)" = "4/3/1 host-unreachable 6/3/1 reassembly-time-exceeded" ]
}

@test "a name is explained for both families" {
    [ "$(messages port-unreachable | xargs)" = "4/3/3 port-unreachable 6/1/4 port-unreachable" ]
    [ "$(messages 6 "Port Unreachable" | xargs)" = "6/1/4 port-unreachable" ]
    [ "$(messages packet too big)" = "6/2/- packet-too-big" ]
}

@test "an errno by name, with the word, and by number" {
    for question in EHOSTUNREACH "errno EHOSTUNREACH" 113 "errno 113" "No route to host"; do
        [ "$(messages "$question")" = "errno EHOSTUNREACH" ]
    done
    [ "$(messages errno EACCES)" = "errno EACCES" ]
}

@test "every pair of numbers is explained" {
    for type in 0 3 7 41 77 128 135 155 200 255; do
        for code in 0 4 255; do
            run -0 "$SONDE" explain "$type/$code"
        done
    done
}

@test "text for people fits 80 columns and says what to do" {
    run -0 "$SONDE" explain 3/3
    [[ $output == "ICMPv4 3/3, port-unreachable: Destination unreachable: port unreachable"* ]]
    for part in "What it says:" "Who sends it:" "Why one sees it:" "What to do:" "What a firewall should do" "RFC 792"; do
        [[ $output == *"$part"* ]]
    done
    [ "$("$SONDE" explain 3/3 | awk 'length > 80' | wc -l)" = 0 ]
    [ "$("$SONDE" explain | awk 'length > 80' | wc -l)" = 0 ]
}

@test "without an argument every message is listed, for scripts every row" {
    [ "$("$SONDE" explain | wc -l)" -gt 150 ]
    [ "$("$SONDE" explain 4 | awk '$1 == 6' | wc -l)" = 0 ]
    [ "$("$SONDE" explain 6 | awk '$1 == 4' | wc -l)" = 0 ]
    # the rows of a family cover all types
    for family in 4 6; do
        run -0 bash -c '"$SONDE" explain --json "$1" | jq -s "[.[] | range(.type; (.type_last // .type) + 1)] | unique | length"' \
            bash "$family"
        [ "$output" = 256 ]
    done
}

@test "a type with several codes gives their list, a part of names too" {
    run -0 "$SONDE" explain 4 3
    [[ $output == *host-unreachable* && $output == *precedence-cutoff* ]]
    run -0 "$SONDE" explain prohibited
    [[ $output == *net-prohibited* && $output == *host-prohibited* && $output == *admin-prohibited* ]]
    [[ $output != *port-unreachable* ]]
}

@test "asked about an ICMP port it says gently that there are none, and answers" {
    run -0 "$SONDE" explain "block port 8 icmp"
    [[ $output == *echo-request* && $output == *"not ports"* ]]
    run -0 "$SONDE" explain ICMP port 3
    [[ $output == *"not ports"* && $output == *port-unreachable* ]]
    run -0 "$SONDE" explain "ping example.net:443"
    [[ $output == *"sonde why tcp://example.net:443"* ]]
}

@test "what is not understood exits 2 with a sentence and the nearest names" {
    run --separate-stderr -2 "$SONDE" explain port-unreacable
    [ -z "$output" ]
    # shellcheck disable=SC2154 # run sets it
    [[ $stderr == *"Did you mean port-unreachable"* ]]
    run --separate-stderr -2 "$SONDE" explain 3/300
    [[ $stderr == *"0 to 255"* ]]
    run --separate-stderr -2 "$SONDE" explain "the network is slow today"
    [[ $stderr == *"3/3"* ]]
    run -2 "$SONDE" explain --no-such-option
}

@test "the target of a line becomes the next command" {
    run -0 "$SONDE" explain "ssh: connect to host db1 port 22: No route to host"
    [[ $output == *"sonde why tcp://db1:22"* ]]
    run -0 "$SONDE" explain "dial tcp [2001:db8::7]:443: i/o timeout"
    [[ $output == *"sonde why tcp://[2001:db8::7]:443"* ]]
    run -0 "$SONDE" explain "IP 10.0.0.254 > 10.0.0.2: ICMP 10.0.0.1 udp port 53 unreachable, length 36"
    [[ $output == *"sonde why udp://10.0.0.1:53"* ]]
}

@test "octets that a terminal would obey do not reach it" {
    run -0 "$SONDE" explain $'ssh: connect to host a\e[31mb port 22: No route to host'
    [[ $output != *$'\e'* ]]
    run -2 "$SONDE" explain $'\e[31mwhat'
    [[ $output != *$'\e'* ]]
}

@test "ping's own words for each kind of reject, IPv4" {
    needs_tool ping jq
    while read -r kind wanted; do
        line=$(rejecting "icmp type echo-request reject with icmp type $kind" ping -n -c 1 -W 1 127.0.0.1 | grep '^From')
        [ "$(messages "$line")" = "$wanted" ] || { echo "$kind: $line"; return 1; }
        [ "$("$SONDE" explain --json "$line" | jq -r .from)" = 127.0.0.1 ]
    done <<'END'
net-unreachable 4/3/0 net-unreachable
host-unreachable 4/3/1 host-unreachable
prot-unreachable 4/3/2 protocol-unreachable
port-unreachable 4/3/3 port-unreachable
net-prohibited 4/3/9 net-prohibited
host-prohibited 4/3/10 host-prohibited
admin-prohibited 4/3/13 admin-prohibited
END
}

@test "ping's own words for each kind of reject, IPv6" {
    needs_tool ping jq
    while read -r kind wanted; do
        line=$(rejecting "icmpv6 type echo-request reject with icmpv6 type $kind" ping -n -c 1 -W 1 ::1 | grep '^From')
        [ "$(messages "$line")" = "$wanted" ] || { echo "$kind: $line"; return 1; }
    done <<'END'
no-route 6/1/0 no-route
admin-prohibited 6/1/1 admin-prohibited
addr-unreachable 6/1/3 address-unreachable
port-unreachable 6/1/4 port-unreachable
END
}

@test "traceroute's marks for each kind of reject" {
    needs_tool traceroute jq
    while read -r address family kind wanted; do
        line=$(rejecting "$family type echo-request reject with $family type $kind" \
            traceroute -I -n -q 1 -m 2 "$address" | grep '^ 1')
        [ "$(messages "$line")" = "$wanted" ] || { echo "$kind: $line"; return 1; }
    done <<'END'
127.0.0.1 icmp net-unreachable 4/3/0 net-unreachable
127.0.0.1 icmp host-unreachable 4/3/1 host-unreachable
127.0.0.1 icmp prot-unreachable 4/3/2 protocol-unreachable
127.0.0.1 icmp admin-prohibited 4/3/13 admin-prohibited
::1 icmpv6 no-route 6/1/0 no-route
::1 icmpv6 admin-prohibited 6/1/1 admin-prohibited
::1 icmpv6 addr-unreachable 6/1/3 address-unreachable
END
}

@test "nmap's reasons for rejected and closed ports" {
    needs_tool nmap jq
    line=$(rejecting "tcp dport 9 reject with icmp type host-prohibited" \
        nmap -n -Pn -sS -p 9 --reason 127.0.0.1 | grep '^9/tcp')
    [ "$(messages "$line")" = "4/3/10 host-prohibited" ]
    # a row alone does not tell the family, the whole report does
    report=$(rejecting "udp dport 9 reject with icmp type admin-prohibited" nmap -n -Pn -sU -p 9 --reason 127.0.0.1)
    [ "$(messages "$(grep '^9/udp' <<<"$report")" | xargs)" = "4/3/13 admin-prohibited 6/1/1 admin-prohibited" ]
    [ "$(messages "$report")" = "4/3/13 admin-prohibited" ]
    [ "$("$SONDE" explain --json "$report" | jq -r .next)" = "sonde why udp://127.0.0.1:9" ]
    report=$(rejecting "udp dport 10 accept" nmap -6 -n -Pn -sU -p 9 --reason ::1)
    [ "$(messages "$report")" = "6/1/4 port-unreachable" ]
    line=$(rejecting "udp dport 10 accept" nmap -n -Pn -sS -p 9 --reason 127.0.0.1 | grep '^9/tcp')
    [ "$(messages "$line")" = "errno ECONNREFUSED" ]
}

@test "curl's and python's lines about a closed and a rejected port of the machine" {
    needs_tool curl python3 jq
    line=$(rejecting "tcp dport 9 reject with icmp type host-prohibited" \
        python3 -c 'import socket; socket.create_connection(("127.0.0.1", 9))' | tail -n 1)
    [ "$(messages "$line")" = "errno EHOSTUNREACH" ]
    line=$(rejecting "udp dport 9 accept" curl -sS http://127.0.0.1:9/)
    [ "$("$SONDE" explain --json "$line" | jq -r .next)" = "sonde why tcp://127.0.0.1:9" ]
    line=$(rejecting "udp dport 9 accept" curl -v http://127.0.0.1:9/ | grep refused | head -n 1)
    [ "$(messages "$line")" = "errno ECONNREFUSED" ]
}

@test "tcpdump's line about a closed UDP port" {
    needs_tool tcpdump python3 jq
    line=$(rejecting "udp dport 10 accept" sh -c '
        tcpdump -l -n -i lo -c 1 icmp >"$0" 2>"$0.log" & dumper=$!
        for _ in $(seq 100); do grep -q listening "$0.log" && break; sleep 0.05; done
        python3 -c "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b\"?\", (\"127.0.0.1\", 9))"
        wait "$dumper"; cat "$0"' "$BATS_TEST_TMPDIR/dump")
    [ "$(messages "$line")" = "4/3/3 port-unreachable" ]
    [ "$("$SONDE" explain --json "$line" | jq -r .next)" = "sonde why udp://127.0.0.1:9" ]
}
