#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What `make install` leaves: a command, manual pages, completion, schemas, and a library that a stranger can use.

bats_require_minimum_version 1.5.0

setup_file() {
    export ROOT BUILD PLACE="$BATS_FILE_TMPDIR/place"
    ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    BUILD=${SONDE_BUILD:-$ROOT/build}
    DESTDIR=$PLACE meson install -C "$BUILD" --no-rebuild --quiet
    PREFIX=$PLACE$(meson introspect "$BUILD" --buildoptions | jq -r '.[] | select(.name == "prefix").value')
    LIBRARY=$(dirname "$(find "$PLACE" -name libsonde.so)")
    export PREFIX LIBRARY PKG_CONFIG_PATH="$LIBRARY/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$PLACE"
}

@test "the installed command works away from the source" {
    cd /
    run -0 "$PREFIX/bin/sonde" --version
    run -0 "$PREFIX/bin/sonde" explain 3/3
}

@test "every manual page, the completion and every schema are there" {
    for page in "$ROOT"/share/man/*; do
        cmp "$page" "$PREFIX/share/man/man${page##*.}/${page##*/}"
    done
    cmp "$ROOT/share/completions/sonde" "$PREFIX/share/bash-completion/completions/sonde"
    diff -r "$ROOT/share/schemas" "$PREFIX/share/sonde/schemas"
    [ "$(find "$PREFIX/share/sonde/scenarios" -name '*.scenario' | wc -l)" -ge 20 ]
}

@test "the example of the library builds by pkg-config alone and diagnoses a port" {
    cd "$BATS_TEST_TMPDIR"
    # shellcheck disable=SC2046 # flags are words
    cc -Wall -Wextra -Wpedantic -Werror "$PREFIX/share/doc/sonde/examples/diagnose.c" $(pkg-config --cflags --libs sonde) \
        -o diagnose
    [ "$(wc -l <"$ROOT/examples/diagnose.c")" -le 30 ]
    LD_LIBRARY_PATH=$LIBRARY run -0 ./diagnose udp://127.0.0.1:1
    echo "$output"
    [[ ${lines[0]} == *127.0.0.1* ]]
    [[ ${lines[1]} == *port-closed* ]]
}

@test "the example builds with the static library, too" {
    cd "$BATS_TEST_TMPDIR"
    # shellcheck disable=SC2046 # flags are words
    cc "$ROOT/examples/diagnose.c" $(pkg-config --cflags sonde) "$LIBRARY/libsonde.a" \
        $(env -u PKG_CONFIG_SYSROOT_DIR pkg-config --libs libmnl libcap-ng libseccomp) -lm -o static
    run -0 ./static nonsense
    [ -n "$output" ]
}

@test "each public header compiles alone" {
    while read -r header; do
        # shellcheck disable=SC2046 # flags are words
        echo "#include <$header>" | cc -x c -std=c11 -Wall -Wextra -Werror -fsyntax-only $(pkg-config --cflags sonde) -
    done < <(cd "$PREFIX/include/sonde" && find . -name '*.h' | sed 's|^\./||')
}

@test "the library shows public names only, and every public function of its headers" {
    nm -D --defined-only "$LIBRARY/libsonde.so" | awk '{ print $3 }' | sort >"$BATS_TEST_TMPDIR/shown"
    run -1 grep -v '^sonde_' "$BATS_TEST_TMPDIR/shown"
    find "$PREFIX/include/sonde" -name '*.h' -exec grep -ohE '\bsonde_[a-z0-9_]+ *\(' {} + | tr -d ' (' | sort -u \
        >"$BATS_TEST_TMPDIR/promised"
    [ -s "$BATS_TEST_TMPDIR/promised" ]
    [ -z "$(comm -23 "$BATS_TEST_TMPDIR/promised" "$BATS_TEST_TMPDIR/shown")" ] || {
        comm -23 "$BATS_TEST_TMPDIR/promised" "$BATS_TEST_TMPDIR/shown"
        false
    }
}
