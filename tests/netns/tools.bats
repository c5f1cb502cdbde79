#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The checks of the house find what they are made for: each rule is broken once in a small tree of its own.

bats_require_minimum_version 1.5.0

setup() {
    ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    TREE=$BATS_TEST_TMPDIR/tree
    plant lib/base/good.h <<'END'
/* SPDX-License-Identifier: MIT */
/* A header without a fault. */
#ifndef SONDE_BASE_GOOD_H
#define SONDE_BASE_GOOD_H

/** Add one. */
int good(int value);

#endif
END
    plant lib/base/good.c <<'END'
/* SPDX-License-Identifier: MIT */
/* A source without a fault. */
#include "base/good.h"

int good(int value)
{
    return value + 1;
}
END
    plant lib/wire/wire.h <<'END'
/* SPDX-License-Identifier: MIT */
/* A header of a room above. */
#ifndef SONDE_WIRE_WIRE_H
#define SONDE_WIRE_WIRE_H

#include "base/good.h"

#endif
END
    cp "$ROOT/.clang-format" "$TREE"
}

# plant PATH: a file of the tree from the standard input
plant() {
    mkdir -p "$(dirname "$TREE/$1")"
    cat >"$TREE/$1"
}

# c_file PATH LINE...: a C file with its two first lines
c_file() {
    local path=$1
    shift
    { printf '/* SPDX-License-Identifier: MIT */\n/* A file of the test. */\n'; printf '%s\n' "$@"; } | plant "$path"
}

# finds CHECK TEXT...: the check fails and its output has each of the texts
finds() {
    local check=$1 text
    shift
    run -1 "$ROOT/tools/check-$check" "$TREE"
    for text in "$@"; do
        [[ $output == *"$text"* ]] || { echo "missing: $text"; echo "$output"; return 1; }
    done
}

# compiled ROOM LINE...: an object file of a pure room
compiled() {
    c_file "lib/$1/planted.c" "${@:2}"
    cc -std=gnu17 -D_GNU_SOURCE -O2 -fPIC -w -I"$TREE/lib" -c "$TREE/lib/$1/planted.c" -o "$BATS_TEST_TMPDIR/$1_planted.c.o"
    echo "$BATS_TEST_TMPDIR/$1_planted.c.o"
}

@test "a tree without faults passes" {
    for check in layers size api-docs style format; do
        run -0 "$ROOT/tools/check-$check" "$TREE"
        [ "${#lines[@]}" = 1 ]
    done
}

@test "an empty tree does not pass" {
    mkdir "$BATS_TEST_TMPDIR/empty"
    for check in layers size api-docs style format shell man; do
        run "$ROOT/tools/check-$check" "$BATS_TEST_TMPDIR/empty"
        [ "$status" -ne 0 ]
    done
}

@test "layers: an include that points up" {
    c_file lib/base/up.c '#include "wire/wire.h"'
    c_file out/up.c '#include "wire/wire.h"' '#include "base/good.h"'
    c_file lib/probe/up.c '#include "net/x.h"'
    c_file lib/net/x.h ''
    finds layers 'lib/base/up.c:3: base may not include "wire/wire.h"' 'out/up.c:3: out may not include "wire/wire.h"' \
        'lib/probe/up.c:3: probe may not include "net/x.h"'
    [ "${#lines[@]}" = 3 ]
}

@test "layers: an include that is not rooted, and a room nobody knows" {
    c_file lib/base/near.c '#include "good.h"'
    c_file lib/base/gone.c '#include "base/gone.h"'
    c_file lib/cellar/x.c ''  '#include "base/good.h"'
    finds layers 'lib/base/near.c:3: "good.h" is not rooted' '"base/gone.h" is not rooted' "room 'cellar' is not in"
}

@test "size: a long file, a long function, a tangled one, a full folder, a long main" {
    { printf 'int x;\n%.0s' $(seq 701); } | plant lib/base/long.c
    { echo 'int f(void)'; echo '{'; printf '    x();\n%.0s' $(seq 79); echo '}'; } | plant lib/base/function.c
    { echo 'int g(int a)'; echo '{'; printf '    if (a) x();\n%.0s' $(seq 15); echo '}'; } | plant lib/base/tangle.c
    { echo 'int main(void)'; echo '{'; printf '    x();\n%.0s' $(seq 22); echo '}'; } | plant cmd/main.c
    for number in $(seq 13); do
        echo 'int x;' | plant "lib/wire/$number.c"
    done
    finds size 'lib/base/long.c: 701 lines' 'f has 82 lines' 'g has complexity 16' 'main has 25 lines' \
        'lib/wire: 13 sources'
    [ "${#lines[@]}" = 5 ]
}

@test "size: the limits themselves are fine" {
    { printf 'int x;\n%.0s' $(seq 700); } | plant lib/base/long.c
    { echo 'int g(int a)'; echo '{'; printf '    if (a) x();\n%.0s' $(seq 14); echo '}'; } | plant lib/base/tangle.c
    { echo 'int main(void)'; echo '{'; printf '    x();\n%.0s' $(seq 21); echo '}'; } | plant cmd/main.c
    run -0 "$ROOT/tools/check-size" "$TREE"
}

@test "api-docs: missing, empty, detached and incomplete comments" {
    c_file lib/net/api.h '#ifndef SONDE_NET_API_H' '#define SONDE_NET_API_H' 'int bare(void);' \
        '/* no doc comment */' 'int plain(void);' '/** */' 'int empty(void);' \
        '/** Public. */' 'int sonde_thing(int value);' '/** Public, and says it. @return 0 */' 'int sonde_good(void);' \
        '/** Public without a result. */' 'void sonde_void(void);' \
        'static inline int inlined(void)' '{' '    return 0;' '}' \
        'typedef int callback(int);' 'struct s { int (*call)(int); };' 'extern const int table[];' \
        '/** Documented over' ' * two lines. */' 'const char *' 'split(int a,' '      int b);' '#endif'
    finds api-docs 'bare has no comment' 'plain has no comment' 'empty has no comment' 'sonde_thing is public' \
        'inlined has no comment'
    [ "${#lines[@]}" = 5 ]
}

@test "style: licence, purpose, guard, printing, option parsing, #if, blanks, leftovers" {
    echo 'int x;' | plant lib/base/bare.c
    c_file lib/base/guard.h '#ifndef GUARD_H' '#define GUARD_H' '#endif'
    c_file lib/net/print.c 'void f(void) { printf("x"); }' 'void g(void) { exit(1); }' 'void h(void) { fputs("", stderr); }'
    c_file cmd/parse.c 'int f(int c, char **v) { return getopt(c, v, ""); }'
    c_file lib/net/forest.c '#ifdef A' '#endif' '#if B' '#endif' '#ifndef C' '#endif'
    c_file lib/base/later.c '/* TO''DO: more */' 'int blanks; '
    echo 'echo' | plant tools/script.sh
    finds style 'lib/base/bare.c:1: does not begin with its licence' 'lib/base/bare.c:2: does not say its purpose' \
        'lib/base/guard.h:3: has no guard' 'print.c:3: prints or exits (printf)' 'print.c:4: prints or exits (exit)' \
        'print.c:5: prints or exits (stderr)' 'cmd/parse.c:3: parses options itself (getopt)' 'forest.c:7: chooses features' \
        'later.c:3: leaves something' 'later.c:4: ends in blanks' 'tools/script.sh:1: does not name its licence'
    [ "${#lines[@]}" = 11 ]
}

@test "style: words in comments and strings are only words" {
    c_file lib/base/words.c '/* printf(x) and exit(1) */' 'const char *words = "stdout getopt printf(";' \
        'int f(int x) __attribute__((format(printf, 1, 2)));'
    run -0 "$ROOT/tools/check-style" "$TREE"
}

@test "format: a file that clang-format would change" {
    c_file lib/base/ugly.c 'int  x ;'
    finds format 'lib/base/ugly.c'
}

@test "shell: a script with a mistake" {
    command -v shellcheck || skip "shellcheck is not installed"
    # shellcheck disable=SC2016 # the mistake is meant
    printf '#!/bin/sh\n# SPDX-License-Identifier: MIT\necho $1\n' | plant tools/mistake
    finds shell 'tools/mistake:3:6' SC2086
}

@test "man: a page with a mistake, and a reference to a page that is not there" {
    sed -e 's/^\.Sh NAME/.Sh NAEM/' "$ROOT/share/man/sonde.1" | plant share/man/sonde.1
    finds man 'sonde.1' 'there is no sonde-why(1)'
}

@test "purity: what a pure room may not import" {
    for call in 'printf("%d", rand())' 'puts("x")' 'exit(1)' 'getenv("HOME")' 'time(0)' 'fopen("x", "r")' 'socket(1, 2, 3)' \
        'clock_gettime(0, 0)' 'write(1, "", 0)'; do
        object=$(compiled base "#include <stdlib.h>" "long f(void) { return $call, 1; }")
        run -1 "$ROOT/tools/check-purity" "$object"
        [[ $output == "base_planted.c.o: a pure room calls ${call%%(*}"* ]]
    done
}

@test "purity: mutable variables of every kind, but no constants" {
    object=$(compiled base 'static int counter; int global = 3; static __thread int local;' \
        'static const char *const names[] = {"a", "b"}; const int numbers[] = {1, 2};' \
        'int f(int i) { static int calls; return calls++ + counter++ + global + local++ + names[i][0] + numbers[i]; }')
    run -1 "$ROOT/tools/check-purity" "$object"
    for name in counter global local calls; do
        [[ $output == *"mutable variable $name"* ]]
    done
}

@test "purity: rooms may call each other and the harmless part of libc" {
    one=$(compiled base '#include <string.h>' 'unsigned long f(const char *s) { return strlen(s); }')
    two=$(compiled wire '#include <stdio.h>' 'unsigned long f(const char *); char b[1] __attribute__((section(".rodata")));' \
        'unsigned long g(char *s) { return f(s) + snprintf(s, 9, "%lu", f(s)); }')
    run -0 "$ROOT/tools/check-purity" "$one" "$two"
}

@test "install-packages: says nothing when all is there, and what is missing to those who may not install" {
    mkdir "$BATS_TEST_TMPDIR/bin"
    printf '#!/bin/sh\necho "install ok installed"\n' >"$BATS_TEST_TMPDIR/bin/dpkg-query"
    printf '#!/bin/sh\necho 1000\n' >"$BATS_TEST_TMPDIR/bin/id"
    chmod +x "$BATS_TEST_TMPDIR/bin"/*
    PATH=$BATS_TEST_TMPDIR/bin:$PATH run -0 "$ROOT/tools/install-packages" build test lint
    [ -z "$output" ]
    # shellcheck disable=SC2016 # expanded by the script
    printf '#!/bin/sh\n[ "$4" != jq ] && [ "$4" != bats ] && echo "install ok installed"\n' >"$BATS_TEST_TMPDIR/bin/dpkg-query"
    PATH=$BATS_TEST_TMPDIR/bin:$PATH run -1 "$ROOT/tools/install-packages" build test
    [[ $output == *"sudo apt-get install bats jq" ]]
    [ "${#lines[@]}" = 1 ]
}

@test "install-packages: installs as root once, and says what to do when apt cannot" {
    mkdir "$BATS_TEST_TMPDIR/bin"
    printf '#!/bin/sh\nexit 1\n' >"$BATS_TEST_TMPDIR/bin/dpkg-query"
    printf '#!/bin/sh\necho 0\n' >"$BATS_TEST_TMPDIR/bin/id"
    # shellcheck disable=SC2016 # expanded by the script
    printf '#!/bin/sh\necho "$DEBIAN_FRONTEND: $*" >>"%s"\n' "$BATS_TEST_TMPDIR/log" >"$BATS_TEST_TMPDIR/bin/apt-get"
    chmod +x "$BATS_TEST_TMPDIR/bin"/*
    PATH=$BATS_TEST_TMPDIR/bin:$PATH run -0 "$ROOT/tools/install-packages" cover
    [ "$(cat "$BATS_TEST_TMPDIR/log")" = "noninteractive: -q update
noninteractive: -q install --yes --no-install-recommends gcovr" ]
    printf '#!/bin/sh\necho "E: Temporary failure resolving deb.debian.org"\nexit 100\n' >"$BATS_TEST_TMPDIR/bin/apt-get"
    PATH=$BATS_TEST_TMPDIR/bin:$PATH run -1 "$ROOT/tools/install-packages" cover
    [[ $output == *"Temporary failure"*"Is the network up"*"Needed: gcovr" ]]
    PATH=$BATS_TEST_TMPDIR/bin:$PATH run -1 "$ROOT/tools/install-packages" nonsense
    [[ $output == *"no such set"* ]]
}

# result KIND CONFIDENCE ID: one judged network of an exam
result() {
    printf '{"id": "%s", "title": "t", "mark": {"kind": "%s", "points": 0, "confidence": %s, "said": "s", "note": ""},' \
        "$3" "$1" "$2"
    printf '"truth": "t", "seconds": 0.2, "packets": 9, "claimed_packets": 9, "void": ""}'
}

@test "exam-summary: the goals over all seeds together" {
    { echo '{"results": ['; for _ in $(seq 19); do result exact 0.95 a; echo ,; done; result miss 0.3 b; echo ']}'; } \
        >"$BATS_TEST_TMPDIR/1.json"
    { echo '{"results": ['; for _ in $(seq 19); do result exact 0.95 a; echo ,; done; result wrong 0.9 b; echo ']}'; } \
        >"$BATS_TEST_TMPDIR/2.json"
    run -0 "$ROOT/tools/exam-summary" "$BATS_TEST_TMPDIR/1.json"
    [[ $output == *"met    exact 95.0 %"* ]]
    run -1 "$ROOT/tools/exam-summary" "$BATS_TEST_TMPDIR/1.json" "$BATS_TEST_TMPDIR/2.json"
    [[ $output == *"missed confident and wrong 1 (at most 0)"* ]]
    [[ $output == *"confident and wrong: b"* ]]
    run -0 "$ROOT/tools/exam-summary" --max-wrong 1 "$BATS_TEST_TMPDIR/1.json" "$BATS_TEST_TMPDIR/2.json"
    run -1 "$ROOT/tools/exam-summary" --min-exact 96 "$BATS_TEST_TMPDIR/1.json"
    run -1 "$ROOT/tools/exam-summary" --max-brier 0.001 "$BATS_TEST_TMPDIR/1.json"
    echo broken >"$BATS_TEST_TMPDIR/3.json"
    run -2 "$ROOT/tools/exam-summary" "$BATS_TEST_TMPDIR/1.json" "$BATS_TEST_TMPDIR/3.json"
}
