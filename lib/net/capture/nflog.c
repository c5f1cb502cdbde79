/* SPDX-License-Identifier: MIT */
/* Frames that the firewall copies to a group of listeners (NFLOG, linux/netfilter/nfnetlink_log.h). */
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/macro.h"
#include "net/capture/capture.h"
#include "net/capture/permission.h"
#include "net/netlink.h"
#include "wire/link.h"

enum {
    SNAP = 256,               /* octets of a packet */
    PATIENCE = 2,             /* hundredths of a second until packets are sent to us that are not yet many */
    MESSAGE_MAX = 32768,      /* octets that the kernel collects into one message */
    RECEIVE_BUFFER = 4 << 20, /* of the kernel, not of this process */
    LIST_LINE = 128,          /* octets; the kernel's lines have half as many */
    FIXED = sizeof(struct nfgenmsg),
    PACKET_TYPE = NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET,
    CONFIG_TYPE = NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_CONFIG,
};

#define TAKEN_LIST "/proc/net/netfilter/nfnetlink_log"

/** A group and where we are in its last message. */
struct nflog {
    struct capture capture;
    struct netlink netlink;
    uint16_t number, group;
    bool counting; /* there was a packet: the next one has the next sequence number */
    bool overrun;  /* the socket says that it lost something; a gap will tell how much */
    uint32_t sequence;
    const struct nlmsghdr *next;
    int left; /* octets from next on */
    int64_t now_ns;
    struct capture_statistics statistics;
    char name[sizeof("nflog:65535")];
    char message[2 * MESSAGE_MAX] __attribute__((aligned(8)));
};

/** What the attributes of a packet say. */
struct packet_attributes {
    struct slice payload;
    int64_t time_ns; /* 0: not said */
    uint16_t protocol;
    bool in, out, numbered;
    uint32_t sequence;
};

static int64_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_REALTIME, &time);
    return time.tv_sec * NS_PER_S + time.tv_nsec;
}

static int64_t read_time(const struct nlattr *attribute)
{
    struct nfulnl_msg_packet_timestamp time;

    if (mnl_attr_get_payload_len(attribute) < sizeof(time))
        return 0;
    memcpy(&time, mnl_attr_get_payload(attribute), sizeof(time));
    return (int64_t)be64toh(time.sec) * NS_PER_S + (int64_t)be64toh(time.usec) * NS_PER_US;
}

static void read_attribute(const struct nlattr *attribute, struct packet_attributes *packet)
{
    uint16_t length = mnl_attr_get_payload_len(attribute);

    switch (mnl_attr_get_type(attribute)) {
    case NFULA_PACKET_HDR:
        if (length >= sizeof(struct nfulnl_msg_packet_hdr))
            packet->protocol =
                ntohs(((const struct nfulnl_msg_packet_hdr *)mnl_attr_get_payload(attribute))->hw_protocol);
        break;
    case NFULA_TIMESTAMP:
        packet->time_ns = read_time(attribute);
        break;
    case NFULA_IFINDEX_INDEV:
        packet->in = true;
        break;
    case NFULA_IFINDEX_OUTDEV:
        packet->out = true;
        break;
    case NFULA_PAYLOAD:
        packet->payload = slice_of(mnl_attr_get_payload(attribute), length);
        break;
    case NFULA_SEQ:
        packet->numbered = mnl_attr_validate(attribute, MNL_TYPE_U32) == 0;
        packet->sequence = packet->numbered ? ntohl(mnl_attr_get_u32(attribute)) : 0;
        break;
    default:
        break;
    }
}

/* A gap in the numbers is a loss, and explains what the socket complained of before. */
static void count_lost(struct nflog *nflog, const struct packet_attributes *packet)
{
    uint32_t lost = nflog->counting && packet->numbered ? packet->sequence - nflog->sequence : 0;

    nflog->statistics.dropped_by_kernel += lost;
    nflog->overrun = nflog->overrun && lost == 0;
    nflog->counting = packet->numbered;
    nflog->sequence = packet->sequence + 1;
}

/* The octets that the packet had before the firewall cut it, as far as its header says so. */
static uint32_t whole_length(const struct packet_attributes *packet)
{
    const uint8_t *octets = packet->payload.data;
    uint32_t length = 0;

    if (packet->protocol == ETH_P_IP && packet->payload.length >= 4)
        length = (uint32_t)octets[2] << 8 | octets[3];
    else if (packet->protocol == ETH_P_IPV6 && packet->payload.length >= 6)
        length = ((uint32_t)octets[4] << 8 | octets[5]) + 40;
    return length > packet->payload.length ? length : (uint32_t)packet->payload.length;
}

static bool read_packet(struct nflog *nflog, const struct nlmsghdr *header, struct frame *frame)
{
    struct packet_attributes packet = {0};
    const struct nlattr *attribute;

    if (header->nlmsg_type != PACKET_TYPE || header->nlmsg_len < MNL_NLMSG_HDRLEN + FIXED)
        return false;
    mnl_attr_for_each(attribute, header, FIXED) read_attribute(attribute, &packet);
    count_lost(nflog, &packet);
    /* Groups may be fed with ARP too, for which there is no number of a link type. */
    if (packet.protocol != ETH_P_IP && packet.protocol != ETH_P_IPV6)
        return false;
    *frame = (struct frame){
        .time_ns = packet.time_ns ? packet.time_ns : nflog->now_ns,
        .data = packet.payload,
        .length = whole_length(&packet),
        .link = LINK_RAW,
        .interface = nflog->number,
        .direction = packet.in    ? FRAME_IN
                     : packet.out ? FRAME_OUT
                                  : FRAME_UNKNOWN,
    };
    return true;
}

static int take_packets(struct nflog *nflog, struct frame *frames)
{
    int count = 0;

    while (count < CAPTURE_BATCH && mnl_nlmsg_ok(nflog->next, nflog->left)) {
        count += read_packet(nflog, nflog->next, &frames[count]);
        nflog->next = mnl_nlmsg_next(nflog->next, &nflog->left);
    }
    nflog->statistics.frames += (uint64_t)count;
    return count;
}

/* 1, 0 when there is no message now, or -errno. */
static int receive(struct nflog *nflog)
{
    int fd = mnl_socket_get_fd(nflog->netlink.socket);
    ssize_t length;

    while ((length = recv(fd, nflog->message, sizeof(nflog->message), MSG_DONTWAIT)) < 0 && errno == ENOBUFS)
        nflog->overrun = true;
    if (length < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    nflog->next = (const struct nlmsghdr *)nflog->message;
    nflog->left = (int)length;
    nflog->now_ns = now();
    return 1;
}

static int nflog_read(struct capture *capture, struct frame *frames, struct sonde_error *error)
{
    struct nflog *nflog = CONTAINER_OF(capture, struct nflog, capture);
    int count = take_packets(nflog, frames), code = 1;

    while (count == 0 && (code = receive(nflog)) > 0)
        count = take_packets(nflog, frames);
    if (code < 0)
        return error_set(error, code, "cannot read from %s: %s", nflog->name, strerror(-code));
    return count;
}

static void nflog_statistics(struct capture *capture, struct capture_statistics *statistics)
{
    const struct nflog *nflog = CONTAINER_OF(capture, struct nflog, capture);

    *statistics = nflog->statistics;
    /* How many is not known before the next packet comes. */
    statistics->dropped_by_kernel += nflog->overrun;
}

static void nflog_free(struct capture *capture)
{
    struct nflog *nflog = CONTAINER_OF(capture, struct nflog, capture);

    netlink_close(&nflog->netlink);
    free(nflog);
}

/* One message, so that no packet comes under the settings of nobody. */
static int bind_group(struct nflog *nflog)
{
    const struct nfulnl_msg_config_cmd command = {.command = NFULNL_CFG_CMD_BIND};
    const struct nfulnl_msg_config_mode mode = {.copy_range = htonl(SNAP), .copy_mode = NFULNL_COPY_PACKET};
    union netlink_request request;
    struct nfgenmsg *head = netlink_request(&request, CONFIG_TYPE, 0, sizeof(*head));

    head->nfgen_family = AF_UNSPEC;
    head->version = NFNETLINK_V0;
    head->res_id = htons(nflog->group);
    mnl_attr_put(&request.header, NFULA_CFG_CMD, sizeof(command), &command);
    mnl_attr_put(&request.header, NFULA_CFG_MODE, sizeof(mode), &mode);
    mnl_attr_put_u32(&request.header, NFULA_CFG_NLBUFSIZ, htonl(MESSAGE_MAX));
    mnl_attr_put_u32(&request.header, NFULA_CFG_TIMEOUT, htonl(PATIENCE));
    mnl_attr_put_u32(&request.header, NFULA_CFG_QTHRESH, htonl(CAPTURE_BATCH));
    mnl_attr_put_u16(&request.header, NFULA_CFG_FLAGS, htons(NFULNL_CFG_F_SEQ));
    return netlink_ask(&nflog->netlink, &request, NULL, NULL);
}

/* The kernel refuses those who may not and those who come second alike; only the former cannot read its list.
 */
static bool is_taken(uint16_t group)
{
    FILE *list = fopen(TAKEN_LIST, "re");
    char line[LIST_LINE];
    bool taken = false;

    if (!list)
        return false;
    while (!taken && fgets(line, sizeof(line), list))
        taken = strtoul(line, NULL, 10) == group;
    fclose(list);
    return taken;
}

static int start(struct nflog *nflog, struct sonde_error *error)
{
    int buffer = RECEIVE_BUFFER, code = netlink_open(&nflog->netlink, NETLINK_NETFILTER);

    if (code < 0)
        return error_set(error, code, "cannot listen on %s: %s", nflog->name, strerror(-code));
    nflog->capture.descriptor = mnl_socket_get_fd(nflog->netlink.socket);
    (void)setsockopt(nflog->capture.descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer));
    code = bind_group(nflog);
    if (code == 0)
        return 0;
    if ((code == -EPERM || code == -EBUSY) && is_taken(nflog->group)) {
        error_set(error, SONDE_E_BUSY, "cannot listen on %s: another program does", nflog->name);
        error_hint(error,
                   "A group has one listener: let a rule log to another group too, or end that program");
        return SONDE_E_BUSY;
    }
    if (code == -EPERM)
        return permission_error(error, nflog->name, "cap_net_raw,cap_net_admin");
    return error_set(error, code, "cannot listen on %s: %s", nflog->name, strerror(-code));
}

int capture_open_nflog(uint16_t group, uint16_t number, struct capture **capture, struct sonde_error *error)
{
    struct nflog *nflog = calloc(1, sizeof(*nflog));
    int code;

    if (!nflog)
        return error_set(error, -ENOMEM, "cannot listen on nflog:%u: no memory", group);
    nflog->capture = (struct capture){.read = nflog_read,
                                      .statistics = nflog_statistics,
                                      .free = nflog_free,
                                      .descriptor = -1,
                                      .live = true,
                                      .name = nflog->name};
    nflog->number = number;
    nflog->group = group;
    snprintf(nflog->name, sizeof(nflog->name), "nflog:%u", group);
    code = start(nflog, error);
    if (code < 0)
        nflog_free(&nflog->capture);
    else
        *capture = &nflog->capture;
    return code;
}
