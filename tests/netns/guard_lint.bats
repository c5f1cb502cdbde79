#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# sonde guard lint: planted faults are found, clean rule sets are not accused, and what cannot be judged is said.

bats_require_minimum_version 1.5.0

setup() {
    ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    SONDE=${SONDE:-$ROOT/build/sonde}
    CLEAN=$BATS_TEST_DIRNAME/guard-lint/clean
    export ROOT SONDE CLEAN
}

# Files for nft are loaded into a namespace, which takes root or a user namespace.
needs_namespace() {
    unshare -n true 2>/dev/null || unshare -rn true 2>/dev/null || skip "no network namespaces"
    command -v nft >/dev/null || skip "no nft"
}

needs_root() {
    [ "$(id -u)" = 0 ] || skip "needs root"
}

@test "clean rule sets, those of distributions too, meet no false alarm" {
    needs_namespace
    run "$BATS_TEST_DIRNAME/guard-lint/judge" clean
    [ "$output" = "" ]
}

@test "every planted fault is found, and its clean twin is not accused of it" {
    needs_namespace
    [ "$(grep -vc '^#' "$BATS_TEST_DIRNAME/guard-lint/faults.txt")" -ge 60 ]
    run "$BATS_TEST_DIRNAME/guard-lint/judge" faults
    [ "$output" = "" ]
}

@test "what guard itself writes and compiles meets neither error nor warning" {
    needs_namespace
    cd "$BATS_TEST_TMPDIR"
    for role in host router edge; do
        outside=
        [ "$role" != edge ] || outside=--outside=wan0
        "$SONDE" guard init --role "$role" $outside >"$role.yaml"
        run -0 "$SONDE" guard lint "$role.yaml"
        "$SONDE" guard export nft "$role.yaml" >"$role.nft"
        run -0 "$SONDE" guard lint --role "$role" "$role.nft"
        [[ "$output" == *"0 errors, 0 warnings"* ]]
    done
}

@test "each finding proves itself: a rule, a packet, a source; fixes apply" {
    sed '/hashlimit/d; /RELATED/d; /3.4/d' "$CLEAN/host.v4" >"$BATS_TEST_TMPDIR/host.v4"
    cd "$BATS_TEST_TMPDIR"
    run -1 --separate-stderr "$SONDE" guard lint --json host.v4
    echo "$output" | jq -se 'length > 2 and all(.schema == "sonde.guard.finding/1" and .rule and .source and .advice)'
    echo "$output" | jq -r 'select(.id == "G020") | .witness' | grep -q 'ICMPv4 8/0 (echo-request)'
    echo "$output" | jq -r 'select(.id == "G001") | .fix' >fix
    patch -p1 <fix
    run -1 --separate-stderr "$SONDE" guard lint --json host.v4
    echo "$output" | jq -se 'all(.id != "G001")'
}

@test "people get the worst first, with where, proof and what to do" {
    sed '/icmpv6-type 135/d; s/icmp6-adm-prohibited/icmp6-port-unreachable/' "$CLEAN/host.v6" >"$BATS_TEST_TMPDIR/h"
    run -1 "$SONDE" guard lint "$BATS_TEST_TMPDIR/h"
    [[ "${lines[0]}" == *"judged as a host (no rule is in forward)" ]]
    [[ "${lines[1]}" == "error G003: "* ]]
    [[ "$output" == *"proof ICMPv6 135/0 (neighbor-solicitation) from the link"* ]]
    [[ "$output" == *"note G032"* ]]
    [[ "$output" == *"1 error, 0 warnings"* ]]
}

@test "--ignore leaves findings out, --role and --family say what is meant" {
    sed '/icmpv6-type 135/d' "$CLEAN/host.v6" >"$BATS_TEST_TMPDIR/h"
    run -0 "$SONDE" guard lint --ignore G003,G052 "$BATS_TEST_TMPDIR/h"
    run -2 "$SONDE" guard lint --ignore G099 "$BATS_TEST_TMPDIR/h"
    run -1 "$SONDE" guard lint --role router "$CLEAN/host.v6"
    [[ "$output" == *"judged as a router (as you say)"* ]]
    needs_namespace
    sed '/nd-neighbor-solicit/d' "$CLEAN/host.nft" >"$BATS_TEST_TMPDIR/h.nft"
    run -1 "$SONDE" guard lint "$BATS_TEST_TMPDIR/h.nft"
    run -0 "$SONDE" guard lint --family 4 "$BATS_TEST_TMPDIR/h.nft"
}

@test "a file for nft leaves this machine's rules alone" {
    needs_root
    needs_namespace
    run -0 unshare -n sh -c "nft list ruleset >'$BATS_TEST_TMPDIR/before'; '$SONDE' guard lint '$CLEAN/host.nft' >/dev/null;
        nft list ruleset | cmp - '$BATS_TEST_TMPDIR/before'"
}

@test "lines of nft's rules are found in the file" {
    needs_namespace
    sed 's/icmp type echo-request icmp code 0 counter accept/icmp code 0 counter accept/' "$CLEAN/host.nft" >"$BATS_TEST_TMPDIR/h.nft"
    line=$(grep -n 'icmp code 0 counter' "$BATS_TEST_TMPDIR/h.nft" | cut -d : -f 1)
    run -1 --separate-stderr "$SONDE" guard lint --json "$BATS_TEST_TMPDIR/h.nft"
    echo "$output" | jq -re 'select(.id == "G014") | .rule' | grep -q "h.nft:$line: inet guard input"
}

@test "bad input: what is wrong is said in a sentence" {
    run -1 "$SONDE" guard lint "$BATS_TEST_TMPDIR/absent"
    [[ "$output" == *"cannot be read"* ]]
    echo hello >"$BATS_TEST_TMPDIR/hello"
    run -1 "$SONDE" guard lint "$BATS_TEST_TMPDIR/hello"
    [[ "$output" == *"neither a policy, nor rules for nft"* ]]
    printf '*filter\n:INPUT DROP\n-I INPUT 1 -j DROP\n' >"$BATS_TEST_TMPDIR/insert"
    run -1 "$SONDE" guard lint "$BATS_TEST_TMPDIR/insert"
    [[ "$output" == *"line 3"* ]]
    run -2 "$SONDE" guard lint --running "$CLEAN/host.v4"
    needs_namespace
    printf 'table inet a {\n chain b { nonsense }\n}\n' >"$BATS_TEST_TMPDIR/nonsense.nft"
    run -1 "$SONDE" guard lint "$BATS_TEST_TMPDIR/nonsense.nft"
    [[ "$output" == *"nft refused the rules"* ]]
}

@test "what cannot be judged is not passed: exit 4" {
    printf '*filter\n:INPUT DROP\n-A INPUT -m bpf --bytecode x -j ACCEPT\nCOMMIT\n' >"$BATS_TEST_TMPDIR/opaque"
    run -4 --separate-stderr "$SONDE" guard lint --json "$BATS_TEST_TMPDIR/opaque"
    echo "$output" | jq -se 'any(.severity == "cannot-judge" and .id == "G001")'
}

@test "the running machine: rules of every firewall, sysctls, programs in front of them" {
    needs_root
    cat >"$BATS_TEST_TMPDIR/machine" <<'EOF'
set -e
ip link set lo up
ip link add eth0 type veth peer name eth1
ip link set eth0 up
ip link set eth1 mtu 1400 up
tc qdisc add dev eth0 clsact
iptables-nft -A INPUT -p icmp --icmp-type 5 -j ACCEPT
nft add table inet own
nft 'add chain inet own in { type filter hook input priority 5; policy drop; }'
nft add rule inet own in iifname lo accept
sysctl -qw net.ipv4.icmp_echo_ignore_all=1
exec "$SONDE" guard lint --running --json
EOF
    run -1 --separate-stderr unshare -n sh "$BATS_TEST_TMPDIR/machine"
    for id in G001 G003 G009 G033 G034 G040 G043; do
        echo "$output" | jq -se "any(.id == \"$id\")" >/dev/null || { echo "no $id in $output"; false; }
    done
    echo "$output" | jq -r 'select(.id == "G001") | .fix' | grep -q '^nft add rule inet own in icmp type'
    # the type that nft -j hides is known from iptables-save
    echo "$output" | jq -se 'any(.id == "G009" and (.rule | contains("ip filter INPUT rule 1")))'
}

@test "an empty machine has no rules to find fault with" {
    needs_root
    run -0 --separate-stderr unshare -n "$SONDE" guard lint --running --json --ignore G009
    [ "$output" = "" ]
}

@test "rules that nobody may read are named, and never passed" {
    needs_root
    command -v runuser >/dev/null || skip "no runuser"
    runuser -u nobody -- test -x "$SONDE" || skip "nobody may not run it"
    run --separate-stderr runuser -u nobody -- "$SONDE" guard lint --running --json
    echo "$output" | jq -se 'any(.severity == "cannot-judge" and (.message | contains("nftables")))'
}

# Without translation, behind which the kernel's answers have other addresses.
@test "the symbolic walk and the kernel agree on every message" {
    needs_root
    [ -x "${AGREE:-}" ] || skip "AGREE is the program of agree.c"
    for row in "ufw.v4 eth0 eth1" "ufw.v6 eth0 eth1" "router.nft eth0 eth1" "map.nft eth0"; do
        read -r -a words <<<"$row"
        run -0 "$AGREE" "$CLEAN/${words[0]}" "${words[@]:1}"
        [[ "$output" == "agreed "*" differ 0 undecided 0" ]]
        [ "$(echo "$output" | cut -d ' ' -f 2)" -gt 15000 ]
    done
}
