#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# sonde guard rehearse, plan and trace: the kernel itself says what rules do, in namespaces that leave nothing behind.

# shellcheck disable=SC2154 # run sets stderr
bats_require_minimum_version 1.5.0

setup_file() {
    ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    SONDE=${SONDE:-$ROOT/build/sonde}
    WORK=$BATS_FILE_TMPDIR
    SONDE_GUARD_STATE=$WORK/state SONDE_GUARD_ETC=$WORK/etc
    export ROOT SONDE WORK SONDE_GUARD_STATE SONDE_GUARD_ETC
    for role in host router edge; do
        outside=
        [ $role != edge ] || outside="--outside eth0"
        # shellcheck disable=SC2086 # words
        "$SONDE" guard init --role $role $outside >"$WORK/$role.yaml"
        "$SONDE" guard export nft "$WORK/$role.yaml" >"$WORK/$role.nft"
    done
    # Who may not see this file's folder still gets the command.
    chmod 755 "$WORK"
}

setup() {
    [ "$(id -u)" = 0 ] || skip "needs root"
}

# A machine of its own: two interfaces, and what stands on standard input as its rules.
machine() {
    cat >"$WORK/rules.nft"
    # shellcheck disable=SC2016 # for the inner shell
    unshare -n sh -c 'ip link set lo up && ip link add eth0 type veth peer name eth1 && ip link set eth0 up && ip link set eth1 up &&
        ip addr add 192.0.2.1/24 dev eth0 && nft -f "$0" && exec "$@"' "$WORK/rules.nft" "$@"
}

# Whether some record that a command gave is such a one.
some() { # SCHEMA FILTER
    jq -se --arg schema "sonde.guard.$1/1" "any(.[]; .schema == \$schema and ($2))" <<<"$output" >/dev/null
}

@test "each role's template does what it says, with every message" {
    for role in host router edge; do
        run --separate-stderr "$SONDE" guard rehearse --alone --json "$WORK/$role.yaml"
        echo "$role: $status $output $stderr"
        [ "$status" -eq 0 ]
        some rehearsal '.mismatches == 0 and .unseen == 0 and .lost == 0'
        some rehearsal ".pairs == $(case $role in host) echo 4 ;; router) echo 6 ;; *) echo 10 ;; esac) * 65536 and .sent > .pairs"
    done
}

@test "an ordinary user can rehearse a policy" {
    cp "$SONDE" "$WORK/sonde"
    run --separate-stderr setpriv --reuid 65534 --regid 65534 --clear-groups "$WORK/sonde" guard rehearse --alone --json \
        --direction input - <"$WORK/host.yaml"
    if [ "$status" -eq 3 ]; then skip "namespaces are for root only here: $stderr"; fi
    echo "$status $output $stderr"
    [ "$status" -eq 0 ]
    some rehearsal '.mismatches == 0 and .lost == 0'
    run --separate-stderr setpriv --reuid 65534 --regid 65534 --clear-groups "$WORK/sonde" guard rehearse - <"$WORK/host.yaml"
    [ "$status" -eq 3 ]
    [[ "$stderr" == *"--alone"* ]]
}

@test "what the kernel refuses is said with its words" {
    cat >"$WORK/loop.nft" <<'RULES'
table inet t {
 chain a { jump b; }
 chain b { jump a; }
 chain in { type filter hook input priority 0; jump a; }
}
RULES
    run --separate-stderr "$SONDE" guard rehearse --alone "$WORK/loop.nft"
    [ "$status" -ne 0 ]
    [[ "$stderr" == *"Too many links"* ]]
    echo 'table inet t { chain in { type filter hook input priority 0; icmp type echo-rquest drop; } }' >"$WORK/word.nft"
    run --separate-stderr "$SONDE" guard rehearse --alone "$WORK/word.nft"
    [ "$status" -ne 0 ]
    [[ "$stderr" == *"nft refused the rules"* ]]
    run --separate-stderr "$SONDE" guard rehearse "$WORK/absent.yaml"
    [ "$status" -ne 0 ]
    [[ "$stderr" == *"absent.yaml"* ]]
}

@test "a policy for an interface that is not here is refused, and tried alone all the same" {
    sed 's/^outside:.*/outside: [wan7]/' "$WORK/edge.yaml" >"$WORK/wan.yaml"
    grep -q wan7 "$WORK/wan.yaml"
    run --separate-stderr machine "$SONDE" guard rehearse "$WORK/wan.yaml" <<<""
    [ "$status" -ne 0 ]
    [[ "$stderr" == *wan7* ]]
    run --separate-stderr "$SONDE" guard rehearse --alone --direction forward-in --json "$WORK/wan.yaml"
    [ "$status" -eq 0 ]
}

@test "the machine's own rules decide, too, of whatever firewall" {
    # shellcheck disable=SC2016 # for the inner shell
    run --separate-stderr machine sh -c 'iptables-nft -A INPUT -p icmp --icmp-type 8 -j REJECT &&
        exec "$SONDE" guard rehearse --json --direction input "$WORK/host.yaml"' <<'RULES'
table inet f {
 chain i { type filter hook input priority 50; policy accept; icmpv6 type 128 drop comment "no pings"; }
}
RULES
    echo "$status $output $stderr"
    [ "$status" -eq 1 ]
    some verdict '.family == 4 and .type == 8 and .verdict == "reject" and (.rule | startswith("ip/filter/INPUT handle"))'
    some verdict '.family == 6 and .type == 128 and .verdict == "drop" and (.rule | contains("no pings"))'
}

@test "a plan tells verdicts, refuses to drop what must pass, and is kept" {
    run --separate-stderr machine "$SONDE" guard plan --json "$WORK/host.yaml" <<<""
    echo "$status $stderr"
    [ "$status" -eq 0 ]
    some change '.family == 4 and .type == 3 and .code == 4 and .direction == "input" and
        .from == "accept" and .to == "answer-only" and .tier == 1 and .refused == false'
    jq -e '.policy and .others and .generation' "$SONDE_GUARD_STATE/plan.json" >/dev/null
    cat >"$WORK/black-hole.nft" <<'RULES'
table inet t {
 chain in { type filter hook input priority 0; icmp type 3 drop; }
}
RULES
    run --separate-stderr machine "$SONDE" guard plan --json "$WORK/black-hole.nft" <<<""
    [ "$status" -eq 1 ]
    some change '.family == 4 and .type == 3 and .code == 4 and .to == "drop" and .refused'
}

@test "a plan counts what it would have done to recorded traffic" {
    printf '%s\n' '{"schema":"sonde.watch.count/1","family":4,"type":13,"code":0,"layer":"outer","packets":5,"bytes":100}' \
        '{"schema":"sonde.watch.count/1","family":4,"type":8,"code":0,"layer":"outer","packets":7,"bytes":100}' >"$WORK/watch.json"
    run --separate-stderr machine "$SONDE" guard plan --json --traffic "$WORK/watch.json" "$WORK/host.yaml" <<<""
    echo "$status $stderr"
    [ "$status" -eq 0 ]
    some plan '.traffic == 12 and .dropped == 5'
    some change '.family == 4 and .type <= 13 and .type_last >= 13 and .direction == "input" and .packets == 5'
}

@test "in a capture, what answers the machine's own packets is known" {
    "$BATS_TEST_DIRNAME/guard-traffic.py" >"$WORK/traffic.pcap"
    run --separate-stderr machine "$SONDE" guard plan --json --traffic "$WORK/traffic.pcap" "$WORK/host.yaml" <<<""
    echo "$status $stderr"
    [ "$status" -eq 0 ]
    some plan '.traffic == 6 and .dropped == 4'
    some change '.family == 4 and .type == 13 and .direction == "input" and .packets == 3 and .sources == 2'
    some change '.family == 4 and .type == 3 and .code <= 3 and .code_last >= 3 and .direction == "input" and .packets == 1'
}

@test "rules of the old iptables decide without a trace, and are found" {
    command -v iptables-legacy || skip "no iptables-legacy"
    # shellcheck disable=SC2016 # for the inner shell
    run --separate-stderr machine sh -c 'iptables-legacy -A INPUT -p icmp --icmp-type 8 -j DROP || exit 77
        exec "$SONDE" guard rehearse --json --direction input "$WORK/host.yaml"' <<<""
    if [ "$status" -eq 77 ]; then skip "this kernel has no legacy tables"; fi
    echo "$status $output $stderr"
    [ "$status" -eq 1 ]
    some verdict '.family == 4 and .type == 8 and .verdict == "drop" and .rule == "a rule of iptables-legacy"'
}

@test "trace names the rule, and each base chain on the way" {
    rules='table inet f {
 chain i { type filter hook input priority 0; policy drop
  icmp type echo-request jump pings
  tcp dport 22 accept comment "ssh for all"
 }
 chain pings { ip saddr 198.51.100.0/24 drop comment "noisy neighbours"; counter accept; }
}'
    run --separate-stderr machine "$SONDE" guard trace --json --hook input 198.51.100.7 <<<"$rules"
    echo "$status $output $stderr"
    [ "$status" -eq 1 ]
    jq -e '.fate == "drop" and (.rule | contains("noisy neighbours")) and ([.steps[].verdict] == ["jump", "drop"])' <<<"$output"
    run --separate-stderr machine "$SONDE" guard trace --json --hook input 198.51.100.7:22 <<<"$rules"
    [ "$status" -eq 0 ]
    jq -e '.fate == "accept" and (.rule | contains("ssh for all"))' <<<"$output"
    run --separate-stderr machine "$SONDE" guard trace --json --hook input --type 13 198.51.100.7 <<<"$rules"
    [ "$status" -eq 1 ]
    jq -e '.rule == "inet/f/i policy drop"' <<<"$output"
    run --separate-stderr machine "$SONDE" guard trace --json --policy "$WORK/host.yaml" --type 3/4 192.0.2.9 <<<""
    [ "$status" -eq 0 ]
    jq -e '(.rule | contains("sg:v4.3.4.output")) and .reason and (.place | test("host.yaml:[0-9]+:"))' <<<"$output"
}

@test "trace takes targets as why does: names, ports, URLs" {
    rules='table inet f {
 chain o { type filter hook output priority 0; policy accept
  ip daddr 192.0.2.9 tcp dport 443 drop comment "no web"
  ip6 daddr 2001:db8::9 udp dport 53 reject comment "no names"
 }
}'
    printf '192.0.2.9 web.test\n2001:db8::9 web.test\n' >"$WORK/hosts"
    # shellcheck disable=SC2016 # for the inner shell
    ask='mount --bind "$0" /etc/hosts; ip addr add 2001:db8::1/64 dev eth0 nodad; exec "$@"'
    run --separate-stderr machine unshare -m sh -c "$ask" "$WORK/hosts" "$SONDE" guard trace --json -4 https://web.test <<<"$rules"
    echo "$status $output $stderr"
    [ "$status" -eq 1 ]
    jq -e '.fate == "drop" and (.rule | contains("no web"))' <<<"$output"
    run --separate-stderr machine unshare -m sh -c "$ask" "$WORK/hosts" "$SONDE" guard trace --json -6 udp://web.test:53 <<<"$rules"
    [ "$status" -eq 1 ]
    jq -e '.family == 6 and .fate == "reject" and (.rule | contains("no names"))' <<<"$output"
    run --separate-stderr machine "$SONDE" guard trace --json -4 nobody.invalid <<<"$rules"
    [ "$status" -eq 4 ]
    [[ "$stderr" == *nobody.invalid* ]]
    run --separate-stderr machine "$SONDE" guard trace --type 8 192.0.2.9:22 <<<"$rules"
    [ "$status" -eq 2 ]
    run --separate-stderr machine "$SONDE" guard trace localhost <<<"$rules"
    [ "$status" -eq 2 ]
}

# The network namespaces that threads of a process are in.
namespaces_of() {
    for task in /proc/"$1"/task/*; do readlink "$task/ns/net" || true; done 2>/dev/null | sort -u
}

@test "nothing is left behind, even when it is killed" {
    interfaces=$(ip -br link) rules=$(nft list ruleset)
    "$SONDE" guard rehearse --alone "$WORK/router.yaml" >"$WORK/out" &
    pid=$!
    home=$(readlink /proc/self/ns/net) scratch=
    for _ in $(seq 200); do
        scratch=$(namespaces_of $pid | grep -vxF "$home" || true)
        [ -z "$scratch" ] || break
        sleep 0.05
    done
    [ -n "$scratch" ]
    kill -KILL $pid
    wait $pid || true
    for process in /proc/[0-9]*; do
        ! namespaces_of "${process#/proc/}" | grep -qxF "$scratch" || return 1
    done
    [ "$(ip -br link)" = "$interfaces" ]
    [ "$(nft list ruleset)" = "$rules" ]
}
