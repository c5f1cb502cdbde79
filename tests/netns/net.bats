#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The kernel edge for ordinary users, asked probe by probe: c - r - q - s, both families.
# shellcheck disable=SC2016 # commands between single quotes are for shells inside of a namespace

bats_require_minimum_version 1.5.0

# Namespaces live as long as a process in them, and no longer than this, whatever happens to the test.
LIFE=120

setup_file() {
    [ "$(id -u)" = 0 ] || return 0
    export C R Q S
    C=$(hold) R=$(hold) Q=$(hold) S=$(hold)
    link "$C" e0 10.0.0.1/24 fd00::1/64 "$R" e0 10.0.0.2/24 fd00::2/64
    link "$R" e1 10.0.1.1/24 fd01::1/64 "$Q" e0 10.0.1.2/24 fd01::2/64
    link "$Q" e1 10.0.2.1/24 fd02::1/64 "$S" e0 10.0.2.2/24 fd02::2/64
    for router in "$R" "$Q"; do
        at "$router" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \
            net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
    done
    at "$S" sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
    route "$C" default 10.0.0.2 fd00::2
    route "$R" default 10.0.1.2 fd01::2
    route "$Q" default 10.0.1.1 fd01::1
    route "$S" default 10.0.2.1 fd02::1
    at "$C" sysctl -qw net.ipv4.ping_group_range="0 2147483647"
    # not by at: its shell would be killed in place of the services
    nsenter -t "$S" -n timeout "$LIFE" "$BATS_TEST_DIRNAME/net-server.py" >"$BATS_FILE_TMPDIR/server" 3>&- &
    echo $! >>"$BATS_FILE_TMPDIR/pids"
    for _ in $(seq 100); do
        # links become ready for IPv6 a while after they are up
        if grep -q ready "$BATS_FILE_TMPDIR/server" && [[ "$(ask "$C" echo,10.0.2.2 echo,fd02::2)" == *"0 echo"*"1 echo"* ]]; then
            return 0
        fi
        sleep 0.05
    done
    echo "the network or its services do not come up" >&2
    return 1
}

teardown_file() {
    [ -e "$BATS_FILE_TMPDIR/pids" ] || return 0 # without root there is nothing
    while read -r pid; do
        kill "$pid" 2>/dev/null || true
    done <"$BATS_FILE_TMPDIR/pids"
}

setup() {
    [ "$(id -u)" = 0 ] || skip "needs root"
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
    nsenter -t "$1" -n "${@:2}"
}

# link NAMESPACE INTERFACE V4 V6 NAMESPACE INTERFACE V4 V6
link() {
    at "$1" ip link add "$2" type veth peer name "$6" netns "$5"
    for _ in 1 2; do
        # no duplicate address detection, which takes a second
        at "$1" sysctl -qw "net.ipv6.conf.$2.accept_dad=0"
        at "$1" ip addr add "$3" dev "$2"
        at "$1" ip addr add "$4" dev "$2"
        at "$1" ip link set "$2" up
        shift 4
    done
}

# route NAMESPACE PREFIX GATEWAY4 GATEWAY6
route() {
    at "$1" ip route add "$2" via "$3"
    at "$1" ip route add "$2" via "$4"
}

# ask NAMESPACE WORD...: as nobody, confined, without the times
ask() {
    at "$1" "$ASK" nobody sandbox "${@:2}" |
        sed 's/ ms=[0-9.]*$//' | sort
}

# same TEXT: the output is this, line by line
same() {
    diff <(echo "$1") <(echo "$output")
}

@test "a route of each type" {
    run unshare -n bash -ec '
        ip link set lo up
        ip link add e0 type veth peer name e1
        ip addr add 10.9.0.1/24 dev e0; ip link set e0 up; ip link set e1 up
        ip route add default via 10.9.0.2
        ip route add blackhole 10.1.0.0/16; ip route add prohibit 10.2.0.0/16; ip route add unreachable 10.3.0.0/16
        ip -6 route add blackhole fd01::/48; ip -6 route add prohibit fd02::/48; ip -6 route add unreachable fd03::/48
        "$ASK" $(printf "route,%s " 9.9.9.9 10.9.0.7 10.9.0.1 10.1.1.1 10.2.1.1 10.3.1.1 fd01::1 fd02::1 fd03::1 fd04::1) |
            sed -E "s/^[0-9]+ route from=- | mtu.*//g"'
    same "type=unicast via=10.9.0.2 src=10.9.0.1 dev=e0
type=unicast via=- src=10.9.0.1 dev=e0
type=local via=- src=10.9.0.1 dev=lo
type=blackhole via=- src=- dev=
type=prohibit via=- src=- dev=
type=unreachable via=- src=- dev=
type=blackhole via=- src=- dev=
type=prohibit via=- src=- dev=
type=unreachable via=- src=- dev=
type=none via=- src=- dev="
}

@test "no route, because the interface is down or has no carrier, or for another reason" {
    run unshare -n bash -ec '
        look() { "$ASK" route,9.9.9.9 route,fd09::9 route,10.9.0.7 | sed -E "s/.*type=(\S+).*dev=(\S*).*up=(.).*/\1,\2,\3/" | paste -sd " "; }
        ip link set lo up
        ip link add e0 type veth peer name e1
        ip addr add 10.9.0.1/24 dev e0
        look
        ip link set e0 up; look
        ip link set e1 up; look
        ip route add default via 10.9.0.2; ip link set e1 down; look
        ip link set e0 down; look'
    # e1 has no address, so that e0 is to blame while it is down, and nobody once it is up
    same "none,e0,0 none,e1,0 none,e0,0
none,e0,0 none,e1,0 unicast,e0,0
none,,1 none,,1 unicast,e0,1
unicast,e0,0 none,e1,0 unicast,e0,0
none,e0,0 none,e1,0 none,e0,0"
}

@test "a neighbour that answers, one that does not, one that was never asked" {
    at "$C" ip neigh add 10.0.0.77 lladdr 02:00:00:00:00:77 dev e0 nud permanent
    at "$C" ip neigh add 10.0.0.78 dev e0 nud failed
    run ask "$C" neighbour,10.0.0.77 neighbour,10.0.0.78 neighbour,10.0.0.79 neighbour,127.0.0.1
    same "0 neighbour from=10.0.0.77 state=resolved
1 neighbour from=10.0.0.78 state=failed
2 neighbour from=10.0.0.79 state=unknown
3 neighbour from=127.0.0.1 state=unknown"
    # the next hop counts
    ask "$C" echo,10.0.2.2 echo,fd02::2
    run ask "$C" neighbour,10.0.2.2 neighbour,fd02::2
    same "0 neighbour from=10.0.0.2 state=resolved
1 neighbour from=fd00::2 state=resolved"
    at "$C" "$ASK" wait=1 udp,10.0.0.80,port=1
    run ask "$C" neighbour,10.0.0.80
    same "0 neighbour from=10.0.0.80 state=pending"
}

@test "what listens: here, elsewhere, nowhere, with a full queue" {
    timeout 20 nsenter -t "$S" -n python3 -c '
import socket, time
kept = []
def bind(family, kind, address, port, only=None):
    s = socket.socket(family, kind)
    if only is not None: s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, only)
    s.bind((address, port)); kept.append(s)
    if kind == socket.SOCK_STREAM: s.listen(5)
v4, v6, tcp, udp = socket.AF_INET, socket.AF_INET6, socket.SOCK_STREAM, socket.SOCK_DGRAM
bind(v4, tcp, "127.0.0.1", 101); bind(v4, tcp, "0.0.0.0", 102); bind(v6, tcp, "::", 103, 0); bind(v6, tcp, "::", 104, 1)
bind(v4, udp, "10.0.2.2", 105); bind(v6, udp, "::1", 106)
print("ready", flush=True); time.sleep(20)' >"$BATS_TEST_TMPDIR/out" 3>&- &
    listeners=$!
    until grep -qs ready "$BATS_TEST_TMPDIR/out"; do sleep 0.05; done
    words=$(for port in 101 102 103 104 105; do echo "listener,10.0.2.2,port=$port"; done)
    # shellcheck disable=SC2086 # the list is words
    run ask "$S" $words listener,10.0.2.2,port=105,udp listener,fd02::2,port=106,udp listener,::1,port=106,udp listener,fd02::2,port=6
    kill $listeners
    same "0 listener from=127.0.0.1 state=elsewhere queue=0 backlog=5
1 listener from=0.0.0.0 state=here queue=0 backlog=5
2 listener from=:: state=here queue=0 backlog=5
3 listener from=:: state=elsewhere queue=0 backlog=5
4 listener from=- state=none queue=0 backlog=0
5 listener from=10.0.2.2 state=here queue=0 backlog=0
6 listener from=::1 state=elsewhere queue=0 backlog=0
7 listener from=::1 state=here queue=0 backlog=0
8 listener from=:: state=full queue=1 backlog=0"
}

@test "what becomes of a connection" {
    for address in 10.0.2.2 fd02::2; do
        # shellcheck disable=SC2046 # the list is words
        run ask "$C" wait=1500 $(for port in 1 2 3 4 5 6 7; do echo "stream,$address,port=$port,timeout=400"; done)
        same "$(sed "s/ADDRESS/$address/; s/\$/ ttl=-1 tos=-1/" <<'END'
0 data from=ADDRESS
0 open from=ADDRESS
1 data from=ADDRESS
1 open from=ADDRESS
2 open from=ADDRESS
2 stream-reset from=ADDRESS
3 open from=ADDRESS
3 stream-reset from=ADDRESS
4 open from=ADDRESS
4 silent from=ADDRESS
5 timeout from=ADDRESS
6 reset from=ADDRESS
END
)"
    done
}

@test "data that are not acknowledged, and data that find a smaller MTU" {
    at "$Q" ip link set e1 mtu 1300
    run ask "$C" wait=1500 stream,10.0.2.2,port=1,size=4000 stream,fd02::2,port=1,size=4000
    [[ "$output" == *"0 data"*"1 data"* ]]
    at "$C" ip route flush cache
    at "$C" ip -6 route flush cache
    at "$Q" nft 'table inet hole { chain o { type filter hook output priority 0; meta l4proto {icmp, icmpv6} drop; }; }'
    run ask "$C" wait=1500 stream,10.0.2.2,port=1,size=4000,timeout=500 stream,fd02::2,port=1,size=4000,timeout=500 \
        stream,10.0.2.2,port=1,timeout=500
    at "$Q" nft delete table inet hole
    at "$Q" ip link set e1 mtu 1500
    [[ "$output" == *"0 stalled"*"1 stalled"*"2 data"* ]]
}

# shellcheck disable=SC2046 # the lists are words
@test "ladders of ping, UDP and SYN over two routers, as nobody" {
    run ask "$C" $(printf 'echo,10.0.2.2,ttl=%s udp,10.0.2.2,port=99,ttl=%s tcp-syn,10.0.2.2,port=1,ttl=%s ' 1 1 1 2 2 2 3 3 3) \
        tcp-syn,10.0.2.2,port=7
    same "0 icmp from=10.0.0.2 ttl=64 tos=192 icmp=11/0 mtu=0 labels=0
1 icmp from=10.0.0.2 ttl=64 tos=192 icmp=11/0 mtu=0 labels=0
2 icmp from=10.0.0.2 ttl=64 tos=192 icmp=11/0 mtu=0 labels=0
3 icmp from=10.0.1.2 ttl=63 tos=192 icmp=11/0 mtu=0 labels=0
4 icmp from=10.0.1.2 ttl=63 tos=192 icmp=11/0 mtu=0 labels=0
5 icmp from=10.0.1.2 ttl=63 tos=192 icmp=11/0 mtu=0 labels=0
6 echo from=10.0.2.2 ttl=62 tos=0
7 icmp from=10.0.2.2 ttl=62 tos=192 icmp=3/3 mtu=0 labels=0
8 syn-ack from=10.0.2.2 ttl=-1 tos=-1
9 reset from=10.0.2.2 ttl=-1 tos=-1"
    run ask "$C" $(printf 'echo,fd02::2,ttl=%s udp,fd02::2,port=99,ttl=%s tcp-syn,fd02::2,port=1,ttl=%s ' 1 1 1 2 2 2 3 3 3) \
        tcp-syn,fd02::2,port=7
    same "0 icmp from=fd00::2 ttl=64 tos=0 icmp=3/0 mtu=0 labels=0
1 icmp from=fd00::2 ttl=64 tos=0 icmp=3/0 mtu=0 labels=0
2 icmp from=fd00::2 ttl=64 tos=0 icmp=3/0 mtu=0 labels=0
3 icmp from=fd01::2 ttl=63 tos=0 icmp=3/0 mtu=0 labels=0
4 icmp from=fd01::2 ttl=63 tos=0 icmp=3/0 mtu=0 labels=0
5 icmp from=fd01::2 ttl=63 tos=0 icmp=3/0 mtu=0 labels=0
6 echo from=fd02::2 ttl=62 tos=0
7 icmp from=fd02::2 ttl=62 tos=0 icmp=1/4 mtu=0 labels=0
8 syn-ack from=fd02::2 ttl=-1 tos=-1
9 reset from=fd02::2 ttl=-1 tos=-1"
}

@test "the rungs of a UDP ladder share one source port, unless they carry a payload" {
    timeout 10 nsenter -t "$R" -n tcpdump -Z root -lni e0 -c 5 'udp dst port 99' >"$BATS_TEST_TMPDIR/dump" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
    dump=$!
    until grep -q listening "$BATS_TEST_TMPDIR/err"; do sleep 0.05; done
    ask "$C" udp,10.0.2.2,port=99,ttl=1 udp,10.0.2.2,port=99,ttl=2 udp,10.0.2.2,port=99 udp,10.0.2.2,port=99,flow=1 \
        udp,10.0.2.2,port=99,payload=query
    wait $dump
    run sed -E 's/.* 10.0.0.1.([0-9]+) >.*/\1/' "$BATS_TEST_TMPDIR/dump"
    [ "$(sort <<<"$output" | uniq -c | sort -rn | awk '{print $1}' | paste -sd ' ')" = "3 1 1" ]
}

@test "without leave for ping sockets it cannot ask by echo, and says so" {
    at "$C" sysctl -qw net.ipv4.ping_group_range="1 0"
    run ask "$C" echo,10.0.2.2 udp,10.0.2.2,port=1 tcp-ack,10.0.2.2,port=1
    at "$C" sysctl -qw net.ipv4.ping_group_range="0 2147483647"
    same "0 refused error=EOPNOTSUPP
1 data from=10.0.2.2 ttl=62 tos=0
2 refused error=EOPNOTSUPP"
}

@test "this machine refuses: routes, its firewall, the size" {
    at "$C" ip route add blackhole 10.91.0.0/16
    at "$C" ip route add prohibit 10.92.0.0/16
    at "$C" ip route add unreachable 10.93.0.0/16
    at "$C" ip route add throw 10.94.0.0/16
    run ask "$C" tcp-syn,10.91.0.1,port=1 udp,10.92.0.1,port=1 echo,10.93.0.1 udp,10.2.2.2,port=1,df,size=1501 \
        echo,fd02::2,df,size=1501
    same "0 refused error=EINVAL
1 refused error=EACCES
2 refused error=EHOSTUNREACH
3 local from=- error=EMSGSIZE mtu=1500
4 local from=- error=EMSGSIZE mtu=1500"
    at "$C" nft 'table inet own { chain o { type filter hook output priority 0;
        udp dport 8 drop; udp dport 9 reject; tcp dport 9 reject; }; }'
    run ask "$C" udp,10.0.2.2,port=8 udp,10.0.2.2,port=9 tcp-syn,10.0.2.2,port=9 tcp-syn,fd02::2,port=9
    at "$C" nft delete table inet own
    same "0 refused error=EPERM
1 icmp from=10.0.0.1 ttl=64 tos=192 icmp=3/3 mtu=0 labels=0
2 icmp from=10.0.0.1 ttl=64 tos=192 icmp=3/3 mtu=0 labels=0
3 icmp from=fd00::1 ttl=64 tos=0 icmp=1/4 mtu=0 labels=0"
}

@test "a router reports a smaller MTU, also when it was learnt before" {
    at "$Q" ip link set e1 mtu 1300
    at "$S" ip link set e0 mtu 1300
    for _ in 1 2; do
        run ask "$C" echo,10.0.2.2,df,size=1400 udp,10.0.2.2,port=99,df,size=1400 echo,fd02::2,size=1400,df
        same "0 icmp from=10.0.1.2 ttl=63 tos=192 icmp=3/4 mtu=1300 labels=0
1 icmp from=10.0.1.2 ttl=63 tos=192 icmp=3/4 mtu=1300 labels=0
2 icmp from=fd01::2 ttl=63 tos=0 icmp=2/0 mtu=1300 labels=0"
    done
    run ask "$C" echo,10.0.2.2,size=1400
    at "$Q" ip link set e1 mtu 1500
    at "$S" ip link set e0 mtu 1500
    same "0 echo from=10.0.2.2 ttl=62 tos=0"
}

@test "a dead neighbour here and a dead host behind the last router" {
    run ask "$C" wait=4000 tcp-syn,10.0.0.9,port=1 udp,10.0.0.9,port=1 echo,10.0.0.9 tcp-syn,10.0.2.9,port=1 udp,10.0.2.9,port=1 \
        echo,fd00::9
    same "0 icmp from=10.0.0.1 ttl=64 tos=192 icmp=3/1 mtu=0 labels=0
1 icmp from=10.0.0.1 ttl=64 tos=192 icmp=3/1 mtu=0 labels=0
2 icmp from=10.0.0.1 ttl=64 tos=192 icmp=3/1 mtu=0 labels=0
3 icmp from=10.0.1.2 ttl=63 tos=192 icmp=3/1 mtu=0 labels=0
4 icmp from=10.0.1.2 ttl=63 tos=192 icmp=3/1 mtu=0 labels=0
5 icmp from=fd00::1 ttl=64 tos=0 icmp=1/3 mtu=0 labels=0"
}

@test "forged and stray answers are no answers; RFC 4884 objects are read" {
    at "$S" nft 'table ip quiet { chain o { type filter hook output priority 0; icmp type 3 icmp code 3 drop; }; }'
    run ask "$C" udp,10.0.2.2,port=1 udp,10.0.2.2,port=2 udp,10.0.2.2,port=3 udp,10.0.2.2,port=4 udp,10.0.2.2,port=5
    at "$S" nft delete table ip quiet
    same "0 data from=10.0.2.2 ttl=62 tos=0
3 icmp from=10.0.2.2 ttl=62 tos=0 icmp=3/13 mtu=0 labels=0
4 icmp from=10.0.2.2 ttl=62 tos=0 icmp=11/0 mtu=0 labels=1"
}

@test "a SYN probe that nobody answers costs one packet; the one for the target may be repeated" {
    at "$S" nft 'table ip quiet { chain i { type filter hook input priority 0; tcp dport 70-79 counter drop; }; }'
    ask "$C" wait=1500 tcp-syn,10.0.2.2,port=70,flow=1 tcp-syn,10.0.2.2,port=71,ttl=9
    run at "$S" nft list table ip quiet
    at "$S" nft delete table ip quiet
    [[ "$output" == *"packets 2 "* ]]
}

@test "interface and source: the user's choice, and what is wrong with it" {
    run ask "$C" interface=e0 source=10.0.0.1 echo,10.0.2.2 udp,10.0.2.2,port=1 tcp-syn,10.0.2.2,port=1 route,10.0.2.2
    [[ "$output" == *"0 echo"*"1 data"*"2 syn-ack"*"3 route"*"src=10.0.0.1"* ]]
    run at "$C" "$ASK" interface=nothere echo,10.0.2.2
    [ "$status" -eq 2 ]
    same "ask: there is no interface nothere"
    run at "$C" "$ASK" source=10.0.2.2 echo,10.0.2.2
    [ "$status" -eq 2 ]
    same "ask: 10.0.2.2 is no address of this machine"
}

@test "names: found, not there, without an address, and no server that answers within 2.5 s" {
    # shellcheck disable=SC2030 # meant for the inner shell
    run unshare -nm bash -ec '
        ip link set lo up
        echo "nameserver 127.0.0.1" >"$1/resolv.conf"; mount --bind "$1/resolv.conf" /etc/resolv.conf
        echo "192.0.2.7 seven.test" >"$1/hosts"; mount --bind "$1/hosts" /etc/hosts
        timeout 20 python3 -c "
import socket
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); server.bind((\"127.0.0.1\", 53)); print(\"ready\", flush=True)
while True:
    data, client = server.recvfrom(999)
    if b\"silent\" in data: continue
    end = data.index(0, 12) + 5
    code = 3 if b\"nowhere\" in data else 0
    kind = data[end - 4:end - 2]
    address = {b\"\0\1\": bytes([0, 4, 192, 0, 2, 1]), b\"\0\x1c\": bytes([0, 16, 0xfd]) + bytes(14) + b\"\1\"}[kind]
    found = b\"both\" in data
    server.sendto(data[:2] + bytes([0x81, 0x80 | code, 0, 1, 0, found, 0, 0, 0, 0]) + data[12:end] +
                  (b\"\xc0\x0c\" + kind + b\"\0\1\0\0\0\1\" + address if found else b\"\"), client)
" >"$1/out" 3>&- & server=$!
        until grep -qs ready "$1/out"; do sleep 0.05; done
        "$TELL" resolve both.test seven.test 10.1.2.3 nowhere.test empty.test
        SECONDS=0; "$TELL" resolve silent.test; echo "$((SECONDS < 4))"
        kill $server' - "$BATS_TEST_TMPDIR"
    [[ "${lines[0]}" == "both.test:"*" fd00::1"* && "${lines[0]}" == *" 192.0.2.1"* ]]
    [ "${lines[1]}" = "seven.test: 192.0.2.7" ]
    [ "${lines[2]}" = "10.1.2.3: 10.1.2.3" ]
    [ "${lines[3]}" = "nowhere.test:the name nowhere.test does not exist" ]
    [ "${lines[4]}" = "empty.test:the name empty.test exists, but has no address" ]
    [[ "${lines[5]}" == "silent.test:no name server answers"* ]]
    [ "${lines[6]}" = 1 ]
}

@test "the sandbox takes capabilities and system calls, from root and from nobody" {
    expected="capable 0 no-new-privileges 1 filtered 1
socket-udp works
socket-tcp works
malloc works
mmap-executable EPERM
socket-packet EPERM
socket-raw EPERM
socket-unix EPERM
unlink EPERM
execve EPERM"
    run "$TELL" sandbox refuse
    same "$expected"
    run "$TELL" nobody sandbox refuse
    same "$expected"
    # SIGSYS at the first call that is not allowed
    run "$TELL" sandbox kill
    [ "$status" -eq 159 ]
    [[ "$output" == *"malloc works"* && "$output" != *"mmap-executable"* ]]
}

@test "counters grow by what happened" {
    run at "$C" "$TELL" growth 'bash -c "echo >/dev/udp/127.0.0.1/99"'
    grep -qx 'UdpNoPorts +1' <<<"$output"
    grep -qx 'IcmpOutDestUnreachs +1' <<<"$output"
    run at "$C" "$TELL" growth true
    same ""
}

@test "firewall rules that decide about packets to a port" {
    at "$S" nft -f - <<'END'
table inet guard {
    set banned { type inet_service; flags interval; elements = { 1000-2000, 3000 }; }
    chain input {
        type filter hook input priority 0; policy drop;
        ct state established,related accept
        ct state invalid drop
        tcp dport { 22, 80 } accept
        tcp dport @banned reject comment "old services"
        udp dport 53 limit rate 5/second accept
        udp dport 53 counter drop comment "flood"
        tcp dport != 7000 jump more
        tcp dport vmap { 7000 : drop, 7001 : accept }
    }
    chain more { tcp dport > 60000 drop; }
}
table ip old { chain input { type filter hook input priority 10; tcp dport 8080 drop; }; }
END
    rules() {
        at "$S" "$TELL" rules "$@" | sed 's/ *$//'
    }
    seen=$(for question in "4 tcp 22" "4 tcp 1500" "4 tcp 3000" "4 udp 53" "4 tcp 7000" "4 tcp 7001" "6 tcp 8080" "4 tcp 8080" "4 tcp 61000"; do
        # shellcheck disable=SC2086 # the question is words
        rules $question | sed "s/^/$question: /"
    done)
    at "$S" nft delete table inet guard
    at "$S" nft delete table ip old
    output=$seen
    same "4 tcp 22: inet guard input accept yes packets=-1
4 tcp 22: stopped=no passed=yes
4 tcp 1500: inet guard input reject yes packets=-1 old services
4 tcp 1500: stopped=yes passed=no
4 tcp 3000: inet guard input reject yes packets=-1 old services
4 tcp 3000: stopped=yes passed=no
4 udp 53: inet guard input accept often packets=-1
4 udp 53: inet guard input drop rarely packets=0 flood
4 udp 53: stopped=rarely passed=often
4 tcp 7000: inet guard input drop yes packets=-1
4 tcp 7000: stopped=yes passed=no
4 tcp 7001: inet guard input accept yes packets=-1
4 tcp 7001: stopped=no passed=yes
6 tcp 8080: inet guard input drop yes policy packets=-1
6 tcp 8080: stopped=yes passed=no
4 tcp 8080: inet guard input drop yes policy packets=-1
4 tcp 8080: ip old input drop yes packets=-1
4 tcp 8080: stopped=yes passed=no
4 tcp 61000: inet guard more drop yes packets=-1
4 tcp 61000: stopped=yes passed=no"
    run "$TELL" nobody rules 4 tcp 22
    [ "$status" -eq 1 ]
    [ "${lines[0]}" = "the rules of nftables are for root (CAP_NET_ADMIN) only" ]
}
