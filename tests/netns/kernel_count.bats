#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Counting in the kernel: what passes a veth pair, a sender of known frames at one end and a counter at each.
# Its memory is read by a process without rights, in the sandbox that kills it for any other system call.

bats_require_minimum_version 1.5.0

# Namespaces live as long as a process in them, and no longer than this, whatever happens to the test.
LIFE=120
UNSUPPORTED=-997

setup_file() {
    export WITHOUT=
    [ "$(id -u)" = 0 ] || WITHOUT="needs root"
    [ -n "$WITHOUT" ] || unshare -n "$TALLY" lo best </dev/null >/dev/null 2>"$BATS_FILE_TMPDIR/why" ||
        ! grep -q "^$UNSUPPORTED" "$BATS_FILE_TMPDIR/why" || WITHOUT=$(cat "$BATS_FILE_TMPDIR/why")
}

setup() {
    [ -z "$WITHOUT" ] || skip "$WITHOUT"
    A=$(hold) B=$(hold)
    at "$A" ip link add e0 mtu 9000 type veth peer name e0 mtu 9000 netns "$B"
    at "$A" ip link set e0 up
    at "$B" ip link set e0 up
}

teardown() {
    [ -e "$BATS_TEST_TMPDIR/pids" ] || return 0
    while read -r pid; do
        kill "$pid" 2>/dev/null || true
    done <"$BATS_TEST_TMPDIR/pids"
}

# hold: make a network namespace without IPv6 of its own; prints the process that holds it
hold() {
    unshare -n sleep "$LIFE" >/dev/null 2>&1 3>&- &
    echo $! | tee -a "$BATS_TEST_TMPDIR/pids"
    until [ "$(readlink "/proc/$!/ns/net")" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.01; done
    at $! sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
}

# at NAMESPACE COMMAND...
at() {
    nsenter -t "$1" -n "${@:2}"
}

# counter NAME NAMESPACE INTERFACE HOOK: count from now on; sets PID to the process
counter() {
    mkfifo "$BATS_TEST_TMPDIR/$1.in"
    nsenter -t "$2" -n "$TALLY" "$3" "$4" <"$BATS_TEST_TMPDIR/$1.in" >"$BATS_TEST_TMPDIR/$1" 2>&1 3>&- &
    PID=$!
    echo $PID >>"$BATS_TEST_TMPDIR/pids"
    # kept open, so that it does not end
    eval "exec {input_$1}>\"$BATS_TEST_TMPDIR/$1.in\""
    until [ -s "$BATS_TEST_TMPDIR/$1" ]; do sleep 0.01; done
    [ "$(cat "$BATS_TEST_TMPDIR/$1")" = "$4" ] || skip "$(cat "$BATS_TEST_TMPDIR/$1")"
}

# look NAME: have all counts in the file of that name
look() {
    local input=input_$1
    echo >&"${!input}"
    until grep -q '^done' "$BATS_TEST_TMPDIR/$1"; do sleep 0.01; done
    grep -q '^done 0' "$BATS_TEST_TMPDIR/$1"
}

# counts NAME DIRECTION: what it had counted when we looked, sorted
counts() {
    grep "^$2 " "$BATS_TEST_TMPDIR/$1" | LC_ALL=C sort
}

# passes HOOK KIND: frames of that kind are counted where they go out and where they come in, and nothing else
passes() {
    counter out "$A" e0 "$1"
    counter in "$B" e0 "$1"
    at "$A" "$BATS_TEST_DIRNAME/kernel-frames.py" e0 "$2" out >"$BATS_TEST_TMPDIR/sent"
    look out
    look in
    diff "$BATS_TEST_TMPDIR/sent" <(counts out out)
    diff <(sed 's/^out/in/' "$BATS_TEST_TMPDIR/sent") <(counts in in)
    [ "$(counts out in)" = "in frames=0 bytes=0 icmp=0 fragments=0 malformed=0 other=0" ]
}

@test "every type and code of both families, in and out, by tcx" {
    passes tcx every
    # of which little is mapped into the process
    [ "$(awk '/VmHWM/ { print $2 }' "/proc/$PID/status")" -lt 8192 ]
}

@test "every type and code of both families, in and out, by a packet socket" {
    passes socket every
}

@test "tags, extension headers, fragments, lies and short frames, by tcx" {
    passes tcx forms
}

@test "tags, extension headers, fragments, lies and short frames, by a packet socket" {
    passes socket forms
}

@test "the same in buffers of which only the Ethernet header can be read in place, by tcx" {
    passes tcx ring
}

@test "the same in buffers of which only the Ethernet header can be read in place, by a packet socket" {
    passes socket ring
}

@test "an interface without link headers" {
    [ -e /dev/net/tun ] || skip "needs /dev/net/tun"
    for hook in tcx socket; do
        mkfifo "$BATS_TEST_TMPDIR/$hook.go"
        nsenter -t "$A" -n "$BATS_TEST_DIRNAME/kernel-frames.py" "$hook" tun in \
            <"$BATS_TEST_TMPDIR/$hook.go" >"$BATS_TEST_TMPDIR/$hook.sent" 3>&- &
        echo $! >>"$BATS_TEST_TMPDIR/pids"
        exec {go}>"$BATS_TEST_TMPDIR/$hook.go"
        until grep -q ready "$BATS_TEST_TMPDIR/$hook.sent"; do sleep 0.01; done
        at "$A" ip link set "$hook" up mtu 9000
        at "$A" ip addr add 10.8.0.1/24 dev "$hook"
        counter "on_$hook" "$A" "$hook" "$hook"
        echo >&"$go"
        until grep -q frames= "$BATS_TEST_TMPDIR/$hook.sent"; do sleep 0.01; done
        at "$A" ping -q -c 1 -W 0.1 10.8.0.2 || true
        look "on_$hook"
        diff <(sed 1d "$BATS_TEST_TMPDIR/$hook.sent") <(counts "on_$hook" in)
        [ "$(counts "on_$hook" out | head -n 1)" = "out 4 8 0 1 84" ]
        exec {go}>&-
        at "$A" ip addr del 10.8.0.1/24 dev "$hook"
    done
}

@test "nothing is left behind, even when the process is killed" {
    counter killed "$B" e0 tcx
    programs=$(sed -n 's/^prog_id:\s*//p' /proc/"$PID"/fdinfo/*)
    maps=$(sed -n 's/^map_id:\s*//p' /proc/"$PID"/fdinfo/*)
    [ "$(wc -w <<<"$programs")" = 2 ] && [ -n "$maps" ]
    left() {
        for id in $programs; do bpftool prog show id "$id" 2>/dev/null; done
        for id in $maps; do bpftool map show id "$id" 2>/dev/null; done
    }
    PATH=$PATH:/usr/sbin
    [ -n "$(left)" ]
    kill -KILL "$PID"
    for _ in $(seq 100); do # the kernel frees them a while later
        [ -n "$(left)" ] || break
        sleep 0.05
    done
    [ -z "$(left)" ]
}

@test "two count at one interface, and neither sees the other" {
    counter first "$B" e0 tcx
    counter second "$B" e0 tcx
    counter third "$B" e0 socket
    at "$A" "$BATS_TEST_DIRNAME/kernel-frames.py" e0 forms in >"$BATS_TEST_TMPDIR/sent"
    for name in first second third; do
        look $name
        diff "$BATS_TEST_TMPDIR/sent" <(counts $name in)
    done
}

@test "the counts stay when the interface goes" {
    counter orphan "$B" e0 tcx
    at "$A" "$BATS_TEST_DIRNAME/kernel-frames.py" e0 forms in >"$BATS_TEST_TMPDIR/sent"
    at "$B" ip link del e0
    look orphan
    diff "$BATS_TEST_TMPDIR/sent" <(counts orphan in)
}

@test "no right to count, no such interface" {
    run -1 at "$B" setpriv --reuid=65534 --clear-groups --bounding-set=-all "$TALLY" e0 best
    [[ $output == "-999 cannot listen on e0: this user may not; Run it with sudo, or once: sudo setcap cap_bpf,cap_net_admin,cap_net_raw+ep "* ]]
    run -1 at "$B" "$TALLY" e7 best
    [[ $output == "-995 there is no interface e7; They are shown by: ip link" ]]
}
