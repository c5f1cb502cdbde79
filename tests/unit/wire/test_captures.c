/* SPDX-License-Identifier: MIT */
/* Captures that others made, against the types and codes that tshark counts in them. The folder is
 * SONDE_CAPTURES, or shared/pcaps beside the source; its expected.tsv has a line for each file: suite, file,
 * path, ICMP frames, and the histogram of the outermost ICMP message of each frame. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "wire/capture/capture_file.h"
#include "wire/packet.h"

enum { FILE_MAX = 1 << 20 };

/* Where our counts are others, and why that is right. */
static const struct {
    const char *file, *counts;
} differences[] = {
    /* the list has no message, but tshark 4.0.17 shows it: total length 0 is segmentation by the card */
    {"icmp-length-zero.pcapng", "v4:8/0=1"},
    /* the list has no message, but tshark 4.0.17 shows those whose 8 octets are there */
    {"icmp__icmp-destunreach-no-context.pcap", "v4:3/0=1"},
    {"trunc__icmp-header-trunc.pcap", "v4:0/0=1 v4:8/0=1"},
    /* a payload length of 0: an ICMPv6 message without type and code, malformed and not counted */
    {"icmpv6-length-zero.pcapng", ""},
};

static uint32_t counts[2][256][256];

static void count_frame(const struct frame *frame)
{
    struct packet packets[PACKET_LAYERS_MAX];
    bool malformed;
    size_t count = packet_dissect(frame, packets, &malformed);

    for (size_t i = 0; i < count; i++) {
        if (packets[i].class < PACKET_FRAGMENT) {
            counts[packets[i].family == 6][packets[i].type][packets[i].code]++;
            return;
        }
    }
}

static void count_file(struct slice rest)
{
    static struct capture_file file;
    struct frame frame;

    memset(counts, 0, sizeof(counts));
    memset(&file, 0, sizeof(file));
    while (capture_file_take(&file, &rest, &frame, 1) == 1)
        count_frame(&frame);
}

/* The number at the front of a text, which is moved behind it and the character after it. */
static size_t number(const char **text)
{
    char *end;
    size_t value = strtoul(*text, &end, 10);

    *text = *end ? end + 1 : end;
    return value;
}

/* "v6:135/0=4": taken off the counts. Returns whether it was there. */
static bool take_off(const char *word)
{
    const char *at = word + 1;
    size_t family = number(&at), type = number(&at), code = number(&at), count = number(&at);

    if (*word != 'v' || *at || type > 255 || code > 255 || counts[family == 6][type][code] != count)
        return false;
    counts[family == 6][type][code] = 0;
    return true;
}

/* Whether the counts are those of the words, and no others. */
static bool agrees(const char *words)
{
    static const uint32_t none[2][256][256];
    char text[1024], *rest = text, *word;

    snprintf(text, sizeof(text), "%s", words);
    while ((word = strsep(&rest, " \n"))) {
        if (*word && !take_off(word))
            return false;
    }
    return memcmp(counts, none, sizeof(counts)) == 0;
}

static const char *wanted(const char *file, const char *words)
{
    for (size_t i = 0; i < COUNT_OF(differences); i++) {
        if (strcmp(differences[i].file, file) == 0)
            return differences[i].counts;
    }
    return words;
}

static void check_file(const char *folder, const char *suite, const char *name, const char *words)
{
    static uint8_t octets[FILE_MAX];
    char path[4096];
    FILE *file;
    size_t length;

    snprintf(path, sizeof(path), "%s/%s/%s", folder, suite, name);
    print_message("# %s: %s\n", name, words);
    file = fopen(path, "rb");
    assert_non_null(file);
    length = fread(octets, 1, sizeof(octets), file);
    fclose(file);
    assert_true(length < sizeof(octets));
    count_file(slice_of(octets, length));
    assert_true(agrees(wanted(name, words)));
}

static void test_captures(void **state)
{
    const char *folder = getenv("SONDE_CAPTURES"), *source = getenv("SONDE_SOURCE");
    char path[1024], line[2048];
    FILE *list;

    snprintf(path, sizeof(path), "%s%s", folder ? folder : source, folder ? "" : "/../shared/pcaps");
    snprintf(line, sizeof(line), "%s/expected.tsv", path);
    list = fopen(line, "r");
    if (!list) { /* skip() would fail a test that has no other part */
        print_message("# SKIP: there is no %s\n", line);
        return;
    }
    while (fgets(line, sizeof(line), list)) {
        char *rest = line, *fields[5] = {0};

        for (size_t i = 0; i < COUNT_OF(fields); i++)
            fields[i] = strsep(&rest, "\t");
        if (line[0] != '#' && fields[4])
            check_file(path, fields[0], fields[1], fields[4]);
    }
    fclose(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_captures)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
