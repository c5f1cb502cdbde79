#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The command line: help, version, mistakes, exit codes, formats, colour, completion.
# shellcheck disable=SC2154 # `run` sets $stderr

bats_require_minimum_version 1.5.0

setup_file() {
    ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export ROOT SONDE="${SONDE:-$ROOT/build/sonde}" SONDE_SCENARIOS="$ROOT/scenarios"
    unset NO_COLOR CLICOLOR_FORCE
    # two ports of this machine, one with a listener, and one that stays closed
    python3 "$BATS_TEST_DIRNAME/listen.py" >"$BATS_FILE_TMPDIR/ports" 3>&- &
    echo $! >"$BATS_FILE_TMPDIR/listener"
    for _ in $(seq 100); do
        [ -s "$BATS_FILE_TMPDIR/ports" ] && break
        sleep 0.05
    done
    read -r OPEN CLOSED <"$BATS_FILE_TMPDIR/ports"
    export OPEN CLOSED
}

teardown_file() {
    kill "$(cat "$BATS_FILE_TMPDIR/listener")"
}

commands() {
    "$SONDE" --help | awk '/^Commands:/ { on = 1; next } /^$/ { on = 0 } on && /^  [a-z]/ { print $1 }' | grep -v '^help$'
}

# The commands and their actions, one a line: "why", "lab", "lab list", ...
names() {
    for command in $(commands); do
        echo "$command"
        "$SONDE" "$command" --help | awk -v command="$command" '
            /^Actions:/ { on = 1; next } /^$/ { on = 0 } on && /^  [a-z]/ { print command, $1 }'
    done
}

# The long options that a help text names.
options_of() {
    "$@" | grep -oE '^ +(-., )?--[a-z0-9-]+' | grep -oE -- '--[a-z0-9-]+'
}

# complete WORD...: what bash offers for the last word, one a line
complete_words() {
    bash -c 'source "$1/share/completions/sonde"; shift
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _sonde; printf "%s\n" "${COMPREPLY[@]}"' complete "$ROOT" "$@"
}

@test "without a command the usage goes to standard error, exit 2" {
    run --separate-stderr -2 "$SONDE"
    [ -z "$output" ]
    [[ $stderr == Usage:* ]]
}

@test "help is the same however it is asked for, and names every command" {
    run -0 "$SONDE" --help
    help=$output
    run -0 "$SONDE" -h
    [ "$output" = "$help" ]
    run -0 "$SONDE" help
    [ "$output" = "$help" ]
    [ "$(commands | sort | xargs)" = "explain guard lab watch why" ]
}

@test "each command explains itself in lines of at most 80 columns" {
    while read -r -a words; do
        run -0 "$SONDE" help "${words[@]}"
        help=$output
        run -0 "$SONDE" "${words[@]}" --help
        [ "$output" = "$help" ]
        [[ $output == "Usage: sonde ${words[*]} "* ]]
        options_of "$SONDE" "${words[@]}" --help | grep -x -- --json
        [ "$(echo "$output" | awk 'length > 80' | wc -l)" = 0 ]
    done < <(names)
}

@test "the version is that of the project" {
    run -0 "$SONDE" --version
    [ "$output" = "sonde $(sed -n "s/^project(.*version: '\([0-9.]*\)'.*/\1/p" "$ROOT/meson.build")" ]
}

@test "mistakes give one sentence on standard error, name what is near, exit 2" {
    while IFS='|' read -r arguments sentence; do
        # shellcheck disable=SC2086 # the arguments are words
        run --separate-stderr -2 "$SONDE" $arguments
        [ -z "$output" ]
        echo "$arguments: $stderr"
        [[ $stderr == "sonde: "*"$sentence"* ]]
        [ "$(echo "$stderr" | wc -l)" = 1 ]
    done <<ROWS
wyh|Did you mean 'sonde why'?
frobnicate|'sonde --help' lists the commands
--verbose|there is no option --verbose
help wyh|Did you mean 'sonde why'?
why --jsno host|Did you mean --json?
why --color|--color needs a value: --color=WHEN
why --color=red host|--color wants one of auto|always|never, not 'red'
why --json=1 host|--json takes no value
why -x host|there is no option -x
why -S nowhere host|--source wants an IPv4 or IPv6 address, not 'nowhere'
why --json --csv host|--json and --csv exclude each other
why --csv host|--csv cannot show it
ROWS
}

@test "the exit code says what was found" {
    run -0 "$SONDE" why "tcp://127.0.0.1:$OPEN"
    run -1 "$SONDE" why "tcp://127.0.0.1:$CLOSED"
    run -2 "$SONDE" why
    run -2 "$SONDE" why "tcp://127.0.0.1:99999"
}

@test "a wrong target does not stop the others" {
    run --separate-stderr "$SONDE" why --json "gopherx://127.0.0.1:1" "tcp://127.0.0.1:99999" "tcp://127.0.0.1:$OPEN"
    [ "$status" -ne 0 ]
    [ "$(echo "$stderr" | wc -l)" = 2 ]
    [ "$(echo "$output" | jq -r .state)" = reachable ]
}

@test "bad input: each a clear sentence and an exit code that is not 0" {
    while IFS='|' read -r arguments; do
        # shellcheck disable=SC2086 # the arguments are words
        run --separate-stderr timeout 20 "$SONDE" why $arguments
        echo "why $arguments: exit $status, $stderr"
        [ "$status" -ge 1 ] && [ "$status" -le 4 ]
        [[ $output$stderr == *[a-z]*" "* ]]
        [ "$(echo "$stderr" | wc -l)" -le 1 ]
    done <<ROWS
gopherx://127.0.0.1
tcp://127.0.0.1:0
tcp://127.0.0.1:65536
tcp://[::1
tcp://no-such-name.invalid:80
-f /no/such/file
-I nosuchinterface tcp://127.0.0.1:$OPEN
ROWS
}

@test "JSON of one diagnosis is one object that its schema describes" {
    run --separate-stderr -1 "$SONDE" why --json "tcp://127.0.0.1:$CLOSED"
    [ "$(echo "$output" | wc -l)" = 1 ]
    echo "$output" | jq -e '.schema == "sonde.why/1" and .state == "unreachable" and (.packets_sent | type) == "number"
        and (.verdict | type) == "array" and (.evidence | length) > 0'
    echo "$output" | jq -r 'keys_unsorted[0]' | grep -x schema
    echo "$output" | python3 "$BATS_TEST_DIRNAME/validate.py" "$ROOT/share/schemas"
}

@test "JSON of a table has one valid object for each row" {
    run --separate-stderr -0 "$SONDE" lab list --json
    [ "$(echo "$output" | wc -l)" = "$(find "$ROOT/scenarios" -name '*.scenario' | wc -l)" ]
    echo "$output" | python3 "$BATS_TEST_DIRNAME/validate.py" "$ROOT/share/schemas"
}

@test "CSV has a header and the rows of the JSON" {
    "$SONDE" lab list --json | jq -r .title >"$BATS_TEST_TMPDIR/json"
    "$SONDE" lab list --csv | python3 -c 'import csv, sys
for row in csv.DictReader(sys.stdin): print(row["title"])' >"$BATS_TEST_TMPDIR/csv"
    [ -s "$BATS_TEST_TMPDIR/csv" ]
    diff "$BATS_TEST_TMPDIR/json" "$BATS_TEST_TMPDIR/csv"
}

@test "colour only where it is wanted" {
    colored() { "$@" | grep -q $'\e'; }
    run ! colored "$SONDE" lab list
    run -0 colored "$SONDE" lab list --color=always
    run -0 colored env NO_COLOR=1 "$SONDE" lab list --color=always
    run -0 colored env CLICOLOR_FORCE=1 "$SONDE" lab list
    run ! colored env CLICOLOR_FORCE=1 NO_COLOR=1 "$SONDE" lab list
    run ! colored env CLICOLOR_FORCE=1 "$SONDE" lab list --color=never
    run ! colored env CLICOLOR_FORCE=1 "$SONDE" lab list --json
}

@test "a terminal gets colour, unless NO_COLOR is set or it is dumb" {
    on_terminal() { env "$@" script -qec "'$SONDE' lab list" /dev/null </dev/null | grep -q $'\e\[1m'; }
    run -0 on_terminal TERM=xterm
    run ! on_terminal TERM=xterm NO_COLOR=1
    run -0 on_terminal TERM=xterm NO_COLOR=
    run ! on_terminal TERM=dumb
}

@test "nothing is said by colour alone" {
    "$SONDE" lab list --color=always | sed 's/\x1b\[[0-9;]*m//g' >"$BATS_TEST_TMPDIR/colored"
    "$SONDE" lab list --color=never | diff - "$BATS_TEST_TMPDIR/colored"
}

@test "an output that cannot be written is an error" {
    for arguments in --help --version "why --help" "lab list" "lab list --json" "lab list --csv"; do
        # shellcheck disable=SC2086 # the arguments are words
        run --separate-stderr -1 bash -c '"$@" >/dev/full' full "$SONDE" $arguments
        [[ $stderr == *"could not be written: No space left on device"* ]]
        # shellcheck disable=SC2086
        run --separate-stderr -1 bash -c '"$@" >&-' closed "$SONDE" $arguments
        [[ $stderr == *"could not be written"* ]]
        # shellcheck disable=SC2086
        run bash -c 'set -o pipefail; trap "" PIPE; "$@" | true; exit ${PIPESTATUS[0]}' pipe "$SONDE" $arguments
        [ "$status" = 0 ] || [ "$status" = 1 ] # `true` may be slower than the command
    done
}

@test "a full disk does not hide what was found" {
    run --separate-stderr -1 bash -c '"$@" >/dev/full' full "$SONDE" why "tcp://127.0.0.1:$CLOSED"
    run --separate-stderr -1 bash -c '"$@" >/dev/full' full "$SONDE" why "tcp://127.0.0.1:$OPEN"
}

@test "commands complete" {
    run -0 complete_words sonde ""
    for command in $(commands) help; do
        echo "$output" | grep -x "$command"
    done
    run -0 complete_words sonde ex
    [ "$output" = explain ]
    run -0 complete_words sonde help wh
    [ "$output" = why ]
    run -0 complete_words sonde lab ex
    [ "$output" = exec ]
}

@test "each option of --help completes" {
    count=0
    while read -r -a words; do
        for option in $(options_of "$SONDE" "${words[@]}" --help); do
            complete_words sonde "${words[@]}" "${option%?}" | grep -x -- "$option"
            count=$((count + 1))
        done
    done < <(names)
    [ $count -gt 10 ]
    for option in $(options_of "$SONDE" --help); do
        complete_words sonde "${option%?}" | grep -x -- "$option"
    done
}

@test "nothing else completes as an option" {
    while read -r -a words; do
        complete_words sonde "${words[@]}" -- | sort >"$BATS_TEST_TMPDIR/offered"
        options_of "$SONDE" "${words[@]}" --help | sort | diff - "$BATS_TEST_TMPDIR/offered"
    done < <(names)
}

@test "values of options complete, also behind an equals sign" {
    run -0 complete_words sonde why --color ""
    [ "$output" = $'auto\nalways\nnever' ]
    run -0 complete_words sonde why --color = n
    [ "$output" = never ]
    run -0 complete_words sonde why -f "$ROOT/Makef"
    [ "$output" = "$ROOT/Makefile" ]
    run -0 complete_words sonde why --interface l
    echo "$output" | grep -x lo
}

@test "operands behind -- reach the command of a lab untouched" {
    [ "$(id -u)" = 0 ] || skip "needs root"
    run --separate-stderr -0 "$SONDE" lab run tcp-open -- printf '%s,' --json -- -x --color=red
    [ "$output" = "--json,--,-x,--color=red," ]
}
