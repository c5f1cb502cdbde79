#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# sonde guard init, show, export and explain; and what an exported policy does to real packets: limits hold, a full set
# lets nobody new pass, messages of the link must come from it, other tables stay. a (10.7.0.1) - h (10.7.0.2, the policy).
# shellcheck disable=SC2016 # commands between single quotes are for shells inside of a namespace
# shellcheck disable=SC2154 # `run` sets $stderr

bats_require_minimum_version 1.5.0

# Namespaces live as long as their processes, and no longer than this, whatever happens to the test.
LIFE=180

setup_file() {
    ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export ROOT SONDE="${SONDE:-$ROOT/build/sonde}" POLICIES=$BATS_FILE_TMPDIR/policies
    mkdir "$POLICIES"
    "$SONDE" guard init --role host >"$POLICIES/host"
    "$SONDE" guard init --role router >"$POLICIES/router"
    "$SONDE" guard init --role edge --outside eth0 --outside ppp0 >"$POLICIES/edge"
    [ "$(id -u)" = 0 ] || return 0
    export A H
    A=$(hold) H=$(hold)
    at "$A" ip link add eth0 type veth peer name eth0 netns "$H"
    for end in "$A 1" "$H 2"; do
        # shellcheck disable=SC2086 # the two are words
        set -- $end
        at "$1" sysctl -qw net.ipv6.conf.eth0.accept_dad=0
        at "$1" ip addr add "10.7.0.$2/24" dev eth0
        at "$1" ip addr add "fd07::$2/64" dev eth0
        at "$1" ip link set eth0 up
    done
    for last in 11 12 13 14 15 16; do
        at "$A" ip addr add "10.7.0.$last/24" dev eth0
    done
}

teardown_file() {
    [ -e "$BATS_FILE_TMPDIR/pids" ] || return 0
    while read -r pid; do
        kill "$pid" 2>/dev/null || true
    done <"$BATS_FILE_TMPDIR/pids"
}

# hold: make a network namespace; prints the process that holds it
hold() {
    unshare -n sleep "$LIFE" >/dev/null 2>&1 3>&- &
    echo $! | tee -a "$BATS_FILE_TMPDIR/pids"
    # unshare has yet to make it
    until [ "$(readlink "/proc/$!/ns/net")" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.01; done
    at $! ip link set lo up
}

# at NAMESPACE COMMAND...
at() {
    local pid=$1
    shift
    nsenter -t "$pid" -n "$@"
}

need_root() {
    [ "$(id -u)" = 0 ] || skip "needs root"
}

# enforce FILE: put a policy in force in h, the counters at zero
enforce() {
    "$SONDE" guard export nft "$1" >"$BATS_TEST_TMPDIR/rules"
    at "$H" nft -f "$BATS_TEST_TMPDIR/rules"
}

# counted NAME: packets of a counter
counted() {
    at "$H" nft -j list counter inet sonde_guard "$1" |
        python3 -c 'import json, sys; print(json.load(sys.stdin)["nftables"][1]["counter"]["packets"])'
}

# replies OPTION...: how many of a burst of pings are answered
replies() {
    at "$A" ping -q -W 1 "$@" | sed -n 's/.* \([0-9]*\) received.*/\1/p'
}

@test "init writes a policy for each role, into a new file only" {
    run -0 --separate-stderr "$SONDE" guard init --role router --output "$BATS_TEST_TMPDIR/new"
    [ -z "$output" ]
    diff "$BATS_TEST_TMPDIR/new" "$POLICIES/router"
    run -1 --separate-stderr "$SONDE" guard init --role host -o "$BATS_TEST_TMPDIR/new"
    [[ $stderr == *"File exists. It stays as it is"* ]]
    diff "$BATS_TEST_TMPDIR/new" "$POLICIES/router"
    run -2 --separate-stderr "$SONDE" guard init --role edge
    [[ $stderr == *"--outside eth0"* ]]
    run -2 "$SONDE" guard init --role host --outside eth0
    run -2 "$SONDE" guard init --role edge --outside 'a b'
    run -2 "$SONDE" guard init --role bridge
}

@test "show reads back what init wrote; in JSON, a line each" {
    for role in host router edge; do
        run -0 "$SONDE" guard show "$POLICIES/$role"
        [[ $output == *fragmentation-needed*packet-too-big*neighbor-solicitation*unlisted* ]]
    done
    "$SONDE" guard show --json "$POLICIES/host" | python3 -c '
import json, sys
rows = {(r.get("family"), r["messages"]): r for r in map(json.loads, sys.stdin)}
assert rows[4, "3/4"]["input"] == "answer-only" and rows[4, "3/4"]["tier"] == 1, rows[4, "3/4"]
assert rows[6, "135/0"]["output"] == "link-only" and "forward" not in rows[6, "135/0"]
assert rows[None, "*"]["input"] == "drop"'
}

@test "every problem of a file is said with its place; nothing is half done" {
    printf 'role: hots\nipv4:\n  echo-rquest: limit\n  3/4: drop\n' >"$BATS_TEST_TMPDIR/bad"
    run -1 --separate-stderr "$SONDE" guard show "$BATS_TEST_TMPDIR/bad"
    [ -z "$output" ]
    [[ $stderr == *"bad:1:7: "*"did you mean 'host'?"*"bad:3:3: "*"did you mean 'echo-request'?"*"bad:4:8: "* ]]
    [[ $stderr == *"i-know-this-breaks: path-mtu-discovery"* ]]
    run -1 --separate-stderr "$SONDE" guard export nft "$BATS_TEST_TMPDIR/bad"
    [ -z "$output" ]
    run -1 --separate-stderr "$SONDE" guard show "$BATS_TEST_TMPDIR/none"
    [[ $stderr == *"none cannot be read: No such file"*"guard init"* ]]
    run -1 --separate-stderr "$SONDE" guard show "$BATS_TEST_TMPDIR"
    [[ $stderr == *"Is a directory"* ]]
}

@test "export: five languages, and what each cannot express on standard error" {
    run -0 --separate-stderr "$SONDE" guard export json "$POLICIES/edge"
    [ -z "$stderr" ]
    echo "$output" | python3 -c '
import json, sys
policy = json.load(sys.stdin)
assert policy["role"] == "edge" and policy["outside"] == ["eth0", "ppp0"]
assert len(policy["decisions"]) > 200'
    run -0 --separate-stderr "$SONDE" guard export pf "$POLICIES/edge"
    [[ $stderr == *"pf: no limit for each source"* ]]
    run -0 --separate-stderr "$SONDE" guard export iptables "$POLICIES/edge"
    [[ $stderr == *"iptables: limits stand behind conntrack"* ]]
    run -2 --separate-stderr "$SONDE" guard export iptable "$POLICIES/edge"
    [[ $stderr == *"Did you mean 'iptables'?"* ]]
}

@test "the rules of every role load, twice, and leave other tables alone" {
    need_root
    for role in host router edge; do
        "$SONDE" guard export nft "$POLICIES/$role" >"$BATS_TEST_TMPDIR/nft"
        run -0 unshare -n sh -c 'nft add table inet other; nft -f "$1" && nft -f "$1" && nft list tables' - \
            "$BATS_TEST_TMPDIR/nft"
        [ "$output" = "table inet other
table inet sonde_guard" ]
        for tool in iptables ip6tables; do
            "$SONDE" guard export "$tool" "$POLICIES/$role" >"$BATS_TEST_TMPDIR/$tool" 2>/dev/null
            run -0 unshare -n sh -c '"$1"-restore --noflush "$2" && "$1"-restore --noflush "$2" && "$1"-save' - "$tool" \
                "$BATS_TEST_TMPDIR/$tool"
            [ "$(grep -c '^:sonde-input ' <<<"$output")" = 1 ]
            [ "$(grep -c '^-A sonde-input ' <<<"$output")" = "$(grep -c '^-A sonde-input ' "$BATS_TEST_TMPDIR/$tool")" ]
        done
    done
}

@test "a limit holds for each source, ahead of conntrack, and not on loopback; own pings are answered" {
    need_root
    sed 's|^  source: .*|  source: 1/minute burst 20|' "$POLICIES/host" >"$BATS_TEST_TMPDIR/policy"
    enforce "$BATS_TEST_TMPDIR/policy"
    [ "$(replies -i 0.002 -c 40 10.7.0.2)" = 20 ]
    [ "$(replies -i 0.002 -c 40 -I 10.7.0.11 10.7.0.2)" = 20 ]
    [ "$(replies -i 0.002 -c 40 fd07::2)" = 20 ]
    [ "$(counted v4.8.0.input.accept)" = 40 ]
    [ "$(counted v4.8.0.input.over)" = 40 ]
    [ "$(counted v6.128.0.input.over)" = 20 ]
    run -0 at "$H" ping -q -i 0.002 -c 40 127.0.0.1
    run -0 at "$H" ping -q -W 1 -i 0.002 -c 40 10.7.0.1
    [ "$(counted v4.0.0.input.accept)" = 80 ] # also those of loopback
}

@test "the limit of all sources stands behind the limit of each" {
    need_root
    sed 's|^  total: .*|  total: 1/minute burst 25|' "$POLICIES/host" >"$BATS_TEST_TMPDIR/policy"
    enforce "$BATS_TEST_TMPDIR/policy"
    total=0
    for last in 11 12 13; do
        total=$((total + $(replies -i 0.002 -c 15 -I 10.7.0.$last 10.7.0.2)))
    done
    [ "$total" = 25 ]
}

@test "a full set lets nobody new pass, and those that are in it go on" {
    need_root
    # a slow rate, so that the elements live long
    sed 's|^  source: .*|  source: 1/minute burst 20|' "$POLICIES/host" >"$BATS_TEST_TMPDIR/policy"
    enforce "$BATS_TEST_TMPDIR/policy"
    sed 's/size 131072/size 3/' "$BATS_TEST_TMPDIR/rules" | at "$H" nft -f -
    for last in 11 12 13; do
        [ "$(replies -i 0.002 -c 5 -I 10.7.0.$last 10.7.0.2)" = 5 ]
    done
    for last in 14 15 16; do
        [ "$(replies -i 0.002 -c 5 -I 10.7.0.$last 10.7.0.2)" = 0 ]
    done
    [ "$(replies -i 0.002 -c 5 -I 10.7.0.12 10.7.0.2)" = 5 ]
    [ "$(counted v4.8.0.input.over)" = 15 ]
}

@test "neighbour discovery works under each role's policy, and a solicitation that was routed does not pass" {
    need_root
    for role in host router edge; do
        enforce "$POLICIES/$role"
        at "$A" ip -6 neigh flush dev eth0
        at "$H" ip -6 neigh flush dev eth0
        [ "$(replies -c 1 fd07::2)" = 1 ]
        before=$(counted v6.135.0.input.drop)
        at "$A" python3 -c 'import socket
raw = socket.socket(socket.AF_INET6, socket.SOCK_RAW, 58)
raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, 254)
raw.sendto(b"\x87\0\0\0\0\0\0\0" + socket.inet_pton(socket.AF_INET6, "fd07::2"), ("fd07::2", 0))'
        for _ in $(seq 50); do
            [ "$(counted v6.135.0.input.drop)" = "$before" ] || break
            sleep 0.02
        done
        [ "$(counted v6.135.0.input.drop)" = $((before + 1)) ]
    done
}

@test "explain: a rule, a message or a name; with counters where the kernel has them" {
    need_root
    enforce "$POLICIES/host"
    [ "$(replies -c 1 10.7.0.2)" = 1 ]
    run -0 at "$H" "$SONDE" guard explain --json --policy "$POLICIES/host" sg:v4.8.0.input
    echo "$output" | python3 -c '
import json, sys
rule = json.load(sys.stdin)
assert rule["rule"] == "v4.8.0.input" and rule["place"].count(":") == 2
assert {"fate": "accept", "packets": 1, "bytes": 84} in rule["counters"], rule'
    run -0 "$SONDE" guard explain --policy "$POLICIES/host" 3/4
    [[ $output == *"ICMPv4 3/4 (fragmentation-needed) in input: answer-only"*"Never drop it"*"in output: accept"* ]]
    run -0 "$SONDE" guard explain --policy "$POLICIES/host" v6.unlisted.output
    [[ $output == *"Every ICMPv6 message that no line names"* ]]
    run -1 --separate-stderr "$SONDE" guard explain --policy "$POLICIES/host" echo-rquest
    [[ $stderr == *"Did you mean 'echo-request'?"* ]]
}
