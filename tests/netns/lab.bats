#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The labs of sonde: each comes up, shows its fault to an ordinary program, and goes away in every case.
# shellcheck disable=SC2016 # commands between single quotes are for shells inside of a lab

bats_require_minimum_version 1.5.0

setup_file() {
    ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    SONDE=${SONDE:-$ROOT/build/sonde}
    PROBE="$ROOT/tests/netns/probe.py"
    export ROOT SONDE PROBE SONDE_SCENARIOS="$ROOT/scenarios"
    # nstat must count from zero and write no history
    export NSTAT_HISTORY=/dev/null
    [ "$(id -u)" = 0 ] || return 0
    mkdir "$BATS_FILE_TMPDIR/seen"
    rows | while IFS='|' read -r name arguments _ host command _; do
        echo "$name|$arguments|$host|$command"
    done | xargs -P 6 -d '\n' -n 1 "$ROOT/tests/netns/lab-look" "$BATS_FILE_TMPDIR/seen"
}

setup() {
    [ "$(id -u)" = 0 ] || skip "needs root"
    # up and down use the plain name: one that nobody else on this machine has
    MINE="$BATS_TEST_TMPDIR/t$$-$BATS_TEST_NUMBER.scenario"
    cp "$ROOT/scenarios/udp-port-closed.scenario" "$MINE"
    NAME=$(basename "$MINE" .scenario)
}

teardown() {
    [ "$(id -u)" = 0 ] || return 0
    "$SONDE" lab down "$NAME" 2>/dev/null || true
}

# The rows of the table without comments, spaces around the bars removed.
rows() {
    grep -v '^#' "$BATS_TEST_DIRNAME/lab-faults.txt" | sed -E 's/ +\| +/|/g'
}

# gone INSTANCE: within two seconds nothing of it is left
gone() {
    for _ in $(seq 40); do
        if ! compgen -G "/run/netns/sonde-$1-*" >/dev/null && [ ! -e "/run/sonde/lab/$1" ]; then
            return 0
        fi
        sleep 0.05
    done
    ls /run/netns /run/sonde/lab
    return 1
}

# stands INSTANCE: within five seconds its client can be entered
stands() {
    for _ in $(seq 100); do
        [ -e "$BATS_TEST_TMPDIR/started" ] && return 0
        sleep 0.05
    done
    echo "$1 does not come up"
    return 1
}

# dead PATTERN: within two seconds no process (but for zombies) has such a command line
dead() {
    for _ in $(seq 40); do
        pgrep --runstates D,R,S,T -f -- "$1" >/dev/null || return 0
        sleep 0.05
    done
    pgrep -a -f -- "$1"
    return 1
}

@test "there are at least 24 scenarios and a row of the table for each" {
    names=$("$SONDE" lab list --json | jq -r .name)
    [ "$(echo "$names" | wc -l)" -ge 24 ]
    diff <(echo "$names") <(rows | cut -d'|' -f1 | sort)
}

@test "each scenario can be shown, teaches, and names causes of the contract" {
    for name in $("$SONDE" lab list --json | jq -r .name); do
        "$SONDE" lab show "$name" --json |
            jq -e '.schema == "sonde.lab.plan/1" and (.teaching | length > 40) and (.answers | length > 0)'
    done
}

@test "each fault shows to an ordinary program" {
    wrong=
    while IFS='|' read -r name _ words _; do
        said=$(head -n 1 "$BATS_FILE_TMPDIR/seen/$name")
        case ",$words," in
        *",$said,"*) ;;
        *) wrong+="$name: $said, not $words"$'\n' ;;
        esac
    done < <(rows)
    echo "$wrong"
    [ -z "$wrong" ]
}

@test "each fault is where the scenario says" {
    wrong=
    while IFS='|' read -r name _ _ host command pattern; do
        tail -n +2 "$BATS_FILE_TMPDIR/seen/$name" | tr '\n' ' ' | grep -Eq -- "${pattern//\\|/|}" ||
            wrong+="$name: $command on $host does not show $pattern: $(cat "$BATS_FILE_TMPDIR/seen/$name")"$'\n'
    done < <(rows)
    echo "$wrong"
    [ -z "$wrong" ]
}

@test "source-banned: another address of the same machine is let in" {
    run -0 "$SONDE" lab run source-banned -- "$PROBE" '{target}' 10 2 10.0.1.3
    [ "$output" = reply ]
}

@test "connection-rate-limited: the third connection hangs" {
    run -0 "$SONDE" lab run connection-rate-limited -- \
        sh -c '"$0" {target}; "$0" {target}; "$0" {target}' "$PROBE"
    [ "${lines[*]}" = "reply reply timeout" ]
}

@test "icmp-rate-limited: the second question within a minute gets no answer" {
    run -0 "$SONDE" lab run icmp-rate-limited -- sh -c '"$0" {target}; "$0" {target}' "$PROBE"
    [ "${lines[*]}" = "refused silent" ]
}

@test "mtu-black-hole: small requests work" {
    run -0 "$SONDE" lab run mtu-black-hole -- "$PROBE" '{target}' 1000
    [ "$output" = reply ]
}

@test "congestion: the delay begins behind r1" {
    run -0 "$SONDE" lab run congestion -- sh -c \
        'sleep 1; for host in 10.0.1.1 10.0.2.2; do ping -n -q -c 8 -i 0.1 -W 2 $host | sed -n "s|.*= [^/]*/\([0-9]*\).*|\1|p"; done'
    echo "$output"
    [ "${lines[0]}" -lt 20 ]
    [ "${lines[1]}" -gt 100 ]
}

@test "the packets on the wire carry whole checksums" {
    run -0 --separate-stderr "$SONDE" lab run tcp-open -- sh -c \
        'tcpdump --immediate-mode -n -v -c 12 -i eth0 tcp >"$1" 2>/dev/null & sleep 0.5; "$0" {target} 4000 2; sleep 0.2; kill $!; wait' \
        "$PROBE" "$BATS_TEST_TMPDIR/dump"
    grep -q 'cksum .*(correct)' "$BATS_TEST_TMPDIR/dump"
    run ! grep -q incorrect "$BATS_TEST_TMPDIR/dump"
}

@test "run passes the exit code, the target and the name of the lab, and leaves nothing" {
    run -7 "$SONDE" lab run "$MINE" -- sh -c 'echo "$SONDE_LAB" {target}; exit 7'
    echo "$output"
    read -r lab target <<<"$output"
    [ "$target" = udp://10.0.3.10:5301 ]
    [[ $lab == "$NAME"-* ]]
    gone "$lab"
}

@test "run sees the host that it asks for, and its /sys" {
    run -0 "$SONDE" lab run "$MINE" --host r1 -- sh -c 'ls /sys/class/net | tr "\n" " "; ip -br addr show eth1'
    [[ $output == "eth0 eth1 lo "*10.0.2.1/24* ]]
}

@test "what a command leaves behind in a lab is ended" {
    run -0 "$SONDE" lab run "$MINE" -- sh -c 'setsid sleep 4711'"$$"' >/dev/null 2>&1 & echo "$SONDE_LAB"'
    gone "$output"
    dead "sleep 4711$$"
}

@test "up, exec, up again, down, down again" {
    run -0 "$SONDE" lab up "$MINE"
    "$SONDE" lab list --json >/dev/null
    run -1 "$SONDE" lab up "$MINE"
    [[ $output == *"already up"*"sonde lab down $NAME"* ]]
    run -0 ip netns exec "sonde-$NAME-server" ip -br addr show eth0
    [[ $output == *10.0.3.10/24* ]]
    run -5 "$SONDE" lab exec "$NAME" r2 -- sh -c 'ip -br addr show eth0; exit 5'
    [[ $output == *10.0.2.2/24* ]]
    run -1 "$SONDE" lab exec "$NAME" nobody -- true
    [[ $output == *"no host nobody"* ]]
    run -0 "$SONDE" lab down "$NAME"
    gone "$NAME"
    run -1 "$SONDE" lab down "$NAME"
    [[ $output == *"not up"* ]]
}

@test "two labs of one scenario work side by side" {
    "$SONDE" lab run tcp-open -- "$PROBE" '{target}' 4000 3 >"$BATS_TEST_TMPDIR/one" &
    "$SONDE" lab run tcp-open -- "$PROBE" '{target}' 4000 3 >"$BATS_TEST_TMPDIR/two"
    wait $!
    [ "$(cat "$BATS_TEST_TMPDIR/one" "$BATS_TEST_TMPDIR/two")" = $'reply\nreply' ]
}

@test "killed with SIGKILL, sonde leaves nothing" {
    "$SONDE" lab run "$MINE" -- sh -c 'touch "$0"; exec sleep 4712'"$$" "$BATS_TEST_TMPDIR/started" 3>&- &
    pid=$!
    stands "$NAME"
    [ -e "/run/netns/sonde-$NAME-$pid-client" ]
    kill -9 $pid
    gone "$NAME-$pid"
    dead "sleep 4712$$"
}

@test "ended by SIGINT, SIGTERM or SIGHUP, sonde leaves nothing and says so in its exit code" {
    for signal in INT:130 TERM:143 HUP:129; do
        rm -f "$BATS_TEST_TMPDIR/started"
        # a shell's background children ignore SIGINT, those of nohup SIGHUP; env gives them back
        env --default-signal=INT,HUP "$SONDE" lab run "$MINE" -- \
            sh -c 'touch "$0"; exec sleep 4713'"$$" "$BATS_TEST_TMPDIR/started" 3>&- &
        pid=$!
        stands "$NAME"
        kill -"${signal%:*}" $pid
        code=0
        wait $pid || code=$?
        [ "$code" = "${signal#*:}" ]
        gone "$NAME-$pid"
        dead "sleep 4713$$"
    done
}

@test "the next command removes what a killed keeper left" {
    "$SONDE" lab up "$MINE" 3>&-
    kill -9 "$(sed -n 's/^keeper //p' "/run/sonde/lab/$NAME/state")"
    [ -e "/run/netns/sonde-$NAME-client" ]
    # a killed process holds its lock until it has ended, which takes a moment
    for _ in $(seq 20); do
        "$SONDE" lab list >/dev/null
        [ -e "/run/sonde/lab/$NAME" ] || break
    done
    gone "$NAME"
}

@test "a fault that cannot be built is reported with its line, and nothing is left" {
    echo 'fault filter r1 forward no such rule' >>"$MINE"
    run -4 "$SONDE" lab run "$MINE" -- true
    [[ $output == *"$NAME.scenario:"*"nft refused the rules"* ]]
    run ! compgen -G "/run/netns/sonde-$NAME-*"
}

@test "a mistake in a scenario is reported with file, line and column" {
    printf 'host client\nmtu client eth9 1300\n' >"$MINE"
    run -1 "$SONDE" lab show "$MINE"
    [[ $output == "sonde: $MINE:2:12: client has no interface \"eth9\""* ]]
}

@test "the manual describes each statement of scenario files" {
    statements=$(sed -n 's/^    {"\([a-z]*\) [^"]*", \(NO_STEP\|STEP_\).*/\1/p' "$ROOT/lib/net/lab/grammar.c" | sort -u)
    [ "$(echo "$statements" | wc -l)" -ge 20 ]
    for statement in $statements; do
        grep -q "^\.It Cm $statement " "$ROOT/share/man/sonde-lab.1" || { echo "$statement"; return 1; }
    done
}

@test "without root: exit 3 and one sentence with the command that helps" {
    # an ordinary user may not look into the folder of root, where this clone may be
    local place nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    place=$(mktemp -d /tmp/sonde-nobody.XXXXXX)
    cp -r "$SONDE" "$ROOT/scenarios" "$place"
    chmod -R a+rX "$place"
    cd /
    SONDE_SCENARIOS=$place/scenarios run -3 "${nobody[@]}" "$place/sonde" lab run tcp-open -- true
    [ "${#lines[@]}" = 1 ]
    [[ $output == *"takes root"*"sudo sonde lab"* ]]
    SONDE_SCENARIOS=$place/scenarios run -0 "${nobody[@]}" "$place/sonde" lab list
    rm -r "$place"
}

@test "root without network namespaces: exit 3 and one sentence" {
    run -3 setpriv --bounding-set=-sys_admin "$SONDE" lab run tcp-open -- true
    [ "${#lines[@]}" = 1 ]
    [[ $output == *"allows no network namespaces"* ]]
}

@test "wrong use: exit 2 and how it is" {
    run -2 "$SONDE" lab
    run -2 "$SONDE" lab fly
    run -2 "$SONDE" lab run tcp-open
    [[ $output == *"sonde lab run NAME"* ]]
    run -2 "$SONDE" lab run tcp-open --host nobody -- true
    run -1 "$SONDE" lab run no-such-scenario -- true
    [[ $output == *"sonde lab list"* ]]
    run -1 "$SONDE" lab run ../../etc/passwd -- true
    run -1 "$SONDE" lab run tcp-open -- /no/such/command
}

# Those with a queue to fill run alone, as nothing else may disturb their delays.
@test "sonde why finds in each scenario what it says is wrong" {
    judge="$ROOT/tests/netns/lab-judge"
    wrong=$(rows | cut -d'|' -f1 | grep -v '^congestion$' | xargs -P 2 -n 1 "$judge")
    wrong+=$("$judge" congestion)
    echo "$wrong"
    [ -z "$wrong" ]
}

@test "demo shows the error packet by packet, and why finds the cause" {
    run -0 --separate-stderr "$SONDE" lab demo --json
    # what sonde lab emits is a line each, the report of why follows
    types=$(echo "$output" | jq -c 'select(.schema == "sonde.lab.packet/1") | [.direction, .icmp.type, .icmp.code]')
    [ "$types" = $'["sent",null,null]\n["received",3,3]\n["sent",8,0]\n["received",0,0]' ]
    echo "$output" | jq -s -e 'any(.[]; .icmp.type == 3 and .icmp.checksum_right and
        any(.fields[]; .header == "quoted UDP" and .field == "destination port" and .value == "5301"))'
    [ "$(echo "$output" | jq -c 'select(.icmp.type == 8 or .icmp.type == 0) | [.icmp.identifier, .icmp.sequence]' |
        uniq | wc -l)" = 1 ]
    echo "$output" | jq -s -e 'any(.[]; .schema == "sonde.why/1" and .verdict[0].cause == "port-closed")'
    run -0 "$SONDE" lab demo
    [[ $output == *"port unreachable"*"Connection refused"* ]]
}
