#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Putting a policy in force, confirming it, going back; what is refused, and that nothing else is touched.

bats_require_minimum_version 1.5.0

# Namespaces live as long as a process in them, and no longer than this, whatever happens to the test.
LIFE=300

setup() {
    [ "$(id -u)" = 0 ] || skip "needs root"
    cd "$BATS_TEST_TMPDIR" || return 1
    export SONDE_GUARD_STATE=$PWD/state SONDE_GUARD_ETC=$PWD/etc
    unset SSH_CONNECTION
    HERE=$(hold)
    at ip link set lo up
    policy 'echo-request: accept' >open.yaml
    policy 'echo-request: drop' >shut.yaml
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

# at COMMAND...: there
at() {
    nsenter -t "$HERE" -n -m --wdns="$BATS_TEST_TMPDIR" "$@"
}

# policy LINE: a policy with a line for ICMPv4
policy() {
    printf 'role: host\nipv4:\n  fragmentation-needed: accept\n  echo-reply: accept\n  %s\n' "$1"
    printf 'ipv6: {1: accept, packet-too-big: accept, 3-4: accept, 128-129: accept, 133-136: link-only}\n'
}

# begin FILE [OPTION...]: apply in the background; sets APPLYING; returns when the policy is on trial
begin() {
    nsenter -t "$HERE" -n -m --wdns="$BATS_TEST_TMPDIR" "$SONDE" guard apply "$@" >applied 2>applied.err 3>&- &
    APPLYING=$!
    echo $APPLYING >>"$BATS_TEST_TMPDIR/pids"
    until on_trial; do
        kill -0 $APPLYING 2>/dev/null || { cat applied applied.err; return 1; }
        sleep 0.02
    done
}

# ended STATUS: apply ends with it
ended() {
    local status=0
    wait $APPLYING || status=$?
    [ $status = "$1" ]
}

on_trial() {
    at nft list set inet sonde_guard lease 2>/dev/null | grep -q expires
}

# put FILE: apply and confirm
put() {
    begin "$1" --confirm-within 60s
    at setsid -w "$SONDE" guard confirm
    wait $APPLYING
}

pings() {
    at ping -q -c 1 -W 0.3 127.0.0.1 >/dev/null
}

# others: every table but ours
others() {
    at nft -s list ruleset | awk '/^table/ { ours = $0 ~ /inet sonde_guard/ } !ours'
}

@test "nobody confirms: the earlier policy is back, and apply says so" {
    put open.yaml
    begin shut.yaml --confirm-within 3s
    run ! pings
    ended 1
    grep -q "Nobody confirmed" applied
    pings
    # the new one is gone without a trace
    [ "$(at nft list table inet sonde_guard | grep -c 'chain g[0-9]*\.v4\.input {')" = 1 ]
    [ ! -e state/trial.json ]
    run -1 at "$SONDE" guard confirm
    [[ $output == *"no policy is on trial"* ]]
}

@test "without an earlier policy everything passes again" {
    begin shut.yaml --confirm-within 3s
    run ! pings
    ended 1
    pings
    [ -z "$(at nft list ruleset)" ]
}

@test "the way back needs no process, and the next command tidies up" {
    put open.yaml
    begin shut.yaml --confirm-within 3s
    kill -KILL $APPLYING
    run ! pings
    for _ in $(seq 200); do on_trial || break; sleep 0.05; done
    pings
    run -1 at setsid -w "$SONDE" guard confirm
    [[ $output == *"the lease has ended"* ]]
    run -0 at "$SONDE" guard rollback --json
    # confirm has tidied up, so this is about the policy before
    [ "$(jq -r .deed <<<"$output")" = nothing ]
}

@test "rollback right after the lease does not go one further back" {
    put open.yaml
    begin shut.yaml --confirm-within 1s
    kill -KILL $APPLYING
    for _ in $(seq 200); do on_trial || break; sleep 0.05; done
    run -0 at "$SONDE" guard rollback --json
    [ "$(jq -r .deed <<<"$output")" = trial-was-over ]
    pings
    [ -e etc/guard.yaml ]
}

@test "confirm only from a new login or connection" {
    begin shut.yaml --confirm-within 60s
    run -1 at "$SONDE" guard confirm
    [[ $output == *"this is the login that the policy was applied from"*"--here"* ]]
    at "$SONDE" guard confirm --here
    wait $APPLYING
    grep -q "confirmed" applied

    # shellcheck disable=SC2030,SC2031 # each test is a process of its own
    export SSH_CONNECTION="192.0.2.7 50000 192.0.2.1 22"
    begin open.yaml --confirm-within 60s
    for option in "" --here; do
        # shellcheck disable=SC2086 # no word at all
        run -1 at setsid -w "$SONDE" guard confirm $option
        [[ $output == *"this is the connection that the policy was applied from"* ]]
    done
    # sudo takes the variable away, the shell above has it still
    run -1 at env SSH_CONNECTION="$SSH_CONNECTION" bash -c 'env -u SSH_CONNECTION "$@"; exit $?' - "$SONDE" guard confirm
    [[ $output == *"this is the connection"* ]]
    on_trial
    SSH_CONNECTION="192.0.2.7 50001 192.0.2.1 22" at "$SONDE" guard confirm
    wait $APPLYING
}

@test "rollback: during the trial, then to the policy before, and forth again" {
    put open.yaml
    begin shut.yaml --confirm-within 60s
    run ! pings
    run -0 at "$SONDE" guard rollback
    [[ $output == *"The trial is over"* ]]
    pings
    ended 1
    grep -q "The trial was ended" applied

    put shut.yaml
    run ! pings
    cmp shut.yaml etc/guard.yaml
    cmp open.yaml etc/guard.yaml.previous
    at "$SONDE" guard rollback
    pings
    cmp open.yaml etc/guard.yaml
    at "$SONDE" guard rollback
    run ! pings
    cmp shut.yaml etc/guard.yaml
    cmp open.yaml etc/guard.yaml.previous
}

@test "rollback of the first policy, and forth again" {
    put shut.yaml
    run -0 at "$SONDE" guard rollback --json
    [ "$(jq -r .deed <<<"$output")" = nothing ]
    pings
    [ ! -e etc/guard.yaml ] && [ ! -e etc/guard.nft ]
    at "$SONDE" guard rollback
    run ! pings
    [ -e etc/guard.nft ]
    rm etc/guard.yaml.previous etc/guard.yaml 2>/dev/null || true
}

@test "what the boot loads is what is in force" {
    put shut.yaml
    counted='s/packets [0-9]* bytes [0-9]*//'
    at nft list table inet sonde_guard | sed "$counted; s/g[0-9]*\./S./g" >live
    at nft delete table inet sonde_guard
    pings
    at nft -f etc/guard.nft
    run ! pings
    diff live <(at nft list table inet sonde_guard | sed "$counted; s/g[0-9]*\./S./g")
    grep -q "ExecStart=/usr/sbin/nft -f /etc/sonde/guard.nft" "$BATS_TEST_DIRNAME/../../share/systemd/sonde-guard.service"
}

@test "nobody else's table is touched" {
    at nft -f - <<'END'
table inet theirs {
    set s { type ipv4_addr; flags timeout; }
    chain c {
        type filter hook input priority 5;
        ip saddr 192.0.2.1 counter drop
    }
}
table ip sonde_guard {
    chain c {
        type filter hook input priority 6;
    }
}
END
    others >before
    put open.yaml
    put shut.yaml
    begin open.yaml --confirm-within 1s
    wait $APPLYING || true
    at "$SONDE" guard rollback
    others >after
    diff before after
    [ "$(wc -l <before)" -gt 5 ]
}

@test "two guards at once" {
    mkdir state
    python3 -c 'import fcntl, time; f = open("state/lock", "w"); fcntl.lockf(f, fcntl.LOCK_EX); print(flush=True); time.sleep(60)' \
        >locked 3>&- &
    holder=$!
    echo $holder >>pids
    until [ -s locked ]; do sleep 0.02; done
    run -1 at "$SONDE" guard apply open.yaml
    [[ $output == *"another guard is at work (process $holder); nothing was changed"* ]]
    run -1 at "$SONDE" guard rollback
    [[ $output == *"process $holder"* ]]
    [ -z "$(at nft list ruleset)" ]
    kill $holder
    wait $holder || true

    begin shut.yaml --confirm-within 60s
    at nft list ruleset >before
    run -1 at "$SONDE" guard apply open.yaml
    [[ $output == *"a policy is on trial for another "*" s; nothing was changed"* ]]
    diff <(grep -v expires before) <(at nft list ruleset | grep -v expires)
    at "$SONDE" guard rollback
}

# intrude NUMBER: somebody adds a table right before the guard runs nft for the NUMBERth time
intrude() {
    at nft add table ip innocent
    cp "$(readlink -f /usr/sbin/nft)" nft.real
    cat >nft.false <<END
#!/bin/sh
echo >>$PWD/calls
[ \$(wc -l <$PWD/calls) != $1 ] || $PWD/nft.real add table ip intruder
exec $PWD/nft.real "\$@"
END
    chmod +x nft.false
    at mount --bind nft.false "$(readlink -f /usr/sbin/nft)"
}

@test "somebody else changes rules while they are loaded" {
    put open.yaml
    # after the rules were read, and after they were looked at for the last time
    for number in 2 3; do
        rm -f calls
        intrude $number
        run -1 at "$SONDE" guard apply shut.yaml
        at umount "$(readlink -f /usr/sbin/nft)"
        [[ $output == *"somebody changed other rules of nftables just now"* ]]
        pings
        run ! on_trial
        [ ! -e state/trial.json ]
        at nft list table ip intruder
        at nft delete table ip intruder
    done
    # what changes without a rule does not matter
    begin shut.yaml --confirm-within 60s
    at "$SONDE" guard rollback
}

@test "rules of others that changed since the plan, and errors that lint finds" {
    at nft add table ip theirs
    at "$SONDE" guard plan open.yaml >/dev/null || [ -s state/plan.json ] # what it finds is not the question
    at nft add chain ip theirs more
    run -1 at "$SONDE" guard apply open.yaml
    [[ $output == *"somebody changed other rules of nftables since this was planned; nothing was changed here"* ]]
    run ! at nft list table inet sonde_guard
    # a plan for another policy says nothing of this one
    begin shut.yaml --confirm-within 60s
    at "$SONDE" guard rollback
    at "$SONDE" guard plan open.yaml >/dev/null || [ -s state/plan.json ] # what it finds is not the question
    begin open.yaml --confirm-within 60s
    at "$SONDE" guard rollback

    sed 's/128-129: accept, //' open.yaml >faulty.yaml
    run -1 at "$SONDE" guard apply faulty.yaml
    [[ $output == *"G006"*"faulty.yaml has 2 errors; nothing was changed"*"--despite-errors"* ]]
    run ! at nft list table inet sonde_guard
    begin faulty.yaml --despite-errors
    at "$SONDE" guard rollback
}

@test "without nft, without rights, with rules that are none" {
    at mount --bind /dev/null "$(readlink -f /usr/sbin/nft)"
    run -4 at "$SONDE" guard apply open.yaml
    [[ $output == *"nft is not installed"*"apt-get install nftables"* ]]
    for command in confirm rollback; do
        run -4 at "$SONDE" guard $command
        [[ $output == *"nft is not installed"* ]]
    done
    at umount "$(readlink -f /usr/sbin/nft)"
    mkdir -p state && chmod 777 state .
    for command in "apply open.yaml" confirm rollback; do
        # shellcheck disable=SC2086 # words
        run -3 at setpriv --reuid=65534 --clear-groups --bounding-set=-all "$SONDE" guard $command
        [[ $output == *"Run the same command with sudo"* ]]
    done
    run -1 at "$SONDE" guard apply nothing.yaml
    [[ $output == *"there is no file nothing.yaml"* ]]
    echo 'role: hots' >bad.yaml
    run -1 at "$SONDE" guard apply bad.yaml
    [[ $output == *"bad.yaml:1:7:"* ]]
    [ -z "$(at nft list ruleset)" ]
    [ ! -e state/trial.json ]
}

@test "an interface that is not there" {
    policy 'echo-request: {input: drop, interface: eth7}' >absent.yaml
    run -1 at "$SONDE" guard apply absent.yaml
    [[ $output == *"absent.yaml:5:"*"there is no interface eth7; nothing was changed"* ]]
    [ -z "$(at nft list ruleset)" ]
    begin absent.yaml --absent-interfaces
    at "$SONDE" guard rollback
}

# fill: leave no room in the folder small, which is a file system of its own
fill() {
    ! at dd if=/dev/zero of=small/filler bs=4k count=256 2>dd.err
    grep -q "No space left" dd.err
}

@test "a full disk: nothing is half written, and there is a second chance" {
    put open.yaml
    mkdir small
    at mount -t tmpfs -o size=512k small small
    at cp -r etc small
    export SONDE_GUARD_STATE=$PWD/small/state SONDE_GUARD_ETC=$PWD/small/etc
    fill
    run -1 at "$SONDE" guard apply shut.yaml
    [[ $output == *"No space left on device. Nothing was changed"* ]]
    pings
    run ! on_trial

    at rm small/filler
    begin shut.yaml --confirm-within 60s
    fill
    run -1 at setsid -w "$SONDE" guard confirm
    [[ $output == *"No space left on device"*"the lease goes on"* ]]
    on_trial
    at cmp open.yaml small/etc/guard.yaml
    [ -z "$(at find small -name '*.new')" ]
    at rm small/filler
    at setsid -w "$SONDE" guard confirm
    wait $APPLYING
    at cmp shut.yaml small/etc/guard.yaml
    run ! pings
}

@test "a probe that goes red: back within a second, and which" {
    router=$(unshare -n sleep "$LIFE" >/dev/null 2>&1 3>&- & echo $!)
    target=$(unshare -n sleep "$LIFE" >/dev/null 2>&1 3>&- & echo $!)
    printf '%s\n' "$router" "$target" >>pids
    sleep 0.2
    at ip link add e0 type veth peer name r0 netns "$router"
    nsenter -t "$router" -n ip link add r1 mtu 1400 type veth peer name t0 mtu 1400 netns "$target"
    for step in "$HERE addr add 10.1.0.2/24 dev e0" "$HERE -6 addr add fd01::2/64 dev e0 nodad" "$HERE link set e0 up" \
        "$router addr add 10.1.0.1/24 dev r0" "$router -6 addr add fd01::1/64 dev r0 nodad" "$router link set r0 up" \
        "$router addr add 10.2.0.1/24 dev r1" "$router -6 addr add fd02::1/64 dev r1 nodad" "$router link set r1 up" \
        "$target addr add 10.2.0.2/24 dev t0" "$target -6 addr add fd02::2/64 dev t0 nodad" "$target link set t0 up" \
        "$target route add default via 10.2.0.1" "$target -6 route add default via fd02::1" \
        "$HERE route add default via 10.1.0.1" "$HERE -6 route add default via fd01::1"; do
        # shellcheck disable=SC2086 # words
        nsenter -t ${step%% *} -n ip ${step#* }
    done
    nsenter -t "$router" -n sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
    for address in 10.2.0.2 fd02::2; do # links take their time
        for _ in $(seq 100); do ! at ping -q -c 1 -W 0.2 $address >/dev/null || break; done
    done

    # red PROBE: it ends the trial
    red() {
        run -1 --separate-stderr at "$SONDE" guard apply red.yaml --despite-errors --probe 10.2.0.2 --probe fd02::2 --json
        [ "$(jq -r .outcome <<<"${lines[-1]}")" = probe-red ]
        [ "$(jq -r '.probes[] | select(.before == "green" and .after == "red") | .name' <<<"${lines[-1]}")" = "$1" ]
        run ! on_trial
    }
    begin open.yaml --confirm-within 2s --probe 10.2.0.2 --probe fd02::2
    wait $APPLYING || true
    [ "$(grep -c 'green *green' applied)" = 10 ]
    [ "$(grep -c 'red' applied)" = 0 ]

    breaks='input: drop, output: accept, i-know-this-breaks: path-mtu-discovery'
    policy 'echo-request: accept' | sed "s/fragmentation-needed: accept/fragmentation-needed: {$breaks}/" >red.yaml
    red "the largest packet to 10.2.0.2"
    policy 'echo-request: accept' | sed "s/packet-too-big: accept/packet-too-big: {$breaks}/" >red.yaml
    red "the largest packet to fd02::2"
    policy 'echo-request: accept' | sed 's/133-136: link-only/133-135: link-only, 136: {input: drop, output: link-only, i-know-this-breaks: neighbour-discovery}/' >red.yaml
    red "the link to the gateway fd01::1"
}

@test "a new TCP connection and a target that never answered" {
    nsenter -t "$HERE" -n python3 -c '
import socket
s = socket.create_server(("127.0.0.1", 2222))
print(flush=True)
while True: s.accept()' >listening 2>/dev/null 3>&- &
    echo $! >>pids
    until [ -s listening ]; do sleep 0.02; done
    # shellcheck disable=SC2030,SC2031
    export SSH_CONNECTION="127.0.0.1 50000 127.0.0.1 2222"
    begin open.yaml --confirm-within 1s --probe 127.0.0.1:2223
    wait $APPLYING || true
    grep -q "a connection to sshd at 127.0.0.1 port 2222  *green  *green" applied
    grep -q "a connection to 127.0.0.1 port 2223  *red" applied
    grep -q "Nobody confirmed" applied
    run -2 at "$SONDE" guard apply open.yaml --probe udp://127.0.0.1:53
    run -1 at "$SONDE" guard apply open.yaml --probe no.such.host.invalid
    [ ! -e state/trial.json ]
}

@test "Ctrl-C leaves the lease running and says so; the terminal may close" {
    for signal in INT HUP; do
        begin shut.yaml --confirm-within 60s
        kill -$signal $APPLYING
        ended 130
        grep -q "stays on trial until the lease ends" applied
        on_trial
        at "$SONDE" guard rollback
    done
}

@test "no ping is lost while policies are swapped" {
    peer=$(hold)
    at ip link add e0 type veth peer name e0 netns "$peer"
    at ip addr add 10.9.0.1/24 dev e0
    at ip link set e0 up
    nsenter -t "$peer" -n ip addr add 10.9.0.2/24 dev e0
    nsenter -t "$peer" -n ip link set e0 up
    put open.yaml
    nsenter -t "$peer" -n "$BLACKOUT" 10.9.0.1 1000 count 2000 >counted 3>&- &
    pinger=$!
    echo $pinger >>pids
    while kill -0 $pinger 2>/dev/null; do put open.yaml; done
    grep -q "sent 2000 lost 0" counted
}
