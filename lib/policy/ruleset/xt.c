/* SPDX-License-Identifier: MIT */
/* Rules read from what iptables-save and ip6tables-save write. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/macro.h"
#include "base/text.h"
#include "policy/ruleset/import.h"
#include "policy/ruleset/xt_read.h"

enum { LINE_MAX_OCTETS = 16384 };

/** Where a table of iptables hooks its chains (include/uapi/linux/netfilter_ipv4.h). */
static const struct {
    const char *table, *chain, *hook;
    int32_t priority;
} hooks[] = {
    {"raw", "PREROUTING", "prerouting", -300},
    {"raw", "OUTPUT", "output", -300},
    {"mangle", "PREROUTING", "prerouting", -150},
    {"mangle", "INPUT", "input", -150},
    {"mangle", "FORWARD", "forward", -150},
    {"mangle", "OUTPUT", "output", -150},
    {"mangle", "POSTROUTING", "postrouting", -150},
    {"nat", "PREROUTING", "prerouting", -100},
    {"nat", "INPUT", "input", 100},
    {"nat", "OUTPUT", "output", -100},
    {"nat", "POSTROUTING", "postrouting", 100},
    {"filter", "INPUT", "input", 0},
    {"filter", "FORWARD", "forward", 0},
    {"filter", "OUTPUT", "output", 0},
    {"security", "INPUT", "input", 50},
    {"security", "FORWARD", "forward", 50},
    {"security", "OUTPUT", "output", 50},
};

/** What is read with. */
struct reading {
    struct rules *rules;
    uint8_t family;
    enum rules_origin origin;
    uint32_t table; /* or RULES_NONE */
    uint32_t line;
    uint32_t *positions; /* of the next rule of each chain */
    size_t position_count;
};

const char *xt_next(struct xt_line *line)
{
    return line->next < line->count ? line->words[line->next++] : "";
}

/* Words are separated by spaces; quotes keep some together, a backslash keeps the next character. */
static void split(char *text, struct xt_line *line)
{
    char *to = text;

    while (line->count < XT_WORDS_MAX) {
        bool quoted = false;

        while (*text == ' ' || *text == '\t' || *text == '\r')
            text++;
        if (*text == '\0')
            return;
        to = text;
        line->words[line->count++] = to;
        for (; *text && (quoted || (*text != ' ' && *text != '\t' && *text != '\r')); text++) {
            if (*text == '"')
                quoted = !quoted;
            else {
                if (*text == '\\' && text[1] != '\0')
                    text++;
                *to++ = *text;
            }
        }
        if (*text != '\0')
            text++;
        *to = '\0';
    }
}

static uint32_t add_chain(struct reading *reading, const char *name, bool drops)
{
    const char *table = reading->rules->tables[reading->table].name;
    uint32_t found = rules_find_chain(reading->rules, reading->table, name);
    struct rules_chain *chain;

    if (found != RULES_NONE) {
        reading->rules->chains[found].drops = reading->rules->chains[found].drops || drops;
        return found;
    }
    chain = rules_add_chain(reading->rules, reading->table, name);
    chain->drops = drops;
    chain->line = reading->line;
    snprintf(chain->type, sizeof(chain->type), "%s", strcmp(table, "nat") == 0 ? "nat" : "filter");
    for (size_t i = 0; i < COUNT_OF(hooks); i++) {
        if (strcmp(hooks[i].table, table) != 0 || strcmp(hooks[i].chain, name) != 0)
            continue;
        snprintf(chain->hook, sizeof(chain->hook), "%s", hooks[i].hook);
        chain->priority = hooks[i].priority;
    }
    return (uint32_t)reading->rules->chain_count - 1;
}

static uint32_t next_position(struct reading *reading, uint32_t chain)
{
    if (chain >= reading->position_count) {
        size_t count = reading->rules->chain_count + 16;

        reading->positions = realloc(reading->positions, count * sizeof(*reading->positions));
        if (!reading->positions)
            abort();
        memset(reading->positions + reading->position_count, 0,
               (count - reading->position_count) * sizeof(*reading->positions));
        reading->position_count = count;
    }
    return reading->positions[chain]++;
}

/* A target that is no chain is an extension. */
static void settle_target(const struct reading *reading, struct rules_rule *rule)
{
    if (rule->verdict != RULES_JUMP && rule->verdict != RULES_GOTO)
        return;
    if (rules_find_chain(reading->rules, reading->table, rule->target) == RULES_NONE)
        rule->verdict = RULES_UNKNOWN;
}

static int read_rule(struct reading *reading, struct xt_line *line, struct sonde_error *error)
{
    const char *name = xt_next(line);
    struct rules_rule *rule;
    uint32_t chain;

    if (*name == '\0')
        return error_set(error, SONDE_E_FORMAT, "line %u: -A names no chain", reading->line);
    chain = add_chain(reading, name, false);
    rule = rules_add_rule(reading->rules, chain);
    rule->line = reading->line;
    rule->position = next_position(reading, chain);
    rule->counter = true; /* iptables always counts */
    while (line->next < line->count) {
        const char *option = xt_next(line);

        if (strcmp(option, "!") == 0)
            line->negated = true;
        else
            xt_read_option(rule, line, option);
    }
    settle_target(reading, rule);
    return 0;
}

static int refuse(const struct reading *reading, const char *word, struct sonde_error *error)
{
    error_set(error, SONDE_E_FORMAT, "line %u: '%.60s' is not what iptables-save writes", reading->line,
              word);
    error_hint(error, "Give a file that iptables-save or ip6tables-save wrote");
    return SONDE_E_FORMAT;
}

static int read_command(struct reading *reading, struct xt_line *line, struct sonde_error *error)
{
    const char *command = xt_next(line), *name;

    if (*command == '[') /* counters */
        command = xt_next(line);
    if (strcmp(command, "COMMIT") == 0) {
        reading->table = RULES_NONE;
        return 0;
    }
    if (reading->table == RULES_NONE)
        return refuse(reading, command, error);
    if (strcmp(command, "-A") == 0 || strcmp(command, "--append") == 0)
        return read_rule(reading, line, error);
    if (strcmp(command, "-N") == 0 || strcmp(command, "-P") == 0) {
        name = xt_next(line);
        add_chain(reading, name, strcmp(command, "-P") == 0 && strcmp(xt_next(line), "DROP") == 0);
        return 0;
    }
    if (strcmp(command, "-F") == 0 || strcmp(command, "-X") == 0 || strcmp(command, "-Z") == 0)
        return 0; /* a file for iptables-restore begins with nothing anyway */
    return refuse(reading, command, error);
}

static int read_line(struct reading *reading, char *text, struct sonde_error *error)
{
    struct xt_line line = {.family = reading->family};

    text += strspn(text, " \t");
    if (*text == '#' || *text == '\0' || *text == '\r')
        return 0;
    split(text, &line);
    if (line.count == 0)
        return 0;
    if (*line.words[0] == '*') {
        struct rules_table *table = rules_add_table(reading->rules, reading->family == 6 ? "ip6" : "ip",
                                                    line.words[0] + 1, reading->origin);

        table->line = reading->line;
        reading->table = (uint32_t)reading->rules->table_count - 1;
        return 0;
    }
    if (*line.words[0] == ':' && reading->table != RULES_NONE) {
        add_chain(reading, line.words[0] + 1, line.count > 1 && strcmp(line.words[1], "DROP") == 0);
        return 0;
    }
    return read_command(reading, &line, error);
}

int rules_import_xt(struct rules *rules, struct slice text, uint8_t family, enum rules_origin origin,
                    struct sonde_error *error)
{
    struct reading reading = {.rules = rules, .family = family, .origin = origin, .table = RULES_NONE};
    char *line = malloc(LINE_MAX_OCTETS);
    int result = 0;

    if (!line)
        abort();
    for (size_t start = 0; start < text.length && result == 0;) {
        const uint8_t *end = memchr(text.data + start, '\n', text.length - start);
        size_t length = end ? (size_t)(end - text.data) - start : text.length - start;

        reading.line++;
        if (length >= LINE_MAX_OCTETS)
            result =
                error_set(error, SONDE_E_FORMAT, "line %u is longer than any of iptables-save", reading.line);
        else {
            memcpy(line, text.data + start, length);
            line[length] = '\0';
            result = read_line(&reading, line, error);
        }
        start += length + 1;
    }
    free(line);
    free(reading.positions);
    return result;
}
