#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Capture files: tshark, capinfos and tcpdump find in what we write what they find in what we read (recapture.c).

bats_require_minimum_version 1.5.0

SEEDS="$BATS_TEST_DIRNAME/../fuzz/corpus/capture"
FIELDS=(-e frame.time_epoch -e frame.cap_len -e frame.len -e frame.encap_type -e frame.protocols -e icmp.type)

setup() {
    command -v tshark >/dev/null || skip "needs tshark"
    cd "$BATS_TEST_TMPDIR" || return 1
    for seed in "$SEEDS"/*; do
        tail -c +2 "$seed" >"${seed##*/}" # the first octet is for the fuzzer
    done
}

# fields FILE [OPTION...]: a line for each frame, as tshark sees it
fields() {
    tshark -n -r "$@" -T fields -E separator=/s 2>tshark.log || { cat tshark.log; return 1; }
}

@test "what is read is written, and tshark sees the same frames" {
    for file in pcap-little pcap-big pcap-ns pcapng-little pcapng-big pcapng-sections; do
        "$RECAPTURE" "$file" copy.pcapng
        # a packet without a time gets that of the one before, for tshark it has none
        fields "$file" "${FIELDS[@]}" | sed 's/^ /none /' >expected
        fields copy.pcapng "${FIELDS[@]}" >got
        [ -s expected ]
        while read -r time rest <&3 && read -r time_got rest_got <&4; do
            [ "$time" = none ] || [ "$time" = "$time_got" ] || { echo "$file: $time is $time_got"; return 1; }
            [ "$rest" = "$rest_got" ] || { echo "$file: $rest is $rest_got"; return 1; }
        done 3<expected 4<got
        [ "$(wc -l <expected)" = "$(wc -l <got)" ]
    done
}

@test "comments and directions are written so that tshark reads them" {
    "$RECAPTURE" pcapng-little copy.pcapng
    run fields copy.pcapng -e frame.comment -e frame.packet_flags_direction
    [ "${lines[0]}" = 'frame 1 0x00000001' ]
    [ "${lines[1]}" = 'frame 2 ' ]
    [ "${lines[3]}" = 'frame 4 0x00000002' ]
}

@test "capinfos and tcpdump read what is written" {
    "$RECAPTURE" pcap-big copy.pcapng
    run capinfos copy.pcapng
    [ "$status" -eq 0 ]
    [[ "$output" == *"Number of packets:   3"* ]]
    [[ "$output" == *"Time ticks per second = 1000000000"* ]]
    [[ "$output" == *"Capture application: recapture"* ]]
    tcpdump -nttr copy.pcapng >got 2>/dev/null
    tcpdump -nttr pcap-big 2>/dev/null >expected
    [ "$(cut -d' ' -f2- got)" = "$(cut -d' ' -f2- expected)" ]
    [ "$(wc -l <got)" = 3 ]
}

@test "the frames before a cut are there, and the place of the cut is told" {
    head -c 100 pcap-little >cut.pcap
    run "$RECAPTURE" cut.pcap copy.pcapng
    [ "$status" -eq 1 ]
    [ "$output" = "cut.pcap is damaged at octet 68: the file ends inside of a record" ]
    [ "$(fields copy.pcapng -e frame.number)" = 1 ]
}

@test "a pipe is read as a file is" {
    for file in pcap-little pcapng-sections; do
        "$RECAPTURE" "$file" one
        dd if="$file" bs=7 2>/dev/null | "$RECAPTURE" - two
        cmp one two
    done
}
