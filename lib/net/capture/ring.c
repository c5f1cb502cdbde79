/* SPDX-License-Identifier: MIT */
/* Frames of an interface, read where the kernel puts them: a ring of blocks shared with it (packet(7),
 * TPACKET_V3). */
#include <errno.h>
#include <linux/filter.h>

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/macro.h"
#include "net/capture/capture.h"
#include "net/capture/permission.h"
#include "net/capture/presence.h"
#include "net/edge.h"
#include "wire/link.h"

enum {
    BLOCK_SIZE = 128 << 10,
    BLOCKS_MIN = 4,
    BLOCKS_MAX = 1 << 13,
    BLOCK_PATIENCE_MS = 40, /* a block that is not full is handed over after this */
    SNAP = 256,             /* octets of a frame: room for quotes and options */
    SNAP_TCP = 128,         /* the payload of a stream is of no interest, and most frames have one */
    HEADER_END = TPACKET_ALIGN(sizeof(struct tpacket3_hdr)) + sizeof(struct sockaddr_ll),
    VLAN_TAG = 4,
};

/** A ring and where we are in it. */
struct ring {
    struct capture capture;
    int fd;
    uint16_t number;
    uint8_t *map; /* the blocks; NULL before they are mapped */
    size_t size;
    uint32_t blocks, block; /* the one that is read now or next */
    bool held;              /* that block is ours and not yet given back */
    uint32_t left;          /* frames of it that were not yet handed over */
    uint8_t *next;          /* the first of them */
    bool any;               /* all interfaces: there is none to wait for */
    struct presence presence;
    struct capture_statistics statistics;
    char name[IF_NAMESIZE];
};

/* Loopback shows each packet when it leaves and when it arrives: once is enough. Ethernet frames of TCP are
 * cut short. Loading from beyond the end of a frame would discard it, hence the look at its length. */
static const struct sock_filter filter[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_HATYPE)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARPHRD_LOOPBACK, 0, 2),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_OUTGOING, 12, 10),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARPHRD_ETHER, 0, 9),
    BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, ETH_HLEN + 20, 0, 7),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 0, 2),
    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ETH_HLEN + 9), /* protocol, RFC 791 3.1 */
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_TCP, 4, 3),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IPV6, 0, 2),
    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ETH_HLEN + 6), /* next header, RFC 8200 3 */
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_TCP, 1, 0),
    BPF_STMT(BPF_RET | BPF_K, SNAP),
    BPF_STMT(BPF_RET | BPF_K, SNAP_TCP),
    BPF_STMT(BPF_RET | BPF_K, 0),
};

static struct tpacket_hdr_v1 *block_header(const struct ring *ring)
{
    struct tpacket_block_desc *block = (void *)(ring->map + (size_t)ring->block * BLOCK_SIZE);

    return &block->hdr.bh1;
}

static void release_block(struct ring *ring)
{
    /* We are done with its octets before the kernel writes new ones. */
    __atomic_store_n(&block_header(ring)->block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
    ring->held = false;
    ring->block = ring->block + 1 == ring->blocks ? 0 : ring->block + 1;
}

/* Whether there are frames to hand over. */
static bool take_block(struct ring *ring)
{
    while (ring->left == 0) {
        struct tpacket_hdr_v1 *header;

        if (ring->held)
            release_block(ring);
        header = block_header(ring);
        if (!(__atomic_load_n(&header->block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER))
            return false;
        ring->held = true;
        ring->left = header->num_pkts;
        ring->next =
            (uint8_t *)header - offsetof(struct tpacket_block_desc, hdr) + header->offset_to_first_pkt;
    }
    return true;
}

/* The kernel took the 802.1Q tag out; it goes back to where it was. There is room in front of the frame. */
static void restore_tag(const struct tpacket3_hdr *header, uint8_t *octets, struct frame *frame)
{
    uint16_t type = header->tp_status & TP_STATUS_VLAN_TPID_VALID ? header->hv1.tp_vlan_tpid : ETH_P_8021Q;
    const uint16_t tag[2] = {htons(type), htons((uint16_t)header->hv1.tp_vlan_tci)};

    if (header->tp_snaplen < 2 * ETH_ALEN || header->tp_mac < HEADER_END + VLAN_TAG)
        return;
    memmove(octets - VLAN_TAG, octets, 2 * (size_t)ETH_ALEN);
    memcpy(octets + 2 * ETH_ALEN - VLAN_TAG, tag, sizeof(tag));
    frame->data = slice_of(octets - VLAN_TAG, frame->data.length + VLAN_TAG);
    frame->length += VLAN_TAG;
}

/* Find the packet behind a link header that we do not know: the kernel says where it begins. */
static bool skip_link(const struct tpacket3_hdr *header, uint16_t protocol, struct frame *frame)
{
    uint32_t octets = header->tp_net > header->tp_mac ? header->tp_net - header->tp_mac : 0;

    if ((protocol != ETH_P_IP && protocol != ETH_P_IPV6) || octets > frame->data.length)
        return false;
    frame->data = slice_skip(frame->data, octets);
    frame->length -= octets;
    frame->link = LINK_RAW;
    return true;
}

/* False for what is neither of a known link type nor IP. */
static bool set_link(const struct tpacket3_hdr *header, const struct sockaddr_ll *from, struct frame *frame)
{
    switch (from->sll_hatype) {
    case ARPHRD_ETHER:
    case ARPHRD_LOOPBACK:
        frame->link = LINK_ETHERNET;
        return true;
    case ARPHRD_IEEE80211:
        frame->link = LINK_IEEE802_11;
        return true;
    case ARPHRD_IEEE80211_RADIOTAP:
        frame->link = LINK_IEEE802_11_RADIOTAP;
        return true;
    default:
        return skip_link(header, ntohs(from->sll_protocol), frame);
    }
}

static bool read_frame(const struct ring *ring, uint8_t *at, struct frame *frame)
{
    const struct tpacket3_hdr *header = (const void *)at;
    const struct sockaddr_ll *from = (const void *)(at + TPACKET_ALIGN(sizeof(*header)));

    frame->time_ns = header->tp_sec * NS_PER_S + header->tp_nsec;
    frame->data = slice_of(at + header->tp_mac, header->tp_snaplen);
    frame->length = header->tp_len;
    frame->interface = ring->number;
    frame->direction = from->sll_pkttype == PACKET_OUTGOING ? FRAME_OUT : FRAME_IN;
    if (!set_link(header, from, frame))
        return false;
    if ((header->tp_status & TP_STATUS_VLAN_VALID) && frame->link == LINK_ETHERNET)
        restore_tag(header, at + header->tp_mac, frame);
    return true;
}

static int take_frames(struct ring *ring, struct frame *frames)
{
    int count = 0;

    while (count < CAPTURE_BATCH && ring->left > 0) {
        uint8_t *at = ring->next;

        ring->next += ((const struct tpacket3_hdr *)(const void *)at)->tp_next_offset;
        ring->left--;
        count += read_frame(ring, at, &frames[count]);
    }
    ring->statistics.frames += (uint64_t)count;
    return count;
}

/* A packet socket outlives its interface and may be bound again without privilege. */
static int bind_to(const struct ring *ring, int index)
{
    const struct sockaddr_ll address = {
        .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = index};
    const struct packet_mreq all = {.mr_ifindex = index, .mr_type = PACKET_MR_PROMISC};

    if (bind(ring->fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
        return -errno;
    /* Some interfaces have no such mode: then we see what is for us. */
    if (index != 0)
        (void)setsockopt(ring->fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof(all));
    return 0;
}

/* The socket reports an error: mostly that the interface went down. */
static int note_error(struct ring *ring, struct sonde_error *error)
{
    int code = 0;
    socklen_t length = sizeof(code);

    if (getsockopt(ring->fd, SOL_SOCKET, SO_ERROR, &code, &length) < 0)
        code = errno;
    if (code == 0 || (code == ENETDOWN && (ring->any || ring->capture.absent)))
        return 0;
    if (code != ENETDOWN)
        return error_set(error, -code, "cannot read from %s: %s", ring->name, strerror(code));
    ring->capture.absent = true;
    /* It may be back already, and then no news would come. */
    (void)presence_ask(&ring->presence);
    return error_set(error, -ENETDOWN, "%s is down or gone; waiting for it", ring->name);
}

static void note_news(struct ring *ring)
{
    int index = presence_read(&ring->presence);

    if (ring->capture.absent && index != 0 && bind_to(ring, index) == 0)
        ring->capture.absent = false;
}

/* There are no frames: perhaps there is news. */
static int look_around(struct ring *ring, struct sonde_error *error)
{
    struct epoll_event events[2];
    int count = epoll_wait(ring->capture.descriptor, events, COUNT_OF(events), 0), code = 0;

    for (int i = 0; i < count; i++) {
        if (events[i].data.fd != ring->fd)
            note_news(ring);
        else if (events[i].events & EPOLLERR)
            code = note_error(ring, error);
    }
    return code;
}

static int ring_read(struct capture *capture, struct frame *frames, struct sonde_error *error)
{
    struct ring *ring = CONTAINER_OF(capture, struct ring, capture);

    while (take_block(ring)) {
        int count = take_frames(ring, frames);

        if (count > 0)
            return count;
    }
    return look_around(ring, error);
}

static void ring_statistics(struct capture *capture, struct capture_statistics *statistics)
{
    struct ring *ring = CONTAINER_OF(capture, struct ring, capture);
    struct tpacket_stats_v3 news;
    socklen_t length = sizeof(news);

    /* The kernel begins anew with each look. */
    if (getsockopt(ring->fd, SOL_PACKET, PACKET_STATISTICS, &news, &length) == 0) {
        ring->statistics.dropped_by_kernel += news.tp_drops;
        ring->statistics.frozen += news.tp_freeze_q_cnt;
    }
    *statistics = ring->statistics;
}

static void ring_free(struct capture *capture)
{
    struct ring *ring = CONTAINER_OF(capture, struct ring, capture);

    if (ring->map)
        munmap(ring->map, ring->size);
    if (ring->fd >= 0)
        close(ring->fd);
    if (capture->descriptor >= 0)
        close(capture->descriptor);
    presence_deinit(&ring->presence);
    free(ring);
}

/* Before it is bound, so that not one frame is longer or comes too early. */
static int prepare(struct ring *ring, size_t size)
{
    const struct sock_fprog program = {.len = COUNT_OF(filter), .filter = (struct sock_filter *)filter};
    int version = TPACKET_V3;
    size_t blocks = (size + BLOCK_SIZE - 1) / BLOCK_SIZE;
    struct tpacket_req3 request = {
        .tp_block_size = BLOCK_SIZE, .tp_frame_size = 2048, .tp_retire_blk_tov = BLOCK_PATIENCE_MS};

    ring->blocks = (uint32_t)(blocks < BLOCKS_MIN ? BLOCKS_MIN : blocks > BLOCKS_MAX ? BLOCKS_MAX : blocks);
    ring->size = (size_t)ring->blocks * BLOCK_SIZE;
    request.tp_block_nr = ring->blocks;
    request.tp_frame_nr = ring->blocks * (BLOCK_SIZE / request.tp_frame_size);
    if (setsockopt(ring->fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0 ||
        setsockopt(ring->fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) < 0 ||
        setsockopt(ring->fd, SOL_PACKET, PACKET_RX_RING, &request, sizeof(request)) < 0)
        return -errno;
    ring->map = mmap(NULL, ring->size, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, 0);
    if (ring->map == MAP_FAILED) {
        ring->map = NULL;
        return -errno;
    }
    madvise(ring->map, ring->size, MADV_DONTFORK); /* a child would keep the socket alive */
    return 0;
}

static int add_descriptor(const struct ring *ring, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

    return epoll_ctl(ring->capture.descriptor, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

static int connect_all(struct ring *ring, int index)
{
    int code;

    ring->capture.descriptor = epoll_create1(EPOLL_CLOEXEC);
    if (ring->capture.descriptor < 0)
        return -errno;
    code = add_descriptor(ring, ring->fd);
    if (code == 0 && !ring->any)
        code = presence_init(&ring->presence, ring->name);
    if (code == 0 && !ring->any)
        code = add_descriptor(ring, presence_descriptor(&ring->presence));
    return code < 0 ? code : bind_to(ring, index);
}

static struct ring *ring_new(uint16_t number)
{
    struct ring *ring = calloc(1, sizeof(*ring));

    if (!ring)
        return NULL;
    ring->capture = (struct capture){.read = ring_read,
                                     .statistics = ring_statistics,
                                     .free = ring_free,
                                     .descriptor = -1,
                                     .live = true,
                                     .name = ring->name};
    ring->fd = -1;
    ring->number = number;
    return ring;
}

/* The name by which the interface will be known if it returns; it was perhaps given by another one. */
static int find_interface(struct ring *ring, const char *name, struct sonde_error *error)
{
    unsigned int index = if_nametoindex(name);

    if (index != 0 && if_indextoname(index, ring->name))
        return (int)index;
    edge_check_interface(name, error);
    if (error)
        error->code = SONDE_E_NOT_FOUND;
    return SONDE_E_NOT_FOUND;
}

static int start(struct ring *ring, int index, size_t size, struct sonde_error *error)
{
    int code;

    /* Protocol 0 receives nothing until it is bound. */
    ring->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (ring->fd < 0 && errno == EPERM)
        return permission_error(error, ring->name, "cap_net_raw");
    code = ring->fd < 0 ? -errno : prepare(ring, size);
    if (code == 0)
        code = connect_all(ring, index);
    if (code < 0)
        error_set(error, code, "cannot listen on %s: %s", ring->name, strerror(-code));
    return code;
}

int capture_open_ring(const char *name, size_t size, uint16_t number, struct capture **capture,
                      struct sonde_error *error)
{
    struct ring *ring = ring_new(number);
    int code = 0, index = 0;

    if (!ring)
        return error_set(error, -ENOMEM, "cannot listen on %s: no memory", name);
    ring->any = strcmp(name, "any") == 0;
    if (ring->any)
        strcpy(ring->name, "any");
    else
        code = index = find_interface(ring, name, error);
    if (code >= 0)
        code = start(ring, index, size, error);
    if (code < 0)
        ring_free(&ring->capture);
    else
        *capture = &ring->capture;
    return code;
}
