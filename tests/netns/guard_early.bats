#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The early filter (XDP): the same verdicts as the policy, limits that hold, and a lease of its own.

bats_require_minimum_version 1.5.0

# Namespaces live as long as a process in them, and no longer than this, whatever happens to the test.
LIFE=300
UNSUPPORTED=-997

setup() {
    [ "$(id -u)" = 0 ] || skip "needs root"
    cd "$BATS_TEST_TMPDIR" || return 1
    export SONDE_GUARD_STATE=$PWD/state SONDE_GUARD_ETC=$PWD/etc
    unset SSH_CONNECTION
    HERE=$(hold) PEER=$(hold)
    at mount -t bpf bpf /sys/fs/bpf
    at ip link set lo up
    at ip link add e0 type veth peer name e0 netns "$PEER"
    at ip addr add 10.9.0.1/24 dev e0
    at ip link set e0 up
    nsenter -t "$PEER" -n ip addr add 10.9.0.2/24 dev e0
    nsenter -t "$PEER" -n ip link set e0 up
    policy accept >open.yaml
    policy drop >shut.yaml
    at "$EARLY" verdicts open.yaml lo >probe || ! grep -q "^$UNSUPPORTED" probe || skip "$(cat probe)"
}

teardown() {
    [ -e "$BATS_TEST_TMPDIR/pids" ] || return 0
    while read -r pid; do
        kill -KILL "$pid" 2>/dev/null || true
    done <"$BATS_TEST_TMPDIR/pids"
}

# hold: make a network and a mount namespace; prints the process that holds them
hold() {
    unshare -n -m sleep "$LIFE" >/dev/null 2>&1 3>&- &
    echo $! | tee -a "$BATS_TEST_TMPDIR/pids"
    until [ "$(readlink "/proc/$!/ns/mnt")" != "$(readlink /proc/self/ns/mnt)" ]; do sleep 0.01; done
}

at() {
    nsenter -t "$HERE" -n -m --wdns="$BATS_TEST_TMPDIR" "$@"
}

# policy VERDICT: a policy with this verdict for echo requests
policy() {
    printf 'role: host\nipv4: {fragmentation-needed: accept, echo-reply: accept, echo-request: %s}\n' "$1"
    printf 'ipv6: {1: accept, packet-too-big: accept, 3-4: accept, 128-129: accept, 133-136: link-only}\n'
}

# begin FILE [OPTION...]: apply in the background; sets APPLYING; returns when the policy is on trial
begin() {
    nsenter -t "$HERE" -n -m --wdns="$BATS_TEST_TMPDIR" "$SONDE" guard apply "$@" >applied 2>applied.err 3>&- &
    APPLYING=$!
    echo $APPLYING >>"$BATS_TEST_TMPDIR/pids"
    until at nft list set inet sonde_guard lease 2>/dev/null | grep -q expires; do
        kill -0 $APPLYING 2>/dev/null || { cat applied applied.err; return 1; }
        sleep 0.02
    done
}

pings() {
    nsenter -t "$PEER" -n ping -q -c 1 -W 0.3 10.9.0.1 >/dev/null
}

# attached [INTERFACE]: an XDP program is there
attached() {
    at ip -j link show "${1:-e0}" | jq -e '.[0].xdp.prog.id' >/dev/null
}

# early: how many packets nftables saw in echo requests
seen_by_nft() {
    at nft -j list counters table inet sonde_guard |
        jq '[.nftables[].counter? | select(. != null and (.name | startswith("v4.8."))) | .packets] | add'
}

@test "every type and code of both families, plain and from the link, in three policies" {
    cat >mixed.yaml <<'END'
role: host
ipv4:
  fragmentation-needed: accept
  echo-reply: answer-only
  echo-request: limit 1000000/second burst 1000000 total 10000000/second burst 1000000
  time-exceeded: drop
  router-advertisement: link-only
  13: reject
  40-44: accept
ipv6:
  packet-too-big: accept
  130-136: link-only
  143: link-only
  echo-request: limit 1000000/second burst 1000000 total 10000000/second burst 1000000
  echo-reply: accept
END
    for file in open.yaml shut.yaml mixed.yaml; do
        run -0 at "$EARLY" verdicts $file lo
        [ "$output" = "compared 262144 differ 0" ]
    done
}

@test "the interface of a rule, and an exception for a source" {
    cat >rules.yaml <<'END'
role: host
ipv4:
  fragmentation-needed: accept
  echo-reply: accept
  echo-request: {input: drop, output: accept, interface: e0}
  timestamp-request: accept
ipv6: {1: accept, packet-too-big: accept, 3-4: accept, 128-129: accept, 133-136: link-only}
END
    run -0 at "$EARLY" verdicts rules.yaml e0
    [ "$output" = "compared 262144 differ 0" ]
    run -0 at "$EARLY" verdicts rules.yaml lo
    [ "$output" = "compared 262144 differ 0" ]
    # nftables decides by the source, so all of that type goes on
    cat >>shut.yaml <<'END'
exceptions: [{ipv4: 8, input: accept, from: 203.0.113.0/24, owner: a, reason: b}]
END
    run -1 at "$EARLY" verdicts shut.yaml e0
    [[ $output == *"ICMPv4 8/0 plain: passed"*"differ 512"* || $output == *"ICMPv4 8/"*": passed"* ]]
}

@test "the limit of a source holds within 5 % among 60,000" {
    policy 'limit 200/second burst 20 total 10000000/second burst 1000000' >limit.yaml
    run -0 at "$EARLY" sources limit.yaml lo
    awk '{ exit !($2 >= $4 * 0.95 && $2 <= $4 * 1.05) }' <<<"$output"
}

@test "dropped early, until the lease ends by itself, natively and by the generic way" {
    # a veth has the native way, a loopback interface only the generic one
    for where in "$PEER 10.9.0.1 e0" "$HERE 127.0.0.1 lo"; do
        read -r from address interface <<<"$where"
        ping_it() { nsenter -t "$from" -n ping -q -c 1 -W 0.2 "$address" >/dev/null; }
        ping_it
        rm -f go
        mkfifo go
        nsenter -t "$HERE" -n "$EARLY" hold shut.yaml "$interface" <go >held 2>&1 3>&- &
        holder=$!
        echo $holder >>pids
        exec {input}>go
        until [ -s held ]; do sleep 0.01; done
        run ! ping_it
        for _ in $(seq 100); do ! ping_it || break; sleep 0.05; done
        ping_it
        echo >&"$input"
        until grep -q '^done' held; do sleep 0.01; done
        grep -q '^4 8/0 [1-9]' held
        # nothing of it is left when nobody holds it
        kill -KILL $holder
        exec {input}>&-
        for _ in $(seq 50); do # the kernel frees it a while later
            attached "$interface" || break
            sleep 0.05
        done
        run ! attached "$interface"
    done
}

@test "apply, and the way back by itself" {
    begin shut.yaml --engine xdp -I e0 --confirm-within 3s
    attached
    run ! pings
    [ "$(seen_by_nft)" = 0 ]
    status=0
    wait $APPLYING || status=$?
    [ $status = 1 ]
    pings
    run ! attached

    # without a process
    begin shut.yaml --engine xdp -I e0 --confirm-within 3s
    kill -KILL $APPLYING
    run ! pings
    for _ in $(seq 60); do ! pings || break; done
    pings
    attached
    at "$SONDE" guard rollback
    run ! attached
}

@test "confirm keeps it, the next policy takes its place, and rollback ends it" {
    begin shut.yaml --engine xdp -I e0 --confirm-within 60s
    at setsid -w "$SONDE" guard confirm
    wait $APPLYING
    attached
    run ! pings
    [ "$(seen_by_nft)" = 0 ]

    # what it dropped is counted under the rule's name, too
    at "$SONDE" guard review --json --all >/dev/null || true
    for _ in 1 2 3; do pings || true; done
    at "$SONDE" guard review --json --all >review.json || true
    [ "$(jq 'select(.rule == "v4.8.0.input") | .blocked' review.json)" = 3 ]

    # on trial the other decides, at both places; then the first again
    begin open.yaml --engine xdp -I e0 --confirm-within 60s
    pings
    at "$SONDE" guard rollback
    run ! pings
    [ "$(seen_by_nft)" -le 1 ]

    # one without the engine: the early filter must not go on by the old policy
    begin open.yaml --confirm-within 60s
    pings
    at setsid -w "$SONDE" guard confirm
    wait $APPLYING
    pings
    run ! attached
}

@test "what it cannot do is said, and nothing is changed" {
    run -2 at "$SONDE" guard apply shut.yaml --engine xdp
    run -2 at "$SONDE" guard apply shut.yaml -I e0
    run -1 at "$SONDE" guard apply shut.yaml --engine xdp -I e7
    [[ $output == *"there is no interface e7"* ]]
    at umount /sys/fs/bpf
    at mount -t tmpfs none /sys/fs/bpf
    run -4 at "$SONDE" guard apply shut.yaml --engine xdp -I e0
    [[ $output == *"mount -t bpf bpf /sys/fs/bpf"* ]]
    at umount /sys/fs/bpf
    at mount -t bpf bpf /sys/fs/bpf
    [ -z "$(at nft list ruleset)" ]
    run ! attached
    [ ! -e state/trial.json ]
}
