/* SPDX-License-Identifier: MIT */
/* Fixes of findings: unified diffs of a file, or commands for the rules of the running kernel. */
#include <string.h>

#include "base/macro.h"
#include "policy/lint/context.h"

enum { CONTEXT = 3 };

struct slice lint_line(struct slice text, uint32_t line)
{
    while (text.length > 0) {
        const uint8_t *end = memchr(text.data, '\n', text.length);
        size_t length = end ? (size_t)(end - text.data) : text.length;

        if (--line == 0)
            return slice_first(text, length);
        text = slice_skip(text, length + 1);
    }
    return (struct slice){NULL, 0};
}

static uint32_t count_lines(struct slice text)
{
    uint32_t count = 0;

    for (size_t i = 0; i < text.length; i++)
        count += text.data[i] == '\n';
    return count + (text.length > 0 && text.data[text.length - 1] != '\n');
}

static void add_line(struct text *diff, char mark, struct slice line)
{
    text_add(diff, "%c%.*s\n", mark, (int)line.length, (const char *)line.data);
}

static uint32_t lines_of(const char *text)
{
    return text ? count_lines(slice_of(text, strlen(text))) : 0;
}

/* Edits that lie together make one hunk. */
static size_t hunk_of(const struct lint_edit *edits, size_t count)
{
    size_t size = 1;

    while (size < count && edits[size].line <= edits[size - 1].line + 2 * CONTEXT)
        size++;
    return size;
}

static void add_inserted(struct text *diff, const char *inserts)
{
    for (uint32_t i = 1; i <= lines_of(inserts); i++)
        add_line(diff, '+', lint_line(slice_of(inserts, strlen(inserts)), i));
}

static int add_hunk(struct text *diff, struct slice text, const struct lint_edit *edits, size_t count,
                    int shift)
{
    uint32_t total = count_lines(text), first, last, added = 0, deleted = 0;
    size_t next = 0;

    first = edits[0].line > CONTEXT ? edits[0].line - CONTEXT : 1;
    last = edits[count - 1].line + CONTEXT < total ? edits[count - 1].line + CONTEXT : total;
    for (size_t i = 0; i < count; i++) {
        added += lines_of(edits[i].inserts);
        deleted += edits[i].deletes;
    }
    text_add(diff, "@@ -%u,%u +%d,%u @@\n", first, last - first + 1, (int)first + shift,
             last - first + 1 + added - deleted);
    for (uint32_t line = first; line <= last + 1; line++) {
        bool deletes = false;

        for (; next < count && edits[next].line == line; next++) {
            deletes = deletes || edits[next].deletes;
            if (deletes)
                add_line(diff, '-', lint_line(text, line));
            add_inserted(diff, edits[next].inserts);
        }
        if (!deletes && line <= last)
            add_line(diff, ' ', lint_line(text, line));
    }
    return (int)added - (int)deleted;
}

void lint_add_diff(struct text *diff, const char *file, struct slice text, const struct lint_edit *edits,
                   size_t count)
{
    int shift = 0;

    text_add(diff, "--- a/%s\n+++ b/%s\n", file + (*file == '/'), file + (*file == '/'));
    while (count > 0) {
        size_t size = hunk_of(edits, count);

        shift += add_hunk(diff, text, edits, size, shift);
        edits += size;
        count -= size;
    }
}

static void set_diff(const struct lint *lint, struct guard_finding *finding, const struct lint_edit *edits,
                     size_t count)
{
    _cleanup_text_ struct text diff = {0};

    lint_add_diff(&diff, lint->subject->file, lint->subject->text, edits, count);
    guard_finding_set(&finding->fix, "%s", text_get(&diff));
}

/* A rule as a line of its own can be edited; one of several on a line cannot. */
static bool is_editable(const struct lint *lint, uint32_t line)
{
    uint32_t last = (uint32_t)-1, seen = 0;

    if (!lint->subject->file || line == 0)
        return false;
    for (size_t i = 0; i < lint->rules->count; i++) {
        const struct rules_rule *rule = &lint->rules->items[i];

        if (rule->line != line || (seen > 0 && rule->position == last))
            continue;
        last = rule->position;
        seen++;
    }
    return seen <= 1;
}

static const struct rules_table *table_of(const struct lint *lint, uint32_t chain)
{
    return &lint->rules->tables[lint->rules->chains[chain].table];
}

static bool is_nft(const struct lint *lint, uint32_t chain)
{
    return table_of(lint, chain)->origin == RULES_NFT;
}

static const char *tool_of(const struct lint *lint, uint32_t chain)
{
    const struct rules_table *table = table_of(lint, chain);
    bool six = strcmp(table->family, "ip6") == 0;

    if (table->origin == RULES_IPTABLES_LEGACY)
        return six ? "ip6tables-legacy" : "iptables-legacy";
    return six ? "ip6tables" : "iptables";
}

/* What stands in front of the words of a line. */
static int indent_of(struct slice line)
{
    int indent = 0;

    while ((size_t)indent < line.length && (line.data[indent] == ' ' || line.data[indent] == '\t'))
        indent++;
    return indent;
}

/* The line in front of which a rule goes that decides before a hit, and one whose indentation it takes. */
static uint32_t place_before(const struct lint *lint, const struct walk_hit *before, uint32_t *like)
{
    const struct rules_chain *chain = &lint->rules->chains[before->chain];
    uint32_t last = 0;

    if (before->rule != RULES_NONE)
        return *like = lint->rules->items[before->rule].line;
    for (uint32_t i = chain->first; i < chain->next; i++)
        last = lint->rules->items[i].line > last ? lint->rules->items[i].line : last;
    *like = last;
    return last ? last + 1 : 0;
}

static void command_before(const struct lint *lint, struct guard_finding *finding,
                           const struct walk_hit *before, const char *nft, const char *xt)
{
    const struct rules_chain *chain = &lint->rules->chains[before->chain];
    const struct rules_table *table = table_of(lint, before->chain);
    const struct rules_rule *rule = before->rule == RULES_NONE ? NULL : &lint->rules->items[before->rule];

    if (!is_nft(lint, before->chain))
        guard_finding_set(&finding->fix, "%s -t %s -I %s %u %s", tool_of(lint, before->chain), table->name,
                          chain->name, rule ? rule->position + 1 : chain->rules + 1, xt);
    else if (rule)
        guard_finding_set(&finding->fix, "nft insert rule %s %s %s position %lld %s", table->family,
                          table->name, chain->name, (long long)rule->handle, nft);
    else
        guard_finding_set(&finding->fix, "nft add rule %s %s %s %s", table->family, table->name, chain->name,
                          nft);
}

void lint_fix_insert(const struct lint *lint, struct guard_finding *finding, const struct walk_hit *before,
                     const char *nft, const char *xt)
{
    _cleanup_text_ struct text line = {0};
    uint32_t like, place;
    struct slice model;

    if (!lint->subject->file) {
        command_before(lint, finding, before, nft, xt);
        return;
    }
    place = place_before(lint, before, &like);
    if (place == 0 || !is_editable(lint, like))
        return;
    model = lint_line(lint->subject->text, like);
    text_add_octets(&line, (const char *)model.data, (size_t)indent_of(model));
    if (is_nft(lint, before->chain))
        text_add(&line, "%s\n", nft);
    else
        text_add(&line, "-A %s %s\n", lint->rules->chains[before->chain].name, xt);
    set_diff(lint, finding, &(struct lint_edit){place, false, text_get(&line)}, 1);
}

void lint_fix_delete(const struct lint *lint, struct guard_finding *finding, uint32_t rule)
{
    const struct rules_rule *this = &lint->rules->items[rule];
    const struct rules_chain *chain = &lint->rules->chains[this->chain];
    const struct rules_table *table = table_of(lint, this->chain);

    if (lint->subject->file && is_editable(lint, this->line))
        lint_fix_line(lint, finding, this->line, NULL);
    else if (!lint->subject->file && is_nft(lint, this->chain))
        guard_finding_set(&finding->fix, "nft delete rule %s %s %s handle %lld", table->family, table->name,
                          chain->name, (long long)this->handle);
    else if (!lint->subject->file)
        guard_finding_set(&finding->fix, "%s -t %s -D %s %u", tool_of(lint, this->chain), table->name,
                          chain->name, this->position + 1);
}

void lint_fix_move(const struct lint *lint, struct guard_finding *finding, uint32_t rule, uint32_t before)
{
    const struct rules_rule *this = &lint->rules->items[rule], *other = &lint->rules->items[before];
    _cleanup_text_ struct text line = {0};
    struct slice words;
    struct lint_edit edits[2];

    if (!is_editable(lint, this->line) || !is_editable(lint, other->line) || other->line >= this->line)
        return;
    words = lint_line(lint->subject->text, this->line);
    text_add_octets(&line, (const char *)words.data, words.length);
    text_add(&line, "\n");
    edits[0] = (struct lint_edit){other->line, false, text_get(&line)};
    edits[1] = (struct lint_edit){this->line, true, NULL};
    set_diff(lint, finding, edits, 2);
}

void lint_fix_words(const struct lint *lint, struct guard_finding *finding, uint32_t line, const char *words,
                    const char *by)
{
    _cleanup_text_ struct text old = {0}, new = {0};
    struct slice now;
    const char *found;

    if (!lint->subject->file || line == 0)
        return;
    now = lint_line(lint->subject->text, line);
    text_add_octets(&old, (const char *)now.data, now.length);
    found = strstr(text_get(&old), words);
    if (!found)
        return;
    text_add_octets(&new, text_get(&old), (size_t)(found - text_get(&old)));
    text_add(&new, "%s%s\n", by, found + strlen(words));
    set_diff(lint, finding, &(struct lint_edit){line, true, text_get(&new)}, 1);
}

void lint_fix_line(const struct lint *lint, struct guard_finding *finding, uint32_t line, const char *by)
{
    if (lint->subject->file && line > 0)
        set_diff(lint, finding, &(struct lint_edit){line, true, by}, 1);
}
