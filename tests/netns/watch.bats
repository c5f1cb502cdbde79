#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# sonde watch with files: each option does what its help says, each exit code means what the manual says, and damage is named.
# shellcheck disable=SC2016,SC2154 # shells of their own run what is between single quotes; `run` sets $stderr

bats_require_minimum_version 1.5.0

setup_file() {
    ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export ROOT SONDE="${SONDE:-$ROOT/build/sonde}"
    unset NO_COLOR CLICOLOR_FORCE
    cd "$BATS_FILE_TMPDIR" || return 1
    for actor in ping closed sweep monitor life; do
        make pcap "$actor.pcap" "$actor"
    done
    make pcapng ping.pcapng ping
    make pcap few.pcap sweeps=10
    make pcap sweeps.pcap sweeps=40
    make pcap quiet.pcap monitor life
    make pcap later.pcap monitor life dark
}

setup() {
    cd "$BATS_FILE_TMPDIR" || return 1
    T=$BATS_TEST_TMPDIR
}

make() {
    "$BATS_TEST_DIRNAME/make-capture.py" "$@"
}

# watch ARGUMENT...: what it says as JSON goes to $T/out, what it complains about to $T/err, its exit code to $code
watch() {
    code=0
    "$SONDE" watch --json "$@" >"$T/out" 2>"$T/err" || code=$?
}

# records NAME FILTER: of the records of a schema in $T/out, what jq makes of each
records() {
    jq -c "select(.schema == \"sonde.watch.$1/1\") | $2" "$T/out"
}

counts() {
    records count '"\(.family) \(.type)/\(.code) \(.layer) \(.packets)"' | tr -d '"'
}

kinds() {
    records finding .kind | tr -d '"' | sort -u | xargs
}

# the sum of the lines
sum() {
    awk '{ sum += $1 } END { print sum + 0 }'
}

# is VALUE VALUE: they are the same
is() {
    [ "$1" = "$2" ] || { echo "'$1' is not '$2'" && return 1; }
}

# confined PROCESS: none of its threads may do anything special
confined() {
    for task in /proc/"$1"/task/*; do
        is "$(sed -n 's/^Cap[A-Z][a-z]*:\t//p' "$task/status" | sort -u)" 0000000000000000
        is "$(sed -n 's/^NoNewPrivs:\t//p' "$task/status")" 1
        is "$(sed -n 's/^Seccomp:\t//p' "$task/status")" 2
    done
}

@test "a file, several ones, pcapng, standard input in one piece and in small ones: the same counts" {
    one=$'4 0/0 outer 30\n4 8/0 outer 30' two=$'4 0/0 outer 60\n4 8/0 outer 60'
    watch -r ping.pcap && is "$(counts)" "$one" && is $code 0
    watch -r ping.pcapng && is "$(counts)" "$one"
    watch -r ping.pcap --read=ping.pcapng && is "$(counts)" "$two"
    watch - <ping.pcap && is "$(counts)" "$one"
    watch -r - <ping.pcapng && is "$(counts)" "$one"
    watch - < <(dd bs=11 if=ping.pcapng 2>/dev/null) && is "$(counts)" "$one"
    watch -r ping.pcap - <ping.pcapng && is "$(counts)" "$two"
}

@test "JSON: each line is of its schema; counts come before findings, the summary comes last and adds up" {
    watch -r sweep.pcap -r closed.pcap --history
    python3 "$BATS_TEST_DIRNAME/validate.py" "$ROOT/share/schemas" <"$T/out"
    is "$(jq -r .schema "$T/out" | uniq | xargs)" \
        "sonde.watch.count/1 sonde.watch.talker/1 sonde.watch.complaint/1 sonde.watch.history/1 sonde.watch.finding/1 sonde.watch.summary/1"
    is "$(records count .packets | sum)" "$(records summary .icmp_packets)"
    is "$(records history .packets | sum)" "$(records summary .icmp_packets)"
    is "$(records finding 1 | wc -l)" "$(records summary .findings)"
    is "$(records finding 'select(.severity == "alert")' | wc -l)" "$(records summary .alerts)"
    is "$(records complaint '[.target, .port, .service, .code, .packets]')" '["192.0.2.4",53,"dns",3,40]'
    is "$(records talker 'select(.role == "sender" and .address == "203.0.113.9") | .packets')" 200
    is "$(records history 'select(.type == 8) | .packets' | xargs)" "50 50 50 50"
}

@test "CSV: tables with a header each, and the numbers of the JSON" {
    watch -r sweep.pcap
    "$SONDE" watch --csv -r sweep.pcap >"$T/csv" || is $? 1
    python3 - "$T/csv" "$T/out" <<'END_OF_CHECK'
import csv
import json
import sys
tables, header = {}, None
for row in csv.reader(open(sys.argv[1], newline="")):
    if not row: # between tables
        header = None
    elif header is None:
        header = row
        tables[row[0]] = []
    else:
        tables[header[0]].append(dict(zip(header, row)))
records = [json.loads(line) for line in open(sys.argv[2])]
def numbers(schema, *names):
    return [[str(record[name]) for name in names] for record in records if record["schema"] == f"sonde.watch.{schema}/1"]
for table, schema, names in (("family", "count", ("type", "code", "name", "packets", "bytes")),
                             ("role", "talker", ("role", "packets")),
                             ("id", "finding", ("kind", "severity", "source", "state")),
                             ("packets", "summary", ("packets", "malformed", "alerts"))):
    ours = [[row[name] for name in names] for row in tables[table]]
    assert ours and ours == numbers(schema, *names), (table, ours)
END_OF_CHECK
}

@test "--detect: all, none, some kinds only, and what is no kind" {
    watch -r sweep.pcap -r closed.pcap && is $code 1 && is "$(kinds)" "failed-connections sweep sweep-monotonic"
    watch -r sweep.pcap --detect none && is $code 0 && is "$(kinds)" "" && is "$(counts)" "4 8/0 outer 200"
    watch -r sweep.pcap -r closed.pcap --detect failed-connections,sweep && is "$(kinds)" "failed-connections sweep"
    run --separate-stderr -2 "$SONDE" watch -r sweep.pcap --detect sweep,swept
    [ "$stderr" = "sonde: --detect: there is no kind 'swept'. Did you mean sweep?" ]
    run --separate-stderr -2 "$SONDE" watch -r sweep.pcap --detect everything
    [ "$stderr" = "sonde: --detect: there is no kind 'everything'. The manual lists the kinds: man sonde-watch" ]
}

@test "--dark, and --internal with --learn, tell which addresses nobody has" {
    watch -r later.pcap --learn quiet.pcap && [[ "$(kinds)" != *dark* ]]
    watch -r later.pcap --learn quiet.pcap --internal 198.51.100.0/24
    [[ "$(kinds)" == *dark-space-probe* ]]
    is "$(records finding 'select(.kind == "dark-space-probe" and .severity == "alert") | .source')" '"203.0.113.77"'
    watch -r later.pcap --dark 198.51.100.0/24 --dark 2001:db8::/32 && [[ "$(kinds)" == *dark-space-probe* ]]
}

@test "--learn: what the quiet capture showed is normal; what came new is not" {
    watch -r later.pcap && records finding .source | grep -q '"192.0.2.250"'
    watch -r later.pcap --learn quiet.pcap && is $code 1
    is "$(records finding .source | sort -u)" '"203.0.113.77"'
    watch -r quiet.pcap --learn quiet.pcap && is $code 0 && is "$(kinds)" ""
    # only what is judged is counted
    is "$(records summary .packets)" 2510
    head -c 5000 quiet.pcap >"$T/cut.pcap"
    watch -r ping.pcap --learn "$T/cut.pcap" && is $code 1
    grep -qx "sonde: .*cut.pcap is damaged at octet [0-9]*: the file ends inside of a record" "$T/err"
}

@test "--allow: who may scan is not accused" {
    watch -r sweep.pcap --allow 203.0.113.0/28 && is $code 0 && is "$(kinds)" ""
    watch -r sweep.pcap --allow 203.0.113.10 && is $code 1
}

@test "prefixes that are none are refused" {
    while read -r option value; do
        run --separate-stderr -2 "$SONDE" watch -r ping.pcap "$option" "$value"
        [[ $stderr == "sonde: $option wants a prefix such as 10.0.0.0/8 or 2001:db8::/32, not '$value'" ]]
    done <<'ROWS'
--internal 10.0.0.0/33
--dark 10.0.0
--allow 2001:db8::/129
--allow 10.0.0.0/
--internal host
ROWS
}

@test "--print: a line a packet, findings among them, nothing else" {
    "$SONDE" watch -r sweep.pcap -r closed.pcap --print >"$T/lines" || is $? 1
    is "$(grep -vc '^#' "$T/lines")" 240
    is "$(grep -c '^# alert sweep: ' "$T/lines")" 1
    # behind the packets that gave the reason, before the next ones
    sed -n '1,/^# alert sweep/p' "$T/lines" | grep -vc '^#' | { read -r before && [ "$before" -ge 64 ] && [ "$before" -lt 200 ]; }
    grep -qxF '09:00:02.000000 IP 203.0.113.9 > 192.0.2.1: ICMP echo-request (8/0), id 7, seq 0, length 40' "$T/lines"
    grep -q '^09:00:00.001000 IP 192.0.2.4 > 192.0.2.1: ICMP port-unreachable (3/3), about udp ' "$T/lines"
    run --separate-stderr -2 "$SONDE" watch -r ping.pcap --print --json
    run -1 bash -c '"$SONDE" watch -r ping.pcap --print >/dev/full'
}

@test "--write: the packets of each finding, read by tcpdump and tshark, with the finding as their comment" {
    watch -r few.pcap -r closed.pcap --write "$T/proof.pcapng" && is $code 1
    is "$(tcpdump -nr "$T/proof.pcapng" 2>/dev/null | wc -l)" "$(records finding .samples | sum)"
    tshark -n -r "$T/proof.pcapng" -T fields -e frame.comment 2>/dev/null |
        sed -E 's/^finding ([0-9]+), ([a-z]+) ([a-z-]+): .*/\1 \2 \3/' | sort | uniq -c | awk '{ print $2, $3, $4, $1 }' | sort >"$T/told"
    records finding '"\(.id) \(.severity) \(.kind) \(.samples)"' | tr -d '"' | sort | diff - "$T/told"
    tshark -n -r "$T/proof.pcapng" -Y 'frame.comment contains "alert sweep:"' -T fields -e ip.src 2>/dev/null | sort -u |
        grep -q '^203.0.113.10$'
    is "$(stat -c %a "$T/proof.pcapng")" 600
    # without a finding it is a file without packets
    watch -r ping.pcap --write "$T/none.pcapng" && is $code 0
    is "$(tcpdump -nr "$T/none.pcapng" 2>/dev/null | wc -l)" 0
    run --separate-stderr "$SONDE" watch -r ping.pcap --write /nowhere/proof.pcapng
    is "$stderr" "sonde: cannot write the evidence file /nowhere/proof.pcapng: No such file or directory"
    [ "$status" -ge 1 ]
}

@test "--hook: the finding as JSON on standard input, once for each, and at most so many a minute" {
    watch -r sweep.pcap --hook "cat >>'$T/got'; echo said; echo \"\$SONDE_SKIPPED\" >>'$T/skipped'" && is $code 1 && [ ! -s "$T/err" ]
    python3 "$BATS_TEST_DIRNAME/validate.py" "$ROOT/share/schemas" <"$T/got"
    is "$(jq -c '[.kind, .source, .state]' "$T/got" | sort | xargs)" "[sweep,203.0.113.9,open] [sweep-monotonic,203.0.113.9,open]"
    is "$(xargs <"$T/skipped")" "0 0"
    is "$(grep -c said "$T/out")" 0
    # 80 findings in the second that reading takes; one run a minute
    watch -r sweeps.pcap --hook "echo run >>'$T/runs'" --hook-rate 1 && is "$(records finding 1 | wc -l)" 80
    runs=$(wc -l <"$T/runs")
    [ "$runs" -le 2 ]
    is "$(cat "$T/err")" "sonde: $((80 - runs)) findings were more than --hook-rate lets through"
}

@test "--hook that fails is told, and does not keep the findings from anybody" {
    watch -r sweep.pcap --hook "exit 3" && is "$(kinds)" "sweep sweep-monotonic" && is $code 1
    is "$(cat "$T/err")" "sonde: a hook failed: it could not be run, took too long or did not end with 0"
}

@test "--hook-post: each finding goes to a web server as JSON" {
    timeout 100 python3 - "$T/posted" "$T/port" <<'END_OF_SERVER' 3>&- &
import http.server
import os
import sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with open(sys.argv[1], "ab") as file:
            file.write(self.path.encode() + b" " + self.headers["Content-Type"].encode() + b" " + body)
        self.send_response(204)
        self.end_headers()
    def log_message(self, *_):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
with open(sys.argv[2] + ".new", "w") as file:
    file.write(str(server.server_port))
os.rename(sys.argv[2] + ".new", sys.argv[2])
server.timeout = 60
for _ in range(2):
    server.handle_request()
END_OF_SERVER
    server=$!
    for _ in $(seq 500); do if [ -s "$T/port" ]; then break; fi; sleep 0.02; done
    watch -r sweep.pcap --hook-post "http://127.0.0.1:$(cat "$T/port")/alarm" || true
    wait $server
    [ ! -s "$T/err" ] || { cat "$T/err" && return 1; }
    is "$(grep -c '^/alarm application/json {"schema":"sonde.watch.finding/1"' "$T/posted")" 2
    cut -d ' ' -f 3- "$T/posted" | python3 "$BATS_TEST_DIRNAME/validate.py" "$ROOT/share/schemas"
    # nobody listens there any more
    watch -r sweep.pcap --hook-post "http://127.0.0.1:$(cat "$T/port")/alarm" && grep -q "a hook failed" "$T/err"
    run --separate-stderr -2 "$SONDE" watch -r ping.pcap --hook-post ftp://127.0.0.1/
}

@test "--memory: a bound for any input, and refused when it is too small" {
    watch -r ping.pcap --memory 8M && is "$(counts | wc -l)" 2
    [ "$(records summary .memory_octets)" -le 8388608 ]
    watch -r ping.pcap && [ "$(records summary .memory_octets)" -le 16777216 ] && [ "$(records summary .memory_octets)" -gt 8388608 ]
    run --separate-stderr -2 "$SONDE" watch -r ping.pcap --memory 1M
    [[ $stderr == "sonde: --memory "* ]]
}

@test "of many large files only one has memory at a time" {
    "$GEN_CAPTURE" packets=50000 mix=calm >"$T/large.pcap"
    for _ in $(seq 16); do set -- "$@" -r "$T/large.pcap"; done
    # Linux counts in KiB; the C library fills what nobody uses when meson asks it to (MALLOC_PERTURB_)
    run -0 env -u MALLOC_PERTURB_ python3 -c 'import resource, subprocess, sys
print(subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode in (0, 1))
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "$SONDE" watch "$@"
    [ "${lines[0]}" = True ]
    [ "${lines[1]}" -lt 24576 ]
}

@test "mistakes are one sentence, name what is wrong, and exit 2" {
    while IFS='|' read -r arguments sentence; do
        # shellcheck disable=SC2086 # the arguments are words
        run --separate-stderr -2 "$SONDE" watch $arguments </dev/null
        [ -z "$output" ]
        is "$stderr" "sonde: $sentence"
    done <<'ROWS'
|nothing to watch. Name interfaces with -i (any for all), a capture file with -r, or - for standard input
-i lo -i lo|-i lo is there twice
-i any -i lo|-i any is all interfaces, lo among them
-i lo --once 0s|--once wants a duration such as 500ms or 2s (1 ms to 8760 h), not '0s'. 'sonde watch --help' shows the options
-i lo --kernel --detect sweep|--kernel only counts: it finds no sweep
-i lo -r ping.pcap|interfaces and files exclude each other
-r ping.pcap --kernel|--kernel counts at interfaces; a file has to be read
-r ping.pcap --once 1s|--once is for interfaces; a file ends by itself
-i nflog:70000|'nflog:70000' is no NFLOG group such as nflog:5 (0 to 65535)
-i nflog:|'nflog:' is no NFLOG group such as nflog:5 (0 to 65535)
-r ping.pcap --metrics 9100|'9100' is no address and port such as 127.0.0.1:9100
-r ping.pcap --metrics host:9100|'host:9100' is no address and port such as 127.0.0.1:9100
-r ping.pcap --print --csv|--print is text: --json and --csv exclude it
ROWS
}

@test "what cannot be read is named, also why, and what would help" {
    : >"$T/empty"
    head -c 3000 /dev/zero >"$T/zeros"
    gzip -c ping.pcap >"$T/ping.pcap.gz"
    while IFS='|' read -r file sentence; do
        run --separate-stderr "$SONDE" watch -r "$file"
        [ "$status" = 1 ]
        [[ $stderr == "sonde: "$sentence ]] || { echo "$stderr" && return 1; }
    done <<ROWS
/nowhere|cannot read /nowhere: No such file or directory
$T|cannot read $T: it is a directory
lo|cannot read lo: No such file or directory. The interface of that name is watched by: sonde watch -i lo
$T/empty|$T/empty holds no capture: *
$T/zeros|$T/zeros holds no capture: *
$T/ping.pcap.gz|$T/ping.pcap.gz is compressed (gzip). try: gunzip -c $T/ping.pcap.gz | sonde watch -r -
ROWS
}

# damage FILE OFFSET WORDS: reading it counts something, names this octet, exits 1
damage() {
    watch -r "$1"
    is $code 1
    is "$(cat "$T/err")" "sonde: $1 is damaged at octet $2: $3"
    watch - <"$1"
    is $code 1
    is "$(cat "$T/err")" "sonde: standard input is damaged at octet $2: $3"
}

@test "a pcap file that ends too early, wherever: what is whole is counted, and the place is told" {
    # 24 octets of header, then records of 16 and 60 octets
    for cut in 25 40 99 100 101 175 176 4583; do
        head -c $cut ping.pcap >"$T/cut.pcap"
        whole=$(((cut - 24) / 76))
        if [ $(((cut - 24) % 76)) = 0 ]; then
            watch -r "$T/cut.pcap" && is $code 0
        else
            damage "$T/cut.pcap" $((24 + whole * 76)) "the file ends inside of a record"
        fi
        is "$(records summary .icmp_packets)" $whole
    done
}

@test "a pcapng file that ends too early, or has a block that lies" {
    # blocks of 28 and 20 octets, then packets of 92
    for cut in 49 139 141 5000; do
        head -c $cut ping.pcapng >"$T/cut.pcapng"
        damage "$T/cut.pcapng" $((48 + (cut - 48) / 92 * 92)) "the file ends inside of a record"
        is "$(records summary .icmp_packets)" $(((cut - 48) / 92))
    done
    # the length of the eleventh packet's block
    python3 - ping.pcapng "$T/lies.pcapng" <<'END_OF_DAMAGE'
import sys
octets = bytearray(open(sys.argv[1], "rb").read())
octets[48 + 10 * 92 + 4] ^= 0x40
open(sys.argv[2], "wb").write(octets)
END_OF_DAMAGE
    watch -r "$T/lies.pcapng" && is $code 1
    is "$(records summary .icmp_packets)" 10
    [[ "$(cat "$T/err")" == "sonde: $T/lies.pcapng is damaged at octet $((48 + 10 * 92)): "* ]]
}

@test "the files behind a damaged one are read, and the exit code remembers it" {
    head -c 1000 ping.pcap >"$T/cut.pcap"
    watch -r "$T/cut.pcap" -r closed.pcap --detect none
    is $code 1
    is "$(counts | tail -n 1)" "4 8/0 outer 6"
    is "$(records count 'select(.type == 3) | .packets')" 40
}

@test "text for people: tables, findings with advice, the summary; no colour in a pipe" {
    # without --json a pipe gets JSON
    run -1 "$SONDE" watch -r sweep.pcap
    [[ "${lines[0]}" == '{"schema":"sonde.watch.count/1"'* ]]
    run -1 script -qec "stty cols 100; NO_COLOR=1 '$SONDE' watch -r sweep.pcap" /dev/null </dev/null
    [[ "$output" == *"IP  Type  Code  Name          Layer  Packets"* ]]
    [[ "$output" == *"Address sweep by 203.0.113.9: "*"Severity:"*"alert"*"Excluded:"*"Next:"*"sonde why 203.0.113.9"* ]]
    [[ "$output" != *$'\e'* ]]
    run -1 script -qec "'$SONDE' watch -r sweep.pcap --color=always" /dev/null </dev/null
    [[ "$output" == *$'\e['* ]]
}

@test "while strangers' octets are read no thread has a capability, and system calls are filtered" {
    "$GEN_CAPTURE" packets=100000 mix=calm >"$T/large.pcap"
    # nobody reads the other lines, so that it stays where it is: with the thread that reads large files ahead
    mkfifo "$T/lines"
    exec 7<>"$T/lines"
    "$SONDE" watch --print -r "$T/large.pcap" >"$T/lines" 2>"$T/err" 3>&- 7>&- &
    watcher=$!
    head -c 300000 <&7 >"$T/some"
    for _ in $(seq 500); do
        if [ "$(find "/proc/$watcher/task" -mindepth 1 -maxdepth 1 | wc -l)" = 2 ]; then break; fi
        sleep 0.02
    done
    is "$(find "/proc/$watcher/task" -mindepth 1 -maxdepth 1 | wc -l)" 2
    confined "$watcher"
    timeout 100 cat <&7 >/dev/null 3>&- &
    reader=$!
    wait $watcher || is $? 1
    kill $reader
    [ ! -s "$T/err" ]
}
