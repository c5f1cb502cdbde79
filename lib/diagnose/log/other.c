/* SPDX-License-Identifier: MIT */
/* Lines of firewalls other than the kernel's: Cisco, pf, Windows. */
#include <netinet/in.h>
#include <string.h>

#include "base/macro.h"
#include "catalog/pattern.h"
#include "diagnose/log/line.h"

/** A kind of line. {number} is the source port and {port} the destination's, as patterns have it. */
static const struct row {
    const char *mark;    /* must be in the line as it is written here; spares the search for most lines */
    const char *pattern; /* of catalog/pattern.h */
    const char *format;
    uint8_t protocol;
    enum log_action action;
} rows[] = {
    {"-106023:", "deny tcp src *:{sender}/{number} dst *:{host}/{port} by", "Cisco ASA", IPPROTO_TCP,
     LOG_DROPPED},
    {"-106023:", "deny udp src *:{sender}/{number} dst *:{host}/{port} by", "Cisco ASA", IPPROTO_UDP,
     LOG_DROPPED},
    {"-106023:", "deny icmp src *:{sender} dst *:{host} (", "Cisco ASA", IPPROTO_ICMP, LOG_DROPPED},
    {"-106100:", "denied tcp */{sender}({number}) -> */{host}({port})", "Cisco ASA", IPPROTO_TCP,
     LOG_DROPPED},
    {"-106100:", "denied udp */{sender}({number}) -> */{host}({port})", "Cisco ASA", IPPROTO_UDP,
     LOG_DROPPED},
    {"-106001:", "inbound tcp connection denied from {sender}/{number} to {host}/{port} ", "Cisco ASA",
     IPPROTO_TCP, LOG_DROPPED},
    {"-106006:", "deny inbound udp from {sender}/{number} to {host}/{port}~", "Cisco ASA", IPPROTO_UDP,
     LOG_DROPPED},
    {"-710003:", "tcp access denied by acl from {sender}/{number} to *:{host}/{port}~", "Cisco ASA",
     IPPROTO_TCP, LOG_DROPPED},
    {"-710003:", "udp access denied by acl from {sender}/{number} to *:{host}/{port}~", "Cisco ASA",
     IPPROTO_UDP, LOG_DROPPED},
    {"ACCESSLOG", "denied tcp {sender}({number}) -> {host}({port})", "Cisco IOS", IPPROTO_TCP, LOG_DROPPED},
    {"ACCESSLOG", "denied udp {sender}({number}) -> {host}({port})", "Cisco IOS", IPPROTO_UDP, LOG_DROPPED},
    {"ACCESSLOG", "permitted tcp {sender}({number}) -> {host}({port})", "Cisco IOS", IPPROTO_TCP, LOG_PASSED},
    {"ACCESSLOG", "permitted udp {sender}({number}) -> {host}({port})", "Cisco IOS", IPPROTO_UDP, LOG_PASSED},
    {" DROP TCP ", "drop tcp {sender} {host} {number} {port} ", "Windows", IPPROTO_TCP, LOG_DROPPED},
    {" DROP UDP ", "drop udp {sender} {host} {number} {port} ", "Windows", IPPROTO_UDP, LOG_DROPPED},
    {" ALLOW TCP ", "allow tcp {sender} {host} {number} {port} ", "Windows", IPPROTO_TCP, LOG_PASSED},
    {" ALLOW UDP ", "allow udp {sender} {host} {number} {port} ", "Windows", IPPROTO_UDP, LOG_PASSED},
};

/* Where words stand in a line as they are; NULL when they do not. */
static const uint8_t *locate(struct slice text, const char *words)
{
    return text.length > 0 ? memmem(text.data, text.length, words, strlen(words)) : NULL;
}

/* What follows words up to one of some marks. */
static struct slice behind(struct slice text, const char *words, const char *ends)
{
    const uint8_t *found = locate(text, words);
    size_t length = 0;
    struct slice rest;

    if (found == NULL)
        return slice_first(text, 0);
    rest = slice_skip(text, (size_t)(found - text.data) + strlen(words));
    while (length < rest.length && strchr(ends, rest.data[length]) == NULL)
        length++;
    return slice_first(rest, length);
}

/* The time is all that stands before the message. */
static struct slice front(struct slice text, const char *mark)
{
    const uint8_t *found = locate(text, mark);
    size_t length = found != NULL ? (size_t)(found - text.data) : 0;

    while (length > 0 && strchr(" :", text.data[length - 1]) != NULL)
        length--;
    return slice_first(text, length);
}

static bool parse_row(const struct row *row, const struct pattern_text *pattern, struct slice text,
                      struct log_line *line)
{
    struct pattern_captures captures = pattern_captures_none();

    if (!pattern_find(row->pattern, pattern, &captures) ||
        !log_address(captures.host, &line->packet.destination))
        return false;
    line->format = row->format;
    line->action = row->action;
    line->packet.source = captures.sender;
    line->packet.protocol = row->protocol;
    line->packet.source_port =
        captures.number >= 0 && captures.number <= UINT16_MAX ? (int32_t)captures.number : -1;
    line->packet.destination_port = (int32_t)captures.port;
    line->time = strcmp(row->format, "Windows") == 0 ? front(text, row->mark) : front(text, "%");
    line->rule = behind(text, "access-group \"", "\"");
    if (line->rule.length == 0)
        line->rule = behind(text, "access-list ", " ");
    if (line->rule.length == 0)
        line->rule = behind(text, " list ", " ");
    line->in = behind(text, " on interface ", " ");
    return true;
}

static bool parse_rows(struct slice text, struct log_line *line)
{
    struct pattern_text pattern;
    char copy[PATTERN_LONGEST + 1];
    struct slice part = slice_first(text, PATTERN_LONGEST);
    bool prepared = false;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (locate(part, rows[i].mark) == NULL)
            continue;
        if (!prepared) {
            memcpy(copy, part.data, part.length);
            copy[part.length] = '\0';
            pattern_text_init(&pattern, copy);
            prepared = true;
        }
        if (parse_row(&rows[i], &pattern, part, line)) {
            return true;
        }
    }
    return false;
}

/* "10.0.0.1.5555" or "2001:db8::1.5555" as tcpdump writes it; the port may be missing. */
static bool read_endpoint(struct slice word, struct sonde_address *address, int32_t *port)
{
    size_t point = word.length;

    if (log_address(word, address))
        return true;
    while (point > 0 && word.data[point - 1] != '.')
        point--;
    if (point == 0 || !log_address(slice_first(word, point - 1), address))
        return false;
    *port = log_number(slice_skip(word, point));
    return true;
}

/* "rule 5/0(match): block in on em0: 10.0.0.1.5555 > 10.0.0.2.8443: Flags [S]" (tcpdump -e -i pflog0) */
static bool parse_pf(struct slice text, struct log_line *line)
{
    const uint8_t *arrow = locate(text, " > ");
    struct slice verdict = behind(text, "): ", ":"), before, after;
    size_t start, end = 0;

    if (arrow == NULL || verdict.length == 0 || locate(text, "rule ") == NULL)
        return false;
    before = slice_first(text, (size_t)(arrow - text.data));
    start = before.length;
    while (start > 0 && before.data[start - 1] != ' ')
        start--;
    after = slice_skip(text, before.length + strlen(" > "));
    while (end + 1 < after.length && !(after.data[end] == ':' && after.data[end + 1] == ' '))
        end++;
    if (!read_endpoint(slice_skip(before, start), &line->packet.source, &line->packet.source_port) ||
        !read_endpoint(slice_first(after, end), &line->packet.destination, &line->packet.destination_port))
        return false;
    line->format = "pf";
    line->action = log_action_of(verdict);
    line->packet.protocol = locate(after, "Flags [") != NULL ? IPPROTO_TCP : 0;
    if (line->packet.protocol == 0 && line->packet.destination_port >= 0)
        line->packet.protocol = IPPROTO_UDP;
    line->rule = behind(text, "rule ", " (:");
    line->time = front(text, "rule ");
    *(locate(verdict, "out on ") != NULL ? &line->out : &line->in) = behind(verdict, " on ", " ");
    return true;
}

enum { CELLS_MAX = 24 };

/* The cells of filterlog (pfSense, OPNsense) that matter, for IPv4 and IPv6. */
static const struct {
    size_t protocol, source, destination, source_port, destination_port;
} columns[] = {{16, 18, 19, 20, 21}, {12, 15, 16, 17, 18}};

/* "filterlog[17]: 5,,,0,em0,match,block,in,4,0x0,,64,0,0,DF,6,tcp,60,10.0.0.1,10.0.0.2,5555,8443,0,S" */
static bool parse_filterlog(struct slice text, struct log_line *line)
{
    const uint8_t *found = locate(text, "filterlog");
    struct slice rest, cells[CELLS_MAX] = {{0}};
    size_t count = 0, family;

    if (found == NULL)
        return false;
    rest = slice_skip(text, (size_t)(found - text.data));
    while (rest.length > 0 && rest.data[0] != ' ')
        rest = slice_skip(rest, 1);
    rest = slice_skip(rest, 1);
    for (; count < CELLS_MAX; count++) {
        size_t length = 0;

        while (length < rest.length && rest.data[length] != ',')
            length++;
        cells[count] = slice_first(rest, length);
        rest = slice_skip(rest, length + 1);
    }
    family = log_is(cells[8], "6");
    if (!log_address(cells[columns[family].destination], &line->packet.destination) ||
        !log_address(cells[columns[family].source], &line->packet.source))
        return false;
    line->format = "filterlog";
    line->action = log_action_of(cells[6]);
    line->packet.protocol = log_protocol(cells[columns[family].protocol]);
    line->packet.source_port = log_number(cells[columns[family].source_port]);
    line->packet.destination_port = log_number(cells[columns[family].destination_port]);
    line->rule = cells[0];
    line->time = front(text, "filterlog");
    *(log_is(cells[7], "out") ? &line->out : &line->in) = cells[4];
    return true;
}

bool log_line_parse_other(struct slice text, struct log_line *line)
{
    static bool (*const parsers[])(struct slice text, struct log_line * line) = {
        parse_filterlog,
        parse_pf,
        parse_rows,
    };
    const struct log_line empty = *line;

    for (size_t i = 0; i < COUNT_OF(parsers); i++) {
        *line = empty;
        if (parsers[i](text, line))
            return true;
    }
    return false;
}
