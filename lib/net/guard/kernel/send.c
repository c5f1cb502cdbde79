/* SPDX-License-Identifier: MIT */
/* Sends messages: frames by AF_PACKET at the outer ends of the interfaces, whole packets by raw sockets. */
#include "net/guard/kernel/send.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/guard/kernel/follow.h"

static int open_frames(struct sender *sender)
{
    const int room = 8 << 20;
    int result = scratch_enter(sender->scratch->outer);

    if (result < 0)
        return result;
    sender->frames = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    result = sender->frames < 0 ? -errno : 0;
    if (result == 0) /* a smaller one only means more system calls */
        (void)setsockopt(sender->frames, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
    return scratch_enter(sender->scratch->inner) < 0 ? -EPERM : result;
}

static int open_raw(int *fd, int domain)
{
    const int on = 1;
    const uint32_t mark = FOLLOW_MARK;

    *fd = socket(domain, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
    if (*fd < 0)
        return -errno;
    (void)setsockopt(*fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on));
    return setsockopt(*fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) < 0 ? -errno : 0;
}

int sender_open(struct sender *sender, const struct scratch *scratch, const struct message_map *map,
                struct sonde_error *error)
{
    int result;

    *sender = (struct sender){.scratch = scratch, .map = *map, .frames = -1, .raw4 = -1, .raw6 = -1};
    sender->packets = calloc(SEND_BATCH_MAX + 1, sizeof(*sender->packets));
    sender->headers = calloc(SEND_BATCH_MAX + 1, sizeof(*sender->headers));
    if (!sender->packets || !sender->headers)
        abort(); /* as base/text.c */
    result = open_frames(sender);
    if (result == 0)
        result = open_raw(&sender->raw4, AF_INET);
    if (result == 0)
        result = open_raw(&sender->raw6, AF_INET6);
    return result == 0 ? 0
                       : error_set(error, result, "nothing can be sent in the scratch namespace: %s",
                                   sonde_error_text(result));
}

void sender_close(struct sender *sender)
{
    const int fds[] = {sender->frames, sender->raw4, sender->raw6};

    if (!sender->packets)
        return;
    for (size_t i = 0; i < COUNT_OF(fds); i++)
        if (fds[i] >= 0)
            close(fds[i]);
    free(sender->packets);
    free(sender->headers);
    memset(sender, 0, sizeof(*sender));
}

static void head_frame(struct sender *sender, size_t at, int interface, const uint8_t *source)
{
    uint8_t *header = sender->headers[at];
    bool six = sender->packets[at].octets[0] >> 4 == 6;

    memcpy(header, sender->scratch->links[interface], ETH_ALEN);
    memcpy(header + ETH_ALEN, source, ETH_ALEN);
    header[12] = six ? 0x86 : 0x08;
    header[13] = six ? 0xdd : 0x00;
}

/* The frames [first, last) in as few system calls as it takes. */
static int send_frames(struct sender *sender, int interface, size_t count)
{
    struct mmsghdr messages[SEND_BATCH_MAX + 1];
    struct iovec vectors[SEND_BATCH_MAX + 1][2];
    struct sockaddr_ll address = {
        .sll_family = AF_PACKET, .sll_halen = ETH_ALEN, .sll_ifindex = sender->scratch->peers[interface]};

    for (size_t i = 0; i < count; i++) {
        vectors[i][0] = (struct iovec){sender->headers[i], sizeof(sender->headers[i])};
        vectors[i][1] = (struct iovec){sender->packets[i].octets, sender->packets[i].length};
        messages[i] = (struct mmsghdr){.msg_hdr = {.msg_name = &address,
                                                   .msg_namelen = sizeof(address),
                                                   .msg_iov = vectors[i],
                                                   .msg_iovlen = 2}};
    }
    for (size_t done = 0; done < count;) {
        int sent = sendmmsg(sender->frames, messages + done, (unsigned)(count - done), 0);

        if (sent < 0 && errno != EINTR && errno != ENOBUFS)
            return -errno;
        done += sent > 0 ? (size_t)sent : 0;
    }
    return 0;
}

/* A packet that a rule drops makes the call fail (EPERM); other refusals leave the message unseen, and that
 * is told. */
static void send_raw(const struct sender *sender, const struct message_packet *packet, int interface)
{
    bool six = packet->destination.family == 6;
    struct sockaddr_in to4 = {.sin_family = AF_INET};
    struct sockaddr_in6 to6 = {.sin6_family = AF_INET6};

    memcpy(&to4.sin_addr, packet->destination.bytes, 4);
    memcpy(&to6.sin6_addr, packet->destination.bytes, 16);
    if (six && address_is_link_local(&packet->destination))
        to6.sin6_scope_id = sender->scratch->numbers[interface];
    if (six)
        (void)!sendto(sender->raw6, packet->octets, packet->length, 0, (const struct sockaddr *)&to6,
                      sizeof(to6));
    else
        (void)!sendto(sender->raw4, packet->octets, packet->length, 0, (const struct sockaddr *)&to4,
                      sizeof(to4));
}

/* @return whether a mark was sent: of what this host sends itself, everything is done by then */
static int send_out(struct sender *sender, struct message_way way, size_t count)
{
    int result;

    if (way.in == MESSAGE_HERE) {
        for (size_t i = 0; i < count; i++)
            send_raw(sender, &sender->packets[i], way.out);
        return 0;
    }
    for (size_t i = 0; i < count; i++)
        head_frame(sender, i, way.in, sender->whole ? follow_whole : follow_source);
    sender->packets[count] = sender->packets[0]; /* the mark is one more frame of any kind */
    head_frame(sender, count++, way.in, follow_end);
    result = send_frames(sender, way.in, count);
    return result < 0 ? result : 1;
}

int sender_send(struct sender *sender, const struct message *messages, size_t count)
{
    size_t packets = 0;

    for (size_t i = 0; i < count; i++)
        packets += (size_t)message_build(&messages[i], &sender->map, &sender->packets[packets]);
    return send_out(sender, message_way(&sender->map, messages[0].direction), packets);
}

static struct message_way reversed(struct message_way way)
{
    return (struct message_way){way.out, way.in};
}

int sender_open_flows(struct sender *sender, const struct message *messages, size_t count)
{
    for (size_t i = 0; i < count; i++)
        message_build_opener(&messages[i], &sender->map, &sender->packets[i]);
    return send_out(sender, reversed(message_way(&sender->map, messages[0].direction)), count);
}
