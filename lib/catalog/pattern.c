/* SPDX-License-Identifier: MIT */
/* Matching of patterns: parts between stars are found one after the other at their leftmost place, so that
 * the time is at most the product of the two lengths, whatever a stranger pastes. */
#include "catalog/pattern.h"

#include <ctype.h>
#include <string.h>

#include "base/macro.h"

#define NO_MATCH     SIZE_MAX
#define LONGEST_HOST 255 /* octets, RFC 1035 2.3.4 */

/* The state while one pattern is matched. */
struct matcher {
    const struct pattern_text *text;
    struct pattern_captures captures;
};

/* A placeholder without its braces; a maximum of 0 means text, for which `take` is called. */
struct placeholder {
    const char *name;
    int64_t maximum;
    size_t offset;
    size_t (*take)(struct matcher *matcher, size_t at);
};

static bool is_blank(char letter)
{
    return letter == ' ' || letter == '\t' || letter == '\n' || letter == '\r';
}

static bool is_word(char letter)
{
    return isalnum((unsigned char)letter) || letter == '_';
}

static bool is_host(char letter)
{
    return isalnum((unsigned char)letter) || (letter && strchr("._:%-", letter));
}

void pattern_text_init(struct pattern_text *text, const char *original)
{
    text->original = original;
    text->length = strnlen(original, PATTERN_LONGEST);
    for (size_t i = 0; i < text->length; i++)
        text->small[i] = (char)tolower((unsigned char)original[i]);
    text->small[text->length] = '\0';
}

struct pattern_captures pattern_captures_none(void)
{
    return (struct pattern_captures){-1, -1, -1, -1, -1, {NULL, 0}, {0}};
}

static size_t take_number(struct matcher *matcher, size_t at, int64_t maximum, int64_t *value)
{
    const char *small = matcher->text->small;
    size_t digits = 0;
    int64_t number = 0;

    while (isdigit((unsigned char)small[at + digits]) && number <= maximum)
        number = number * 10 + (small[at + digits++] - '0');
    if (digits == 0 || number > maximum)
        return NO_MATCH;
    if (value)
        *value = number;
    return digits;
}

/* The run of letters that may be a name or an address. */
static size_t host_run(const char *small)
{
    size_t length = 0;

    while (length < LONGEST_HOST && is_host(small[length]))
        length++;
    return length;
}

static bool parse_address(const char *text, size_t length, struct sonde_address *address)
{
    char copy[SONDE_ADDRESS_TEXT];
    const char *zone = memchr(text, '%', length);

    if (zone)
        length = (size_t)(zone - text);
    if (length == 0 || length >= sizeof(copy))
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return sonde_address_parse(copy, address) == 0;
}

/* The length of the host that begins a run: an IPv6 address in full, anything else up to a colon. */
static size_t host_length(const char *small, size_t run)
{
    struct sonde_address address;
    const char *colon = memchr(small, ':', run);

    while (run > 0 && (small[run - 1] == ':' || small[run - 1] == '.') &&
           !parse_address(small, run, &address))
        run--;
    if (colon && run > (size_t)(colon - small) && !parse_address(small, run, &address))
        run = (size_t)(colon - small);
    return run;
}

/* A host in brackets, as in URLs, or bare; *inner and *length are the host itself. */
static size_t take_run(struct matcher *matcher, size_t at, size_t *inner, size_t *length)
{
    const char *small = matcher->text->small;
    size_t bracket = small[at] == '[';

    if (at > 0 && is_word(small[at - 1]))
        return NO_MATCH; /* the middle of a word */
    *inner = at + bracket;
    *length = host_length(small + *inner, host_run(small + *inner));
    if (*length == 0 || (bracket && small[*inner + *length] != ']'))
        return NO_MATCH;
    return *length + 2 * bracket;
}

static size_t take_host(struct matcher *matcher, size_t at)
{
    size_t inner, length, taken = take_run(matcher, at, &inner, &length);

    if (taken != NO_MATCH)
        matcher->captures.host = slice_of(matcher->text->original + inner, length);
    return taken;
}

static size_t take_sender(struct matcher *matcher, size_t at)
{
    size_t inner, length, taken = take_run(matcher, at, &inner, &length);

    if (taken == NO_MATCH || !parse_address(matcher->text->small + inner, length, &matcher->captures.sender))
        return NO_MATCH;
    return taken;
}

#define CAPTURE(member) offsetof(struct pattern_captures, member)

static const struct placeholder placeholders[] = {
    {"type", 255, CAPTURE(type), NULL},
    {"code", 255, CAPTURE(code), NULL},
    {"number", 65535, CAPTURE(number), NULL},
    {"port", 65535, CAPTURE(port), NULL},
    {"mtu", 65535, CAPTURE(mtu), NULL},
    {"n", INT64_MAX / 20, SIZE_MAX, NULL},
    {"host", 0, 0, take_host},
    {"sender", 0, 0, take_sender},
};

static const struct placeholder *placeholder_of(const char *name, size_t length)
{
    for (size_t i = 0; i < COUNT_OF(placeholders); i++)
        if (strlen(placeholders[i].name) == length && !memcmp(placeholders[i].name, name, length))
            return &placeholders[i];
    return NULL;
}

static size_t take_placeholder(struct matcher *matcher, const char *name, size_t length, size_t at)
{
    const struct placeholder *placeholder = placeholder_of(name, length);
    int64_t *value = NULL;

    if (!placeholder)
        return NO_MATCH;
    if (placeholder->take)
        return placeholder->take(matcher, at);
    if (placeholder->offset != SIZE_MAX)
        value = (int64_t *)((char *)&matcher->captures + placeholder->offset);
    return take_number(matcher, at, placeholder->maximum, value);
}

static size_t count_blanks(const struct pattern_text *text, size_t at)
{
    size_t blanks = 0;

    while (is_blank(text->small[at + blanks]))
        blanks++;
    return blanks;
}

/* Marks that consume no letter. */
static bool holds_at(const struct pattern_text *text, char mark, size_t at)
{
    if (mark == '$')
        return at + count_blanks(text, at) == text->length;
    return at == 0 || !is_word(text->small[at - 1]) || !is_word(text->small[at]);
}

/* One element of a pattern: how many octets it takes of the text, and *next, where the pattern goes on. */
static size_t take_element(struct matcher *matcher, const char *pattern, size_t at, const char **next)
{
    const struct pattern_text *text = matcher->text;
    const char *close;
    size_t blanks;

    *next = pattern + 1;
    switch (*pattern) {
    case '{':
        close = strchr(pattern, '}');
        *next = close + 1;
        return take_placeholder(matcher, pattern + 1, (size_t)(close - pattern - 1), at);
    case ' ':
        blanks = count_blanks(text, at);
        return blanks > 0 ? blanks : NO_MATCH;
    case '\\':
        *next = pattern + 2;
        return text->small[at] == pattern[1] ? 1 : NO_MATCH;
    case '~':
    case '$':
        return holds_at(text, *pattern, at) ? 0 : NO_MATCH;
    default:
        return at < text->length && text->small[at] == *pattern ? 1 : NO_MATCH;
    }
}

/* A part up to the next star, at one place: where the text goes on after it. */
static size_t match_part(struct matcher *matcher, const char *part, size_t at, const char **next)
{
    while (*part && *part != '*') {
        size_t taken = take_element(matcher, part, at, &part);

        if (taken == NO_MATCH)
            return NO_MATCH;
        at += taken;
    }
    *next = part;
    return at;
}

/* The next place where a part can begin: its leading plain letters tell, most places need no closer look. */
static size_t next_place(const struct pattern_text *text, const char *part, size_t at)
{
    const char *letters = part + (*part == '~'), *found;
    size_t length = strcspn(letters, " *~$\\{");

    if (length == 0 || at > text->length)
        return at;
    found = memmem(text->small + at, text->length - at, letters, length);
    return found ? (size_t)(found - text->small) : NO_MATCH;
}

/* The same at the leftmost place from `at` on. */
static size_t find_part(struct matcher *matcher, const char *part, size_t at, const char **next)
{
    for (; (at = next_place(matcher->text, part, at)) <= matcher->text->length; at++) {
        size_t end = match_part(matcher, part, at, next);

        if (end != NO_MATCH)
            return end;
    }
    return NO_MATCH;
}

bool pattern_find(const char *pattern, const struct pattern_text *text, struct pattern_captures *captures)
{
    struct matcher matcher = {text, *captures};
    size_t at = 0;

    if (*pattern == '^')
        at = match_part(&matcher, pattern + 1, count_blanks(text, 0), &pattern);
    else
        at = find_part(&matcher, pattern, 0, &pattern);
    while (at != NO_MATCH && *pattern == '*')
        at = find_part(&matcher, pattern + 1, at, &pattern);
    if (at == NO_MATCH)
        return false;
    *captures = matcher.captures;
    return true;
}
