#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# sonde why --from-server: what the kernel of a server does with packets to its ports, against the truth: a client in a
# namespace of its own tries what the command predicts. c (10.0.0.1) - s (10.0.0.2, fd00::2); s has a second link, f0.
# shellcheck disable=SC2016 # commands between single quotes are for shells inside of a namespace
# shellcheck disable=SC2154 # `run` sets $stderr

bats_require_minimum_version 1.5.0

# Namespaces and services live as long as their processes, and no longer than this, whatever happens to the test.
LIFE=120

setup_file() {
    ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export ROOT SONDE="${SONDE:-$ROOT/build/sonde}"
    [ "$(id -u)" = 0 ] || return 0
    export C S
    C=$(hold) S=$(hold)
    at "$C" ip link add e0 type veth peer name e0 netns "$S"
    for end in "$C 10.0.0.1 fd00::1" "$S 10.0.0.2 fd00::2"; do
        # shellcheck disable=SC2086 # the three are words
        set -- $end
        at "$1" sysctl -qw net.ipv6.conf.e0.accept_dad=0
        at "$1" ip addr add "$2/24" dev e0
        at "$1" ip addr add "$3/64" dev e0
        at "$1" ip link set e0 up
    done
    at "$S" ip link add f0 type veth peer name f1
    at "$S" ip addr add 10.8.0.1/24 dev f0
    at "$S" ip link set f0 up
    at "$S" ip link set f1 up
    at "$S" ip route add default via 10.0.0.1
    # not by at: its shell would be killed in place of the service
    nsenter -t "$S" -n timeout "$LIFE" "$BATS_TEST_DIRNAME/why-server.py" \
        tcp:127.0.0.1:8443 tcp:0.0.0.0:8080 'tcp:[::]:8081' tcp:10.8.0.1:81 tcp:0.0.0.0:9999:full \
        udp:0.0.0.0:53 udp:0.0.0.0:54:full tcp:0.0.0.0:80 tcp:0.0.0.0:8088 >"$BATS_FILE_TMPDIR/server" 3>&- &
    echo $! >>"$BATS_FILE_TMPDIR/pids"
    for _ in $(seq 100); do
        if grep -q ready "$BATS_FILE_TMPDIR/server"; then
            return 0
        fi
        sleep 0.05
    done
    echo "the services do not come up" >&2
    return 1
}

teardown_file() {
    while read -r pid; do
        kill "$pid" 2>/dev/null || true
    done <"$BATS_FILE_TMPDIR/pids"
}

setup() {
    [ "$(id -u)" = 0 ] || skip "needs root"
    at "$S" nft flush ruleset
    at "$S" sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.e0.rp_filter=0 net.ipv4.conf.f0.rp_filter=0
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

# ask ARGUMENT...: the question, in the server's namespace
ask() {
    at "$S" "$SONDE" why --from-server "$@"
}

# field FILTER ARGUMENT...: what jq finds in the answer
field() {
    local filter=$1
    shift
    ask --json "$@" | jq -r "$filter"
}

# rules: load a ruleset on the server
rules() {
    at "$S" nft -f -
}

# reaches PORT: whether the client gets a connection
reaches() {
    at "$C" timeout 1 bash -c "exec 3<>/dev/tcp/10.0.0.2/$1" 2>/dev/null
}

# sent: packets that have left each interface of the server
sent() {
    at "$S" awk '/:/ { print $1, $11 }' /proc/thread-self/net/dev
}

# helps PORT OTHER: what the answer says to do opens the port, and not the other one
helps() {
    advice=$(field '.next[0]' "$1" | sed -n 's/.*: sudo \(nft .* accept\),.*/\1/p')
    echo "advice: $advice"
    # shellcheck disable=SC2086 # the advice is words
    at "$S" $advice
    run -0 ask -4 "$1"
    reaches "$1"
    run -1 ask -4 "$2"
}

@test "a service on all addresses is served, and no packet is sent to find out" {
    # The kernel has something to say of its own at times (MLD, router solicitations), but not each time.
    for _ in 1 2 3 4 5 6; do
        before=$(sent)
        run -0 ask 8080/tcp
        after=$(sent)
        [ "$after" != "$before" ] || break
    done
    [[ ${lines[0]} == "Nothing on this machine stops packets to 8080/tcp: python3 on 0.0.0.0 takes"* ]]
    [ "$after" = "$before" ]
    reaches 8080
    [[ $output == *"over IPv6 nothing waits on the port"* ]]
    run -0 ask 8081
    [[ $output != *"over IPv6"* ]]
    run -0 ask 53/udp
}

@test "a service on the loopback address only, or on another one" {
    run -1 ask 8443/tcp
    [[ $output == *bound-elsewhere* ]]
    run ! reaches 8443
    run -0 ask 127.0.0.1:8443
    run -1 ask 10.0.0.2:81
    [[ $output == *"Only python3 on 10.8.0.1 listens on port 81"* ]]
    run -0 ask 10.8.0.1:81
    run -1 ask '[fd00::2]:8080'
    [ "$(field '.verdict[0].cause' '[fd00::2]:8080')" = bound-elsewhere ]
    run -0 ask '[fd00::2]:8081'
}

@test "nothing listens" {
    run -1 ask 22 22/udp
    [ "$(grep -c 'is closed: nothing listens there' <<<"$output")" = 2 ]
    [[ $output == *icmp_ratelimit* ]]
}

@test "a full accept queue and a full receive buffer" {
    run -1 ask 9999
    [[ ${lines[0]} == *"does not accept: its accept queue is full (2 connections"* ]]
    [ "$(field '.sockets[0] | .queue > .backlog' 9999)" = true ]
    [ "$(field '[.counters[] | select(.name == "TcpExtListenOverflows")][0].value > 0' 9999)" = true ]
    run ! reaches 9999
    run -1 ask 54/udp
    [[ ${lines[0]} == *"does not read: its receive buffer is full"* ]]
    [ "$(field '.sockets[0].packets_dropped > 0' 54/udp)" = true ]
}

@test "a rule that drops, with its place and comment" {
    rules <<'END'
table inet filter {
    chain input {
        type filter hook input priority 0
        tcp dport 22 accept
        tcp dport { 8000-8080, 9000 } counter drop comment "CHG-4711"
    }
}
END
    handle=$(at "$S" nft -a list ruleset | sed -n 's/.*CHG-4711.* # handle //p')
    run -1 ask 8080/tcp
    [[ $(tr '\n' ' ' <<<"$output") == *"discards packets to 8080/tcp: rule $handle of chain input, table inet filter (\"CHG-4711\")"* ]]
    [ "$(field '.rules[0] | [.verdict, .applies, .family, .table, .chain, .hook, .handle, .comment] | map(tostring) | join(" ")' 8080)" \
        = "drop all inet filter input input $handle CHG-4711" ]
    [ "$(field '.rules[0].words' 8080)" = 'tcp dport { 8000-8080, 9000 } drop comment "CHG-4711"' ]
    run ! reaches 8080
    run -0 ask 8088
    reaches 8088
    helps 8080 8079
}

@test "a rule that rejects, an iptables rule, and a policy" {
    at "$S" iptables -A INPUT -p tcp --dport 8080 -j REJECT --reject-with tcp-reset
    run -1 ask 8080
    [ "$(field '.verdict[0].cause' 8080)" = firewall-reject ]
    helps 8080 8079
    at "$S" iptables -F
    at "$S" iptables -P INPUT DROP
    [ "$(field '.verdict[0].cause + " " + (.rules[-1].policy | tostring)' -4 8088)" = "firewall-drop true" ]
    run ! reaches 8088
    helps 8088 8080
    at "$S" iptables -P INPUT ACCEPT
}

@test "rules that iptables' own matches decide" {
    at "$S" iptables -P INPUT DROP
    at "$S" iptables -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
    at "$S" iptables -A INPUT -i lo -j ACCEPT
    at "$S" iptables -N services
    at "$S" iptables -A INPUT -j services
    at "$S" iptables -A services -p tcp -m multiport --dports 80,8080 -m comment --comment web -j ACCEPT
    at "$S" iptables -A services -m addrtype '!' --dst-type LOCAL -j DROP
    for port in 80 8080 8088; do
        status=0
        ask -4 "$port" >/dev/null || status=$?
        if reaches "$port"; then [ "$status" = 0 ]; else [ "$status" = 1 ]; fi
    done
    run -0 ask -4 8080
    run -1 ask -4 8088
    at "$S" iptables -P INPUT ACCEPT
}

@test "who sends decides: it cannot be told until that is said" {
    rules <<'END'
table ip filter {
    chain input {
        type filter hook input priority 0; policy drop
        ip saddr 10.0.0.0/24 tcp dport 8080 accept
    }
}
END
    run -4 ask -4 8080
    [[ $(tr -s '\n ' ' ' <<<"$output") == *"--source ADDRESS"* ]]
    run -0 ask 8080 --source 10.0.0.1
    reaches 8080
    run -1 ask 8080 --source 192.0.2.1
}

@test "the prediction is what happens, rule by rule" {
    while IFS='|' read -r name port chains; do
        at "$S" nft flush ruleset
        rules <<<"$chains"
        status=0
        ask "$port" --source 10.0.0.1 --interface e0 >"$BATS_TEST_TMPDIR/answer" || status=$?
        expected=1
        if reaches "$port"; then expected=0; fi
        echo "$name: exit $status, expected $expected"
        [ "$status" = "$expected" ]
    done <<'ROWS'
a jump that comes back|8080|table ip f { chain other { tcp dport 22 drop; }; chain i { type filter hook input priority 0; policy accept; jump other; }; }
a jump that ends it|8080|table ip f { chain other { tcp dport 8080 drop; }; chain i { type filter hook input priority 0; policy accept; jump other; }; }
a jump that accepts before the policy|8080|table ip f { chain other { tcp dport 8080 accept; }; chain i { type filter hook input priority 0; policy drop; jump other; }; }
a goto does not come back|8080|table ip f { chain other { tcp dport 22 drop; }; chain i { type filter hook input priority 0; policy drop; goto other; tcp dport 8080 accept; }; }
a return before the drop|8080|table ip f { chain other { ip saddr 10.0.0.1 return; drop; }; chain i { type filter hook input priority 0; jump other; }; }
a chain without a jump to it|8080|table ip f { chain other { drop; }; chain i { type filter hook input priority 0; }; }
a verdict map|8080|table ip f { chain i { type filter hook input priority 0; tcp dport vmap { 22 : accept, 8080 : drop }; }; }
a named map with an interval|8080|table ip f { map m { type inet_service : verdict; flags interval; elements = { 8000-9000 : drop }; }; chain i { type filter hook input priority 0; tcp dport vmap @m; }; }
a set with the sender in it|8080|table ip f { set bad { type ipv4_addr; flags interval; elements = { 10.0.0.0/28 }; }; chain i { type filter hook input priority 0; ip saddr @bad drop; }; }
a set without the sender|8080|table ip f { set bad { type ipv4_addr; flags interval; elements = { 10.0.0.16/28 }; }; chain i { type filter hook input priority 0; ip saddr @bad drop; }; }
an empty set|8080|table ip f { set bad { type ipv4_addr; }; chain i { type filter hook input priority 0; ip saddr @bad drop; }; }
sender and port together|8080|table ip f { set bad { type ipv4_addr . inet_service; elements = { 10.0.0.1 . 8080 }; }; chain i { type filter hook input priority 0; ip saddr . tcp dport @bad drop; }; }
sender with another port|8080|table ip f { set bad { type ipv4_addr . inet_service; elements = { 10.0.0.1 . 8081 }; }; chain i { type filter hook input priority 0; ip saddr . tcp dport @bad drop; }; }
another interface|8080|table ip f { chain i { type filter hook input priority 0; iifname "f0" drop; }; }
this interface|8080|table ip f { chain i { type filter hook input priority 0; iifname "e*" drop; }; }
new connections|8080|table ip f { chain i { type filter hook input priority 0; ct state new drop; }; }
invalid and established ones|8080|table ip f { chain i { type filter hook input priority 0; ct state vmap { invalid : drop, established : accept }; }; }
what is no SYN|8080|table ip f { chain i { type filter hook input priority 0; tcp flags & (fin | syn | rst | ack) != syn ct state new drop; }; }
a SYN|8080|table ip f { chain i { type filter hook input priority 0; tcp flags & (fin | syn | rst | ack) == syn drop; }; }
a later chain of the same hook|8080|table ip f { chain i { type filter hook input priority 0; accept; }; }; table ip g { chain i { type filter hook input priority 10; drop; }; }
before routing|8080|table ip f { chain p { type filter hook prerouting priority -300; tcp dport 8080 drop; }; }
on the interface|8080|table netdev f { chain p { type filter hook ingress device "e0" priority 0; tcp dport 8080 drop; }; }
on another interface|8080|table netdev f { chain p { type filter hook ingress device "f0" priority 0; tcp dport 8080 drop; }; }
a table that sleeps|8080|table ip f { flags dormant; chain i { type filter hook input priority 0; drop; }; }
only the other protocol|8080|table ip f { chain i { type filter hook input priority 0; udp dport 8080 drop; meta l4proto 17 drop; icmp type echo-request drop; }; }
the other family|8080|table ip6 f { chain i { type filter hook input priority 0; drop; }; }
redirected to a service|7000|table ip f { chain p { type nat hook prerouting priority -100; tcp dport 7000 redirect to :8080; }; }
redirected to nothing|8080|table ip f { chain p { type nat hook prerouting priority -100; tcp dport 8080 redirect to :7000; }; }
redirected, and the new port is dropped|7000|table ip f { chain p { type nat hook prerouting priority -100; tcp dport 7000 redirect to :8080; }; chain i { type filter hook input priority 0; tcp dport 8080 drop; }; }
redirected, and only the old port is dropped|7000|table ip f { chain p { type nat hook prerouting priority -100; tcp dport 7000 redirect to :8080; }; chain i { type filter hook input priority 0; tcp dport 7000 drop; }; }
to another address of the machine|7000|table ip f { chain p { type nat hook prerouting priority -100; tcp dport 7000 dnat to 10.8.0.1:81; }; }
local destinations only|8080|table ip f { chain i { type filter hook input priority 0; policy drop; fib daddr type local accept; }; }
ROWS
}

@test "a translation to another machine" {
    rules <<'END'
table ip nat { chain p { type nat hook prerouting priority -100; tcp dport 8088 dnat to 10.8.0.7:80; }; }
END
    run -4 ask 8088
    [[ $(tr '\n' ' ' <<<"$output") == *"sends packets to 8088/tcp on to 10.8.0.7:80/tcp"* ]]
    [[ $output == *"sonde why tcp://10.8.0.7:80"* ]]
}

@test "the way back: strict reverse-path filtering, and none at all" {
    at "$S" sysctl -qw net.ipv4.conf.f0.rp_filter=1
    run -0 ask 8080
    [[ $output == *"rp_filter is 1 (strict) and the default route leaves by e0"* ]]
    run -1 ask 8080 --source 192.0.2.1 --interface f0
    [[ $(tr '\n' ' ' <<<"$output") == *"Packets from 192.0.2.1 that arrive at f0 are discarded: the way back leaves by e0, and rp_filter is 1 (strict)."* ]]
    [ "$(field '.verdict[0].cause' 8080 --source 192.0.2.1 --interface f0)" = return-path-lost ]
    run -0 ask 8080 --source 192.0.2.1 --interface e0
    run -1 ask 8081 --source 2001:db8::1
    [[ ${lines[0]} == *"Answers to 2001:db8::1 cannot be sent"* ]]
}

@test "watching shows what grows" {
    rules <<'END'
table ip filter { chain input { type filter hook input priority 0; tcp dport 8080 counter drop; }; }
END
    { sleep 0.5; reaches 8080 || true; reaches 9999 || true; } 3>&- &
    run -1 ask 8080 --watch-for 3s --json
    wait $! || true
    [ "$(jq '.rules[0].packets_grown > 0' <<<"$output")" = true ]
    [ "$(jq '[.counters[] | select(.name == "TcpExtListenOverflows")][0].grown > 0' <<<"$output")" = true ]
    [ "$(jq '.watched_ns > 2900000000' <<<"$output")" = true ]
    [[ $(jq -r '.evidence[]' <<<"$output") == *"Watched for 3.0 s: rule "*" of ip filter input +"* ]]
}

@test "an ordinary user learns what does not need the rules, and how to see them" {
    ordinary() { at "$S" setpriv --reuid 65534 --regid 65534 --clear-groups "$BATS_FILE_TMPDIR/sonde" why --from-server "$@"; }
    install -m 755 "$SONDE" "$BATS_FILE_TMPDIR/sonde"
    chmod o+x "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$(dirname "$BATS_FILE_TMPDIR")"
    run -3 ordinary 8080
    [[ $(tr -s '\n ' ' ' <<<"$output") == *"The firewall's rules, and which program holds the sockets: sudo sonde why --from-server 8080/tcp"* ]]
    [ "$(ordinary --json 8080 | jq -r '.firewall + " " + .state')" = "no-permission unknown" ]
    run -1 ordinary 8443 22 9999
    [ "$(ordinary --json 8443 22 9999 | jq -r '.verdict[0].cause' | xargs)" = "bound-elsewhere port-closed backlog-full" ]
}

@test "without a port, all that wait" {
    run ask --json
    [ "$(jq -r '(.port | tostring) + "/" + .protocol' <<<"$output" | uniq | xargs)" \
        = "80/tcp 81/tcp 8080/tcp 8081/tcp 8088/tcp 8443/tcp 9999/tcp 53/udp 54/udp" ]
}

@test "bad input: one sentence, the right exit code, and the others are answered" {
    while IFS='|' read -r arguments exit sentence; do
        # shellcheck disable=SC2086 # the arguments are words
        run --separate-stderr ask $arguments
        echo "$arguments: $status, $stderr"
        [ "$status" = "$exit" ]
        [ "$(wc -l <<<"$stderr")" = 1 ]
        [[ $stderr == "sonde: "*"$sentence"* ]]
    done <<'ROWS'
nonsense|2|is no port of this machine
70000|2|port 70000 is out of range
0/udp|2|port 0/udp is out of range
80/sctp|2|is no port of this machine
10.0.0.2/80|2|is no port of this machine
fd00::2:80|2|is no port of this machine
192.0.2.9:80|1|192.0.2.9 is no address of this machine. It has 127.0.0.1
80 --interface e7|2|there is no interface e7
80 --deep|2|--from-server sends nothing
80 -f targets|2|--from-server sends nothing
ROWS
    run --separate-stderr -2 at "$S" "$SONDE" why 10.0.0.1 --watch-for 1s
    [[ $stderr == *"--watch-for belongs to --from-server"* ]]
    run -2 ask nonsense 8080
    [[ $output == *"Nothing on this machine stops packets to 8080/tcp"* ]]
}
