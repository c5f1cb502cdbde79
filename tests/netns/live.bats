#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Frames of the real kernel: both directions, tags, all interfaces, one that goes and returns, losses, NFLOG.
# shellcheck disable=SC2016,SC2153 # commands between single quotes are for shells inside of a namespace

bats_require_minimum_version 1.5.0

PREPARE='
    # try COMMAND...: until it succeeds, at most 5 seconds
    try() { for _ in $(seq 250); do if "$@"; then return 0; fi; sleep 0.02; done; echo "never: $*" >&2; return 1; }
    # times WORD NUMBER FILE: so many lines have it
    times() { [ "$(grep -c "$1" "$3")" = "$2" ]; }
    # listen FILE WORD...: confined, the frames go to the file
    listen() { "$FRAMES" sandbox "${@:2}" >"$1" 3>&- & try grep -qs ready "$1"; }
    # frame INTERFACE HEX...: send octets as they are
    frame() { python3 -c "
import socket, sys
sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
sender.bind((sys.argv[1], 0))
sender.send(bytes.fromhex(\"\".join(sys.argv[2:])))" "$@"; }
    # show FILE: its lines, of the frames the first 20 octets
    show() { sed -E "s/( (now|stale) .{40}).*/\1/" "$1"; }
    pair() { ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up; }
    # so that only what a test sends is there
    sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
    ip link set lo up
    LINK="020000000009 020000000001"
    PING="45000020 00010000 40010000 c0000201 c0000209 0800f7fd 00010001 aabbccdd"
'

setup() {
    [ "$(id -u)" = 0 ] || skip "needs root"
    cd "$BATS_TEST_TMPDIR" || return 1
}

# inside SCRIPT: run it in a network namespace that ends with it, whatever happens to the test
inside() {
    run --separate-stderr timeout 60 unshare -n --fork --kill-child bash -euc "$PREPARE$1"
    # shellcheck disable=SC2154 # bats sets it
    [ "$status" = 0 ] || { echo "$output" "$stderr" && return 1; }
}

# same TEXT: the output is this, line by line
same() {
    diff <(echo "$1") <(echo "$output")
}

@test "frames that come and frames that go, with their time and number" {
    inside '
        pair; listen v1 count=2 v1
        frame v0 $LINK 0800 $PING
        frame v1 $LINK 0800 $PING
        wait; show v1'
    same "ready
in if=7 link=1 length=46 captured=46 now 0200000000090200000000010800450000200001
out if=7 link=1 length=46 captured=46 now 0200000000090200000000010800450000200001
frames=2 dropped=0 frozen=0"
}

@test "frames are cut to 256 octets, those of TCP to 128, and short ones are not lost" {
    inside '
        pair; listen v1 count=6 v1
        many=$(printf %01956d 0)
        frame v0 $LINK 0800 450003d8 00010000 40110000 c0000201 c0000209 $many
        frame v0 $LINK 0800 450003d8 00010000 40060000 c0000201 c0000209 $many
        frame v0 $LINK 86dd 60000000 03c01140 $many
        frame v0 $LINK 86dd 60000000 03c00640 $many
        frame v0 $LINK 0800 45
        frame v0 $LINK 0806
        wait; grep -o "length.* captured=[0-9]*" v1'
    same "length=1012 captured=256
length=1012 captured=128
length=1000 captured=256
length=1000 captured=128
length=15 captured=15
length=14 captured=14"
}

@test "a VLAN tag that the kernel took out is there again, also the outer one of two" {
    inside '
        pair; listen v1 count=3 v1; listen v0 count=3 v0
        frame v0 $LINK 8100 2064 0800 $PING
        frame v0 $LINK 88a8 0007 8100 0064 0800 $PING
        frame v0 $LINK 8100 0064 0800 450003d8 00010000 40110000 c0000201 c0000209 $(printf %01956d 0)
        wait; show v1; show v0'
    same "ready
in if=7 link=1 length=50 captured=50 now 0200000000090200000000018100206408004500
in if=7 link=1 length=54 captured=54 now 02000000000902000000000188a8000781000064
in if=7 link=1 length=1016 captured=260 now 0200000000090200000000018100006408004500
frames=3 dropped=0 frozen=0
ready
out if=7 link=1 length=50 captured=50 now 0200000000090200000000018100206408004500
out if=7 link=1 length=54 captured=54 now 02000000000902000000000188a8000781000064
out if=7 link=1 length=1016 captured=256 now 0200000000090200000000018100006408004500
frames=3 dropped=0 frozen=0"
}

@test "any: every interface with its own link type; loopback shows each packet once" {
    inside '
        pair; listen any count=6 any
        frame v0 $LINK 0800 $PING
        ping -qc1 -W1 127.0.0.1 >/dev/null
        python3 -c "
import fcntl, os, struct, subprocess
tun = os.open(\"/dev/net/tun\", os.O_RDWR)
fcntl.ioctl(tun, 0x400454ca, struct.pack(\"16sH22x\", b\"t0\", 0x1001))
subprocess.run(\"ip addr add 10.7.0.1/24 dev t0; ip link set t0 up; ping -qc1 -W0.1 10.7.0.2\", shell=True, stdout=2)
os.write(tun, bytes.fromhex(\"4500001c000100004001666610070002 0a0700010000ffff00000000\"))" 2>/dev/null
        wait; sed -E "s/(now .{4}).*/\1/" any'
    same "ready
out if=7 link=1 length=46 captured=46 now 0200
in if=7 link=1 length=46 captured=46 now 0200
in if=7 link=1 length=98 captured=98 now 0000
in if=7 link=1 length=98 captured=98 now 0000
out if=7 link=101 length=84 captured=84 now 4500
in if=7 link=101 length=28 captured=28 now 4500
frames=6 dropped=0 frozen=0"
}

@test "what is for another machine is seen too" {
    inside '
        pair; listen v1 count=1 v1
        ip -d link show v1 | grep -o "promiscuity 1"
        frame v0 020000000077 020000000001 0800 $PING
        wait; show v1; ip -d link show v1 | grep -o "promiscuity ."'
    same "promiscuity 1
ready
in if=7 link=1 length=46 captured=46 now 0200000000770200000000010800450000200001
frames=1 dropped=0 frozen=0
promiscuity 0"
}

@test "an interface goes down and comes up, is deleted and returns, is down from the beginning" {
    inside '
        pair; listen v1 count=3 v1
        frame v0 $LINK 0800 $PING
        try grep -q captured v1
        ip link set v1 down; try grep -q waiting v1
        sleep 0.1; ip link set v1 up; try grep -q back v1
        frame v0 $LINK 0806; try grep -q length=14 v1
        ip link del v1; try times waiting 2 v1
        pair; try times back 2 v1
        ip -d link show v1 | grep -o "promiscuity ."
        frame v0 $LINK 0842 00; try grep -q length=15 v1
        wait; show v1
        ip link set v1 down
        listen down count=1 v1; try grep -q waiting down
        ip link set v1 up; try grep -q back down
        frame v0 $LINK 0806; wait; show down'
    same "promiscuity 1
ready
in if=7 link=1 length=46 captured=46 now 0200000000090200000000010800450000200001
v1 is down or gone; waiting for it
back
in if=7 link=1 length=14 captured=14 now 0200000000090200000000010806
v1 is down or gone; waiting for it
back
in if=7 link=1 length=15 captured=15 now 020000000009020000000001084200
frames=3 dropped=0 frozen=0
ready
v1 is down or gone; waiting for it
back
in if=7 link=1 length=14 captured=14 now 0200000000090200000000010806
frames=1 dropped=0 frozen=0"
}

@test "while many other interfaces come and go, none of the news is missed" {
    inside '
        pair; listen v1 nap=1500 count=1 v1
        ip link del v1; pair
        for i in $(seq 100); do echo link add name d$i type veth; echo link del d$i; done | ip -batch -
        try grep -q back v1; frame v0 $LINK 0806; wait; show v1'
    same "ready
v1 is down or gone; waiting for it
back
in if=7 link=1 length=14 captured=14 now 0200000000090200000000010806
frames=1 dropped=0 frozen=0"
}

@test "what is lost while nobody reads is counted, also when the interface is gone by then" {
    inside '
        pair; listen v1 quiet ring=512 nap=2500 wait=500 v1
        "$SEND_ICMP" count=20000 v0; ip link del v0
        wait; cat v1'
    [[ "${lines[0]}" == "sent=20000 "* && "${lines[2]}" == "v1 is down or gone; waiting for it" ]]
    read -r frames dropped frozen <<<"${lines[3]//[a-z=]/}"
    [ $((frames + dropped)) = 20000 ] && [ "$frames" -gt 1000 ] && [ "$dropped" -gt 1000 ] && [ "$frozen" = 1 ]
}

@test "nothing is lost of a flood, with four other programs on the processor of the reader" {
    inside '
        pair
        for _ in 1 2 3 4; do taskset -c 0 timeout 3 sh -c "while :; do :; done" & done
        taskset -c 0 "$FRAMES" sandbox quiet ring=4096 wait=2500 v1 >v1 2>time & reader=$!
        try grep -qs ready v1
        "$SEND_ICMP" seconds=2 v0 | sed "s/ .*//"
        wait "$reader"; cat v1'
    [ "${lines[2]}" = "frames=${lines[0]#sent=} dropped=0 frozen=0" ]
}

@test "NFLOG: what leaves and what arrives, cut to 256 octets, with the length it had" {
    inside '
        nft add table inet t
        for hook in output input; do
            nft add chain inet t $hook "{ type filter hook $hook priority 0; }"
            nft add rule inet t $hook meta l4proto icmp log group 5
        done
        listen log count=4 nflog:5
        ping -qc1 -W1 -s 1000 127.0.0.1 >/dev/null
        wait; sed -E "s/(now .{8}).*/\1/" log'
    same "ready
out if=7 link=101 length=1028 captured=256 now 45000404
in if=7 link=101 length=1028 captured=256 now 45000404
out if=7 link=101 length=1028 captured=256 now 45000404
in if=7 link=101 length=1028 captured=256 now 45000404
frames=4 dropped=0 frozen=0"
}

@test "NFLOG: what is lost while nobody reads is counted" {
    inside '
        nft add table netdev t
        pair; nft add chain netdev t c "{ type filter hook ingress device v1 priority 0; }"
        nft add rule netdev t c log group 65535
        listen log quiet nap=2500 wait=1500 nflog:65535
        "$SEND_ICMP" count=50000 v0 & wait $!
        sleep 2.6; "$SEND_ICMP" count=1 v0; wait; cat log'
    read -r frames dropped frozen <<<"${lines[3]//[a-z=]/}"
    [ $((frames + dropped)) = 50001 ] && [ "$frames" -gt 1000 ] && [ "$dropped" -gt 1000 ] && [ "$frozen" = 0 ]
}

@test "who may not listen learns what would allow it, and what is not there is named" {
    inside '
        for name in lo any nflog:5; do "$FRAMES" nobody $name || echo $?; done
        "$FRAMES" nope || echo $?
        listen log wait=1000 nflog:5; "$FRAMES" nflog:5 || echo $?; wait'
    same "permission: cannot listen on lo: this user may not
Run it with sudo, or once: sudo setcap cap_net_raw+ep $(readlink -f "$FRAMES")
2
permission: cannot listen on any: this user may not
Run it with sudo, or once: sudo setcap cap_net_raw+ep $(readlink -f "$FRAMES")
2
permission: cannot listen on nflog:5: this user may not
Run it with sudo, or once: sudo setcap cap_net_raw,cap_net_admin+ep $(readlink -f "$FRAMES")
2
not found: there is no interface nope
There are: lo
2
error: cannot listen on nflog:5: another program does
A group has one listener: let a rule log to another group too, or end that program
2"
}
