/* SPDX-License-Identifier: MIT */
/* Small helpers around kernel sockets: addresses, options, clocks, the error queue. */
#include "net/sock.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/errqueue.h> /* needs struct timespec */

#include "base/macro.h"

enum { TTL_DEFAULT = -1 /* asks the kernel for its default again */ };

/* Debian 12's headers of the C library do not know them yet (linux/in.h, linux/in6.h). */
enum { RECVERR_RFC4884 = 26, RECVERR_RFC4884_V6 = 31 };

static int64_t clock_ns(clockid_t clock)
{
    struct timespec time;

    clock_gettime(clock, &time);
    return time.tv_sec * NS_PER_S + time.tv_nsec;
}

int64_t sock_now(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

socklen_t sock_address(const struct sonde_address *address, uint16_t port, const struct sock_binding *binding,
                       struct sockaddr_storage *storage)
{
    memset(storage, 0, sizeof(*storage));
    if (address->family == 6) {
        struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)storage;

        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        memcpy(&v6->sin6_addr, address->bytes, 16);
        if (binding != NULL && address_is_link_local(address))
            v6->sin6_scope_id = binding->index;
        return sizeof(*v6);
    }
    struct sockaddr_in *v4 = (struct sockaddr_in *)storage;

    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    memcpy(&v4->sin_addr, address->bytes, 4);
    return sizeof(*v4);
}

struct sonde_address sock_address_read(const struct sockaddr_storage *storage)
{
    if (storage->ss_family == AF_INET)
        return address_from(4, &((const struct sockaddr_in *)storage)->sin_addr);
    if (storage->ss_family == AF_INET6)
        return address_from(6, &((const struct sockaddr_in6 *)storage)->sin6_addr);
    return (struct sonde_address){0};
}

/** Options that every socket gets; those that an older kernel lacks are done without. */
static const struct {
    int level, name;
} options_v4[] = {{IPPROTO_IP, IP_RECVERR},
                  {IPPROTO_IP, RECVERR_RFC4884},
                  {IPPROTO_IP, IP_RECVTTL},
                  {IPPROTO_IP, IP_RECVTOS}},
  options_v6[] = {{IPPROTO_IPV6, IPV6_RECVERR},
                  {IPPROTO_IPV6, RECVERR_RFC4884_V6},
                  {IPPROTO_IPV6, IPV6_RECVHOPLIMIT},
                  {IPPROTO_IPV6, IPV6_RECVTCLASS}};

static int bind_source(int fd, uint8_t family, const struct sock_binding *binding)
{
    struct sockaddr_storage storage;
    socklen_t length;

    if (binding->interface[0] != '\0' && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, binding->interface,
                                                    (socklen_t)strlen(binding->interface)) < 0)
        return -errno;
    if (binding->source.family != family)
        return 0;
    length = sock_address(&binding->source, 0, binding, &storage);
    return bind(fd, (const struct sockaddr *)&storage, length) < 0 ? -errno : 0;
}

int sock_open(uint8_t family, int type, int protocol, const struct sock_binding *binding)
{
    const int on = 1;
    int fd = socket(family == 6 ? AF_INET6 : AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol), error;

    if (fd < 0)
        return -errno;
    for (size_t i = 0; i < COUNT_OF(options_v4); i++) {
        int level = family == 6 ? options_v6[i].level : options_v4[i].level;
        int name = family == 6 ? options_v6[i].name : options_v4[i].name;

        (void)setsockopt(fd, level, name, &on, sizeof(on));
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
    error = binding != NULL ? bind_source(fd, family, binding) : 0;
    if (error != 0) {
        close(fd);
        return error;
    }
    return fd;
}

int sock_shape(int fd, const struct probe *probe)
{
    bool v6 = probe->destination.family == 6;
    int level = v6 ? IPPROTO_IPV6 : IPPROTO_IP;
    int ttl = probe->ttl != 0 ? probe->ttl : TTL_DEFAULT, tos = probe->tos;
    /* PROBE: never cut, and never stopped by a path MTU learnt before. */
    int discover = probe->dont_fragment ? IP_PMTUDISC_PROBE : IP_PMTUDISC_DONT;

    if (setsockopt(fd, level, v6 ? IPV6_UNICAST_HOPS : IP_TTL, &ttl, sizeof(ttl)) < 0 ||
        setsockopt(fd, level, v6 ? IPV6_TCLASS : IP_TOS, &tos, sizeof(tos)) < 0)
        return -errno;
    if (probe->kind == PROBE_STREAM || probe->kind == PROBE_TCP_SYN)
        return 0;
    return setsockopt(fd, level, v6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER, &discover, sizeof(discover)) < 0
               ? -errno
               : 0;
}

void sock_ignore_errors(int fd, uint8_t family)
{
    const int off = 0;

    (void)setsockopt(fd, family == 6 ? IPPROTO_IPV6 : IPPROTO_IP, family == 6 ? IPV6_RECVERR : IP_RECVERR,
                     &off, sizeof(off));
}

int sock_pending_error(int fd)
{
    int error = 0;
    socklen_t length = sizeof(error);

    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0 ? errno : error;
}

/** What the control messages of a datagram or of an error say. */
struct ancillary {
    int16_t ttl, tos;
    int64_t when_ns;
    const struct sock_extended_err *error;
};

static int64_t stamp_to_monotonic(const struct timespec *stamp)
{
    int64_t now = sock_now();
    int64_t age = clock_ns(CLOCK_REALTIME) - (stamp->tv_sec * NS_PER_S + stamp->tv_nsec);

    /* The kernel stamps with the wall clock; if that was set just now, the stamp is worth nothing. */
    return age >= 0 && age < 60 * NS_PER_S ? now - age : now;
}

/** Which control message means what; IPv4's TOS is one octet, the others are ints. */
enum meaning { MEANS_NOTHING, MEANS_TTL, MEANS_TOS, MEANS_TOS_OCTET, MEANS_ERROR, MEANS_TIME };

static const struct {
    int level, type;
    enum meaning meaning;
} meanings[] = {
    {SOL_SOCKET, SCM_TIMESTAMPNS, MEANS_TIME}, {IPPROTO_IP, IP_TTL, MEANS_TTL},
    {IPPROTO_IP, IP_TOS, MEANS_TOS_OCTET},     {IPPROTO_IP, IP_RECVERR, MEANS_ERROR},
    {IPPROTO_IPV6, IPV6_HOPLIMIT, MEANS_TTL},  {IPPROTO_IPV6, IPV6_TCLASS, MEANS_TOS},
    {IPPROTO_IPV6, IPV6_RECVERR, MEANS_ERROR},
};

static int read_int(const void *data)
{
    int value;

    memcpy(&value, data, sizeof(value));
    return value;
}

static void read_control(const struct cmsghdr *control, struct ancillary *ancillary)
{
    const void *data = CMSG_DATA(control);
    enum meaning meaning = MEANS_NOTHING;
    struct timespec stamp;

    for (size_t i = 0; i < COUNT_OF(meanings); i++)
        if (meanings[i].level == control->cmsg_level && meanings[i].type == control->cmsg_type)
            meaning = meanings[i].meaning;
    switch (meaning) {
    case MEANS_TTL:
        ancillary->ttl = (int16_t)read_int(data);
        break;
    case MEANS_TOS:
        ancillary->tos = (int16_t)read_int(data);
        break;
    case MEANS_TOS_OCTET:
        ancillary->tos = *(const uint8_t *)data;
        break;
    case MEANS_ERROR:
        ancillary->error = data;
        break;
    case MEANS_TIME:
        memcpy(&stamp, data, sizeof(stamp));
        ancillary->when_ns = stamp_to_monotonic(&stamp);
        break;
    case MEANS_NOTHING:
        break;
    }
}

static ssize_t receive(int fd, int flags, struct msghdr *message, struct ancillary *ancillary)
{
    ssize_t length = recvmsg(fd, message, flags | MSG_DONTWAIT);
    int error = errno;

    *ancillary = (struct ancillary){.ttl = -1, .tos = -1, .when_ns = sock_now()};
    if (length < 0)
        return -error;
    for (struct cmsghdr *control = CMSG_FIRSTHDR(message); control != NULL;
         control = CMSG_NXTHDR(message, control))
        read_control(control, ancillary);
    return length;
}

static void read_extension(const struct sock_extended_err *error, struct sock_error *entry)
{
    size_t offset = error->ee_rfc4884.len;

    if (offset == 0 || offset >= entry->length || (error->ee_rfc4884.flags & SO_EE_RFC4884_FLAG_INVALID) != 0)
        return;
    (void)extension_parse(slice_skip(slice_of(entry->quote, entry->length), offset), &entry->extension);
}

int sock_error_read(int fd, struct sock_error *entry)
{
    char control[512] __attribute__((aligned(8)));
    struct iovec part = {.iov_base = entry->quote, .iov_len = sizeof(entry->quote)};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
    struct ancillary ancillary;
    ssize_t length = receive(fd, MSG_ERRQUEUE, &message, &ancillary);

    if (length < 0)
        return length == -EAGAIN ? 0 : (int)length;
    if (ancillary.error == NULL)
        return -EBADMSG;
    entry->origin = ancillary.error->ee_origin;
    entry->type = ancillary.error->ee_type;
    entry->code = ancillary.error->ee_code;
    entry->error = (int)ancillary.error->ee_errno;
    entry->mtu = entry->error == EMSGSIZE ? ancillary.error->ee_info : 0;
    entry->offender = sock_address_read((const struct sockaddr_storage *)SO_EE_OFFENDER(ancillary.error));
    entry->ttl = ancillary.ttl;
    entry->tos = ancillary.tos;
    entry->when_ns = ancillary.when_ns;
    entry->length = (size_t)length;
    memset(&entry->extension, 0, sizeof(entry->extension));
    read_extension(ancillary.error, entry);
    return 1;
}

ssize_t sock_receive(int fd, void *buffer, size_t capacity, struct reply *reply)
{
    char control[512] __attribute__((aligned(8)));
    struct sockaddr_storage from = {0};
    struct iovec part = {.iov_base = buffer, .iov_len = capacity};
    struct msghdr message = {.msg_name = &from,
                             .msg_namelen = sizeof(from),
                             .msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof(control)};
    struct ancillary ancillary;
    ssize_t length = receive(fd, 0, &message, &ancillary);

    if (length < 0)
        return length;
    reply->from = sock_address_read(&from);
    reply->ttl = ancillary.ttl;
    reply->tos = ancillary.tos;
    reply->when_ns = ancillary.when_ns;
    return length;
}

void sock_error_reply(const struct sock_error *entry, struct reply *reply)
{
    bool icmp = entry->origin == SO_EE_ORIGIN_ICMP || entry->origin == SO_EE_ORIGIN_ICMP6;

    reply->kind = icmp ? REPLY_ICMP : REPLY_LOCAL;
    reply->mtu = entry->mtu;
    reply->ttl = entry->ttl;
    reply->tos = entry->tos;
    reply->when_ns = entry->when_ns;
    if (!icmp) {
        reply->error = entry->error;
        return;
    }
    reply->from = entry->offender;
    reply->type = entry->type;
    reply->code = entry->code;
    reply->extension = entry->extension;
}

struct reply sock_reply(uint16_t probe, enum reply_kind kind, const struct sonde_address *from,
                        int64_t when_ns, int64_t sent_ns)
{
    return (struct reply){.probe = probe,
                          .kind = kind,
                          .from = *from,
                          .ttl = -1,
                          .tos = -1,
                          .quoted_tos = -1,
                          .when_ns = when_ns,
                          .rtt_ns = when_ns - sent_ns};
}

void sock_reset(int fd)
{
    const struct linger at_once = {.l_onoff = 1};

    if (fd < 0)
        return;
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    close(fd);
}
