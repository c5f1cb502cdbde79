/* SPDX-License-Identifier: MIT */
/* The lines of rules in a file for nft, found by counting statements in each chain; what they say was asked
 * of nft itself, and where the counts differ no line is claimed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/macro.h"
#include "policy/ruleset/import.h"

enum { WORD_MAX = 64, WORDS_MAX = 8, NESTING_MAX = 64 };

/** What a token is. */
enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_OPEN, TOKEN_CLOSE, TOKEN_SEPARATOR, TOKEN_MARK };

/** A token of the file. */
struct token {
    enum token_kind kind;
    char word[WORD_MAX];
    uint32_t line;
};

/** Where the tokens come from. */
struct source {
    struct slice file;
    size_t offset;
    uint32_t line;
};

/** What braces enclose. */
enum nest { NEST_FILE, NEST_TABLE, NEST_CHAIN, NEST_OTHER };

/** A statement so far. */
struct statement {
    char words[WORDS_MAX][WORD_MAX];
    size_t count;
    uint32_t line;
};

/** The file while it is gone through. */
struct scan {
    struct rules *rules;
    enum nest nests[NESTING_MAX];
    size_t depth;
    uint32_t table, chain;
    struct statement statement;
    uint32_t *counts; /* of the rules of each chain */
    bool *spoilt;     /* chains whose rules are not in the order of the file */
};

static int peek(const struct source *source, size_t ahead)
{
    return source->offset + ahead < source->file.length ? source->file.data[source->offset + ahead] : -1;
}

/* Blanks, comments, and line ends that a backslash hides. */
static void skip(struct source *source)
{
    for (;;) {
        int c = peek(source, 0);

        if (c == '\\' && peek(source, 1) == '\n') {
            source->offset += 2;
            source->line++;
        } else if (c == ' ' || c == '\t' || c == '\r' || c == '\0') {
            source->offset++;
        } else if (c == '#') {
            while (peek(source, 0) >= 0 && peek(source, 0) != '\n')
                source->offset++;
        } else {
            return;
        }
    }
}

static void read_quoted(struct source *source, struct token *token)
{
    size_t length = 0;
    int c;

    for (source->offset++; (c = peek(source, 0)) >= 0 && c != '"'; source->offset++) {
        source->line += c == '\n';
        if (length < WORD_MAX - 1)
            token->word[length++] = (char)c;
    }
    source->offset += c == '"';
    token->word[length] = '\0';
}

static void read_word(struct source *source, struct token *token)
{
    static const char ends[] = " \t\r\n{};,=\"#\\";
    size_t length = 0;
    int c;

    while ((c = peek(source, 0)) > 0 && !strchr(ends, c)) {
        if (length < WORD_MAX - 1)
            token->word[length++] = (char)c;
        source->offset++;
    }
    token->word[length] = '\0';
}

static struct token next_token(struct source *source)
{
    struct token token = {.kind = TOKEN_WORD};
    int c;

    skip(source);
    token.line = source->line;
    c = peek(source, 0);
    if (c == '"') {
        read_quoted(source, &token);
        return token;
    }
    if (c < 0)
        token.kind = TOKEN_END;
    else if (c == '{')
        token.kind = TOKEN_OPEN;
    else if (c == '}')
        token.kind = TOKEN_CLOSE;
    else if (c == '\n' || c == ';')
        token.kind = TOKEN_SEPARATOR;
    else if (c == ',' || c == '=' || c == '\\')
        token.kind = TOKEN_MARK;
    if (token.kind == TOKEN_WORD) {
        read_word(source, &token);
        return token;
    }
    source->offset += c >= 0;
    source->line += c == '\n';
    return token;
}

static const char *word(const struct scan *scan, size_t index)
{
    return index < scan->statement.count ? scan->statement.words[index] : "";
}

static bool is_family(const char *name)
{
    static const char *const families[] = {"ip", "ip6", "inet", "netdev", "bridge", "arp"};

    for (size_t i = 0; i < COUNT_OF(families); i++)
        if (strcmp(families[i], name) == 0)
            return true;
    return false;
}

/* "[family] table ..." at a word of the statement; `next` is the word behind the table. */
static uint32_t find_table(const struct scan *scan, size_t at, size_t *next)
{
    bool named = is_family(word(scan, at));

    *next = at + 1 + named;
    return rules_find_table(scan->rules, named ? word(scan, at) : "ip", word(scan, at + named));
}

static bool is_verb(const char *name)
{
    return strcmp(name, "add") == 0 || strcmp(name, "create") == 0;
}

/* Braces open: what for is said by the words in front of them. */
static enum nest open_nest(struct scan *scan)
{
    size_t at = is_verb(word(scan, 0)), next;

    if (scan->nests[scan->depth] == NEST_FILE && strcmp(word(scan, at), "table") == 0) {
        scan->table = find_table(scan, at + 1, &next);
        if (scan->table != RULES_NONE && scan->rules->tables[scan->table].line == 0)
            scan->rules->tables[scan->table].line = scan->statement.line;
        return NEST_TABLE;
    }
    if (strcmp(word(scan, at), "chain") != 0 || scan->nests[scan->depth] > NEST_TABLE)
        return NEST_OTHER;
    next = at + 1;
    if (scan->nests[scan->depth] == NEST_FILE)
        scan->table = find_table(scan, at + 1, &next);
    scan->chain =
        scan->table == RULES_NONE ? RULES_NONE : rules_find_chain(scan->rules, scan->table, word(scan, next));
    if (scan->chain != RULES_NONE && scan->rules->chains[scan->chain].line == 0)
        scan->rules->chains[scan->chain].line = scan->statement.line;
    return NEST_CHAIN;
}

static void note_rule(struct scan *scan, uint32_t chain, uint32_t line)
{
    const struct rules_chain *this;

    if (chain == RULES_NONE)
        return;
    this = &scan->rules->chains[chain];
    for (uint32_t i = this->first; i < this->next; i++)
        if (scan->rules->items[i].position == scan->counts[chain])
            scan->rules->items[i].line = line;
    scan->counts[chain]++;
}

/* A command at the top: rules added one by one, everything thrown away. */
static void end_command(struct scan *scan)
{
    size_t at = is_verb(word(scan, 0)), next;
    uint32_t table, chain;

    if (strcmp(word(scan, 0), "flush") == 0 && strcmp(word(scan, 1), "ruleset") == 0) {
        scan->rules->flushes = true;
        scan->rules->flush_line = scan->statement.line;
    }
    if (strcmp(word(scan, 0), "insert") == 0 || strcmp(word(scan, 0), "replace") == 0 ||
        strcmp(word(scan, 0), "delete") == 0)
        at = 1;
    if (strcmp(word(scan, at), "rule") != 0)
        return;
    table = find_table(scan, at + 1, &next);
    chain = table == RULES_NONE ? RULES_NONE : rules_find_chain(scan->rules, table, word(scan, next));
    if (chain != RULES_NONE && at == 1 && !is_verb(word(scan, 0)))
        scan->spoilt[chain] = true;
    else
        note_rule(scan, chain, scan->statement.line);
}

static void end_statement(struct scan *scan)
{
    static const char *const heads[] = {"type", "policy", "comment", "flags", "device", "devices"};
    enum nest nest = scan->nests[scan->depth];
    bool head = scan->statement.count == 0 || strcmp(word(scan, 0), "include") == 0;

    for (size_t i = 0; i < COUNT_OF(heads); i++)
        head = head || strcmp(heads[i], word(scan, 0)) == 0;
    if (nest == NEST_FILE && scan->statement.count > 0)
        end_command(scan);
    else if (nest == NEST_TABLE && strcmp(word(scan, 0), "flags") == 0 &&
             strcmp(word(scan, 1), "dormant") == 0 && scan->table != RULES_NONE)
        scan->rules->tables[scan->table].dormant = true;
    else if (nest == NEST_CHAIN && !head)
        note_rule(scan, scan->chain, scan->statement.line);
    scan->statement.count = 0;
}

static void take_word(struct scan *scan, const struct token *token)
{
    struct statement *statement = &scan->statement;

    if (statement->count == 0)
        statement->line = token->line;
    if (statement->count < WORDS_MAX)
        memcpy(statement->words[statement->count++], token->word, WORD_MAX);
}

/* Braces within a rule or a set belong to the statement; what is in them says nothing here. */
static void take(struct scan *scan, const struct token *token)
{
    bool inside = scan->nests[scan->depth] == NEST_OTHER;

    switch (token->kind) {
    case TOKEN_WORD:
        if (!inside)
            take_word(scan, token);
        break;
    case TOKEN_OPEN:
        if (scan->depth + 1 == NESTING_MAX)
            break;
        scan->nests[scan->depth + 1] = inside ? NEST_OTHER : open_nest(scan);
        scan->depth++;
        if (scan->nests[scan->depth] != NEST_OTHER)
            scan->statement.count = 0;
        break;
    case TOKEN_CLOSE:
        if (!inside)
            end_statement(scan);
        if (scan->depth > 0)
            scan->depth--;
        if (!inside) /* a table or chain has ended, and with it what was said of it */
            scan->statement.count = 0;
        break;
    case TOKEN_SEPARATOR:
        if (!inside)
            end_statement(scan);
        break;
    default:
        break;
    }
}

static void forget_doubtful(struct scan *scan)
{
    for (uint32_t i = 0; i < scan->rules->count; i++) {
        struct rules_rule *rule = &scan->rules->items[i];

        if (scan->spoilt[rule->chain] || scan->counts[rule->chain] != scan->rules->chains[rule->chain].rules)
            rule->line = 0;
    }
}

void rules_locate_nft(struct rules *rules, struct slice file)
{
    struct source source = {file, 0, 1};
    struct scan scan = {.rules = rules, .table = RULES_NONE, .chain = RULES_NONE};
    struct token token;

    scan.counts = calloc(rules->chain_count + 1, sizeof(*scan.counts));
    scan.spoilt = calloc(rules->chain_count + 1, sizeof(*scan.spoilt));
    if (!scan.counts || !scan.spoilt)
        abort();
    do {
        token = next_token(&source);
        take(&scan, &token);
    } while (token.kind != TOKEN_END);
    end_statement(&scan);
    forget_doubtful(&scan);
    free(scan.counts);
    free(scan.spoilt);
}

bool rules_next_device(struct slice file, size_t *offset, char name[RULES_IFNAME_MAX], uint32_t *line)
{
    struct source source = {file, 0, 1};
    bool list = false, awaited = false;
    struct token token;

    /* From the beginning each time, so that lines are counted and lists are known; files are small. */
    while ((token = next_token(&source)).kind != TOKEN_END) {
        bool name_follows = awaited && token.kind == TOKEN_WORD;

        if (name_follows && source.offset > *offset) {
            *offset = source.offset;
            *line = token.line;
            snprintf(name, RULES_IFNAME_MAX, "%.15s", token.word);
            return true;
        }
        if (token.kind == TOKEN_OPEN || token.kind == TOKEN_MARK)
            continue;
        awaited = list && token.kind == TOKEN_WORD;
        if (token.kind == TOKEN_WORD && !name_follows) {
            list = strcmp(token.word, "devices") == 0;
            awaited = list || strcmp(token.word, "device") == 0;
        }
    }
    return false;
}
