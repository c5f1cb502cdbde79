#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# sonde guard review: counters of the kernel into the ledger, advice out of it, drift, and the report.
# shellcheck disable=SC2016,SC2154 # commands between single quotes are for shells inside of a namespace

bats_require_minimum_version 1.5.0

PREPARE='
    # try COMMAND...: until it succeeds, at most 20 seconds
    try() { for _ in $(seq 400); do if "$@"; then return 0; fi; sleep 0.05; done; echo "never: $*" >&2; return 1; }
    # ends STATUS COMMAND...: it ends with this status
    ends() { local is=0; "${@:2}" || is=$?; [ "$is" = "$1" ] || { echo "$* ended with $is" >&2; return 1; }; }
    # force: the policy is in force, and is what the boot loads
    force() { "$SONDE" guard export nft etc/guard.yaml >etc/guard.nft; nft -f etc/guard.nft; }
    # advice RULE MEMBER: of the last review
    advice() { jq -r "select(.schema == \"sonde.guard.advice/1\" and .rule == \"$1\") | .$2" review.json; }
    # findings ID: how many
    findings() { jq -s "map(select(.schema == \"sonde.guard.finding/1\" and .id == \"$1\")) | length" review.json; }
    ip link set lo up
    mkdir -p etc state
    export SONDE_GUARD_ETC=$PWD/etc SONDE_GUARD_STATE=$PWD/state
'

setup() {
    [ "$(id -u)" = 0 ] || skip "needs root"
    ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export ROOT SONDE="${SONDE:-$ROOT/build/sonde}" REMEMBER="${REMEMBER:-$ROOT/build/tests/netns/remember}"
    cd "$BATS_TEST_TMPDIR" || return 1
    mkdir -p etc
    cat >etc/guard.yaml <<'END'
role: host
ipv4:
  fragmentation-needed: {input: answer-only, output: accept}
  echo-request: {input: limit 1000/second, output: accept}
  echo-reply: {input: answer-only, output: accept}
  ttl-exceeded: {input: answer-only}
  parameter-problem: {input: answer-only}
  timestamp-request: {input: accept}
  admin-prohibited: {input: drop}
ipv6:
  packet-too-big: {input: answer-only, output: accept}
  133-136: accept
  echo-request: {input: limit 1000/second, output: accept}
  echo-reply: {input: answer-only, output: accept}
exceptions:
  - ipv4: address-mask-request
    input: accept
    from: 192.0.2.0/25
    owner: netops
    reason: an old monitor
    expires: 2099-12-31
  - ipv4: router-solicitation
    input: accept
    expires: 2020-01-31
END
}

# inside SCRIPT: run it in a network namespace that ends with it, whatever happens to the test
inside() {
    run --separate-stderr timeout 120 unshare -n --fork --kill-child bash -euc "$PREPARE$1"
    [ "$status" = 0 ] || { echo "$output" "$stderr" && return 1; }
}

# forge: 40 days of looks, every 6 hours until an hour ago: echo as every day, but 50 times more on the last one; the
# exception and parameter-problem never; address-mask-request never; one reboot and one reset between
forge() {
    awk -v now="$(date +%s)" 'BEGIN {
        for (look = 160; look >= 0; look--) {
            boot = look > 80 ? "first" : "second"
            if (look == 80 || look == 40) echo = reply = 0
            echo += look < 4 ? 10000 : 200 + look % 7
            reply += 10
            printf "%d %s v4.8.0.input.accept=%d v4.8.0.input.over=0 v4.0.0.input.accept=%d v4.0.0.input.drop=0", now - 3600 - look * 21600, boot, echo, reply
            printf " v4.12.input.accept=0 v4.12.input.drop=0 x1.v4.17.input.accept=0 v4.13.0.input.accept=%d", look < 3 ? 5 * (3 - look) : 0
            printf " v4.3.4.input.accept=0 v4.3.4.input.drop=0\n"
        }
    }' | "$REMEMBER" state/ledger.db
}

@test "pings move the counters, samples find them, and a short history claims nothing" {
    inside '
        "$SONDE" guard review --sample
        force
        "$SONDE" guard review --sample
        ping -q -c 20 -i 0.01 127.0.0.1
        ping -6 -q -c 10 -i 0.01 ::1
        sleep 1
        ends 1 "$SONDE" guard review --json >review.json
        [ "$(advice v4.8.0.input passed)" = 20 ]
        [ "$(advice v6.128.0.input passed)" = 10 ]
        [ "$(advice v4.8.0.input advice)" = keep ]
        [ "$(advice v4.12.input because)" = "not enough data yet: 0 of 30 days" ]
        [ "$(findings G046)" = 0 ]
        [ "$(findings G048)" = 0 ]
        [ "$(findings G036)" = 0 ]
        [ "$(findings G045)" = 2 ]
        python3 "$ROOT/tests/netns/validate.py" "$ROOT/share/schemas" <review.json'
}

@test "forty days of history: what is silent, new or unusual gets advice with its numbers" {
    inside '
        '"$(declare -f forge)"'
        forge
        force
        ping -q -c 5 -i 0.01 127.0.0.1
        ends 1 "$SONDE" guard review --since 40d --json >review.json
        # silence of 40 days, less what nobody saw at one reset and two reboots
        [ "$(advice v4.12.input advice)" = tighten ]
        [[ $(advice v4.12.input because) == "no packet in 39."*" observed days"*", 2 reboots: dropping it would have changed nothing" ]]
        [ "$(findings G048)" = 1 ]
        [ "$(advice x1.v4.17.input advice)" = remove ]
        [ "$(findings G046)" = 1 ]
        # what must pass is no matter of silence
        [ "$(advice v4.3.4.input advice)" = keep ]
        # fifty times more since a day, and something new
        [ "$(advice v4.8.0.input advice)" = investigate ]
        [[ $(advice v4.8.0.input because) == *" passed in the last day, usual are 8"[01]?" a day "* ]]
        [ "$(advice v4.8.0.input reboots)" = 2 ]
        [ "$(advice v4.8.0.input resets)" = 1 ]
        [ "$(advice v4.13.0.input advice)" = investigate ]
        [[ $(advice v4.13.0.input because) == "it is new: "* ]]
        [ "$(findings G047)" = 2 ]
        [ "$(advice v4.0.0.input advice)" = keep ]
        # an exception that has ended and says neither owner nor reason
        [ "$(advice x2.v4.10.0.input advice)" = remove ]
        [ "$(findings G045)" = 2 ]
        # a week is not enough to be sure
        ends 1 "$SONDE" guard review --since 7d --json >review.json
        [ "$(advice v4.12.input because)" = "not enough data yet: 6 of 30 days" ] ||
            [ "$(advice v4.12.input because)" = "not enough data yet: 7 of 30 days" ]
        # people get the same (and that echo replies pass without a limit), the rules to keep only on demand
        ends 1 "$SONDE" guard review --since 40d >text
        grep -q "6 of .* rules want a look: investigate 2, remove 2, tighten 2" text
        [ "$(grep -Ec "^(investigate|remove|tighten|wait|keep) " text)" = 6 ]
        ends 1 "$SONDE" guard review --since 40d --all >text
        grep -Eq "^keep +v4.3.4.input" text
        [ "$("$SONDE" guard review --since 40d --csv | grep -c "^keep,")" = "$(grep -Ec "^keep " text)" ]'
}

@test "a message that must pass and is dropped now is an error" {
    inside '
        cat >etc/guard.yaml <<END
role: host
ipv4: {3/4: {input: drop, output: accept, i-know-this-breaks: path-mtu-discovery}, 8: accept, 0: accept}
ipv6: {2: accept, 133-136: accept}
END
        force
        "$SONDE" guard review --sample
        ping -q -c 1 127.0.0.1
        python3 -c "
import socket
socket.socket(socket.AF_INET, socket.SOCK_RAW, 1).sendto(bytes.fromhex(\"0304fcfb00000000\"), (\"127.0.0.1\", 0))"
        sleep 1
        ends 1 "$SONDE" guard review --json >review.json
        [ "$(advice v4.3.4.input advice)" = investigate ]
        [ "$(advice v4.3.4.input blocked)" = 1 ]
        [ "$(jq -r "select(.id == \"G001\") | .severity" review.json)" = error ]'
}

@test "counters that are made anew or reset are new epochs, and nothing is counted twice" {
    inside '
        force
        "$SONDE" guard review --sample
        ping -q -c 7 -i 0.01 127.0.0.1; sleep 1
        "$SONDE" guard review --sample
        nft reset counter inet sonde_guard v4.8.0.input.accept >/dev/null
        ping -q -c 2 -i 0.01 127.0.0.1; sleep 1
        "$SONDE" guard review --sample
        force
        ping -q -c 30 -i 0.01 127.0.0.1; sleep 1
        ends 1 "$SONDE" guard review --json >review.json
        [ "$(advice v4.8.0.input passed)" = 39 ]
        [ "$(advice v4.8.0.input resets)" = 2 ]
        [ "$(advice v4.8.0.input reboots)" = 0 ]'
}

@test "drift between file, kernel and boot is found, and named" {
    inside '
        "$SONDE" guard review --sample
        ends 1 "$SONDE" guard review >text
        grep -q "guard.yaml is not in force" text
        force
        ends 1 "$SONDE" guard review >text
        ! grep -q "kernel.s rules are not" text
        nft add rule inet sonde_guard input icmp type echo-request drop
        ends 1 "$SONDE" guard review --json >review.json
        [ "$(findings G036)" = 2 ]
        jq -r "select(.id == \"G036\") | .witness" review.json | grep -q "new: rule in chain input"
        force
        sed -i "s/timestamp-request: {input: accept}/timestamp-request: {input: drop}/" etc/guard.yaml
        ends 1 "$SONDE" guard review --json >review.json
        [ "$(findings G036)" = 1 ]
        jq -r "select(.id == \"G036\") | .message" review.json | grep -q "The kernel.s rules are not those of .*guard.yaml"
        rm etc/guard.nft
        ends 1 "$SONDE" guard review --json >review.json
        jq -r "select(.id == \"G036\") | .message" review.json | grep -q "the next boot loads no policy"
        # what was found is in the ledger, once for each thing
        "$SONDE" guard review --report report.json >/dev/null || true
        [ "$(jq "[.events[] | select(.kind == \"drift\")] | length" report.json)" -ge 4 ]'
}

@test "--follow tells a change of the rules within a second, and that it is over" {
    inside '
        # counters and sets of sources are no change
        force
        "$SONDE" guard review --follow --json >told 2>complaints 3>&- & follower=$!
        try grep -q advice told
        ping -q -c 20 -i 0.01 127.0.0.1
        nft add table inet other
        sleep 0.5
        [ "$(grep -c "table was" told)" = 0 ]
        begin=$(date +%s%3N)
        nft add rule inet sonde_guard input icmp type echo-request drop
        try grep -q "The kernel.s table was changed" told
        [ $(($(date +%s%3N) - begin)) -lt "${DRIFT_MS:-5000}" ]
        grep "table was changed" told | jq -r .witness | grep -q "new: rule in chain input"
        nft -f etc/guard.nft
        try grep -q "as it should be again" told
        nft delete table inet sonde_guard
        try grep -q "table was deleted: nothing of it is in force" told
        kill -INT $follower
        ends 1 wait $follower
        [ ! -s complaints ]'
}

@test "the report is a page that stands alone, as Markdown, and as JSON" {
    inside '
        '"$(declare -f forge)"'
        forge
        force
        for ending in html md json; do ends 1 "$SONDE" guard review --since 40d --report report.$ending >text; done
        [ "$(head -n 1 report.html)" = "<!DOCTYPE html>" ]
        [ "$(tail -n 1 report.html)" = "</html>" ]
        [ "$(grep -c "<svg" report.html)" = 1 ] # nothing was blocked
        ! grep -E "<script|<link|<img|https?:|url\(|href=|src=" report.html
        grep -q "What passed, by type and code" report.html
        grep -q "echo-request (8/0)" report.html
        grep -q "^## To tighten" report.md
        grep -Eq "^\| IPv4 echo-request \(8/0\) \| [0-9.]+ k? *\| .*█" report.md
        python3 "$ROOT/tests/netns/validate.py" "$ROOT/share/schemas" <report.json
        [ "$(jq "[.history[] | select(.message == \"IPv4 echo-request (8/0)\") | .packets] | add" report.json)" -gt 60000 ]
        ends 2 "$SONDE" guard review --report report.pdf'
}

@test "what cannot be read is said, and nothing is claimed" {
    inside '
        ends 1 "$SONDE" guard review nowhere.yaml 2>complaint
        grep -q "there is no policy nowhere.yaml" complaint
        ends 2 "$SONDE" guard review etc/guard.yaml more 2>complaint
        force
        "$SONDE" guard review --sample
        # without rights: the ledger is reviewed, the kernel is unknown
        ends 1 setpriv --bounding-set=-all --inh-caps=-all "$SONDE" guard review --json >review.json 2>complaint
        grep -q "sudo" complaint
        [ "$(jq -r "select(.id == \"G036\") | .severity" review.json)" = cannot-judge ]
        ends 3 setpriv --bounding-set=-all --inh-caps=-all "$SONDE" guard review --sample 2>complaint
        # a damaged ledger is an error for everybody
        head -c 20000 /dev/urandom >state/ledger.db
        rm -f state/ledger.db-*
        ends 1 "$SONDE" guard review --sample 2>complaint
        grep -q "ledger.db is no ledger" complaint
        ends 1 "$SONDE" guard review >text 2>complaint
        [ ! -s text ]
        ends 1 env SONDE_GUARD_STATE=/proc/nowhere "$SONDE" guard review --sample 2>complaint
        grep -q "/proc/nowhere" complaint'
}

@test "samplers at the same time do not disturb each other" {
    inside '
        force
        for _ in 1 2 3 4 5 6; do "$SONDE" guard review --sample 2>>complaints & done
        wait
        [ ! -s complaints ]
        "$SONDE" guard review --sample'
}

@test "what was confirmed is what must be there; a trial is no drift" {
    inside '
        cp etc/guard.yaml candidate.yaml
        "$SONDE" guard apply candidate.yaml --confirm-within 60s >applied 2>&1 3>&- & applier=$!
        on_trial() { nft list set inet sonde_guard lease 2>/dev/null | grep -q expires; }
        try on_trial
        ends 1 "$SONDE" guard review >text
        grep -q "A policy is on trial" text
        [ "$(grep -c "what was confirmed\|kernel.s rules" text)" = 0 ]
        try "$SONDE" guard confirm --here
        ends 0 wait $applier
        ends 1 "$SONDE" guard review --json >review.json
        [ "$(findings G036)" = 0 ]
        jq -r "select(.schema == \"sonde.guard.review/1\") | .confirmed" review.json | grep -q "by "
        nft add rule inet sonde_guard output drop
        ends 1 "$SONDE" guard review --json >review.json
        jq -r "select(.id == \"G036\") | .message" review.json | grep -q "is not the one that .* confirmed on"
        nft delete table inet sonde_guard
        ends 1 "$SONDE" guard review --json >review.json
        jq -r "select(.id == \"G036\") | .message" review.json | grep -q "is not in the kernel: nothing of it is in force"
        "$SONDE" guard review --report report.json >/dev/null || true
        [ "$(jq -r "[.events[].kind] | unique | join(\" \")" report.json)" = "apply confirm drift" ]'
}
