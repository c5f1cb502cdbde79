/* SPDX-License-Identifier: MIT */
/* Echo over raw sockets, which stand behind the input hook of netfilter. */
#include "net/guard/apply/probe/echo.h"

#include <errno.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "net/sock.h"
#include "wire/icmp.h"
#include "wire/ip.h"

enum { HEADER4 = 20, HEADER6 = 40, ICMP_HEADER = 8, SMALL = 84, PACKET_MAX = 9216 };

/* On a busy machine nothing but replies should wake us. */
static void hear_only_replies(int fd, uint8_t family)
{
    struct icmp_filter filter4 = {~(UINT32_C(1) << ICMP4_ECHO_REPLY)};
    struct icmp6_filter filter6;

    memset(&filter6, 0xff, sizeof(filter6)); /* a bit set is a type refused (RFC 3542 3.2) */
    filter6.data[ICMP6_ECHO_REPLY / 32] &= ~(UINT32_C(1) << ICMP6_ECHO_REPLY % 32);
    if (family == 6)
        (void)setsockopt(fd, IPPROTO_ICMPV6, ICMPV6_FILTER, &filter6, sizeof(filter6));
    else
        (void)setsockopt(fd, SOL_RAW, ICMP_FILTER, &filter4, sizeof(filter4));
}

int echo_open(const struct echo *echo)
{
    uint8_t family = echo->address.family;
    const struct probe shape = {.kind = PROBE_ECHO, .destination = echo->address, .dont_fragment = true};
    int fd = sock_open(family, SOCK_RAW, family == 6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP, NULL), code;

    if (fd < 0)
        return fd;
    code = sock_shape(fd, &shape);
    if (code < 0) {
        close(fd);
        return code;
    }
    hear_only_replies(fd, family);
    return fd;
}

int echo_send(int fd, const struct echo *echo, uint16_t sequence)
{
    static const uint8_t body[PACKET_MAX];
    uint8_t family = echo->address.family, packet[PACKET_MAX];
    size_t size = echo->size ? echo->size : SMALL;
    size_t heads = (family == 6 ? HEADER6 : HEADER4) + ICMP_HEADER;
    struct icmp_message message = {.family = family,
                                   .type = family == 6 ? ICMP6_ECHO_REQUEST : ICMP4_ECHO_REQUEST,
                                   .id = echo->id,
                                   .sequence = sequence,
                                   .body = slice_of(body, size > heads ? size - heads : 0)};
    const struct sock_binding binding = {.index = echo->interface};
    struct sockaddr_storage to;
    socklen_t to_length = sock_address(&echo->address, 0, &binding, &to);
    /* the kernel writes ICMPv6's checksum itself, as it knows the source */
    size_t length = icmp_build(&message, &echo->address, &echo->address, packet, sizeof(packet));

    if (length == 0)
        return -EMSGSIZE;
    (void)sock_pending_error(fd); /* an error that came before would be told instead of sending */
    return sendto(fd, packet, length, 0, (const struct sockaddr *)&to, to_length) < 0 ? -errno : 0;
}

static bool is_ours(struct slice message, const struct echo *echo, uint8_t type)
{
    return message.length >= ICMP_HEADER && message.data[0] == type &&
           (message.data[4] << 8 | message.data[5]) == echo->id;
}

/* An error counts when it quotes our request. */
static enum echo_answer hear_errors(int fd, const struct echo *echo)
{
    uint8_t request = echo->address.family == 6 ? ICMP6_ECHO_REQUEST : ICMP4_ECHO_REQUEST;
    struct sock_error entry;

    while (sock_error_read(fd, &entry) > 0) {
        struct reply reply = {0};

        sock_error_reply(&entry, &reply);
        if (reply.kind == REPLY_ICMP && entry.error == EMSGSIZE &&
            is_ours(slice_of(entry.quote, entry.length), echo, request))
            return ECHO_TOO_BIG;
    }
    return ECHO_NONE;
}

enum echo_answer echo_hear(int fd, const struct echo *echo)
{
    uint8_t family = echo->address.family, type = family == 6 ? ICMP6_ECHO_REPLY : ICMP4_ECHO_REPLY;
    uint8_t packet[PACKET_MAX];
    struct reply reply = {0};
    ssize_t length;

    (void)sock_pending_error(fd);
    while ((length = sock_receive(fd, packet, sizeof(packet), &reply)) >= 0) {
        struct slice message = slice_of(packet, (size_t)length);
        struct ip_header ip;

        if (family == 4 && ip_parse(message, &ip, &message) < 0)
            continue;
        if (is_ours(message, echo, type) && sonde_address_equal(&reply.from, &echo->address))
            return ECHO_REPLY;
    }
    return hear_errors(fd, echo);
}
