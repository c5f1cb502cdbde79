/* SPDX-License-Identifier: MIT */
/* The one parser of command lines: rows in, a typed struct and the operands out. */
#include "cmd/front/options.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "base/address.h"
#include "base/suggest.h"
#include "cmd/front/values.h"
#include "out/human.h"

/* Where the parser stands. */
struct parser {
    const struct option_set *sets;
    size_t set_count;
    char **arguments;
    size_t count;
    size_t next;     /* argument to read */
    size_t operands; /* how many were moved to the front */
    struct sonde_error *error;
};

/* A row together with the struct it writes into. */
struct match {
    const struct option_row *row;
    void *field;
};

typedef int store(const struct option_row *row, const char *value, void *field, struct sonde_error *error);

bool option_takes_value(enum option_type type)
{
    return type != OPTION_FLAG && type != OPTION_FAMILY4 && type != OPTION_FAMILY6;
}

const char *option_metavar(const struct option_row *row)
{
    static const char *const words[] = {
        [OPTION_TEXT] = "TEXT",       [OPTION_TEXTS] = "TEXT", [OPTION_NUMBER] = "N",
        [OPTION_DURATION] = "TIME",   [OPTION_SIZE] = "SIZE",  [OPTION_CHOICE] = "CHOICE",
        [OPTION_ADDRESS] = "ADDRESS",
    };

    if (!option_takes_value(row->type))
        return NULL;
    if (row->metavar)
        return row->metavar;
    return row->choices ? row->choices : words[row->type];
}

/* As it may be written: 8M. */
static void add_size(struct text *text, int64_t octets)
{
    static const char units[] = "\0KMGT";
    size_t unit = 0;

    for (; octets && octets % 1024 == 0 && unit + 1 < sizeof(units) - 1; octets /= 1024)
        unit++;
    text_add(text, "%" PRId64 "%.1s", octets, units + unit);
}

static void add_bound(struct text *text, const struct option_row *row, int64_t bound)
{
    if (row->type == OPTION_DURATION)
        human_add_duration(text, bound);
    else if (row->type == OPTION_SIZE)
        add_size(text, bound);
    else
        text_add(text, "%" PRId64, bound);
}

static bool is_ranged(enum option_type type)
{
    return type == OPTION_NUMBER || type == OPTION_DURATION || type == OPTION_SIZE;
}

static bool has_range(const struct option_row *row)
{
    return is_ranged(row->type) && (row->min != 0 || row->max != 0);
}

void option_describe_range(struct text *text, const struct option_row *row)
{
    if (!has_range(row))
        return;
    text_add(text, " (");
    add_bound(text, row, row->min);
    text_add(text, " to ");
    add_bound(text, row, row->max);
    text_add(text, ")");
}

static int store_flag(const struct option_row *row, const char *value, void *field, struct sonde_error *error)
{
    *(bool *)field = true;
    return 0;
}

static int store_family4(const struct option_row *row, const char *value, void *field,
                         struct sonde_error *error)
{
    *(uint8_t *)field = 4;
    return 0;
}

static int store_family6(const struct option_row *row, const char *value, void *field,
                         struct sonde_error *error)
{
    *(uint8_t *)field = 6;
    return 0;
}

static int store_text(const struct option_row *row, const char *value, void *field, struct sonde_error *error)
{
    *(const char **)field = value;
    return 0;
}

static int store_texts(const struct option_row *row, const char *value, void *field,
                       struct sonde_error *error)
{
    struct option_texts *texts = field;

    texts->items[texts->count++] = value;
    return 0;
}

/* A value in a range, for the three types that differ in how they are written. */
static int store_ranged(const struct option_row *row, const char *value, int64_t *field,
                        int (*parse)(const char *text, int64_t *value), const char *wanted,
                        struct sonde_error *error)
{
    int64_t number, max = has_range(row) ? row->max : INT64_MAX;
    _cleanup_text_ struct text range = {0};

    if (parse(value, &number) == 0 && number >= row->min && number <= max) {
        *field = number;
        return 0;
    }
    option_describe_range(&range, row);
    return error_set(error, SONDE_E_USAGE, "--%s wants %s%s, not '%s'", row->name, wanted, text_get(&range),
                     value);
}

static int store_number(const struct option_row *row, const char *value, void *field,
                        struct sonde_error *error)
{
    return store_ranged(row, value, field, value_number, "a whole number", error);
}

static int store_duration(const struct option_row *row, const char *value, void *field,
                          struct sonde_error *error)
{
    return store_ranged(row, value, field, value_duration, "a duration such as 500ms or 2s", error);
}

static int store_size(const struct option_row *row, const char *value, void *field, struct sonde_error *error)
{
    return store_ranged(row, value, field, value_size, "a size such as 1500 or 1K", error);
}

static int store_choice(const struct option_row *row, const char *value, void *field,
                        struct sonde_error *error)
{
    if (value_choice(row->choices, value, field) == 0)
        return 0;
    return error_set(error, SONDE_E_USAGE, "--%s wants one of %s, not '%s'", row->name, row->choices, value);
}

static int store_address(const struct option_row *row, const char *value, void *field,
                         struct sonde_error *error)
{
    if (sonde_address_parse(value, field) == 0)
        return 0;
    return error_set(error, SONDE_E_USAGE, "--%s wants an IPv4 or IPv6 address, not '%s'", row->name, value);
}

static store *const stores[] = {
    [OPTION_FLAG] = store_flag,         [OPTION_FAMILY4] = store_family4, [OPTION_FAMILY6] = store_family6,
    [OPTION_TEXT] = store_text,         [OPTION_TEXTS] = store_texts,     [OPTION_NUMBER] = store_number,
    [OPTION_DURATION] = store_duration, [OPTION_SIZE] = store_size,       [OPTION_CHOICE] = store_choice,
    [OPTION_ADDRESS] = store_address,
};

static bool row_is(const struct option_row *row, const char *name, size_t length, char letter)
{
    if (letter)
        return row->letter == letter;
    return strlen(row->name) == length && !strncmp(row->name, name, length);
}

/* The row with this name (of so many octets) or, if letter is not 0, with this letter. */
static struct match find(const struct parser *parser, const char *name, size_t length, char letter)
{
    for (size_t i = 0; i < parser->set_count; i++)
        for (const struct option_row *row = parser->sets[i].rows; row && row->name; row++)
            if (row_is(row, name, length, letter))
                return (struct match){row, (char *)parser->sets[i].config + row->offset};
    return (struct match){0};
}

static int refuse_name(const struct parser *parser, const char *name, size_t length)
{
    _cleanup_free_ char *typed = text_format("%.*s", (int)length, name);
    struct suggestion suggestion = {typed};

    for (size_t i = 0; i < parser->set_count; i++)
        for (const struct option_row *row = parser->sets[i].rows; row && row->name; row++)
            suggestion_consider(&suggestion, row->name);
    error_set(parser->error, SONDE_E_USAGE, "there is no option --%s", typed);
    if (suggestion.nearest)
        error_hint(parser->error, "Did you mean --%s?", suggestion.nearest);
    return SONDE_E_USAGE;
}

/* Whether an argument can be the value of the option before it. "--count -5" names a (wrong) number, while
 * "--file --json" forgot its value; a value that does begin with a hyphen can be written --name=VALUE. */
static bool is_value(const struct option_row *row, const char *argument)
{
    if (argument[0] != '-' || !argument[1])
        return true;
    return is_ranged(row->type) && isdigit((unsigned char)argument[1]);
}

static int take_value(struct parser *parser, const struct option_row *row, const char **value)
{
    if (parser->next < parser->count && is_value(row, parser->arguments[parser->next])) {
        *value = parser->arguments[parser->next++];
        return 0;
    }
    return error_set(parser->error, SONDE_E_USAGE, "--%s needs a value: --%s=%s", row->name, row->name,
                     option_metavar(row));
}

static int parse_long(struct parser *parser, const char *argument)
{
    size_t length = strcspn(argument, "=");
    const char *value = argument[length] ? argument + length + 1 : NULL;
    struct match match = find(parser, argument, length, 0);
    int result = 0;

    if (!match.row)
        return refuse_name(parser, argument, length);
    if (!option_takes_value(match.row->type) && value)
        return error_set(parser->error, SONDE_E_USAGE, "--%s takes no value", match.row->name);
    if (option_takes_value(match.row->type) && !value)
        result = take_value(parser, match.row, &value);
    return result < 0 ? result : stores[match.row->type](match.row, value, match.field, parser->error);
}

static int parse_letters(struct parser *parser, const char *letters)
{
    for (; *letters; letters++) {
        struct match match = find(parser, NULL, 0, *letters);
        const char *value = NULL;
        int result = 0;

        if (!match.row)
            return error_set(parser->error, SONDE_E_USAGE, "there is no option -%c", *letters);
        if (!option_takes_value(match.row->type)) {
            stores[match.row->type](match.row, NULL, match.field, parser->error);
            continue;
        }
        if (letters[1])
            value = letters + 1;
        else
            result = take_value(parser, match.row, &value);
        return result < 0 ? result : stores[match.row->type](match.row, value, match.field, parser->error);
    }
    return 0;
}

static void add_operand(struct parser *parser, char *operand)
{
    parser->arguments[parser->operands++] = operand;
}

static int parse_argument(struct parser *parser)
{
    char *argument = parser->arguments[parser->next++];

    if (argument[0] != '-' || !argument[1]) {
        add_operand(parser, argument);
        return 0;
    }
    if (argument[1] != '-')
        return parse_letters(parser, argument + 1);
    if (argument[2])
        return parse_long(parser, argument + 2);
    while (parser->next < parser->count)
        add_operand(parser, parser->arguments[parser->next++]);
    return 0;
}

/* Lists start empty and can never hold more than there are arguments. */
static void prepare_texts(const struct option_set *set, size_t count)
{
    for (const struct option_row *row = set->rows; row && row->name; row++)
        if (row->type == OPTION_TEXTS) {
            struct option_texts *texts = (void *)((char *)set->config + row->offset);

            *texts = (struct option_texts){calloc(count + 1, sizeof(*texts->items)), 0};
            if (!texts->items)
                abort();
        }
}

int options_parse(const struct option_set *sets, size_t set_count, char **arguments, size_t count,
                  size_t *operand_count, struct sonde_error *error)
{
    struct parser parser = {sets, set_count, arguments, count, 0, 0, error};
    int result = 0;

    for (size_t i = 0; i < set_count; i++)
        prepare_texts(&sets[i], count);
    while (result == 0 && parser.next < count)
        result = parse_argument(&parser);
    *operand_count = parser.operands;
    return result;
}

void options_deinit(const struct option_set *sets, size_t set_count)
{
    for (size_t i = 0; i < set_count; i++)
        for (const struct option_row *row = sets[i].rows; row && row->name; row++)
            if (row->type == OPTION_TEXTS) {
                struct option_texts *texts = (void *)((char *)sets[i].config + row->offset);

                free(texts->items);
                *texts = (struct option_texts){0};
            }
}
