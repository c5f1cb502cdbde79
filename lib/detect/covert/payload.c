/* SPDX-License-Identifier: MIT */
/* What the data of an echo message looks like: what pings send, or something else. */
#include "detect/covert/payload.h"

#include <math.h>
#include <netinet/in.h>
#include <string.h>

#include "base/macro.h"
#include "wire/checksum.h"
#include "wire/octets.h"

enum {
    HEAD_LONG = 24,  /* octets of a time stamp, an id or a counter before the filling */
    HEAD_SHORT = 16, /* of payloads too short for more: a time */
    LONG = 40,       /* a payload with a long head */
    TINY = 4,        /* nothing is carried in less */
    PERIOD_MAX = 16, /* octets of the pattern that ping -p repeats */
    WINDOWS_LETTERS = 23,
    SEARCHED = 512, /* octets in which names of protocols are looked for */
    INNER_AT = 32,  /* most octets of a tunnel's header before the inner packet */
    IPV4_LENGTH = 20,
    IPV6_LENGTH = 40,
    HISTOGRAM_FULL = 60000,
};

/* The same difference from octet to octet: a filling with one octet, or counting. */
static bool is_counting(const uint8_t *octets, size_t length)
{
    uint8_t step = (uint8_t)(octets[1] - octets[0]), odd = 0;

    if (step != 0 && step != 1 && step != UINT8_MAX)
        return false;
    for (size_t i = 1; i < length; i++)
        odd |= (uint8_t)(octets[i] - octets[i - 1] - step);
    return odd == 0;
}

/* The length of the pattern that is repeated, or 0. */
static size_t period_of(const uint8_t *octets, size_t length)
{
    static const uint8_t periods[] = {1, 2, 4, 8, 16, 3, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, WINDOWS_LETTERS};

    for (size_t i = 0; i < COUNT_OF(periods); i++) {
        size_t period = periods[i];

        if (length >= 2 * period && octets[0] == octets[period] &&
            !memcmp(octets, octets + period, length - period))
            return period;
    }
    return 0;
}

static bool is_text(struct slice octets)
{
    size_t printable = 0;

    for (size_t i = 0; i < octets.length; i++) {
        uint8_t octet = octets.data[i];

        printable += (octet >= 0x20 && octet < 0x7f) || octet == '\n' || octet == '\r' || octet == '\t';
    }
    return octets.length >= TINY && printable * 10 >= octets.length * 9;
}

bool payload_is_text(struct slice payload)
{
    return is_text(payload) || (payload.length >= LONG && is_text(slice_skip(payload, HEAD_LONG)));
}

/* "abcdefghijklmnopqrstuvwabcdefghi" and longer; the first ones only of short ones. */
static bool is_windows(const uint8_t *octets, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (octets[i] != 'a' + i % WINDOWS_LETTERS)
            return false;
    return true;
}

/* What stands behind the head is a filling. A repeated text may be a message in pieces, so it is none. */
static bool is_filling(const uint8_t *octets, size_t length)
{
    size_t period;

    if (length < 2 || is_counting(octets, length))
        return true;
    period = period_of(octets, length);
    return period && (period < TINY || !is_text(slice_of(octets, period)));
}

bool payload_is_ordinary(struct slice payload)
{
    const uint8_t *octets = payload.data;
    size_t length = payload.length, head = length >= LONG ? HEAD_LONG : length > HEAD_LONG ? HEAD_SHORT : 0;

    if (length < TINY || payload_is_linux(octets, length) || is_filling(octets + head, length - head) ||
        is_windows(octets, length))
        return true;
    return length <= HEAD_LONG && !is_text(payload);
}

/* Text by which a protocol or a shell is known. */
struct mark {
    const char *text, *carries;
    bool begins; /* it stands at the beginning of what is carried, which may follow a tunnel's header */
};

static const struct mark marks[] = {
    {"SSH-2.0-", "SSH", false},
    {"SSH-1.", "SSH", false},
    {"HTTP/1.", "HTTP", false},
    {"PRI * HTTP/2", "HTTP", false},
    {"User-Agent:", "HTTP", false},
    {"root:x:0:0", "a file of passwords", false},
    {"PRIVATE KEY-----", "a private key", false},
    {"uid=", "output of a shell", true},
    {"/bin/sh", "commands of a shell", false},
    {"/bin/bash", "commands of a shell", false},
    {"cmd.exe", "commands of a shell", false},
    {"Microsoft Windows [", "output of a shell", true},
    {"EHLO ", "SMTP", true},
    {"220 ", "SMTP or FTP", true},
};

static bool has_mark(struct slice payload, const struct mark *mark)
{
    size_t length = strlen(mark->text);

    if (mark->begins)
        return payload.length >= length && !memcmp(payload.data, mark->text, length);
    return memmem(payload.data, payload.length, mark->text, length) != NULL;
}

/* A TLS record (RFC 8446 5.1): type, version 3.0 to 3.4, a length that is possible; then its content. */
static bool is_tls(const uint8_t *octets, size_t length)
{
    return length >= 6 && octets[0] >= 0x14 && octets[0] <= 0x17 && octets[1] == 3 && octets[2] <= 4 &&
           octets_get16(octets + 3) >= 2 && octets_get16(octets + 3) <= 0x4100 &&
           (octets[0] != 0x16 || octets[5] <= 24);
}

/* An IPv4 header with a right checksum, and a length that fits. */
static bool is_ipv4(struct slice at, size_t left)
{
    size_t header, length;

    if (at.length < IPV4_LENGTH || at.data[0] >> 4 != 4)
        return false;
    header = (size_t)(at.data[0] & 15) * 4;
    length = octets_get16(at.data + 2);
    return header >= IPV4_LENGTH && header <= at.length && length >= header && length <= left &&
           octets_get16(at.data + 10) != 0 && checksum(slice_of(at.data, header)) == 0;
}

/* An IPv6 header whose length is just right, with a next header that is common. */
static bool is_ipv6(struct slice at, size_t left)
{
    if (at.length < IPV6_LENGTH || at.data[0] >> 4 != 6 || at.data[7] == 0)
        return false;
    switch (at.data[6]) {
    case IPPROTO_TCP:
    case IPPROTO_UDP:
    case IPPROTO_ICMPV6:
    case IPPROTO_HOPOPTS:
    case IPPROTO_FRAGMENT:
        return (size_t)octets_get16(at.data + 4) + IPV6_LENGTH == left;
    default:
        return false;
    }
}

static const char *carries_packet(struct slice payload, size_t length)
{
    for (size_t at = 0; at <= INNER_AT && at + IPV4_LENGTH <= payload.length; at++) {
        struct slice inner = slice_of(payload.data + at, payload.length - at);

        if (is_ipv4(inner, length - at))
            return "IPv4 packets";
        if (is_ipv6(inner, length - at))
            return "IPv6 packets";
    }
    return NULL;
}

const char *payload_carries(struct slice payload, size_t length)
{
    const char *packet = carries_packet(payload, length);
    struct slice searched = slice_of(payload.data, payload.length < SEARCHED ? payload.length : SEARCHED);

    if (packet)
        return packet;
    for (size_t i = 0; i < COUNT_OF(marks); i++)
        if (has_mark(searched, &marks[i]))
            return marks[i].carries;
    return is_tls(payload.data, payload.length) ? "TLS" : NULL;
}

const char *payload_tool(struct slice payload)
{
    static const struct {
        uint32_t magic;
        const char *name;
    } tools[] = {
        {0xd5200880, "ptunnel"}, {0xdeadc0de, "ptunnel-ng"}, {0x68616e63, "hans"}, /* "hanc", the client */
        {0x68616e73, "hans"},    {0x54554e4c, "icmptunnel"},                       /* "TUNL" */
    };

    for (size_t i = 0; payload.length >= 4 && i < COUNT_OF(tools); i++)
        if (octets_get32(payload.data) == tools[i].magic)
            return tools[i].name;
    return NULL;
}

size_t payload_difference(struct slice a, struct slice b)
{
    size_t common = a.length < b.length ? a.length : b.length, different = a.length + b.length - 2 * common;

    for (size_t i = 0; i < common; i++)
        different += a.data[i] != b.data[i];
    return different;
}

void payload_count(struct payload_histogram *histogram, struct slice payload)
{
    if (histogram->total + payload.length > HISTOGRAM_FULL)
        return;
    for (size_t i = 0; i < payload.length; i++)
        histogram->octets[payload.data[i]]++;
    histogram->total += (uint32_t)payload.length;
}

double payload_entropy(const struct payload_histogram *histogram)
{
    double sum = 0;

    if (histogram->total == 0)
        return 0;
    for (size_t i = 0; i < COUNT_OF(histogram->octets); i++)
        if (histogram->octets[i])
            sum += histogram->octets[i] * log2(histogram->octets[i]);
    return log2(histogram->total) - sum / histogram->total;
}
