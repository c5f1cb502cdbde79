/* SPDX-License-Identifier: MIT */
/* The network of an ordinary user: ping sockets, UDP sockets and connections, with the kernel's error queue.
 */
#include "net/sockets.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <linux/errqueue.h> /* needs struct timespec */

#include "base/macro.h"
#include "wire/icmp.h"

enum {
    DATAGRAM_MAX = 65535,
    COOKIE_LENGTH = 8,
    HEADER_LENGTH = 8, /* of UDP and of ICMP echo */
    ECHO_SEQUENCE = 6, /* where it stands in the header (RFC 792) */
    SEND_TRIES = 4,
};

static struct sockets_network *of(struct network *network)
{
    return (struct sockets_network *)network;
}

static size_t room(const struct sockets_network *sockets)
{
    return SOCKETS_PENDING_MAX - (sockets->last_pending - sockets->first_pending);
}

static void push(struct sockets_network *sockets, const struct reply *reply)
{
    if (room(sockets) > 0)
        sockets->pending[sockets->last_pending++ % SOCKETS_PENDING_MAX] = *reply;
}

static bool pop(struct sockets_network *sockets, struct reply *reply)
{
    if (sockets->first_pending == sockets->last_pending)
        return false;
    *reply = sockets->pending[sockets->first_pending++ % SOCKETS_PENDING_MAX];
    return true;
}

/* Answer a probe that went out in a datagram. */
static void answer(struct sockets_network *sockets, struct sockets_sent *sent, struct reply *reply)
{
    sent->answered = true;
    reply->probe = sent->probe.id;
    reply->rtt_ns = reply->when_ns > sent->sent_ns ? reply->when_ns - sent->sent_ns : 0;
    push(sockets, reply);
}

/* A keyed cookie, or what the caller's payload begins with: only who saw the probe can repeat it. */
static void write_mark(const struct sockets_network *sockets, const struct probe *probe,
                       struct sockets_sent *sent)
{
    struct slice payload = slice_first(probe->payload, SOCKETS_MARK_MAX);
    struct {
        struct sonde_address destination;
        uint8_t kind, flow;
        uint16_t id, port;
    } question;
    uint64_t cookie;

    memset(&question, 0, sizeof(question));
    question.destination = probe->destination;
    question.kind = (uint8_t)probe->kind;
    question.flow = (uint8_t)probe->flow;
    question.id = probe->id;
    question.port = probe->port;
    cookie = siphash(&sockets->key, slice_of(&question, sizeof(question)));
    if (probe->kind == PROBE_ECHO || payload.length == 0)
        payload = slice_of(&cookie, COOKIE_LENGTH);
    memcpy(sent->mark, payload.data, payload.length);
    sent->mark_length = payload.length;
}

/* Whether data repeat a probe's mark, as far as they go. */
static bool repeats(const struct sockets_sent *sent, struct slice data)
{
    return memcmp(data.data, sent->mark, data.length < sent->mark_length ? data.length : sent->mark_length) ==
           0;
}

/* The probe of an echo message from the ICMP header on; a quote may be cut behind the header. */
static struct sockets_sent *find_echo(struct sockets_network *sockets, struct slice message)
{
    uint16_t id;

    if (message.length < HEADER_LENGTH)
        return NULL;
    id = (uint16_t)((message.data[ECHO_SEQUENCE] << 8 | message.data[ECHO_SEQUENCE + 1]) - sockets->salt);
    if (id >= PROBES_MAX || !sockets->sent[id].used || sockets->sent[id].probe.kind != PROBE_ECHO)
        return NULL;
    return repeats(&sockets->sent[id], slice_skip(message, HEADER_LENGTH)) ? &sockets->sent[id] : NULL;
}

static struct sockets_sent *find_cookie(struct sockets_network *sockets, size_t channel, struct slice data)
{
    for (size_t i = 0; i < PROBES_MAX && data.length >= COOKIE_LENGTH; i++) {
        struct sockets_sent *sent = &sockets->sent[i];

        if (sent->used && sent->channel == channel && repeats(sent, data))
            return sent;
    }
    return NULL;
}

static struct sockets_sent *service_of(struct sockets_network *sockets, size_t channel)
{
    return sockets->channels[channel].service ? &sockets->sent[sockets->channels[channel].probe] : NULL;
}

/* The probe of a datagram, from the payload that an error quotes. */
static struct sockets_sent *find_quoted(struct sockets_network *sockets, size_t channel, struct slice quote)
{
    struct sockets_sent *only = service_of(sockets, channel);

    if (only != NULL)
        return repeats(only, quote) ? only : NULL;
    if (quote.length >= COOKIE_LENGTH)
        return find_cookie(sockets, channel, quote);
    /* Old routers quote no payload (RFC 792); then it must be the only probe that waits. */
    for (size_t i = 0; i < PROBES_MAX; i++) {
        struct sockets_sent *sent = &sockets->sent[i];

        if (!sent->used || sent->answered || sent->channel != channel)
            continue;
        if (only != NULL)
            return NULL;
        only = sent;
    }
    return only;
}

/* The probe that a datagram answers: what it repeats decides, or else who could come so far. */
static struct sockets_sent *find_answered(struct sockets_network *sockets, size_t channel, struct slice data)
{
    struct sockets_sent *best = service_of(sockets, channel);

    if (best == NULL)
        best = find_cookie(sockets, channel, data);
    if (best != NULL)
        return best;
    for (size_t i = 0; i < PROBES_MAX; i++) {
        struct sockets_sent *sent = &sockets->sent[i];

        if (!sent->used || sent->answered || sent->channel != channel)
            continue;
        /* Unsigned arithmetic makes TTL 0, the default, the largest. */
        if (best == NULL || (uint8_t)(sent->probe.ttl - 1) > (uint8_t)(best->probe.ttl - 1))
            best = sent;
    }
    return best;
}

/* Take one error; `current` is the probe being sent now, to which errors without a quote belong. */
static void take_error(struct sockets_network *sockets, size_t channel, const struct sock_error *entry,
                       struct sockets_sent *current)
{
    struct slice quote = slice_of(entry->quote, entry->length);
    struct sockets_sent *sent = current;
    struct reply reply;

    if (entry->origin != SO_EE_ORIGIN_LOCAL)
        sent = sockets->channels[channel].echo ? find_echo(sockets, quote)
                                               : find_quoted(sockets, channel, quote);
    if (sent == NULL)
        return;
    reply = sock_reply(sent->probe.id, REPLY_ICMP, &entry->offender, entry->when_ns, sent->sent_ns);
    sock_error_reply(entry, &reply);
    answer(sockets, sent, &reply);
}

static void drain_errors(struct sockets_network *sockets, size_t channel, struct sockets_sent *current)
{
    struct sock_error entry;

    (void)sock_pending_error(sockets->channels[channel].fd);
    while (room(sockets) > 0 && sock_error_read(sockets->channels[channel].fd, &entry) > 0)
        take_error(sockets, channel, &entry, current);
}

static void take_datagram(struct sockets_network *sockets, size_t channel, struct slice data,
                          struct reply *reply)
{
    bool echo = sockets->channels[channel].echo;
    struct sockets_sent *sent = echo ? find_echo(sockets, data) : find_answered(sockets, channel, data);

    /* Anybody may send to a ping socket: an answer has our cookie and comes from where it was asked. */
    if (sent == NULL || (echo && (data.length < HEADER_LENGTH + COOKIE_LENGTH ||
                                  !sonde_address_equal(&reply->from, &sent->probe.destination))))
        return;
    if (echo && data.data[0] != (sent->probe.destination.family == 6 ? ICMP6_ECHO_REPLY : ICMP4_ECHO_REPLY))
        return;
    reply->kind = echo ? REPLY_ECHO : REPLY_DATA;
    answer(sockets, sent, reply);
}

static void drain_datagrams(struct sockets_network *sockets, size_t channel)
{
    static const struct sonde_address nobody;
    uint8_t data[2048]; /* the rest of a longer datagram is of no interest */

    while (room(sockets) > 0) {
        struct reply reply = sock_reply(0, REPLY_DATA, &nobody, 0, 0);
        ssize_t length = sock_receive(sockets->channels[channel].fd, data, sizeof(data), &reply);

        /* An error that the queue explains ends a receive once; what else waits shows at the next turn. */
        if (length < 0)
            return;
        take_datagram(sockets, channel, slice_of(data, (size_t)length), &reply);
    }
}

static int open_channel(struct sockets_network *sockets, const struct probe *probe)
{
    struct sockets_channel *channel = &sockets->channels[sockets->channel_count];
    struct sockaddr_storage storage;
    socklen_t length = sock_address(&probe->destination, probe->port, &sockets->binding, &storage);
    int fd;

    if (sockets->channel_count == SOCKETS_CHANNELS_MAX)
        return -EMFILE;
    fd = sock_open(probe->destination.family, SOCK_DGRAM, IPPROTO_UDP, &sockets->binding);
    if (fd < 0)
        return fd;
    /* Only who was asked may answer. */
    if (connect(fd, (const struct sockaddr *)&storage, length) < 0) {
        int error = -errno;

        close(fd);
        return error;
    }
    *channel = (struct sockets_channel){.fd = fd,
                                        .service = probe->payload.length > 0,
                                        .probe = probe->id,
                                        .flow = probe->flow,
                                        .destination = probe->destination,
                                        .port = probe->port};
    return (int)sockets->channel_count++;
}

static int open_echo(struct sockets_network *sockets, uint8_t family)
{
    int fd = sock_open(family, SOCK_DGRAM, family == 6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP, &sockets->binding);

    /* What the administrator forbids is no evidence about a route, as -EACCES of a datagram would be. */
    if (fd < 0)
        return fd == -EACCES || fd == -EPERM ? -EOPNOTSUPP : fd;
    sockets->channels[sockets->channel_count] =
        (struct sockets_channel){.fd = fd, .echo = true, .destination.family = family};
    return (int)sockets->channel_count++;
}

/* The socket for a probe: by family for echo; by flow and destination for UDP, so that a ladder shares one
 * path. */
static int find_channel(struct sockets_network *sockets, const struct probe *probe)
{
    for (size_t i = 0; i < sockets->channel_count; i++) {
        const struct sockets_channel *channel = &sockets->channels[i];

        if (probe->kind == PROBE_ECHO) {
            if (channel->echo && channel->destination.family == probe->destination.family)
                return (int)i;
        } else if (!channel->echo && !channel->service && probe->payload.length == 0 &&
                   channel->flow == probe->flow && channel->port == probe->port &&
                   sonde_address_equal(&channel->destination, &probe->destination)) {
            return (int)i;
        }
    }
    return probe->kind == PROBE_ECHO ? open_echo(sockets, probe->destination.family)
                                     : open_channel(sockets, probe);
}

/* Write header (of echo) and content, padded to the size asked for. */
static size_t write_datagram(const struct sockets_network *sockets, const struct sockets_sent *sent,
                             struct slice payload, uint8_t *buffer)
{
    const struct probe *probe = &sent->probe;
    size_t network_header = probe->destination.family == 6 ? 40 : 20, length = 0, wanted;
    uint16_t sequence = (uint16_t)(probe->id + sockets->salt);

    if (probe->kind == PROBE_ECHO) {
        memset(buffer, 0, HEADER_LENGTH); /* the kernel writes identifier and checksum */
        buffer[0] = probe->destination.family == 6 ? ICMP6_ECHO_REQUEST : ICMP4_ECHO_REQUEST;
        buffer[ECHO_SEQUENCE] = (uint8_t)(sequence >> 8);
        buffer[ECHO_SEQUENCE + 1] = (uint8_t)sequence;
        length = HEADER_LENGTH;
    } else {
        network_header += HEADER_LENGTH;
    }
    if (probe->kind == PROBE_ECHO || payload.length == 0)
        payload = slice_of(sent->mark, sent->mark_length);
    payload = slice_first(payload, DATAGRAM_MAX - length);
    memcpy(buffer + length, payload.data, payload.length);
    length += payload.length;
    wanted = probe->size > network_header ? probe->size - network_header : 0;
    if (wanted <= length)
        return length;
    memset(buffer + length, 0, wanted - length);
    return wanted;
}

/*
 * An error of an earlier probe may wait on a shared socket, and the kernel would report it now, instead of
 * sending. So errors are taken before and after, and only one that explains nothing else is this machine's
 * refusal.
 */
static int transmit(struct sockets_network *sockets, size_t channel, struct sockets_sent *sent,
                    struct slice datagram)
{
    struct sockaddr_storage storage;
    socklen_t length = sock_address(&sent->probe.destination, 0, &sockets->binding, &storage);
    bool echo = sockets->channels[channel].echo;
    int error = -EAGAIN;

    for (int i = 0; i < SEND_TRIES; i++) {
        size_t before;

        drain_errors(sockets, channel, NULL);
        before = sockets->last_pending;
        sent->sent_ns = sock_now();
        if (sendto(sockets->channels[channel].fd, datagram.data, datagram.length, MSG_NOSIGNAL,
                   echo ? (const struct sockaddr *)&storage : NULL, echo ? length : 0) >= 0)
            return 0;
        error = -errno;
        drain_errors(sockets, channel, sent);
        if (sent->answered)
            return 0;
        if (sockets->last_pending == before)
            break;
    }
    return error;
}

static int send_datagram(struct sockets_network *sockets, const struct probe *probe)
{
    struct sockets_sent *sent = &sockets->sent[probe->id];
    uint8_t buffer[DATAGRAM_MAX];
    int channel = find_channel(sockets, probe), error;

    if (channel < 0)
        return channel;
    *sent = (struct sockets_sent){.used = true, .channel = (size_t)channel, .probe = *probe};
    sent->probe.payload = (struct slice){0};
    write_mark(sockets, probe, sent);
    error = sock_shape(sockets->channels[channel].fd, probe);
    if (error == 0)
        error = transmit(sockets, (size_t)channel, sent,
                         slice_of(buffer, write_datagram(sockets, sent, probe->payload, buffer)));
    sent->used = error == 0;
    return error;
}

static int send_local(struct sockets_network *sockets, const struct probe *probe)
{
    struct reply reply;
    int error = local_ask(&sockets->local, probe, &reply);

    if (error != 0)
        return error;
    reply.when_ns = sock_now();
    push(sockets, &reply);
    return 0;
}

static int sockets_send(struct network *network, const struct probe *probe)
{
    struct sockets_network *sockets = of(network);

    if (probe->id >= PROBES_MAX)
        return -EINVAL;
    if (probe->first_fragment)
        return -EOPNOTSUPP;
    switch (probe->kind) {
    case PROBE_ROUTE:
    case PROBE_NEIGHBOUR:
    case PROBE_LISTENER:
        return send_local(sockets, probe);
    case PROBE_ECHO:
    case PROBE_UDP:
        return send_datagram(sockets, probe);
    case PROBE_TCP_SYN:
    case PROBE_STREAM:
        stream_abort(&sockets->streams[probe->id]);
        return stream_start(&sockets->streams[probe->id], probe, &sockets->binding);
    default:
        return -EOPNOTSUPP;
    }
}

static bool sockets_can(const struct network *network, enum probe_kind kind)
{
    const struct sockets_network *sockets = (const struct sockets_network *)network;

    switch (kind) {
    case PROBE_LISTENER:
        return sockets->local.diag.socket != NULL;
    case PROBE_ECHO:
        return sockets->channel_count > 0 && sockets->channels[0].echo;
    case PROBE_ROUTE:
    case PROBE_NEIGHBOUR:
    case PROBE_UDP:
    case PROBE_TCP_SYN:
    case PROBE_STREAM:
        return true;
    default:
        return false;
    }
}

static int64_t sockets_now(struct network *network)
{
    return sock_now();
}

size_t sockets_fds(const struct sockets_network *sockets, struct pollfd *fds, size_t max)
{
    size_t count = 0;

    for (size_t i = 0; i < sockets->channel_count && count < max; i++)
        fds[count++] = (struct pollfd){.fd = sockets->channels[i].fd, .events = POLLIN};
    for (size_t i = 0; i < PROBES_MAX && count < max; i++)
        if (sockets->streams[i].phase != STREAM_IDLE)
            fds[count++] =
                (struct pollfd){.fd = sockets->streams[i].fd, .events = stream_events(&sockets->streams[i])};
    return count;
}

static int64_t earliest(const struct sockets_network *sockets, int64_t deadline_ns)
{
    for (size_t i = 0; i < PROBES_MAX; i++)
        if (stream_deadline(&sockets->streams[i]) < deadline_ns)
            deadline_ns = stream_deadline(&sockets->streams[i]);
    return deadline_ns;
}

static int wait_until(const struct sockets_network *sockets, int64_t deadline_ns)
{
    struct pollfd fds[SOCKETS_CHANNELS_MAX + PROBES_MAX];
    size_t count = sockets_fds(sockets, fds, COUNT_OF(fds));
    int64_t now_ns = sock_now(), left_ns = deadline_ns > now_ns ? deadline_ns - now_ns : 0;
    struct timespec left = {.tv_sec = left_ns / NS_PER_S, .tv_nsec = left_ns % NS_PER_S};

    return ppoll(fds, count, deadline_ns == INT64_MAX ? NULL : &left, NULL) < 0 ? -errno : 0;
}

/* Looking at a socket that has nothing costs a microsecond; there are too few of them to remember which had.
 */
static void collect(struct sockets_network *sockets)
{
    struct reply reply;

    for (size_t i = 0; i < sockets->channel_count; i++) {
        drain_errors(sockets, i, NULL);
        drain_datagrams(sockets, i);
    }
    for (size_t i = 0; i < PROBES_MAX; i++)
        while (room(sockets) > 0 && stream_step(&sockets->streams[i], sock_now(), &reply) > 0)
            push(sockets, &reply);
}

static int sockets_receive(struct network *network, int64_t deadline_ns, struct reply *reply)
{
    struct sockets_network *sockets = of(network);

    for (;;) {
        int error;

        if (pop(sockets, reply))
            return 1;
        error = wait_until(sockets, earliest(sockets, deadline_ns));
        if (error != 0)
            return error;
        collect(sockets);
        if (pop(sockets, reply))
            return 1;
        if (sock_now() >= deadline_ns)
            return 0;
    }
}

/* Whether the source address is this machine's shows only when a socket is bound to it. */
static int try_binding(const struct sockets_network *sockets, uint8_t family, struct sonde_error *error)
{
    char text[SONDE_ADDRESS_TEXT];
    int fd = sock_open(family, SOCK_DGRAM, IPPROTO_UDP, &sockets->binding);

    if (fd >= 0)
        return close(fd);
    if (fd == -EADDRNOTAVAIL)
        return error_set(error, fd, "%s is no address of this machine",
                         sonde_address_format(&sockets->binding.source, text));
    return error_set(error, fd, "cannot open a UDP socket: %s", strerror(-fd));
}

static int draw_key(struct sockets_network *sockets)
{
    if (getrandom(&sockets->key, sizeof(sockets->key), 0) != (ssize_t)sizeof(sockets->key) ||
        getrandom(&sockets->salt, sizeof(sockets->salt), 0) != (ssize_t)sizeof(sockets->salt))
        return -EIO;
    return 0;
}

int sockets_init(struct sockets_network *sockets, const struct sonde_address *destination,
                 const char *interface, const struct sonde_address *source, struct sonde_error *error)
{
    int failed;

    memset(sockets, 0, sizeof(*sockets));
    sockets->network = (struct network){sockets_send, sockets_receive, sockets_now, sockets_can};
    failed = local_init(&sockets->local, interface, source);
    if (failed == -ENODEV)
        return error_set(error, SONDE_E_USAGE, "there is no interface %s", interface);
    if (failed == 0)
        failed = draw_key(sockets);
    if (failed != 0) {
        local_deinit(&sockets->local);
        return error_set(error, failed, "cannot ask the kernel about its network: %s", strerror(-failed));
    }
    sockets->binding.index = sockets->local.interface;
    sockets->binding.source = sockets->local.source;
    if (sockets->binding.index != 0)
        strncpy(sockets->binding.interface, interface, sizeof(sockets->binding.interface) - 1);
    failed = try_binding(sockets, destination->family, error);
    if (failed != 0) {
        local_deinit(&sockets->local);
        return failed;
    }
    (void)open_echo(sockets, destination->family); /* may be forbidden; then it cannot ask PROBE_ECHO */
    return 0;
}

void sockets_deinit(struct sockets_network *sockets)
{
    for (size_t i = 0; i < PROBES_MAX; i++)
        stream_abort(&sockets->streams[i]);
    for (size_t i = 0; i < sockets->channel_count; i++)
        close(sockets->channels[i].fd);
    sockets->channel_count = 0;
    local_deinit(&sockets->local);
}
