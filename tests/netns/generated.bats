#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The files below share/ that come from option rows and record schemas say what the program says.

bats_require_minimum_version 1.5.0

setup() {
    ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    GENERATE=${SONDE_GENERATE:-$ROOT/build/tools/sonde-generate}
}

@test "completion, manual pages and schemas are up to date" {
    run -0 "$ROOT/tools/update-generated" --check "$GENERATE"
    [ -z "$output" ]
}

@test "a file that differs is named" {
    mkdir "$BATS_TEST_TMPDIR/tools"
    cp -r "$ROOT/share" "$BATS_TEST_TMPDIR"
    cp "$ROOT/tools/update-generated" "$BATS_TEST_TMPDIR/tools"
    sed -i 's/--deep/--slow/' "$BATS_TEST_TMPDIR/share/completions/sonde"
    sed -i '/^\.It Fl \\-deep/d' "$BATS_TEST_TMPDIR/share/man/sonde-why.1"
    run -1 "$BATS_TEST_TMPDIR/tools/update-generated" --check "$GENERATE"
    [ "$(echo "$output" | sed 's/ is not.*//' | xargs)" = "share/completions/sonde share/man/sonde-why.1" ]
    run -0 "$BATS_TEST_TMPDIR/tools/update-generated" "$GENERATE"
    diff -r "$ROOT/share" "$BATS_TEST_TMPDIR/share"
}

@test "every schema is a valid JSON Schema, and every command has a manual page" {
    for schema in "$ROOT"/share/schemas/*.json; do
        python3 -c 'import json, sys, jsonschema
jsonschema.Draft202012Validator.check_schema(json.load(open(sys.argv[1])))' "$schema"
    done
    "$GENERATE" list | while read -r kind name; do
        [ "$kind" != manual ] || [ -f "$ROOT/share/man/sonde-$name.1" ]
    done
}

@test "what cannot be generated is refused" {
    run -2 "$GENERATE" manual nothing
    run -2 "$GENERATE" schema nothing
    run -2 "$GENERATE"
}
