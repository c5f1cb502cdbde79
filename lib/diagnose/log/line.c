/* SPDX-License-Identifier: MIT */
/* Lines of the kernel's firewall log, and of others that are made of keys and values. */
#include "diagnose/log/line.h"

#include <ctype.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

#include "base/macro.h"

bool log_is(struct slice slice, const char *word)
{
    return slice.length == strlen(word) && strncasecmp((const char *)slice.data, word, slice.length) == 0;
}

/* Where a word begins in a slice, in any case; the length of the slice when it is not there. */
static size_t find(struct slice slice, const char *word)
{
    size_t length = strlen(word);

    for (size_t at = 0; at + length <= slice.length; at++)
        if (strncasecmp((const char *)slice.data + at, word, length) == 0)
            return at;
    return slice.length;
}

/* Where words begin in a slice, as they are written; the length of the slice when they are not there. */
static size_t locate(struct slice slice, const char *words)
{
    const uint8_t *found = slice.length > 0 ? memmem(slice.data, slice.length, words, strlen(words)) : NULL;

    return found != NULL ? (size_t)(found - slice.data) : slice.length;
}

enum log_action log_action_of(struct slice words)
{
    static const struct {
        const char *word;
        enum log_action action;
    } actions[] = {
        {"reject", LOG_REJECTED}, {"refus", LOG_REJECTED}, {"drop", LOG_DROPPED},    {"block", LOG_DROPPED},
        {"deny", LOG_DROPPED},    {"denied", LOG_DROPPED}, {"discard", LOG_DROPPED}, {"accept", LOG_PASSED},
        {"allow", LOG_PASSED},    {"permit", LOG_PASSED},  {"pass", LOG_PASSED},
    };

    for (size_t i = 0; i < COUNT_OF(actions); i++)
        if (find(words, actions[i].word) < words.length)
            return actions[i].action;
    return LOG_SEEN;
}

uint8_t log_protocol(struct slice word)
{
    static const struct {
        const char *name;
        uint8_t protocol;
    } protocols[] = {
        {"tcp", IPPROTO_TCP},       {"udp", IPPROTO_UDP},      {"icmp", IPPROTO_ICMP},
        {"icmpv6", IPPROTO_ICMPV6}, {"icmp6", IPPROTO_ICMPV6}, {"ipv6-icmp", IPPROTO_ICMPV6},
    };
    int32_t number = log_number(word);

    for (size_t i = 0; i < COUNT_OF(protocols); i++)
        if (log_is(word, protocols[i].name))
            return protocols[i].protocol;
    return number > 0 && number <= UINT8_MAX ? (uint8_t)number : 0;
}

int32_t log_number(struct slice word)
{
    int32_t sum = 0;

    if (word.length == 0 || word.length > 5)
        return -1;
    for (size_t i = 0; i < word.length; i++) {
        if (!isdigit(word.data[i]))
            return -1;
        sum = sum * 10 + (word.data[i] - '0');
    }
    return sum <= UINT16_MAX ? sum : -1;
}

bool log_address(struct slice word, struct sonde_address *address)
{
    char text[SONDE_ADDRESS_TEXT];
    size_t length = 0;

    while (length < word.length && word.data[length] != '%')
        length++;
    if (length == 0 || length >= sizeof(text))
        return false;
    memcpy(text, word.data, length);
    text[length] = '\0';
    return sonde_address_parse(text, address) == 0;
}

static struct slice trim(struct slice slice, const char *unwanted)
{
    while (slice.length > 0 && strchr(unwanted, slice.data[0]) != NULL && slice.data[0] != '\0')
        slice = slice_skip(slice, 1);
    while (slice.length > 0 && slice.data[slice.length - 1] != '\0' &&
           strchr(unwanted, slice.data[slice.length - 1]) != NULL)
        slice.length--;
    return slice;
}

/* The next word, without blanks around it; the rest goes to `rest`. A value in quotation marks is one word.
 */
static struct slice next_word(struct slice *rest)
{
    struct slice word = *rest;
    size_t length = 0;
    bool quoted = false;

    while (word.length > 0 && word.data[0] == ' ')
        word = slice_skip(word, 1);
    for (; length < word.length && (quoted || word.data[length] != ' '); length++)
        quoted ^= word.data[length] == '"';
    *rest = slice_skip(word, length);
    return slice_first(word, length);
}

static void set_action(struct log_line *line, struct log_packet *packet, struct slice value)
{
    line->action = log_action_of(value);
}

static void set_in(struct log_line *line, struct log_packet *packet, struct slice value)
{
    line->in = value;
}

static void set_out(struct log_line *line, struct log_packet *packet, struct slice value)
{
    line->out = value;
}

static void set_time(struct log_line *line, struct log_packet *packet, struct slice value)
{
    line->time = value;
}

static void set_rule(struct log_line *line, struct log_packet *packet, struct slice value)
{
    line->rule = value;
}

static void set_source(struct log_line *line, struct log_packet *packet, struct slice value)
{
    (void)log_address(value, &packet->source);
}

static void set_destination(struct log_line *line, struct log_packet *packet, struct slice value)
{
    (void)log_address(value, &packet->destination);
}

static void set_protocol(struct log_line *line, struct log_packet *packet, struct slice value)
{
    packet->protocol = log_protocol(value);
}

static void set_source_port(struct log_line *line, struct log_packet *packet, struct slice value)
{
    packet->source_port = log_number(value);
}

static void set_destination_port(struct log_line *line, struct log_packet *packet, struct slice value)
{
    packet->destination_port = log_number(value);
}

/** Keys of nf_log_ipv4 of the kernel, and of FortiGate. */
static const struct {
    const char *key;
    void (*set)(struct log_line *line, struct log_packet *packet, struct slice value);
} keys[] = {
    {"IN", set_in},
    {"OUT", set_out},
    {"SRC", set_source},
    {"DST", set_destination},
    {"PROTO", set_protocol},
    {"SPT", set_source_port},
    {"DPT", set_destination_port},
    {"srcintf", set_in},
    {"dstintf", set_out},
    {"srcip", set_source},
    {"dstip", set_destination},
    {"srcport", set_source_port},
    {"dstport", set_destination_port},
    {"action", set_action},
    {"policyid", set_rule},
    {"proto", set_protocol},
    {"time", set_time},
};

static void read_pair(struct log_line *line, struct log_packet *packet, struct slice word)
{
    size_t length = 0;
    struct slice key, value;

    while (length < word.length && word.data[length] != '=')
        length++;
    if (length == word.length)
        return;
    key = slice_first(word, length);
    value = trim(slice_skip(word, length + 1), "\"]");
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (key.length == strlen(keys[i].key) && memcmp(key.data, keys[i].key, key.length) == 0)
            keys[i].set(line, packet, value);
}

/* Keys and values; what stands in brackets is the packet that an ICMP error quotes. */
static void read_pairs(struct log_line *line, struct slice rest)
{
    struct log_packet *packet = &line->packet;

    while (rest.length > 0) {
        struct slice word = next_word(&rest);

        if (word.length > 0 && word.data[0] == '[' && line->packet.destination.family != 0) {
            packet = &line->quoted;
            word = slice_skip(word, 1);
        }
        read_pair(line, packet, word);
        if (word.length > 0 && word.data[word.length - 1] == ']')
            packet = &line->packet;
    }
}

static bool is_clock(struct slice word)
{
    return word.length >= 8 && isdigit(word.data[0]) && isdigit(word.data[1]) && word.data[2] == ':' &&
           isdigit(word.data[3]) && isdigit(word.data[4]) && word.data[5] == ':' && isdigit(word.data[6]);
}

/* "2026-11-21T03:13:54.123+00:00" */
static bool is_date_and_clock(struct slice word)
{
    return word.length >= 19 && word.data[4] == '-' && word.data[7] == '-' && word.data[10] == 'T' &&
           is_clock(slice_skip(word, 11));
}

/* "[12345.678901]", perhaps with blanks after the bracket: the kernel's time since its start. */
static struct slice kernel_time(struct slice text)
{
    size_t length = 1;

    if (text.length == 0 || text.data[0] != '[')
        return slice_first(text, 0);
    while (length < text.length &&
           (text.data[length] == ' ' || text.data[length] == '.' || isdigit(text.data[length])))
        length++;
    if (length == text.length || text.data[length] != ']' || length < 4)
        return slice_first(text, 0);
    return slice_first(text, length + 1);
}

/* "Nov 21 03:13:54", "2026-11-21 03:13:54" or "2026-11-21T03:13:54Z" at the beginning; the rest goes to
 * `rest`. */
static struct slice leading_time(struct slice text, struct slice *rest)
{
    struct slice left = text;

    for (int words = 0; words < 4; words++) {
        struct slice word = next_word(&left);

        if (word.length == 0)
            break;
        if (!is_clock(word) && !(words == 0 && is_date_and_clock(word)))
            continue;
        *rest = left;
        return slice_first(text, (size_t)(word.data + word.length - text.data));
    }
    *rest = text;
    return slice_first(text, 0);
}

/* What syslog puts between the time and the message: the host's name and the program's, if they are there. */
static struct slice skip_header(struct slice text)
{
    static const char kernel[] = "kernel:";
    size_t at = locate(text, kernel);
    struct slice rest = text, host = next_word(&rest), program = next_word(&rest);

    if (at < text.length)
        return slice_skip(text, at + strlen(kernel));
    if (host.length > 0 && program.length > 1 && program.data[program.length - 1] == ':')
        return rest;
    return text;
}

/* "PREFIX IN=eth0 OUT= ..." behind what syslog puts in front; the last IN= counts, since a prefix may end so.
 */
static bool parse_netfilter(struct slice text, struct log_line *line)
{
    struct slice front = slice_first(text, locate(text, " OUT="));
    size_t at = front.length, next;
    struct slice stamp;

    if (front.length == text.length)
        return false;
    for (next = locate(front, "IN="); next < front.length;
         next += 1 + locate(slice_skip(front, next + 1), "IN="))
        at = next;
    if (at == front.length)
        return false;
    line->time = leading_time(slice_first(text, at), &front);
    if (line->time.length > 0)
        front = skip_header(front);
    front = trim(front, " ");
    stamp = kernel_time(front);
    if (line->time.length == 0)
        line->time = stamp;
    line->rule = trim(slice_skip(front, stamp.length), " :");
    line->format = "netfilter";
    line->action = log_action_of(line->rule);
    read_pairs(line, slice_skip(text, at));
    return line->packet.destination.family != 0;
}

static bool parse_fortigate(struct slice text, struct log_line *line)
{
    if (locate(text, "dstip=") == text.length || locate(text, "srcip=") == text.length)
        return false;
    line->format = "FortiGate";
    read_pairs(line, text);
    return line->packet.destination.family != 0;
}

static struct log_line empty_line(void)
{
    return (struct log_line){.packet = {.source_port = -1, .destination_port = -1},
                             .quoted = {.source_port = -1, .destination_port = -1}};
}

bool log_line_parse(struct slice text, struct log_line *line)
{
    static bool (*const parsers[])(struct slice text, struct log_line * line) = {
        parse_netfilter,
        parse_fortigate,
        log_line_parse_other,
    };

    for (size_t i = 0; i < COUNT_OF(parsers); i++) {
        *line = empty_line();
        if (parsers[i](text, line))
            return true;
    }
    return false;
}
