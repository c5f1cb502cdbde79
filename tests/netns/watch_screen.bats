#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The live screen of `sonde watch` in a terminal of tmux: views, keys, sizes, colour, and what it leaves behind.
# shellcheck disable=SC2016,SC2154 # commands between single quotes are for shells inside of a namespace; bats sets $stderr

bats_require_minimum_version 1.5.0

PREPARE='
    export LC_ALL=C.UTF-8
    unset NO_COLOR CLICOLOR_FORCE TMUX
    tmux() { command tmux -u -S "$PWD/tmux" -f /dev/null "$@"; }
    # terminal COLUMNS ROWS: a shell in a terminal
    terminal() {
        tmux new-session -d -x "$1" -y "$2" "PS1=\"ready> \" bash --norc --noprofile"
        tmux set -g escape-time 0
        see "ready>"
    }
    keys() { tmux send-keys "$@"; }
    type() { tmux send-keys -l "$*"; tmux send-keys Enter; }
    pane() { tmux capture-pane -p; }
    # within COMMAND...: wait until it succeeds, at most 10 seconds
    within() {
        for _ in $(seq 100); do if "$@"; then return 0; fi; sleep 0.1; done
        return 1
    }
    shows() { pane | grep -Eq -- "$1"; }
    hides() { ! shows "$1"; }
    row() { pane | if [ "$1" -lt 0 ]; then tail -n "${1#-}" | head -n 1; else sed -n "$1p"; fi; }
    reads() { [[ "$(row "$1")" =~ $2 ]]; }
    # see REGEX: wait until it can be read on the screen
    see() { within shows "$1" || { echo "never seen: $1"; pane; return 1; }; }
    # gone REGEX: wait until it cannot be read any more
    gone() { within hides "$1" || { echo "always seen: $1"; pane; return 1; }; }
    # at ROW REGEX: wait until this row of the screen reads so; -1 is the last one
    at() { within reads "$@" || { echo "row $1 is: $(row "$1")"; pane; return 1; }; }
    # rests FIRST LAST: wait until these rows stay as they are for longer than the screen is drawn anew
    rests() {
        local before after
        for _ in 1 2 3 4 5; do
            before=$(pane | sed -n "$1,$2p"); sleep 1.5; after=$(pane | sed -n "$1,$2p")
            if [ "$before" = "$after" ]; then return 0; fi
        done
        echo "never rests: $before"; pane; return 1
    }
    ip link set lo up
    # errors about a closed port, and pings
    traffic() {
        ping -i 0.2 127.0.0.1 >/dev/null &
        ping -i 0.2 ::1 >/dev/null &
        while :; do echo x 2>/dev/null >/dev/udp/127.0.0.1/9; sleep 0.1; done &
    }
    pair() { ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up; }
'

setup() {
    [ "$(id -u)" = 0 ] || skip "needs root"
    cd "$BATS_TEST_TMPDIR" || return 1
}

# inside SCRIPT: run it in network and process namespaces that end with it, whatever happens to the test
inside() {
    run --separate-stderr timeout 60 unshare -np --fork --kill-child --mount-proc bash -euc "$PREPARE$1" 3>&-
    [ "$status" = 0 ] || { echo "$output" "$stderr" && return 1; }
}

@test "80 columns: who is watched, types with their last minute, findings, talkers, keys" {
    inside '
        traffic; terminal 80 24; type "$SONDE watch -i lo"
        see "port-unreachable .* [▁▂▃▄▅▆▇█]{3}"
        at 1 "^ sonde watch lo +[0-9]+ ICMP/s  0 dropped  [0-9:]{8} UTC$"
        at 2 "\[1 Overview\]  2 Findings   3 Packets   4 Help"
        at 4 "^  IP    type  name +packets +pkt/s share  last 60 s"
        see "^> v4     3/3  port-unreachable +[0-9]+ +[0-9]+ +[0-9]+ % "
        see "^  v6   128/0  echo-request "
        see "^ Findings: (none so far|1 warning)"
        see "^ Senders +Receivers"
        see "^  127.0.0.1 +[0-9]+   127.0.0.1 +[0-9]+"
        at -1 "^ q quit  \? help  Tab next view  / filter  p pause"'
}

@test "a finding, as a line and with all that is known of it" {
    inside '
        pair; terminal 80 24; type "$SONDE watch -i v1"
        see "No ICMP message so far"
        "$SEND_ICMP" count=3000 v0 >/dev/null
        see "^ Findings: [0-9]+ alerts"
        see "^  !! alert    [0-9:]{8}  Redirect"
        keys 2; see "\[2 Findings\]"
        keys Down; see "^> !! alert"
        see "^!! .*Redirect"
        see "^ Severity +alert, [0-9]+ % sure, open"
        see "^What to do"
        keys Enter; see "^ Next command     sonde why "; see "^ Guard rule       drop redirect from any"
        see "^ - Not "
        keys NPage NPage; see "^Evidence"; see "^Some of its packets"
        keys Escape Escape; see "\[1 Overview\]"'
}

@test "packets of a type, one of them field by field with what it quotes and what it means" {
    inside '
        traffic; terminal 120 60; type "$SONDE watch -i lo"
        see "^> v4 .*port-unreachable"
        keys Enter; see "\[3 Packets\].* filter: v4 3/3"
        see "^> [0-9:.]+ IP 127.0.0.1 > 127.0.0.1: ICMP port-unreachable \(3/3\), about udp"
        see "^Destination unreachable: port unreachable \(ICMPv4 3/3, port-unreachable\)"
        see "^ Checksum         right"
        see "^It is about this packet, which it quotes"
        see "^ To               127.0.0.1 port 9"
        see "^ The host was reached, but nothing listens"
        gone echo-request
        keys Enter; see "^ 0000  03 03 "; keys Escape
        keys Escape; see "echo-request"; keys Escape; see "\[1 Overview\]"'
}

@test "a filter by name, by type and code, by address; pause and go on; sorting; help" {
    inside '
        traffic; terminal 80 24; type "$SONDE watch -i lo"
        see "^  v6   128/0"
        keys / ; see "^ Filter: _"; keys -l unreachablx; keys BSpace; keys -l e; see "Filter: unreachable_"
        keys Enter; gone "echo-request"; see "filter: unreachable"
        keys Escape; see "echo-request"
        keys / ; keys -l 128/0; keys Enter; gone "echo-reply"; see "^> v6   128/0"
        keys / ; keys -l ::1/128; keys Enter 3; see "IP6 ::1 > ::1"; gone "127.0.0.1"
        keys 1; keys p; see "PAUSED +filter: ::1/128"
        rests 5 9
        keys Space; gone PAUSED
        keys s; see "Sorted by rate"; keys s; see "Sorted by type"; keys ?; see "^Keys"; see "^ q +Quit"'
}

@test "every size, also while it runs: side by side when wide, and nothing breaks when tiny" {
    inside '
        traffic; terminal 200 50; type "$SONDE watch -i lo"
        see "^> v4 .*port-unreachable"
        at 1 "^ sonde watch lo .{140,}0 dropped"
        see "^ Latest packets"
        keys Enter; see "^> .* ICMP port-unreachable .* (Destination|It is|What|Sent|Why|Its|0)"
        tmux resize-window -x 40 -y 10
        see "^ Packets: the last"; at 1 " [0-9]+/s 0 dropped$"; keys 1
        see "^  IP    type  name +packets"
        for size in "1 1" "2 2" "10 3" "20 5" "300 4"; do
            tmux resize-window -x ${size% *} -y ${size#* }
            for key in 1 2 3 4; do keys $key Down Enter NPage Escape; sleep 0.2; done
        done
        tmux resize-window -x 80 -y 24
        keys 1; see "^  IP    type  name +packets +pkt/s share  last 60 s"'
}

@test "colour only when it is wanted, and words without it" {
    inside '
        traffic
        for how in "NO_COLOR=1 $SONDE watch" "$SONDE watch --color=never" "$SONDE watch"; do
            terminal 80 24; type "$how -i lo"
            see "echo-request .* [▁▂▃▄▅▆▇█]"; see "^   ! warning  .*Connections that fail"
            tmux capture-pane -pe | grep -c "$(printf "\033")\[3[0-7]m" || :
            keys q; see "^Dropped"; tmux kill-server; while tmux ls 2>/dev/null; do :; done; rm -f tmux
        done'
    [ "${lines[0]}" = 0 ] && [ "${lines[1]}" = 0 ] && [ "${lines[2]}" -gt 2 ]
}

@test "a locale without UTF-8 gets ASCII" {
    inside '
        traffic; terminal 80 24; type "LC_ALL=C $SONDE watch -i lo"
        see "port-unreachable .*[*%#]{2}"; see "~$"
        gone "[^ -~]"'
}

@test "at the end the terminal is as it was, with the summary on it: q, Ctrl-C, SIGTERM" {
    inside '
        traffic; terminal 80 200
        type "stty -a >before; echo what was there before"
        for how in q C-c kill; do
            type "clear; echo what was there before; $SONDE watch -i lo; echo exit=\$?"
            see "^> v4"; gone "what was there before"
            case $how in
            kill) kill -TERM "$(pgrep -x sonde)" ;;
            *) keys $how ;;
            esac
            see "^exit="; see "what was there before"; see "^ICMP packets: +[0-9]"; see "^Dropped by kernel: +0"
            pane | grep "^exit="
        done
        type "clear; stty -a >after; echo done"; see "^done"; cmp before after'
    [[ "${lines[0]}" =~ exit=[01] && "${lines[1]} ${lines[2]}" = "exit=130 exit=130" ]]
}

@test "Ctrl-Z gives the terminal back, and the screen goes on" {
    inside '
        traffic; terminal 80 24; type "$SONDE watch -i lo"; see "^> v4"
        keys C-z; see "Stopped"; see "^ready>"
        type fg; see "\[1 Overview\]"; see "^> v4"; keys q; see "^ready>"'
}

@test "what goes wrong at the start is said on the terminal as it was" {
    inside '
        terminal 80 24; type "$SONDE watch -i lo --internal nonsense; echo exit=\$?"
        see "^exit=2"; see "sonde: --internal wants a prefix"
        type "$SONDE watch -i nope; echo exit=\$?"; see "there is no interface nope"'
}

@test "an interface that goes and returns is told of on the screen" {
    inside '
        pair; terminal 80 24; type "$SONDE watch -i v1"; see "\[1 Overview\]"
        ip link set v1 down; see "v1 is down or gone"; at 1 "v1 \(gone\)"
        ip link set v1 up; see "v1 is back"; at 1 "^ sonde watch v1  "'
}

@test "no screen where nobody could read it: pipes, --json, --once, --print, a terminal without a cursor" {
    inside '
        traffic; terminal 200 50
        for how in "watch -i lo | cat" "watch -i lo --json" "watch -i lo --once 1s" "watch -i lo --print"; do
            type "timeout --foreground -s INT 1.5 $SONDE $how; echo done=\$?"; see "^done="; ! pane | grep -F "[1 Overview]"
            type clear; gone "done="
        done
        type "TERM=dumb timeout --foreground -s INT 1.5 $SONDE watch -i lo; echo done=\$?"; see "^done=124"
        see "^Dropped by kernel: +0"'
}

@test "a flood is counted without a loss, and a sample of its packets is shown" {
    inside '
        pair; terminal 80 24; type "$SONDE watch -i v1"; see "No ICMP message so far"
        keys 3; "$SEND_ICMP" seconds=3 rate=30000 v0 >sent & sender=$!
        see "a sample: there are so many that 1 in [0-9]+ is kept"; wait $sender; at 1 "  0 dropped"
        keys q; see "^Dropped by kernel: +0"; see "^Frames:"
        pane | sed -n "s/^Frames: *//p"; sed "s/ .*//; s/sent=//" sent'
    [ "${lines[0]}" -ge "${lines[1]}" ]
}
