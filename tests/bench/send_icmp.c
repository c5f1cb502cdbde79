/* SPDX-License-Identifier: MIT */
/* Sends ICMP messages of many kinds from random sources through an interface, as fast as it can or at a rate.
 *
 * send_icmp [count=N] [seconds=N] [rate=PPS] [sources=N] [seed=N] [family=4|6] [type=N] INTERFACE
 * Only messages of the family and type are sent, when these are given. The limit that is reached first ends
 * it; without any it sends for 3 seconds. Prints the frames that it sent, and the millions of them per
 * second. For veth pairs in a network namespace only: the sources are invented. */
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/macro.h"
#include "wire/icmp.h"
#include "wire/ip.h"
#include "wire/octets.h"

enum {
    BATCH = 64,
    FRAME_MAX = 192,
    SHARES = 64, /* of all kinds together */
    ANY_TYPE = 256,
    CHECKSUM_OF_IP4 = 10,
    CHECKSUM_OF_ICMP6 = 40 + 2,
};

/** One kind of message in the mix. */
struct kind {
    uint8_t family, protocol, type, code;
    uint8_t body; /* octets behind the first 8 */
    bool quotes;  /* the body begins with an IP header and ports */
    uint8_t share;
};

#define ICMP4(type, code, body, quotes, share)                                                               \
    {                                                                                                        \
        4, IPPROTO_ICMP, type, code, body, quotes, share                                                     \
    }
#define ICMP6(type, code, body, quotes, share)                                                               \
    {                                                                                                        \
        6, IPPROTO_ICMPV6, type, code, body, quotes, share                                                   \
    }

/* The shares add up to SHARES. */
static const struct kind kinds[] = {
    ICMP4(8, 0, 56, false, 16),
    ICMP4(0, 0, 56, false, 8),
    ICMP4(3, 0, 28, true, 2),
    ICMP4(3, 1, 28, true, 4),
    ICMP4(3, 3, 28, true, 4),
    ICMP4(3, 4, 28, true, 1),
    ICMP4(3, 13, 28, true, 2),
    ICMP4(5, 1, 28, true, 1),
    ICMP4(11, 0, 28, true, 5),
    ICMP4(13, 0, 12, false, 1),
    ICMP6(128, 0, 56, false, 6),
    ICMP6(129, 0, 56, false, 3),
    ICMP6(1, 0, 48, true, 2),
    ICMP6(2, 0, 48, true, 1),
    ICMP6(3, 0, 48, true, 2),
    ICMP6(135, 0, 16, false, 2),
    ICMP6(136, 0, 16, false, 1),
    {4, IPPROTO_UDP, 0, 0, 24, false, 1},
    {4, IPPROTO_TCP, 0, 0, 12, false, 2},
};

/** A frame to copy from, whose source ends with four zero octets. */
struct pattern {
    uint8_t octets[FRAME_MAX];
    size_t length;
    size_t source, checksum; /* where those four octets stand, and the checksum that covers them */
};

/** What the command line says. */
struct order {
    const char *interface;
    uint64_t count, seconds, rate, sources, seed, family, type;
};

/** What is sent at once. */
struct batch {
    struct mmsghdr messages[BATCH];
    struct iovec vectors[BATCH];
    uint8_t frames[BATCH][FRAME_MAX];
};

static struct pattern patterns[SHARES];

static int64_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * NS_PER_S + time.tv_nsec;
}

/* xorshift64 */
static uint32_t draw(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return (uint32_t)(*seed >> 32);
}

static void fill_ip(struct ip_header *ip, uint8_t family, uint8_t protocol, bool quoted)
{
    static const uint8_t prefix[] = {0x20, 0x01, 0x0d, 0xb8};
    uint8_t *ours = (quoted ? &ip->source : &ip->destination)->bytes;
    uint8_t *theirs = (quoted ? &ip->destination : &ip->source)->bytes;

    *ip = (struct ip_header){.family = family, .protocol = protocol, .ttl = 57};
    ip->source.family = ip->destination.family = family;
    if (family == 4) {
        memcpy(ours, (const uint8_t[]){192, 0, 2, 9}, 4);
        return;
    }
    memcpy(ours, prefix, sizeof(prefix));
    memcpy(theirs, prefix, sizeof(prefix));
    ours[15] = 9;
}

static size_t build_message(const struct kind *kind, const struct ip_header *ip, uint8_t *buffer)
{
    uint8_t body[FRAME_MAX] = {0};
    struct icmp_message message = {.family = kind->family,
                                   .type = kind->type,
                                   .code = kind->code,
                                   .id = 0x1234,
                                   .sequence = 1,
                                   .mtu = 1400,
                                   .body = {body, kind->body}};
    struct ip_header quoted;

    for (size_t i = 0; i < kind->body; i++)
        body[i] = (uint8_t)i;
    fill_ip(&quoted, kind->family, IPPROTO_UDP, true);
    if (kind->quotes)
        ip_build(&quoted, slice_of("\xc0\x00\x82\x9b\x00\x08\x00\x00", 8), body, sizeof(body));
    if (kind->protocol == IPPROTO_ICMP || kind->protocol == IPPROTO_ICMPV6)
        return icmp_build(&message, &ip->source, &ip->destination, buffer, FRAME_MAX);
    memset(buffer, 0, 8);
    memcpy(buffer + 8, body, kind->body);
    octets_put16(buffer + 2, 443);
    octets_put16(buffer + 4, kind->protocol == IPPROTO_UDP ? 8 + kind->body : 0);
    return 8 + (size_t)kind->body;
}

static void build_pattern(const struct kind *kind, struct pattern *pattern)
{
    static const uint8_t link[2 * ETH_ALEN] = {2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 1};
    uint8_t message[FRAME_MAX];
    struct ip_header ip;

    fill_ip(&ip, kind->family, kind->protocol, false);
    memcpy(pattern->octets, link, sizeof(link));
    octets_put16(pattern->octets + sizeof(link), kind->family == 4 ? ETH_P_IP : ETH_P_IPV6);
    pattern->length = ETH_HLEN + ip_build(&ip, slice_of(message, build_message(kind, &ip, message)),
                                          pattern->octets + ETH_HLEN, FRAME_MAX - ETH_HLEN);
    pattern->source = ETH_HLEN + (kind->family == 4 ? 12 : 20);
    pattern->checksum = ETH_HLEN + (kind->family == 4 ? CHECKSUM_OF_IP4 : CHECKSUM_OF_ICMP6);
}

static bool is_wanted(const struct kind *kind, const struct order *order)
{
    if (order->family && order->family != kind->family)
        return false;
    return order->type == ANY_TYPE ||
           (order->type == kind->type && kind->protocol != IPPROTO_TCP && kind->protocol != IPPROTO_UDP);
}

/* Again and again, until all shares are given to what is wanted. */
static int build_patterns(const struct order *order)
{
    size_t at = 0, before;

    do {
        before = at;
        for (size_t i = 0; i < COUNT_OF(kinds); i++)
            for (int share = 0; is_wanted(&kinds[i], order) && share < kinds[i].share && at < SHARES; share++)
                build_pattern(&kinds[i], &patterns[at++]);
    } while (at > before && at < SHARES);
    return at == SHARES ? 0 : -ENOENT;
}

/* The pattern with a source, and its checksum brought up to date (RFC 1624 3). */
static void write_frame(const struct pattern *pattern, uint32_t source, uint8_t *frame)
{
    uint32_t sum = (uint16_t)~octets_get16(pattern->octets + pattern->checksum);

    sum += (source >> 16) + (source & 0xffff);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    memcpy(frame, pattern->octets, pattern->length);
    octets_put32(frame + pattern->source, source);
    octets_put16(frame + pattern->checksum, (uint16_t)~sum);
}

static int send_batch(int fd, struct batch *batch, unsigned int count, const struct order *order,
                      uint64_t *seed)
{
    int sent;

    for (unsigned int i = 0; i < count; i++) {
        const struct pattern *pattern = &patterns[draw(seed) % SHARES];
        uint32_t source = draw(seed);

        if (order->sources)
            source = 0x0a000000 + (uint32_t)(source % order->sources);
        write_frame(pattern, source, batch->frames[i]);
        batch->vectors[i] = (struct iovec){batch->frames[i], pattern->length};
        batch->messages[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &batch->vectors[i], .msg_iovlen = 1}};
    }
    sent = sendmmsg(fd, batch->messages, count, 0);
    return sent < 0 && (errno == ENOBUFS || errno == EAGAIN || errno == EINTR) ? 0 : sent;
}

/* How many frames are due by now; all of a batch without a rate. */
static unsigned int due(const struct order *order, uint64_t sent, int64_t passed_ns)
{
    uint64_t most = order->count && order->count - sent < BATCH ? order->count - sent : BATCH;
    uint64_t planned =
        order->rate ? (uint64_t)((double)passed_ns * (double)order->rate / NS_PER_S) : sent + most;
    uint64_t behind = planned > sent ? planned - sent : 0;

    return (unsigned int)(behind < most ? behind : most);
}

static int flood(int fd, const struct order *order)
{
    static struct batch batch;
    int64_t begin_ns = now(), passed_ns = 0;
    uint64_t sent = 0, seed = order->seed;

    while ((!order->count || sent < order->count) &&
           (!order->seconds || passed_ns < (int64_t)order->seconds * NS_PER_S)) {
        unsigned int count = due(order, sent, passed_ns);
        int done = count ? send_batch(fd, &batch, count, order, &seed) : 0;

        if (done < 0)
            return -errno;
        if (count == 0)
            nanosleep(&(struct timespec){.tv_nsec = 50 * NS_PER_US}, NULL);
        sent += (uint64_t)done;
        passed_ns = now() - begin_ns;
    }
    printf("sent=%lu mpps=%.6f\n", sent, (double)sent * 1e3 / (double)passed_ns);
    return 0;
}

static int open_interface(const char *name)
{
    struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(name)};
    int on = 1, fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

    if (fd < 0 || address.sll_ifindex == 0)
        return fd < 0 ? -errno : -ENODEV;
    if (setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on)) < 0 ||
        bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
        return -errno;
    return fd;
}

static int parse_words(int count, char **words, struct order *order)
{
    const struct {
        const char *name;
        uint64_t *value;
    } options[] = {{"count", &order->count},     {"seconds", &order->seconds}, {"rate", &order->rate},
                   {"sources", &order->sources}, {"seed", &order->seed},       {"family", &order->family},
                   {"type", &order->type}};

    for (int i = 0; i < count; i++) {
        size_t length = strcspn(words[i], "="), option = 0;

        while (option < COUNT_OF(options) && (strlen(options[option].name) != length ||
                                              strncmp(options[option].name, words[i], length) != 0))
            option++;
        if (words[i][length] == '\0')
            order->interface = words[i];
        else if (option == COUNT_OF(options))
            return -EINVAL;
        else
            *options[option].value = strtoull(words[i] + length + 1, NULL, 10);
    }
    return order->interface ? 0 : -EINVAL;
}

int main(int argc, char **argv)
{
    struct order order = {.seed = 42, .type = ANY_TYPE};
    int code = parse_words(argc - 1, argv + 1, &order), fd;

    if (!order.count && !order.seconds)
        order.seconds = 3;
    if (order.seed == 0)
        order.seed = 1;
    code = code < 0 ? code : build_patterns(&order);
    fd = code < 0 ? code : open_interface(order.interface);
    code = fd < 0 ? fd : flood(fd, &order);
    if (code < 0)
        fprintf(stderr, "send_icmp: %s\n", strerror(-code));
    return code < 0;
}
