#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# sonde guard rehearse finds each fault of guard-faults.txt, and the rule that is to blame.

bats_require_minimum_version 1.5.0

setup_file() {
    ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    SONDE=${SONDE:-$ROOT/build/sonde}
    WORK=$BATS_FILE_TMPDIR
    SONDE_GUARD_STATE=$WORK/state SONDE_GUARD_ETC=$WORK/etc
    export ROOT SONDE WORK SONDE_GUARD_STATE SONDE_GUARD_ETC
    for role in host router edge; do
        outside=
        [ $role != edge ] || outside="--outside eth0"
        # shellcheck disable=SC2086 # words
        "$SONDE" guard init --role $role $outside >"$WORK/$role.yaml"
        "$SONDE" guard export nft "$WORK/$role.yaml" >"$WORK/$role.nft"
    done
}

setup() {
    [ "$(id -u)" = 0 ] || skip "needs root"
}

@test "every planted fault is found, with the rule that is to blame" {
    grep -v '^#' "$BATS_TEST_DIRNAME/guard-faults.txt" | cut -d' ' -f1 >"$WORK/names"
    xargs -P 2 -I NAME "$BATS_TEST_DIRNAME/guard-fault" NAME "$WORK" <"$WORK/names" >"$WORK/missed" || true
    echo "$(wc -l <"$WORK/names") faults; missed: $(cat "$WORK/missed")"
    [ "$(wc -l <"$WORK/names")" -ge 60 ]
    [ ! -s "$WORK/missed" ]
}
