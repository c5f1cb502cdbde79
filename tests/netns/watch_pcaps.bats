#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# sonde watch with the captures of other test suites: types and codes are those that tshark counts in them.

bats_require_minimum_version 1.5.0

setup() {
    ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export SONDE="${SONDE:-$ROOT/build/sonde}"
    CAPTURES=${SONDE_CAPTURES:-$ROOT/../shared/pcaps}
    [ -e "$CAPTURES/expected.tsv" ] || skip "needs $CAPTURES"
}

# The counts that are right where the list has others, and why.
difference() {
    case $1 in
    # An IPv4 total length of 0: the card was to segment the packet, and its length is that of the frame. The list has no
    # message, though tshark 4.0.17 shows the echo request, as we do.
    icmp-length-zero.pcapng) echo "v4:8/0=1" ;;
    # An error without what it is about: 8 octets, of which the first ones are a type and a code. tshark shows it.
    icmp__icmp-destunreach-no-context.pcap) echo "v4:3/0=1" ;;
    # Headers cut after the type and the code, or before: those that have both are counted. tshark shows them.
    trunc__icmp-header-trunc.pcap) echo "v4:0/0=1 v4:8/0=1" ;;
    # An IPv6 payload length of 0: there is no type, so it is malformed and not counted.
    icmpv6-length-zero.pcapng) echo "" ;;
    *) return 1 ;;
    esac
}

# counted FILE OPTION...: how often each type and code is there; none of these frames has more than one message
counted() {
    "$SONDE" watch --json -r "$@" 2>/dev/null |
        jq -r 'select(.schema == "sonde.watch.count/1") | "v\(.family):\(.type)/\(.code)=\(.packets)"' | sort | xargs
}

@test "each capture: every type and code as often as tshark counts it" {
    number=0
    while IFS=$'\t' read -r suite file _ _ words; do
        wanted=$(difference "$file") || wanted=$words
        got=$(counted "$CAPTURES/$suite/$file" --detect none) # only a glance at most frames
        [ "$got" = "$(counted "$CAPTURES/$suite/$file")" ] || echo "$suite/$file: detectors change what is counted"
        [ "$got" = "$(tr ' ' '\n' <<<"$wanted" | sort | xargs)" ] || echo "$suite/$file: '$got' is not '$wanted'"
        number=$((number + 1))
    done < <(grep -v '^#' "$CAPTURES/expected.tsv") >"$BATS_TEST_TMPDIR/wrong"
    cat "$BATS_TEST_TMPDIR/wrong"
    [ ! -s "$BATS_TEST_TMPDIR/wrong" ]
    [ "$number" -gt 100 ]
}
