/* SPDX-License-Identifier: MIT */
/* The kernel's own account of which rules a packet met: events of NFNLGRP_NFTRACE, many a system call. */
#include "net/guard/trace.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include <libmnl/libmnl.h>

#include "base/macro.h"

enum {
    BATCH = 64,
    MESSAGE_MAX = 1024,     /* the kernel's are below 600 octets (nft_trace_notify) */
    ROOM_WANTED = 64 << 20, /* octets */
};

/* Lets through what has no verdict of a rule (an end by policy) and what has a final one, which is not
 * negative: skip the headers, find the verdict, find its code, look at the sign. */
static int attach_filter(int fd)
{
    static struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_IMM, NLMSG_HDRLEN + sizeof(struct nfgenmsg)),
        BPF_STMT(BPF_LDX | BPF_IMM, NFTA_TRACE_VERDICT),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_NLATTR)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 6, 0),
        BPF_STMT(BPF_LDX | BPF_IMM, NFTA_VERDICT_CODE),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_NLATTR_NEST)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 3, 0),
        BPF_STMT(BPF_MISC | BPF_TAX, 0),
        BPF_STMT(BPF_LD | BPF_W | BPF_IND, NLA_HDRLEN),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, UINT32_C(1) << 31, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    const struct sock_fprog filter = {COUNT_OF(program), program};

    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) < 0 ? -errno : 0;
}

int trace_open(struct trace *trace, bool all, struct sonde_error *error)
{
    const struct sockaddr_nl address = {.nl_family = AF_NETLINK};
    const int group = NFNLGRP_NFTRACE, room = ROOM_WANTED;
    int got = 0;
    socklen_t length = sizeof(got);

    trace->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
    if (trace->fd < 0)
        return error_set(error, errno == EPROTONOSUPPORT ? SONDE_E_UNSUPPORTED : -errno,
                         "this kernel has no nftables (NETLINK_NETFILTER)");
    /* Beyond net.core.rmem_max only for those who may; others get as much as it allows. */
    if (setsockopt(trace->fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) < 0)
        (void)setsockopt(trace->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
    (void)getsockopt(trace->fd, SOL_SOCKET, SO_RCVBUF, &got, &length);
    trace->room = got;
    if (!all)
        (void)attach_filter(trace->fd); /* without it there is only more to read */
    if (bind(trace->fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
        setsockopt(trace->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0) {
        int code = errno == EPERM ? SONDE_E_PERMISSION : errno == EINVAL ? SONDE_E_UNSUPPORTED : -errno;

        trace_close(trace);
        error_set(error, code, "the kernel's trace of rules (NFNLGRP_NFTRACE) cannot be read: %s",
                  sonde_error_text(code));
        return code;
    }
    trace->memory = malloc((size_t)BATCH * MESSAGE_MAX);
    if (!trace->memory)
        abort(); /* as base/text.c */
    return 0;
}

void trace_close(struct trace *trace)
{
    if (trace->fd > 0)
        close(trace->fd);
    free(trace->memory);
    memset(trace, 0, sizeof(*trace));
}

static uint32_t word(const struct nlattr *attribute)
{
    return mnl_attr_get_payload_len(attribute) >= 4 ? ntohl(mnl_attr_get_u32(attribute)) : 0;
}

static const char *name(const struct nlattr *attribute)
{
    uint16_t length = mnl_attr_get_payload_len(attribute);
    const char *text = mnl_attr_get_payload(attribute);

    return length > 0 && text[length - 1] == 0 ? text : "";
}

static void read_verdict(const struct nlattr *nest, struct trace_event *event)
{
    const struct nlattr *attribute;

    mnl_attr_for_each_nested(attribute, nest)
    {
        if (mnl_attr_get_type(attribute) == NFTA_VERDICT_CODE)
            event->verdict = (int32_t)word(attribute);
        if (mnl_attr_get_type(attribute) == NFTA_VERDICT_CHAIN)
            event->target = name(attribute);
    }
}

static struct slice octets(const struct nlattr *attribute)
{
    return slice_of(mnl_attr_get_payload(attribute), mnl_attr_get_payload_len(attribute));
}

static void read_attribute(const struct nlattr *attribute, struct trace_event *event)
{
    switch (mnl_attr_get_type(attribute)) {
    case NFTA_TRACE_TABLE:
        event->table = name(attribute);
        break;
    case NFTA_TRACE_CHAIN:
        event->chain = name(attribute);
        break;
    case NFTA_TRACE_RULE_HANDLE:
        if (mnl_attr_get_payload_len(attribute) >= 8)
            event->handle = be64toh(mnl_attr_get_u64(attribute));
        break;
    case NFTA_TRACE_TYPE:
        event->kind = (uint8_t)word(attribute);
        break;
    case NFTA_TRACE_VERDICT:
        read_verdict(attribute, event);
        break;
    case NFTA_TRACE_POLICY:
        event->verdict = (int32_t)word(attribute);
        break;
    case NFTA_TRACE_NETWORK_HEADER:
        event->network = octets(attribute);
        break;
    case NFTA_TRACE_TRANSPORT_HEADER:
        event->transport = octets(attribute);
        break;
    default:
        break;
    }
}

static int hear(const struct nlmsghdr *header, trace_listener *listener, void *context)
{
    const struct nfgenmsg *body = mnl_nlmsg_get_payload(header);
    struct trace_event event = {.table = "", .chain = "", .verdict = NFT_CONTINUE};
    const struct nlattr *attribute;

    if (header->nlmsg_type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_TRACE) ||
        mnl_nlmsg_get_payload_len(header) < sizeof(*body))
        return 0;
    event.family = body->nfgen_family;
    mnl_attr_for_each(attribute, header, sizeof(*body)) read_attribute(attribute, &event);
    listener(context, &event);
    return 1;
}

int trace_read(struct trace *trace, int patience_ms, trace_listener *listener, void *context)
{
    struct mmsghdr messages[BATCH];
    struct iovec vectors[BATCH];
    int received, count = 0;

    for (size_t i = 0; i < BATCH; i++) {
        vectors[i] = (struct iovec){trace->memory + i * MESSAGE_MAX, MESSAGE_MAX};
        messages[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &vectors[i], .msg_iovlen = 1}};
    }
    received = recvmmsg(trace->fd, messages, BATCH, MSG_DONTWAIT, NULL);
    if (received < 0 && errno == EAGAIN && patience_ms > 0) {
        struct pollfd ready = {trace->fd, POLLIN, 0};

        if (poll(&ready, 1, patience_ms) > 0)
            received = recvmmsg(trace->fd, messages, BATCH, MSG_DONTWAIT, NULL);
    }
    if (received < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    for (int i = 0; i < received; i++) {
        int left = (int)messages[i].msg_len;

        for (const struct nlmsghdr *header = vectors[i].iov_base; mnl_nlmsg_ok(header, left);
             header = mnl_nlmsg_next(header, &left))
            count += hear(header, listener, context);
    }
    return count;
}
