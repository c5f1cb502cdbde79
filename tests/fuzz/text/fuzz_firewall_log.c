/* SPDX-License-Identifier: MIT */
/* Any text as a firewall's log: nothing breaks, and what is said lies within the line. */
#include "tests/fuzz/fuzz.h"

#include <netinet/in.h>
#include <string.h>

#include "diagnose/log/tally.h"

static void check_within(struct slice text, struct slice part)
{
    CHECK(part.length == 0 || (part.data >= text.data && part.data + part.length <= text.data + text.length));
}

static void check_line(struct slice text, const struct log_line *line)
{
    CHECK(line->format != NULL);
    CHECK(line->packet.destination.family == 4 || line->packet.destination.family == 6);
    CHECK(line->packet.source_port >= -1 && line->packet.source_port <= UINT16_MAX);
    CHECK(line->packet.destination_port >= -1 && line->packet.destination_port <= UINT16_MAX);
    check_within(text, line->time);
    check_within(text, line->rule);
    check_within(text, line->in);
    check_within(text, line->out);
}

/* The target is whatever the first line is about, so that the tally has something to count. */
static void count(struct tally *tally, const struct tally_own *own, const struct log_line *line)
{
    if (tally->target.address_count == 0)
        tally->target = (struct tally_target){{line->packet.destination}, 1, line->packet.protocol, 0};
    tally_add(tally, own, line);
    CHECK(tally->count > 0 && tally->count <= TALLY_GROUPS_MAX);
}

static void check_told(const struct tally *tally)
{
    for (size_t i = 0; i < tally->count; i++) {
        struct text sentence = {0};

        tally_tell(&tally->groups[i], "log", &sentence);
        tally_tell_rule(&tally->groups[i], &sentence);
        CHECK(sentence.length > 0);
        for (const char *at = text_get(&sentence); *at; at++)
            CHECK(*at >= ' ' && *at < 0x7f);
        text_deinit(&sentence);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct tally_own own = {{{4, {10, 0, 0, 1}}}, 1};
    struct tally tally = {0};
    struct slice rest = slice_of(data, size);

    while (rest.length > 0) {
        const uint8_t *end = memchr(rest.data, '\n', rest.length);
        struct slice text = slice_first(rest, end != NULL ? (size_t)(end - rest.data) : rest.length);
        struct log_line line;

        if (log_line_parse(text, &line)) {
            check_line(text, &line);
            if (tally.target.address_count == 0)
                count(&tally, &own, &line);
            else
                tally_add(&tally, &own, &line);
        }
        rest = slice_skip(rest, text.length + 1);
    }
    check_told(&tally);
    return 0;
}
