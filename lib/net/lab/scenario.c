/* SPDX-License-Identifier: MIT */
/* Reading scenario files: statements of words, checked against one grammar table. */
#include "net/lab/scenario.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "net/lab/grammar.h"

enum { DEPTH_MAX = 4 };

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

int parser_fail(struct parser *parser, size_t word, const char *format, ...)
{
    const char *at = word < parser->count ? (const char *)parser->words[word].data : parser->end;
    unsigned line = 1, column = 1;
    char what[160];
    va_list arguments;

    for (const char *c = parser->text; c < at; c++) {
        column = *c == '\n' ? 1 : column + 1;
        line += *c == '\n';
    }
    va_start(arguments, format);
    vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    return error_set(parser->error, SONDE_E_FORMAT, "%s:%u:%u: %s", parser->file, line, column, what);
}

const char *parser_keep(struct scenario *scenario, char *string)
{
    char **strings = realloc(scenario->strings, (scenario->string_count + 1) * sizeof(*strings));

    if (!strings)
        abort();
    scenario->strings = strings;
    return strings[scenario->string_count++] = string;
}

const char *parser_join(struct parser *parser, size_t first)
{
    struct text text = {0};

    for (size_t i = first; i < parser->count; i++) {
        if (i > first)
            text_add(&text, " ");
        text_add_octets(&text, (const char *)parser->words[i].data, parser->words[i].length);
    }
    return parser_keep(parser->scenario, text_take(&text));
}

/* A comment begins at a '#' that begins a word and ends with its line. */
static const char *skip_blank(const char *at, const char *end, bool continued)
{
    while (at < end) {
        if (*at == '#') {
            while (at < end && *at != '\n')
                at++;
        } else if (*at == '\n') {
            if (!continued || at + 1 == end || (at[1] != ' ' && at[1] != '\t'))
                return at;
            at++;
        } else if (is_blank(*at)) {
            at++;
        } else {
            return at;
        }
    }
    return end;
}

/* Split one statement, with its indented continuation lines, into words. */
static int split(struct parser *parser, const char **at)
{
    const char *end = parser->text + parser->length, *word = skip_blank(*at, end, true);

    parser->count = 0;
    while (word < end && *word != '\n') {
        const char *stop = word;

        while (stop < end && !is_blank(*stop))
            stop++;
        parser->end = stop;
        if (parser->count == COUNT_OF(parser->words))
            return parser_fail(parser, parser->count - 1, "a statement has at most %zu words", parser->count);
        parser->words[parser->count++] = slice_of(word, (size_t)(stop - word));
        word = skip_blank(stop, end, true);
    }
    *at = word;
    return 0;
}

/* Messages and listings repeat the text on terminals, so it must be plain. */
static int check_octets(struct parser *parser)
{
    for (size_t i = 0; i < parser->length; i++) {
        unsigned char octet = (unsigned char)parser->text[i];

        parser->end = parser->text + i;
        if (octet == 0x7f || (octet < 0x20 && octet != '\n' && octet != '\t'))
            return parser_fail(parser, SIZE_MAX, "the octet 0x%02x does not belong in a text file", octet);
    }
    return 0;
}

static int parse_statements(struct parser *parser)
{
    const char *at = parser->text, *end = parser->text + parser->length;
    int rc = check_octets(parser);

    while (rc == 0 && at < end) {
        if (*at == '\n') {
            at++;
            continue;
        }
        rc = split(parser, &at);
        if (rc == 0 && parser->count > 0)
            rc = grammar_apply(parser);
    }
    return rc;
}

int parser_include(struct parser *parent, size_t word, const char *file)
{
    _cleanup_free_ char *text = NULL;
    struct parser *parser;
    size_t length;
    int rc;

    if (parent->depth == DEPTH_MAX)
        return parser_fail(parent, word, "files extend each other more than %d deep", DEPTH_MAX);
    rc = parent->reader->read(parent->reader, file, &text, &length, parent->error);
    if (rc == -ENOENT)
        return parser_fail(parent, word, "there is no file %s to extend", file);
    if (rc < 0)
        return rc;
    parser = calloc(1, sizeof(*parser));
    if (!parser)
        return -ENOMEM;
    *parser = (struct parser){.scenario = parent->scenario,
                              .reader = parent->reader,
                              .error = parent->error,
                              .depth = parent->depth + 1,
                              .text = text,
                              .length = length,
                              .file = file};
    rc = parse_statements(parser);
    free(parser);
    return rc;
}

static int check_whole(struct parser *parser)
{
    const struct scenario *scenario = parser->scenario;
    const struct {
        bool missing;
        const char *what;
    } needs[] = {
        {!scenario->title, "title"},
        {!scenario->teach, "teach"},
        {!scenario->target.text, "target"},
        {scenario->expect_count == 0, "expect"},
        {scenario_find_host(scenario, "client") < 0, "host client"},
    };

    parser->count = 0;
    parser->end = parser->text + parser->length;
    for (size_t i = 0; i < COUNT_OF(needs); i++)
        if (needs[i].missing)
            return parser_fail(parser, 0, "the scenario has no statement \"%s\"", needs[i].what);
    return 0;
}

int scenario_parse(struct scenario *scenario, const char *name, const char *file, struct slice text,
                   const struct scenario_reader *reader, struct sonde_error *error)
{
    struct parser *parser = calloc(1, sizeof(*parser));
    int rc;

    *scenario = (struct scenario){0};
    if (!parser)
        return -ENOMEM;
    scenario->name = parser_keep(scenario, text_format("%s", name));
    *parser = (struct parser){.scenario = scenario,
                              .reader = reader,
                              .error = error,
                              .text = (const char *)text.data,
                              .length = text.length,
                              .file = file};
    rc = parse_statements(parser);
    if (rc == 0)
        rc = check_whole(parser);
    free(parser);
    if (rc < 0)
        scenario_deinit(scenario);
    return rc;
}

void scenario_deinit(struct scenario *scenario)
{
    for (size_t i = 0; i < scenario->string_count; i++)
        free(scenario->strings[i]);
    free(scenario->strings);
    free(scenario->expects);
    free(scenario->steps);
    *scenario = (struct scenario){0};
}

int scenario_find_host(const struct scenario *scenario, const char *name)
{
    for (size_t i = 0; i < scenario->host_count; i++)
        if (strcmp(scenario->hosts[i], name) == 0)
            return (int)i;
    return -1;
}
