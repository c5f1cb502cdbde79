/* SPDX-License-Identifier: MIT */
/* A short exchange with a target, and every packet of it as it passed the client's interface. */
#include "net/lab/witness.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "net/lab/build.h"
#include "net/lab/netns.h"
#include "wire/icmp.h"

enum { PATIENCE_MS = 2000, ECHO_ID = 0x5e17 };

/* The sockets of an exchange, all in the client's namespace; -1: not open. */
struct sockets {
    int packets, datagrams, messages;
};

static int open_capture(void)
{
    int one = 1, fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ALL));

    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof(one));
    return fd;
}

static int open_sockets(struct sockets *sockets)
{
    *sockets = (struct sockets){
        open_capture(),
        socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0),
        socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP),
    };
    return sockets->packets < 0 || sockets->datagrams < 0 || sockets->messages < 0 ? -errno : 0;
}

static void close_sockets(const struct sockets *sockets)
{
    const int all[] = {sockets->packets, sockets->datagrams, sockets->messages};

    for (size_t i = 0; i < COUNT_OF(all); i++)
        if (all[i] >= 0)
            close(all[i]);
}

/* Sockets stay in the namespace that they were made in. */
static int open_inside(const char *instance, struct sockets *sockets)
{
    char name[BUILD_NAME_MAX];
    int own = netns_current(), inside = netns_open(build_namespace_name(instance, "client", name)), rc, back;

    rc = own < 0 ? own : inside < 0 ? inside : netns_enter(inside);
    if (rc == 0) {
        rc = open_sockets(sockets);
        back = netns_enter(own);
        rc = back < 0 ? back : rc;
    }
    if (inside >= 0)
        close(inside);
    if (own >= 0)
        close(own);
    return rc;
}

static int64_t stamp_of(struct msghdr *message)
{
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR(message, part)) {
        struct timespec when;

        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS)
            continue;
        memcpy(&when, CMSG_DATA(part), sizeof(when));
        return when.tv_sec * NS_PER_S + when.tv_nsec;
    }
    return 0;
}

/* Take one packet from the capture. Returns whether it is an IPv4 packet that came in. */
static bool take_packet(int fd, struct witness *witness)
{
    struct witness_packet *packet = &witness->packets[witness->count];
    struct sockaddr_ll from;
    char control[256];
    struct iovec vector = {packet->octets, sizeof(packet->octets)};
    struct msghdr message = {.msg_name = &from,
                             .msg_namelen = sizeof(from),
                             .msg_iov = &vector,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof(control)};
    ssize_t length = recvmsg(fd, &message, 0);

    if (length <= 0 || from.sll_protocol != htons(ETH_P_IP))
        return false;
    packet->length = (size_t)length;
    packet->outgoing = from.sll_pkttype == PACKET_OUTGOING;
    packet->when_ns = stamp_of(&message);
    witness->count++;
    return !packet->outgoing;
}

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / NS_PER_MS;
}

/* Record packets until one comes in. */
static void watch(int fd, struct witness *witness)
{
    int64_t deadline = now_ms() + PATIENCE_MS, left;

    while (witness->count < WITNESS_PACKETS_MAX && (left = deadline - now_ms()) > 0) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};

        if (poll(&ready, 1, (int)left) > 0 && take_packet(fd, witness))
            return;
    }
}

static int send_datagram(int fd, const struct sockaddr_in *target)
{
    static const char text[] = "is anybody there?";

    if (connect(fd, (const struct sockaddr *)target, sizeof(*target)) < 0)
        return -errno;
    return send(fd, text, sizeof(text) - 1, 0) < 0 ? -errno : 0;
}

static int send_echo(int fd, const struct sockaddr_in *target)
{
    static const char text[] = "are you there, at least?";
    const struct icmp_message request = {.family = 4,
                                         .type = ICMP4_ECHO_REQUEST,
                                         .id = ECHO_ID,
                                         .sequence = 1,
                                         .body = {(const uint8_t *)text, sizeof(text) - 1}};
    const struct sonde_address none = {0};
    uint8_t octets[64];
    size_t length = icmp_build(&request, &none, &none, octets, sizeof(octets));

    return sendto(fd, octets, length, 0, (const struct sockaddr *)target, sizeof(*target)) < 0 ? -errno : 0;
}

static int exchange(const struct sockets *sockets, const struct sockaddr_in *target, struct witness *witness)
{
    socklen_t size = sizeof(witness->refusal);
    struct sockaddr_in host = *target;
    int rc = send_datagram(sockets->datagrams, target);

    if (rc < 0)
        return rc;
    watch(sockets->packets, witness);
    getsockopt(sockets->datagrams, SOL_SOCKET, SO_ERROR, &witness->refusal, &size);
    host.sin_port = 0;
    rc = send_echo(sockets->messages, &host);
    if (rc == 0)
        watch(sockets->packets, witness);
    return rc;
}

int witness_exchange(const char *instance, const struct sonde_address *target, uint16_t port,
                     struct witness *witness, struct sonde_error *error)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockets sockets = {-1, -1, -1};
    int rc;

    *witness = (struct witness){0};
    memcpy(&address.sin_addr, target->bytes, sizeof(address.sin_addr));
    rc = open_inside(instance, &sockets);
    if (rc == 0)
        rc = exchange(&sockets, &address, witness);
    close_sockets(&sockets);
    return rc == 0 ? 0
                   : error_set(error, rc, "no packets can be exchanged in the lab: %s", sonde_error_text(rc));
}
