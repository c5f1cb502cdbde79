/* SPDX-License-Identifier: MIT */
/* Recognising a pasted text: what was typed in full first, then the rows of lines, then names and numbers in
 * it. */
#include "catalog/paste.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/macro.h"
#include "catalog/errors.h"
#include "catalog/icmp.h"
#include "catalog/paste_rows.h"
#include "catalog/pattern.h"

#define LONGEST_WORD     64 /* octets of a name or a fixed phrase */
#define FIRST_ERRNO_ONLY 64 /* a bare number from here on is an errno if it is one (ENONET and up) */

/* A text while it is being read. */
struct reader {
    struct pattern_text text;
    struct pattern_captures captures;
    uint8_t hint; /* the family that words or the caller tell; weaker than an address in the text */
    struct paste *paste;
};

/* What a number is, if the words before it say so. */
enum number_kind { NUMBER_UNSAID, NUMBER_TYPE, NUMBER_ERRNO };

static const struct {
    const char *word;
    uint8_t family;
    enum number_kind kind;
} leading_words[] = {
    {"4", 4, NUMBER_TYPE},      {"6", 6, NUMBER_TYPE},         {"v4", 4, NUMBER_TYPE},
    {"v6", 6, NUMBER_TYPE},     {"-4", 4, NUMBER_TYPE},        {"-6", 6, NUMBER_TYPE},
    {"ipv4", 4, NUMBER_TYPE},   {"ipv6", 6, NUMBER_TYPE},      {"ip4", 4, NUMBER_TYPE},
    {"ip6", 6, NUMBER_TYPE},    {"icmpv4", 4, NUMBER_TYPE},    {"icmpv6", 6, NUMBER_TYPE},
    {"icmp4", 4, NUMBER_TYPE},  {"icmp6", 6, NUMBER_TYPE},     {"icmp", 0, NUMBER_TYPE},
    {"type", 0, NUMBER_TYPE},   {"ipv6-icmp", 6, NUMBER_TYPE}, {"errno", 0, NUMBER_ERRNO},
    {"error", 0, NUMBER_ERRNO},
};

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " \t\r\n");
}

/* Whether the text is "WORD REST"; what follows the word, or NULL. */
static const char *after_word(const char *text, const char *word)
{
    size_t length = strlen(word);
    const char *rest = text + length;

    if (strncasecmp(text, word, length) != 0 || skip_blanks(rest) == rest || *skip_blanks(rest) == '\0')
        return NULL;
    return skip_blanks(rest);
}

/* Drop words in front of a name or number: "icmp type", "6", "errno". */
static const char *skip_leading_words(const char *text, uint8_t *family, enum number_kind *kind)
{
    size_t i = 0;

    text = skip_blanks(text);
    while (i < COUNT_OF(leading_words)) {
        const char *rest = after_word(text, leading_words[i].word);

        if (rest && *family == 0)
            *family = leading_words[i].family;
        if (rest)
            *kind = leading_words[i].kind;
        text = rest ? rest : text;
        i = rest ? 0 : i + 1;
    }
    return text;
}

/* A short text without blanks at its end, for comparing with names. */
static bool copy_word(const char *text, char word[LONGEST_WORD])
{
    size_t length = strlen(text);

    while (length > 0 && isspace((unsigned char)text[length - 1]))
        length--;
    if (length == 0 || length >= LONGEST_WORD)
        return false;
    memcpy(word, text, length);
    word[length] = '\0';
    return true;
}

static void set_message(struct paste *paste, uint8_t family, uint8_t type, int code)
{
    *(family == 6 ? &paste->v6 : &paste->v4) = (struct paste_message){true, type, (int16_t)code};
    paste->kind = PASTE_ICMP;
}

static bool set_error(struct paste *paste, const struct sonde_errno_entry *entry)
{
    if (!entry)
        return false;
    paste->kind = PASTE_ERRNO;
    paste->error = entry->number;
    return true;
}

static bool set_symptom(struct paste *paste, const char *name)
{
    paste->symptom = symptom_find_name(name);
    if (!paste->symptom)
        return false;
    paste->kind = PASTE_SYMPTOM;
    return true;
}

static bool read_name(struct paste *paste, const char *name)
{
    for (uint8_t family = 4; family <= 6; family += 2) {
        const struct sonde_icmp_entry *row = sonde_icmp_find_name(family, name);

        if (row)
            set_message(paste, family, row->type, row->code);
    }
    return paste->kind == PASTE_ICMP || set_error(paste, sonde_errno_find_name(name)) ||
           set_symptom(paste, name);
}

/* "113" and "errno 13" are an errno, "3" and "6 101" are types. */
static bool read_number(struct paste *paste, const char *digits, enum number_kind kind)
{
    int first_errno = kind == NUMBER_ERRNO ? 1 : FIRST_ERRNO_ONLY;
    int number;

    if (strlen(digits) > 3 || digits[strspn(digits, "0123456789")] != '\0')
        return false;
    number = (int)strtol(digits, NULL, 10);
    if (kind != NUMBER_TYPE && number >= first_errno && set_error(paste, sonde_errno_find(number)))
        return true;
    if (kind == NUMBER_ERRNO || number > UINT8_MAX)
        return false;
    set_message(paste, 4, (uint8_t)number, ICMP_ANY_CODE);
    set_message(paste, 6, (uint8_t)number, ICMP_ANY_CODE);
    return true;
}

/* What is one name or one number as a whole. */
static bool read_typed(struct reader *reader, const char *rest, enum number_kind kind)
{
    char word[LONGEST_WORD];

    return copy_word(rest, word) &&
           (read_number(reader->paste, word, kind) || read_name(reader->paste, word));
}

static void read_message(struct reader *reader, uint8_t family, int32_t message)
{
    const struct pattern_captures *captures = &reader->captures;
    int64_t type = (message >> 8) & 0xff, code = message & 0xff;

    if (message == 0)
        return;
    if (message == MESSAGE_FROM_CAPTURE)
        type = captures->type;
    if (captures->code >= 0)
        code = captures->code;
    else if (message != (int32_t)MESSAGE(type, code))
        code = ICMP_ANY_CODE;
    if (type >= 0)
        set_message(reader->paste, family, (uint8_t)type, (int)code);
}

static bool apply_meaning(struct reader *reader, const struct paste_meaning *row)
{
    struct paste *paste = reader->paste;

    read_message(reader, 4, row->v4);
    read_message(reader, 6, row->v6);
    if (row->error)
        set_error(paste, sonde_errno_find(row->error > 0 ? row->error : (int)reader->captures.number));
    if (row->symptom)
        set_symptom(paste, row->symptom);
    if (paste->kind == PASTE_NOTHING)
        return false;
    paste->tool = row->tool;
    paste->correction = row->correction;
    return true;
}

static bool read_meaning(struct reader *reader, const char *text)
{
    pattern_text_init(&reader->text, text);
    for (size_t i = 0; i < paste_meaning_count; i++) {
        reader->captures = pattern_captures_none();
        if (pattern_find(paste_meanings[i].pattern, &reader->text, &reader->captures) &&
            apply_meaning(reader, &paste_meanings[i]))
            return true;
    }
    return false;
}

/* Whether a fixed phrase stands in the text as words of its own. */
static bool mentions(const struct reader *reader, const char *phrase)
{
    struct pattern_captures unused = pattern_captures_none();
    char pattern[LONGEST_WORD + 2];
    int length = snprintf(pattern, sizeof(pattern), "~%s~", phrase);

    if (length < 0 || (size_t)length >= sizeof(pattern))
        return false;
    for (char *letter = pattern; *letter; letter++)
        *letter = (char)tolower((unsigned char)*letter);
    return pattern_find(pattern, &reader->text, &unused);
}

/* An errno's name or text anywhere in the line: "connect: No route to host". */
static bool read_mentioned_errno(struct reader *reader)
{
    size_t count;
    const struct sonde_errno_entry *rows = sonde_errno_table(&count);

    for (size_t i = 0; i < count; i++)
        if (mentions(reader, rows[i].name) || mentions(reader, rows[i].text))
            return set_error(reader->paste, &rows[i]);
    return false;
}

/* The longest ICMP name in the line: "icmpv6 type echo-request accept". */
static bool read_mentioned_name(struct reader *reader)
{
    const struct sonde_icmp_entry *row;
    const char *longest = NULL;

    for (uint8_t family = 4; family <= 6; family += 2)
        for (size_t i = 0; (row = sonde_icmp_row(family, i)) != NULL; i++)
            if (strchr(row->name, '-') && (!longest || strlen(row->name) > strlen(longest)) &&
                mentions(reader, row->name))
                longest = row->name;
    return longest && read_name(reader->paste, longest);
}

/* The port of a host that is not the one taken says nothing about the target. */
static bool tells_port(const struct paste *paste, const struct paste_place *row,
                       const struct pattern_captures *found)
{
    return paste->port < 0 && (found->port > 0 || row->port > 0) &&
           (found->host.length == 0 || found->host.data == paste->host.data);
}

static void apply_place(struct reader *reader, const struct paste_place *row,
                        const struct pattern_captures *found)
{
    struct paste *paste = reader->paste;

    if (paste->sender.family == 0)
        paste->sender = found->sender;
    if (paste->host.length == 0 && found->host.length > 0)
        paste->host = found->host;
    if (tells_port(paste, row, found)) {
        paste->port = (int32_t)(found->port > 0 ? found->port : row->port);
        paste->protocol = row->protocol;
    }
    if (paste->mtu < 0)
        paste->mtu = (int32_t)found->mtu;
    if (reader->hint == 0)
        reader->hint = row->family;
}

/* Addresses and ports, wherever the line has them. */
static void read_places(struct reader *reader)
{
    for (size_t i = 0; i < paste_place_count; i++) {
        struct pattern_captures found = pattern_captures_none();

        if (pattern_find(paste_places[i].pattern, &reader->text, &found))
            apply_place(reader, &paste_places[i], &found);
    }
}

static uint8_t host_family(struct slice host)
{
    struct sonde_address address;
    char text[SONDE_ADDRESS_TEXT];

    if (host.length == 0 || host.length >= sizeof(text))
        return 0;
    memcpy(text, host.data, host.length);
    text[host.length] = '\0';
    return sonde_address_parse(text, &address) == 0 ? address.family : 0;
}

/* Settle the family: addresses know it best, then words; a message of one family only is of that family. */
static void settle_family(struct reader *reader)
{
    struct paste *paste = reader->paste;
    uint8_t family = paste->sender.family;

    if (family == 0)
        family = host_family(paste->host);
    if (family == 0)
        family = reader->hint;
    if (paste->v4.known && paste->v6.known && family != 0)
        *(family == 4 ? &paste->v6 : &paste->v4) = (struct paste_message){0};
    if (paste->v4.known != paste->v6.known)
        family = paste->v4.known ? 4 : 6;
    paste->family = family;
}

struct paste paste_parse(const char *text, uint8_t family)
{
    struct paste paste = {.port = -1, .mtu = -1};
    struct reader reader = {.captures = pattern_captures_none(), .hint = family, .paste = &paste};
    enum number_kind kind = family ? NUMBER_TYPE : NUMBER_UNSAID;
    const char *rest = skip_leading_words(text, &reader.hint, &kind);

    if (read_typed(&reader, rest, kind) || read_meaning(&reader, text) || read_meaning(&reader, rest) ||
        read_mentioned_errno(&reader) || read_mentioned_name(&reader)) {
        pattern_text_init(&reader.text, text);
        read_places(&reader);
        settle_family(&reader);
    }
    return paste;
}
