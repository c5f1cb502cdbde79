/* SPDX-License-Identifier: MIT */
/* The words of a rule, from what nft writes for people (nft -a list ruleset). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/server/rules/ruleset.h"

/** A line of the text, without what indents it. */
struct line {
    const char *start;
    size_t length;
};

static bool next_line(const char **at, struct line *line)
{
    if (**at == '\0')
        return false;
    *at += strspn(*at, "\t ");
    line->start = *at;
    line->length = strcspn(*at, "\n");
    *at += line->length;
    if (**at == '\n')
        (*at)++;
    return true;
}

static bool begins(const struct line *line, const char *words)
{
    size_t length = strlen(words);

    return line->length >= length && memcmp(line->start, words, length) == 0;
}

/* The handle behind a line, or -1. */
static int64_t handle_of(const struct line *line)
{
    static const char mark[] = " # handle ";
    const char *found = NULL;

    for (size_t i = 0; i + strlen(mark) < line->length; i++)
        if (memcmp(line->start + i, mark, strlen(mark)) == 0)
            found = line->start + i + strlen(mark);
    return found != NULL ? strtoll(found, NULL, 10) : -1;
}

/* Whether a line is "KIND NAME ..."; a name that was cut fits all that begin so. */
static bool opens(const struct line *line, const char *kind, const char *name)
{
    char words[RULESET_NAME_MAX + 32];
    size_t length;

    snprintf(words, sizeof(words), "%s %s", kind, name);
    length = strlen(words);
    return begins(line, words) &&
           (line->length == length || line->start[length] == ' ' || strlen(name) == RULESET_NAME_MAX - 1);
}

/* Find the line of a rule or, when its handle is 0, the line that says where its chain is hooked in. */
static bool find(const char *text, const struct ruleset_rule *rule, struct line *line)
{
    char table[RULESET_NAME_MAX + 16];
    bool in_table = false, in_chain = false;

    snprintf(table, sizeof(table), "%s %s", rule->family, rule->table);
    while (next_line(&text, line)) {
        if (begins(line, "table ")) {
            in_table = opens(line, "table", table);
            in_chain = false;
        } else if (begins(line, "chain ")) {
            in_chain = in_table && opens(line, "chain", rule->chain);
        } else if (in_chain &&
                   (rule->handle != 0 ? handle_of(line) == rule->handle : begins(line, "type "))) {
            return true;
        }
    }
    return false;
}

bool ruleset_is_dormant(const struct ruleset *ruleset, const struct ruleset_rule *chain)
{
    const char *text = ruleset->text;
    char table[RULESET_NAME_MAX + 16];
    struct line line;
    bool in_table = false;

    snprintf(table, sizeof(table), "%s %s", chain->family, chain->table);
    while (text != NULL && next_line(&text, &line)) {
        if (begins(&line, "table "))
            in_table = opens(&line, "table", table);
        if (in_table && begins(&line, "flags "))
            return memmem(line.start, line.length, "dormant", strlen("dormant")) != NULL;
        if (in_table && begins(&line, "chain "))
            return false;
    }
    return false;
}

bool ruleset_hooks_device(const struct ruleset *ruleset, const struct ruleset_rule *chain, const char *device)
{
    static const char mark[] = " device";
    struct line line;
    size_t length = strlen(device);
    const char *devices;

    if (ruleset->text == NULL || !find(ruleset->text, chain, &line))
        return true;
    devices = memmem(line.start, line.length, mark, strlen(mark));
    if (devices == NULL)
        return true;
    for (const char *at = devices; at + length + 1 < line.start + line.length; at++)
        if (at[0] == '"' && memcmp(at + 1, device, length) == 0 && at[length + 1] == '"')
            return true;
    return false;
}

/* Pass over "counter packets 3 bytes 180": its numbers are told apart. */
static const char *skip_counter(const char *at, const char *end)
{
    static const char words[] = "counter packets ";

    if ((size_t)(end - at) < strlen(words) || memcmp(at, words, strlen(words)) != 0)
        return at;
    for (int word = 0; word < 5; word++) {
        at += strcspn(at, " \n");
        at += *at == ' ';
    }
    return at < end ? at : end;
}

void ruleset_add_text(const struct ruleset *ruleset, const struct ruleset_rule *rule, struct text *text)
{
    struct line line;
    const char *end;
    bool blank = true;

    if (rule->policy || ruleset->text == NULL || !find(ruleset->text, rule, &line))
        return;
    end = line.start + line.length;
    while (end > line.start && *end != '#')
        end--;
    while (end > line.start && end[-1] == ' ')
        end--;
    for (const char *at = line.start; at < end; at++) {
        if (blank)
            at = skip_counter(at, end);
        if (at < end && !(blank && *at == ' '))
            text_add_octets(text, at, 1);
        blank = at < end && *at == ' ';
    }
}
