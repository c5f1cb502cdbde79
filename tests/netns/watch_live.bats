#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# sonde watch with interfaces, in namespaces: what is sent is counted, served, told; who may not listen learns what would help.
# shellcheck disable=SC2016,SC2154 # commands between single quotes are for shells inside of a namespace; bats sets $stderr

bats_require_minimum_version 1.5.0

PREPARE='
    # try COMMAND...: until it succeeds, at most 10 seconds
    try() { for _ in $(seq 500); do if "$@"; then return 0; fi; sleep 0.02; done; echo "never: $*" >&2; return 1; }
    # times WORD NUMBER FILE: so many lines have it
    times() { [ "$(grep -c "$1" "$3")" = "$2" ]; }
    # watch NAME ARGUMENT...: in the background; $watcher is its process, which listens
    watch() {
        "$SONDE" watch --json "${@:2}" >"$1.out" 2>"$1.err" 3>&- &
        watcher=$!
        listens
    }
    # once everything is open, it gives up what it may do
    listens() { try grep -qsx "CapPrm:.0000000000000000" "/proc/$watcher/status"; }
    # served WORDS PORT: the sum of these metrics
    served() { curl -s "http://127.0.0.1:$2/metrics" | awk -v words="$1" "index(\$1, words) == 1 { sum += \$2 } END { print sum + 0 }"; }
    # arrived PORT NUMBER [METRIC]: that watch has counted so many packets
    arrived() { try reach "$@"; }
    reach() { [ "$(served "${3:-sonde_packets_total}" "$1")" -ge "$2" ]; }
    # end SIGNAL: end it, and have its exit code in $code
    end() { code=0; kill "-$1" "$watcher"; wait "$watcher" || code=$?; }
    # records NAME SCHEMA FILTER
    records() { jq -r "select(.schema == \"sonde.watch.$2/1\") | $3" "$1.out"; }
    counts() { records "$1" count "\"\(.family) \(.type)/\(.code) \(.packets)\""; }
    # seen NAME NUMBER: so many frames are in the summary
    seen() { [ "$(records "$1" summary .frames)" = "$2" ] || { tail -c 400 "$1.out" "$1.err" >&2; return 1; }; }
    # passed INTERFACE NUMBER: so many packets came in there
    passed() { [ "$(cat "/sys/class/net/$1/statistics/rx_packets")" -ge "$2" ]; }
    pair() { ip link add v0 type veth peer name v1; ip link set v0 up; ip link set v1 up; }
    # so that only what a test sends is there
    sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
    ip link set lo up
    unset NO_COLOR CLICOLOR_FORCE
'

setup() {
    [ "$(id -u)" = 0 ] || skip "needs root"
    ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export ROOT SONDE="${SONDE:-$ROOT/build/sonde}"
    cd "$BATS_TEST_TMPDIR" || return 1
}

# inside SCRIPT: run it in namespaces that end with it, whatever happens to the test
inside() {
    # /sys shows the interfaces of the namespace in which it was mounted
    run --separate-stderr timeout 100 unshare -nmp --fork --kill-child --mount-proc bash -euc \
        "mount -t sysfs none /sys; $PREPARE$1" 3>&-
    [ "$status" = 0 ] || { echo "$output" "$stderr" && return 1; }
}

same() {
    diff <(echo "$1") <(echo "$output")
}

@test "the exit code: nothing found, something found, interrupted, ended by time" {
    inside '
        "$SONDE" watch --json -i lo --once 0.3s >once.out; echo $?
        records once summary .packets
        watch quiet -i lo; end INT; echo $code; seen quiet 0
        watch term -i lo; end TERM; echo $code; seen term 0
        pair; watch found -i v1 --once 5s; "$SEND_ICMP" count=5000 v0 >/dev/null; code=0; wait $watcher || code=$?
        echo $code; seen found 5000'
    same "0
0
130
130
1"
}

@test "interfaces apart and together, what comes in and what goes out, and all of them by any" {
    inside '
        pair; ip link add w0 type veth peer name w1; ip link set w0 up; ip link set w1 up
        watch two -i v1 -i w0 --metrics 127.0.0.1:9102; two=$watcher; watch any -i any --metrics 127.0.0.1:9101
        for name in v0 w0; do
            python3 -c "
import socket, sys
sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
sender.bind((sys.argv[1], 0))
for _ in range(50):
    sender.send(bytes.fromhex(sys.argv[2]))" $name \
                0200000000090200000000010800450000200001000040010000c0000201c00002090800f7fd00010001aabbccdd
        done
        ping -qc 2 -i 0.01 127.0.0.1 >/dev/null
        arrived 9101 204 sonde_icmp_messages_total; arrived 9102 100; end INT; watcher=$two; end INT
        for name in two any; do
            records $name interface "\"\(.interface) \(.direction) \(.packets)\"" |
                awk "{ sum[\$1 \" \" \$2] += \$3 } END { for (i in sum) print i, sum[i] }" | sort
        done'
    # at both ends of each pair; loopback shows each packet once
    same "v1 in 50
w0 out 50
any in 104
any out 100"
}

@test "live, from a capture of the same packets, in the kernel, and by tshark: the same counts, and no drop" {
    inside '
        pair; watch live -i v1 --metrics 127.0.0.1:9101; live=$watcher; watch kernel -i v1 --kernel; kernel=$watcher
        tcpdump -ni v1 -c 20000 -B 65536 -s 256 -w live.pcap 2>dump.err 3>&- & dump=$!
        try grep -qs "listening on" dump.err
        "$SEND_ICMP" count=20000 v0 >/dev/null
        arrived 9101 20000; wait $dump
        grep -qx "0 packets dropped by kernel" dump.err
        watcher=$live; end INT; watcher=$kernel; end INT
        "$SONDE" watch --json -r live.pcap >file.out || :
        counts live | sort >live.counts; counts file | sort | diff live.counts - >&2; counts kernel | sort | diff live.counts - >&2
        tshark -n -r live.pcap -Y "icmp or icmpv6" -T fields -e icmp.type -e icmp.code -e icmpv6.type -e icmpv6.code -E occurrence=f 2>/dev/null |
            awk -F "\t" "{ count[\$1 != \"\" ? \"4 \" \$1 \"/\" \$2 : \"6 \" \$3 \"/\" \$4]++ } END { for (i in count) print i, count[i] }" |
            sort | diff live.counts - >&2
        for how in live file kernel; do records $how summary "\"\(.frames) \(.dropped_by_kernel)\""; done
        wc -l <live.counts'
    [ "${lines[0]} ${lines[1]} ${lines[2]}" = "20000 0 20000 0 20000 0" ]
    [ "${lines[3]}" -gt 10 ]
}

@test "metrics: what Prometheus reads, each type and code a label, addresses never" {
    inside '
        pair; watch metrics -i v1 --metrics 127.0.0.1:9187
        curl -s http://127.0.0.1:9187/metrics >before
        "$SEND_ICMP" count=3000 v0 >/dev/null
        reads() { curl -s http://127.0.0.1:9187/metrics >after; grep -qx "sonde_packets_total 3000" after; }
        try reads
        curl -si http://127.0.0.1:9187/metrics | tr -d "\r" | grep -i "^content-type"
        curl -s -o /dev/null -w "%{http_code}\n" http://127.0.0.1:9187/else
        curl -s -o /dev/null -w "%{http_code}\n" -d x http://127.0.0.1:9187/metrics
        # the second who wants the port
        "$SONDE" watch -i lo --metrics 127.0.0.1:9187 2>&1 || echo $?
        # a client that does not speak, and others that go on nevertheless
        exec 7<>/dev/tcp/127.0.0.1/9187; printf "GET /met" >&7; try reads
        end INT'
    same "Content-Type: text/plain; version=0.0.4; charset=utf-8
404
405
sonde: cannot listen on 127.0.0.1:9187: Address already in use
1"
    "$BATS_TEST_DIRNAME/check-metrics.py" before after
    if command -v promtool >/dev/null; then promtool check metrics <after; fi
    run ! grep -E '[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+|[0-9a-f]*:[0-9a-f]*:' <(grep -v '^#' after)
    # the same numbers as the records
    sed -nE 's/^sonde_icmp_messages_total\{family="(.)",type="([0-9]+)",code="([0-9]+)",name="([^"]+)",layer="outer"\} ([1-9][0-9]*)$/\1 \2 \3 \4 \5/p' after |
        sort >served
    jq -r 'select(.schema == "sonde.watch.count/1") | "\(.family) \(.type) \(.code) \(.name) \(.packets)"' metrics.out | sort | diff served -
    # the kinds of the manual
    sed -n '/^\.Sh FINDINGS/,/^\.Sh METRICS/p' "$ROOT/share/man/sonde-watch.1" | sed -n 's/^\.It Cm //p' | tr -d ' ' | tr , '\n' | sort >listed
    sed -nE 's/^sonde_findings_total\{kind="([a-z-]+)"\} .*/\1/p' after | sort | diff listed -
    # and its names
    sed -nE 's/^# TYPE ([a-z_]+) .*/\1/p' after | while read -r name; do grep -qw "$name" "$ROOT/share/man/sonde-watch.1" || echo "$name is not in the manual"; done >lacks
    [ ! -s lacks ] || { cat lacks && return 1; }
}

@test "a finding is told when it is raised, while the watch goes on, and again when it has ended" {
    inside '
        pair; watch live -i v1 --write proof.pcapng --report report.html
        "$SEND_ICMP" count=2000 v0 >/dev/null
        try grep -qs "\"kind\":\"redirect\".*\"state\":\"open\"" live.out
        tcpdump -nr proof.pcapng 2>/dev/null | grep -q redirect
        kill -0 $watcher; end INT
        [ "$(records live finding "select(.state == \"open\") | .id" | sort)" = "$(records live finding "select(.state == \"ended\") | .id" | sort)" ]
        tail -n 1 live.out | jq -r .schema
        tail -n 1 report.html'
    same "sonde.watch.summary/1
</html>"
}

@test "an NFLOG group" {
    inside '
        nft add table inet t
        for hook in output input; do
            nft add chain inet t $hook "{ type filter hook $hook priority 0; }"
            nft add rule inet t $hook meta l4proto icmp log group 5
        done
        "$SONDE" watch --json -i nflog:5 --metrics 127.0.0.1:9101 >log.out 2>log.err 3>&- & watcher=$!
        listens
        ping -qc 3 -i 0.01 127.0.0.1 >/dev/null
        arrived 9101 12; end INT; echo $code
        records log interface "\"\(.interface) \(.direction) \(.type) \(.packets)\"" | sort'
    same "130
nflog:5 in 0 3
nflog:5 in 8 3
nflog:5 out 0 3
nflog:5 out 8 3"
}

@test "a capture from tcpdump, by a pipe, as it comes" {
    inside '
        pair; ( tcpdump -ni v1 -U -w - 2>dump.err & echo $! >pid; wait ) | "$SONDE" watch --json - --metrics 127.0.0.1:9101 >pipe.out 2>pipe.err 3>&- & watcher=$!
        try grep -qs "listening on" dump.err
        "$SEND_ICMP" count=2000 v0 >/dev/null
        arrived 9101 2000; kill -INT "$(cat pid)"; wait $watcher || echo $?
        seen pipe 2000; cat pipe.err'
    same 1
}

@test "an interface that goes and returns: told, awaited, counted again; the summary has all" {
    inside '
        pair; watch back -i v1 --metrics 127.0.0.1:9101
        "$SEND_ICMP" count=100 v0 >/dev/null; arrived 9101 100
        ip link del v1; try grep -q "v1 is down or gone; waiting for it" back.err
        pair; try grep -q "v1 is back" back.err
        "$SEND_ICMP" count=100 v0 >/dev/null; arrived 9101 200
        end INT; echo $code; seen back 200; cat back.err'
    same "130
sonde: v1 is down or gone; waiting for it
sonde: v1 is back"
}

@test "a full disk ends the evidence file, not the watching" {
    inside '
        mkdir small; mount -t tmpfs -o size=16k none small
        pair; watch full -i v1 --metrics 127.0.0.1:9101 --write small/proof.pcapng
        "$SEND_ICMP" count=5000 v0 >/dev/null; try grep -q evidence full.err
        "$SEND_ICMP" count=5000 v0 >/dev/null; arrived 9101 10000
        end INT; echo $code; seen full 10000; cat full.err
        tcpdump -nr small/proof.pcapng 2>/dev/null | wc -l'
    [ "${lines[0]}" = 130 ]
    [ "${lines[1]}" = "sonde: the evidence file small/proof.pcapng cannot be written: No space left on device. Watching goes on without it" ]
    [ "${lines[2]}" = "sonde: the evidence file small/proof.pcapng is incomplete: No space left on device" ]
    [ "${lines[3]}" -gt 10 ]
}

@test "who may not listen learns the exact command, exits 3, and the command works" {
    inside '
        mount -t tmpfs none /mnt; cp "$SONDE" /mnt/sonde; cd /mnt
        nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
        for how in "-i lo" "-i any" "-i nflog:5" "-i lo --kernel"; do
            # shellcheck disable=SC2086
            nobody "$PWD/sonde" watch $how 2>&1 || echo $?
        done
        $(nobody "$PWD/sonde" watch -i lo 2>&1 | sed -n "s/.*or once: sudo //p")
        nobody "$PWD/sonde" watch --json -i lo --once 0.1s | jq -c .packets
        echo ${PIPESTATUS[0]}'
    same "sonde: cannot listen on lo: this user may not. Run it with sudo, or once: sudo setcap cap_net_raw+ep /mnt/sonde
3
sonde: cannot listen on any: this user may not. Run it with sudo, or once: sudo setcap cap_net_raw+ep /mnt/sonde
3
sonde: cannot listen on nflog:5: this user may not. Run it with sudo, or once: sudo setcap cap_net_raw,cap_net_admin+ep /mnt/sonde
3
sonde: cannot listen on lo: this user may not. Run it with sudo, or once: sudo setcap cap_bpf,cap_net_admin,cap_net_raw+ep /mnt/sonde
3
0
0"
}

@test "a watch of interfaces has no capability, gets no new one, and its system calls are filtered" {
    inside '
        pair
        for how in "-i lo -i v1 --metrics 127.0.0.1:9187 --write proof.pcapng --hook true" "-i lo --kernel"; do
            # shellcheck disable=SC2086
            watch safe $how || :
            sed -n "s/^Cap[A-Z][a-z]*:\t//p; s/^NoNewPrivs:/& /p; s/^Seccomp:/& /p" /proc/$watcher/task/*/status | tr -s "\t" " " | sort | uniq -c | tr -s " "
            end INT
        done
        pgrep -x sonde || echo nobody is left'
    same " 5 0000000000000000
 1 NoNewPrivs: 1
 1 Seccomp: 2
 5 0000000000000000
 1 NoNewPrivs: 1
 1 Seccomp: 2
nobody is left"
}

@test "--kernel: what it cannot do is said, and its counts reach the metrics" {
    inside '
        for option in --print "--write x" "--hook true" "--hook-post http://127.0.0.1/" "--learn x"; do
            # shellcheck disable=SC2086
            "$SONDE" watch -i lo --kernel $option 2>&1 || echo $?
        done | sort | uniq -c | tr -s " "
        for name in any nflog:5 nope; do "$SONDE" watch -i $name --kernel 2>&1 || echo $?; done
        "$SONDE" watch -i nope 2>&1 || echo $?
        watch kernel -i lo --kernel --metrics 127.0.0.1:9187
        ping -qc 3 -i 0.01 127.0.0.1 >/dev/null
        reads() { curl -s http://127.0.0.1:9187/metrics >page; grep -q "^sonde_icmp_messages_total{family=\"4\",type=\"8\",code=\"0\",.*} [36]\$" page; }
        try reads; end INT; echo $code
        pair; watch gone -i v1 --kernel
        ip link set v1 down; try grep -q "down or gone" gone.err; ip link set v1 up; try grep -q back gone.err
        ip link del v1; try times "down or gone" 2 gone.err; pair; try grep -q another gone.err; end INT; cat gone.err'
    same " 5 2
 5 sonde: --kernel only counts: --print, --write, --hook, --hook-post and --learn exclude it
sonde: --kernel counts at single interfaces, and any is none. Name each with -i
2
sonde: --kernel counts at single interfaces, and nflog:5 is none. Name each with -i
2
sonde: there is no interface nope. They are shown by: ip link
1
sonde: there is no interface nope. There are: lo
1
130
sonde: v1 is down or gone; its counts stay
sonde: v1 is back
sonde: v1 is down or gone; its counts stay
sonde: there is another v1 now, which is not counted; start again"
}

@test "--ring: what does not fit is counted as dropped by the kernel" {
    inside '
        pair; watch drops -i v1 --metrics 127.0.0.1:9101 --ring 256K
        kill -STOP $watcher; "$SEND_ICMP" count=20000 v0 >/dev/null; kill -CONT $watcher
        # the last one comes when there is room again
        whole() { [ "$(($(served sonde_packets_total 9101) + $(served sonde_drops_total 9101)))" = 20000 ]; }
        try whole; end INT
        records drops summary "\"\(.frames + .dropped_by_kernel) \(.dropped_by_kernel > 1000)\""
        "$SONDE" watch -i lo --ring 1K 2>&1 || echo $?'
    [ "${lines[0]}" = "20000 true" ]
    [[ "${lines[1]}" == "sonde: --ring "* ]]
    [ "${lines[2]}" = 2 ]
}
