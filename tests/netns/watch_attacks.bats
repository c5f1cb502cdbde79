#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# sonde watch in labs: each attack of watch-attacks.txt is found, by its kind and its source, and nobody innocent accused.

bats_require_minimum_version 1.5.0

setup_file() {
    ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    SONDE=${SONDE:-$ROOT/build/sonde}
    # BEYOND are programs whose rows are left out when they are not installed
    export ROOT SONDE SONDE_SCENARIOS="$ROOT/scenarios" BEYOND="nmap nping zmap masscan fping hping3 ptunnel mtr rdisc6 traceroute tracepath curl"
    [ "$(id -u)" = 0 ] || return 0
    mkdir "$BATS_FILE_TMPDIR/seen"
    # Most of the time they wait. Who waits longest begins.
    { rows | grep '^fping-slow|' || true; rows | grep -v '^fping-slow|'; } |
        xargs -P 6 -d '\n' -n 1 "$ROOT/tests/netns/watch-look" "$BATS_FILE_TMPDIR/seen"
    # A machine so busy that its delays look like those of a network gets a second try.
    rows | while read -r row; do
        said=$(judge "$row")
        if [ "$said" ]; then
            "$ROOT/tests/netns/watch-look" "$BATS_FILE_TMPDIR/seen" "$row"
            said=$(judge "$row")
        fi
        echo "$said"
    done >"$BATS_FILE_TMPDIR/verdict"
}

setup() {
    [ "$(id -u)" = 0 ] || skip "needs root"
}

judge() {
    "$ROOT/tests/netns/watch-judge" "$BATS_FILE_TMPDIR/seen" "$1"
}

# The rows of the table whose programs are there, spaces around the bars removed.
rows() {
    local absent
    absent=$(for program in $BEYOND; do command -v "$program" >/dev/null || echo "$program"; done)
    grep -v '^#' "$BATS_TEST_DIRNAME/watch-attacks.txt" | sed -E 's/ +\| +/|/g' | grep -vwF "${absent:-no such program}"
}

# right PATTERN: the judge has said nothing that has it
right() {
    local wrong
    wrong=$(grep -E "$1" "$BATS_FILE_TMPDIR/verdict" || true)
    echo "$wrong"
    [ -z "$wrong" ]
}

@test "each row is one, and there are attacks and innocents" {
    [ "$(rows | awk -F'|' 'NF != 7' | wc -l)" = 0 ]
    [ "$(rows | cut -d'|' -f1 | sort | uniq -d)" = "" ]
    [ "$(rows | cut -d'|' -f7 | grep -c '^nothing$')" -ge 20 ]
    [ "$(rows | cut -d'|' -f7 | grep -vc '^nothing$')" -ge 20 ]
    right ': what is|: saw nothing'
}

@test "each attack is found, live and in a capture, and who did it" {
    right 'wanted [^n]|wanted n[^o]'
}

@test "nobody innocent is accused" {
    right 'wanted nothing'
}

@test "the same packets, live and from a file, give the same counts" {
    right 'counts differ'
}
