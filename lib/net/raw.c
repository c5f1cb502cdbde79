/* SPDX-License-Identifier: MIT */
/* The network of a privileged process: whole packets out through raw sockets, whole packets in from the wire.
 * Receiving by AF_PACKET shows both families alike, headers included, and also what this machine's own
 * firewall would discard on its way up. */
#include "net/raw.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/macro.h"

enum { PACKET_MAX = 65536, CAPTURE_BUFFER = 4 << 20 };

static bool is_outgoing(const struct sockaddr_ll *from)
{
    return from->sll_pkttype == PACKET_OUTGOING;
}

/* Only packets to the probing address are worth waking up for. */
static int attach_filter(int fd, const struct sonde_address *source)
{
    struct sock_filter code[16];
    unsigned words = source->family == 4 ? 1 : 4, offset = source->family == 4 ? 16 : 24, at = 0;
    struct sock_fprog program = {.filter = code};

    for (unsigned i = 0; i < words; i++) {
        uint32_t word;

        memcpy(&word, source->bytes + 4 * i, 4);
        code[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset + 4 * i);
        code[at] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ntohl(word), 0, 0);
        code[at++].jf = (uint8_t)(2 * (words - 1 - i) + 1);
    }
    code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, PACKET_MAX);
    code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
    program.len = (unsigned short)at;
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0 ? -errno : 0;
}

static int open_capture(struct raw_network *raw)
{
    const struct sonde_address *source = &raw->book.source;
    uint16_t protocol = source->family == 4 ? ETH_P_IP : ETH_P_IPV6;
    int on = 1, buffer = CAPTURE_BUFFER, code;

    raw->capture_fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(protocol));
    if (raw->capture_fd < 0)
        return -errno;
    code = attach_filter(raw->capture_fd, source);
    if (code < 0)
        return code;
    setsockopt(raw->capture_fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
    if (setsockopt(raw->capture_fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) < 0 ||
        setsockopt(raw->capture_fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) < 0)
        return -errno;
    return 0;
}

static int open_sender(struct raw_network *raw)
{
    int family = raw->book.source.family == 4 ? AF_INET : AF_INET6;

    raw->send_fd = socket(family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_RAW);
    if (raw->send_fd < 0)
        return -errno;
    if (raw->binding.interface[0] &&
        setsockopt(raw->send_fd, SOL_SOCKET, SO_BINDTODEVICE, raw->binding.interface,
                   (socklen_t)strlen(raw->binding.interface) + 1) < 0)
        return -errno;
    return 0;
}

/* A bound socket keeps a source port ours, and keeps the kernel from refusing the UDP answers. */
static int reserve_port(const struct raw_network *raw, int type, int *fd, uint16_t *port)
{
    struct sockaddr_storage address;
    socklen_t length = sock_address(&raw->book.source, 0, &raw->binding, &address);

    *fd = socket(address.ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (*fd < 0 || bind(*fd, (struct sockaddr *)&address, length) < 0)
        return -errno;
    length = sizeof(address);
    if (getsockname(*fd, (struct sockaddr *)&address, &length) < 0)
        return -errno;
    *port = address.ss_family == AF_INET ? ntohs(((struct sockaddr_in *)&address)->sin_port)
                                         : ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
    return 0;
}

static int reserve_ports(struct raw_network *raw)
{
    int code = 0;

    for (int flow = 0; flow < PROBE_FLOWS && code == 0; flow++) {
        code = reserve_port(raw, SOCK_STREAM, &raw->tcp_fds[flow], &raw->book.tcp_ports[flow]);
        if (code == 0)
            code = reserve_port(raw, SOCK_DGRAM, &raw->udp_fds[flow], &raw->book.udp_ports[flow]);
    }
    return code;
}

static int push(struct raw_network *raw, const struct reply *reply)
{
    if (raw->last_pending - raw->first_pending == RAW_PENDING_MAX)
        return -ENOBUFS;
    raw->pending[raw->last_pending++ % RAW_PENDING_MAX] = *reply;
    return 0;
}

static int ask_local(struct raw_network *raw, const struct probe *probe)
{
    struct reply reply;
    int code = local_ask(&raw->local, probe, &reply);

    if (code < 0)
        return code;
    reply.when_ns = sock_now();
    return push(raw, &reply);
}

static int send_packet(struct raw_network *raw, const struct probe *probe)
{
    uint8_t packet[PACKET_MAX];
    struct sockaddr_storage address;
    socklen_t length = sock_address(&probe->destination, 0, &raw->binding, &address);
    size_t octets = packet_build(&raw->book, probe, sock_now(), packet, sizeof(packet));

    if (octets == 0)
        return -EOPNOTSUPP;
    if (sendto(raw->send_fd, packet, octets, 0, (struct sockaddr *)&address, length) < 0)
        return -errno;
    if (raw->pcap)
        pcap_writer_add(raw->pcap, slice_of(packet, octets));
    return 0;
}

static int raw_send(struct network *network, const struct probe *probe)
{
    struct raw_network *raw = CONTAINER_OF(network, struct raw_network, network);

    if (probe_is_local(probe->kind))
        return ask_local(raw, probe);
    if (probe->kind == PROBE_STREAM)
        return stream_start(&raw->stream, probe, &raw->binding);
    return send_packet(raw, probe);
}

/* Kernel stamps are wall-clock times; what has passed since is the same on every clock. */
static int64_t stamp_to_clock(const struct timespec *stamp)
{
    struct timespec wall;
    int64_t age;

    clock_gettime(CLOCK_REALTIME, &wall);
    age = (wall.tv_sec - stamp->tv_sec) * NS_PER_S + (wall.tv_nsec - stamp->tv_nsec);
    return sock_now() - (age < 0 || age > NS_PER_S ? 0 : age);
}

static void read_control(struct msghdr *message, int64_t *when_ns, bool *checksummed)
{
    for (struct cmsghdr *item = CMSG_FIRSTHDR(message); item; item = CMSG_NXTHDR(message, item)) {
        if (item->cmsg_level == SOL_SOCKET && item->cmsg_type == SCM_TIMESTAMPNS) {
            struct timespec stamp;

            memcpy(&stamp, CMSG_DATA(item), sizeof(stamp));
            *when_ns = stamp_to_clock(&stamp);
        }
        if (item->cmsg_level == SOL_PACKET && item->cmsg_type == PACKET_AUXDATA) {
            struct tpacket_auxdata data;

            memcpy(&data, CMSG_DATA(item), sizeof(data));
            *checksummed = !(data.tp_status & TP_STATUS_CSUMNOTREADY);
        }
    }
}

/* 1 and a reply, 0 for a packet that is none, -EAGAIN when nothing is there. */
static int capture(struct raw_network *raw, struct reply *reply)
{
    uint8_t packet[PACKET_MAX];
    char control[256];
    struct sockaddr_ll from;
    struct iovec vector = {packet, sizeof(packet)};
    struct msghdr message = {&from, sizeof(from), &vector, 1, control, sizeof(control), 0};
    ssize_t length = recvmsg(raw->capture_fd, &message, MSG_TRUNC);
    int64_t when_ns = sock_now();
    bool checksummed = true;

    if (length < 0)
        return -errno;
    if (is_outgoing(&from) || (size_t)length > sizeof(packet))
        return 0;
    read_control(&message, &when_ns, &checksummed);
    if (packet_match(&raw->book, slice_of(packet, (size_t)length), checksummed, when_ns, reply) < 0)
        return 0;
    if (raw->pcap)
        pcap_writer_add(raw->pcap, slice_of(packet, (size_t)length));
    return 1;
}

static void drain(int fd)
{
    char octets[64];

    while (recv(fd, octets, sizeof(octets), MSG_DONTWAIT) >= 0)
        ;
}

/* Sockets that only hold ports: what arrives there was seen on the wire already. */
static void drain_all(struct raw_network *raw)
{
    for (int flow = 0; flow < PROBE_FLOWS; flow++)
        drain(raw->udp_fds[flow]);
}

static int look(struct raw_network *raw, struct reply *reply)
{
    int code;

    if (raw->first_pending < raw->last_pending) {
        *reply = raw->pending[raw->first_pending++ % RAW_PENDING_MAX];
        return 1;
    }
    do
        code = capture(raw, reply);
    while (code == 0);
    if (code != -EAGAIN)
        return code;
    return stream_step(&raw->stream, sock_now(), reply);
}

static int sleep_until(struct raw_network *raw, int64_t deadline_ns)
{
    struct pollfd fds[] = {
        {.fd = raw->capture_fd, .events = POLLIN},
        {.fd = raw->stream.fd, .events = stream_events(&raw->stream)},
    };
    int64_t stream_ns = stream_deadline(&raw->stream), left;
    struct timespec wait;

    if (!fds[1].events)
        fds[1].fd = -1;
    left = (stream_ns < deadline_ns ? stream_ns : deadline_ns) - sock_now();
    if (left < 0)
        left = 0;
    wait = (struct timespec){left / NS_PER_S, left % NS_PER_S};
    return ppoll(fds, COUNT_OF(fds), &wait, NULL) < 0 ? -errno : 0;
}

static int raw_receive(struct network *network, int64_t deadline_ns, struct reply *reply)
{
    struct raw_network *raw = CONTAINER_OF(network, struct raw_network, network);

    for (;;) {
        int code = look(raw, reply);

        if (code != 0)
            return code;
        drain_all(raw);
        if (sock_now() >= deadline_ns)
            return 0;
        code = sleep_until(raw, deadline_ns);
        if (code < 0)
            return code;
    }
}

static int64_t raw_now(struct network *network)
{
    (void)network;
    return sock_now();
}

static bool raw_can(const struct network *network, enum probe_kind kind)
{
    (void)network;
    return kind < PROBE_KINDS;
}

static int open_all(struct raw_network *raw)
{
    int code = open_sender(raw);

    if (code == 0)
        code = open_capture(raw);
    return code == 0 ? reserve_ports(raw) : code;
}

/* Without a route there is no source address; the diagnosis ends at that, so no packet is needed either. */
static int find_source(struct raw_network *raw, const struct sonde_address *destination,
                       const struct sonde_address *source, struct sonde_address *chosen)
{
    struct route route = {0};
    int code = local_route(&raw->local, destination, false, 0, &route);

    *chosen = route.source;
    if (source && source->family)
        *chosen = *source;
    if (!chosen->family)
        *chosen = (struct sonde_address){.family = destination->family};
    return code;
}

static int refuse(int code, const struct sonde_address *source, struct sonde_error *error)
{
    char address[SONDE_ADDRESS_TEXT];

    if (code == -EADDRNOTAVAIL && source && source->family)
        return error_set(error, code, "the source address %s is none of this machine's",
                         sonde_address_format(source, address));
    if (code == -EPERM)
        code = SONDE_E_PERMISSION;
    return error_set(error, code, "cannot open raw sockets: %s", sonde_error_text(code));
}

int raw_init(struct raw_network *raw, const struct sonde_address *destination, const char *interface,
             const struct sonde_address *source, struct pcap_writer *pcap, struct sonde_error *error)
{
    struct sonde_address chosen;
    struct siphash_key key;
    int code;

    memset(raw, 0, sizeof(*raw));
    raw->send_fd = raw->capture_fd = -1;
    for (int flow = 0; flow < PROBE_FLOWS; flow++)
        raw->tcp_fds[flow] = raw->udp_fds[flow] = -1;
    raw->network = (struct network){raw_send, raw_receive, raw_now, raw_can};
    raw->pcap = pcap;
    code = local_init(&raw->local, interface, source);
    if (code < 0)
        return error_set(error, code, "interface %s: %s", interface ? interface : "-",
                         sonde_error_text(code));
    code = find_source(raw, destination, source, &chosen);
    if (code == 0 && getrandom(&key, sizeof(key), 0) != (ssize_t)sizeof(key))
        code = -errno;
    if (code == 0) {
        packet_book_init(&raw->book, &key, &chosen);
        raw->book.echo_id = (uint16_t)siphash(&key, slice_of("echo", 4));
        raw->binding.index = raw->local.interface;
        if (interface)
            snprintf(raw->binding.interface, sizeof(raw->binding.interface), "%s", interface);
        code = open_all(raw);
    }
    if (code < 0)
        raw_deinit(raw);
    return code < 0 ? refuse(code, source, error) : 0;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void raw_deinit(struct raw_network *raw)
{
    stream_abort(&raw->stream);
    close_fd(&raw->send_fd);
    close_fd(&raw->capture_fd);
    for (int flow = 0; flow < PROBE_FLOWS; flow++) {
        close_fd(&raw->tcp_fds[flow]);
        close_fd(&raw->udp_fds[flow]);
    }
    local_deinit(&raw->local);
}
