/* SPDX-License-Identifier: MIT */
/* A real TCP connection as a probe: does it stand, are data acknowledged, does the service answer? */
#include "net/stream.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/sockios.h> /* SIOCOUTQ */

#include "base/macro.h"

enum {
    CHUNK_MAX = 2048,
    SYN_RETRIES = 3,
    PADDING = 'x', /* no line end: a service that reads lines sees one that is not finished, and says nothing
                      to it */
};

/* Text, since services of lines answer a line that they do not understand. */
static const char default_payload[] = "sonde\r\n\r\n";

/** How long a SYN probe may take: the kernel would send a second SYN after a second (RFC 6298 2.1). */
static const int64_t syn_patience_ns = 950 * NS_PER_MS;

static struct slice payload_of(const struct probe *probe)
{
    if (probe->payload.length != 0)
        return probe->payload;
    return slice_of(default_payload, sizeof(default_payload) - 1);
}

static void stream_close(struct stream *stream, bool reset)
{
    char waste[CHUNK_MAX];

    if (stream->phase == STREAM_IDLE)
        return;
    if (reset) {
        sock_reset(stream->fd);
    } else {
        /* Unread data would turn a normal close into a reset. */
        for (int i = 0; i < 64 && recv(stream->fd, waste, sizeof(waste), MSG_DONTWAIT) > 0; i++)
            continue;
        close(stream->fd);
    }
    stream->phase = STREAM_IDLE;
    stream->fd = -1;
}

void stream_abort(struct stream *stream)
{
    stream_close(stream, true);
}

static int64_t patience(const struct probe *probe)
{
    if (probe->kind == PROBE_STREAM)
        return probe->timeout_ns;
    /* Only the main question is worth a second packet: it must still be there when a dead neighbour shows (3
     * s). */
    if (probe->flow == FLOW_TARGET && probe->ttl == 0)
        return 60 * NS_PER_S;
    return syn_patience_ns;
}

/* Take the pending error before the queue, since reading the queue clears it; say whether there was either.
 */
static bool take_error(struct stream *stream)
{
    int error = sock_pending_error(stream->fd);

    if (error != 0)
        stream->error = error;
    if (!stream->icmp && sock_error_read(stream->fd, &stream->failure) > 0)
        stream->icmp = true;
    return stream->error != 0 || stream->icmp;
}

static int try_connect(struct stream *stream, const struct sock_binding *binding)
{
    struct sockaddr_storage storage;
    socklen_t length = sock_address(&stream->probe.destination, stream->probe.port, binding, &storage);
    const int on = 1, retries = SYN_RETRIES;
    int error = sock_shape(stream->fd, &stream->probe);

    if (error != 0)
        return error;
    (void)setsockopt(stream->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    (void)setsockopt(stream->fd, IPPROTO_TCP, TCP_SYNCNT, &retries, sizeof(retries));
    if (connect(stream->fd, (const struct sockaddr *)&storage, length) == 0 || errno == EINPROGRESS)
        return 0;
    error = errno;
    /* On the loopback the answer may be there before connect returns; without one, the kernel itself refused.
     */
    if (sock_error_read(stream->fd, &stream->failure) > 0)
        stream->icmp = true;
    else if (error != ECONNREFUSED)
        return -error;
    stream->error = error;
    return 0;
}

int stream_start(struct stream *stream, const struct probe *probe, const struct sock_binding *binding)
{
    int error;

    memset(stream, 0, sizeof(*stream));
    stream->fd = sock_open(probe->destination.family, SOCK_STREAM, IPPROTO_TCP, binding);
    if (stream->fd < 0)
        return stream->fd;
    stream->probe = *probe;
    stream->sent_ns = sock_now();
    stream->deadline_ns = stream->sent_ns + patience(probe);
    error = try_connect(stream, binding);
    if (error != 0) {
        close(stream->fd);
        stream->fd = -1;
        return error;
    }
    stream->phase = STREAM_CONNECTING;
    return 0;
}

short stream_events(const struct stream *stream)
{
    bool unwritten =
        stream->written < payload_of(&stream->probe).length || stream->written < stream->probe.size;

    if (stream->phase == STREAM_IDLE)
        return 0;
    if (stream->phase == STREAM_CONNECTING)
        return POLLOUT;
    return (short)(unwritten ? POLLIN | POLLOUT : POLLIN);
}

int64_t stream_deadline(const struct stream *stream)
{
    if (stream->phase == STREAM_IDLE)
        return INT64_MAX;
    return stream->error != 0 || stream->icmp ? 0 : stream->deadline_ns;
}

static int finish(struct stream *stream, enum reply_kind kind, int64_t now_ns, bool reset,
                  struct reply *reply)
{
    *reply = sock_reply(stream->probe.id, kind, &stream->probe.destination, now_ns, stream->sent_ns);
    stream_close(stream, reset);
    return 1;
}

/* Silence is no answer to a SYN probe; of a stream the caller waits for the end. */
static int finish_unanswered(struct stream *stream, int64_t now_ns, struct reply *reply)
{
    if (stream->probe.kind == PROBE_STREAM)
        return finish(stream, REPLY_STREAM_TIMEOUT, now_ns, true, reply);
    stream_abort(stream);
    return 0;
}

static int finish_failed(struct stream *stream, int64_t now_ns, struct reply *reply)
{
    int error = stream->error;

    if (stream->icmp) {
        finish(stream, REPLY_ICMP, stream->failure.when_ns, true, reply);
        sock_error_reply(&stream->failure, reply);
        return 1;
    }
    if (error == ECONNREFUSED)
        return finish(stream, REPLY_RESET, now_ns, true, reply);
    if (error == ETIMEDOUT)
        return finish_unanswered(stream, now_ns, reply);
    finish(stream, REPLY_LOCAL, now_ns, true, reply);
    reply->error = error;
    return 1;
}

static bool is_connected(const struct stream *stream)
{
    struct sockaddr_storage peer;
    socklen_t length = sizeof(peer);

    return getpeername(stream->fd, (struct sockaddr *)&peer, &length) == 0;
}

static int fill_chunk(const struct stream *stream, char *chunk)
{
    struct slice payload = payload_of(&stream->probe);
    size_t total = payload.length > stream->probe.size ? payload.length : stream->probe.size;
    size_t length = total - stream->written;
    struct slice rest = slice_first(slice_skip(payload, stream->written), CHUNK_MAX);

    if (length > CHUNK_MAX)
        length = CHUNK_MAX;
    memset(chunk, PADDING, length);
    if (rest.length > 0)
        memcpy(chunk, rest.data, rest.length);
    return (int)length;
}

static void write_payload(struct stream *stream)
{
    char chunk[CHUNK_MAX];

    for (;;) {
        int length = fill_chunk(stream, chunk);
        ssize_t written =
            length > 0 ? send(stream->fd, chunk, (size_t)length, MSG_NOSIGNAL | MSG_DONTWAIT) : 0;

        /* The kernel tells an error only once, to reader or writer. */
        if (written < 0 && errno != EAGAIN && errno != EINTR)
            stream->error = errno;
        if (written <= 0)
            return;
        stream->written += (size_t)written;
    }
}

static int opened(struct stream *stream, int64_t now_ns, struct reply *reply)
{
    if (stream->probe.kind == PROBE_TCP_SYN)
        return finish(stream, REPLY_SYN_ACK, now_ns, true, reply);
    /* From here on the kernel repeats what is lost; an ICMP error is then no verdict (RFC 5461 2.2). */
    sock_ignore_errors(stream->fd, stream->probe.destination.family);
    *reply =
        sock_reply(stream->probe.id, REPLY_STREAM_OPEN, &stream->probe.destination, now_ns, stream->sent_ns);
    stream->phase = STREAM_ASKING;
    stream->deadline_ns = now_ns + stream->probe.timeout_ns;
    write_payload(stream);
    return 1;
}

static int step_connecting(struct stream *stream, int64_t now_ns, struct reply *reply)
{
    if (take_error(stream)) {
        /* Reset or closed pipe: the connection stood in between. */
        if (!stream->icmp && (stream->error == ECONNRESET || stream->error == EPIPE))
            return opened(stream, now_ns, reply);
        return finish_failed(stream, now_ns, reply);
    }
    if (is_connected(stream))
        return opened(stream, now_ns, reply);
    return now_ns >= stream->deadline_ns ? finish_unanswered(stream, now_ns, reply) : 0;
}

static int finish_silent(struct stream *stream, int64_t now_ns, struct reply *reply)
{
    int unacknowledged = 0;

    if (ioctl(stream->fd, SIOCOUTQ, &unacknowledged) < 0)
        unacknowledged = 0;
    return finish(stream, unacknowledged > 0 ? REPLY_STREAM_STALLED : REPLY_STREAM_SILENT, now_ns, true,
                  reply);
}

static int step_asking(struct stream *stream, int64_t now_ns, struct reply *reply)
{
    char data[CHUNK_MAX];
    ssize_t length;

    length = recv(stream->fd, data, sizeof(data), MSG_DONTWAIT);
    if (length > 0)
        return finish(stream, REPLY_DATA, now_ns, false, reply);
    if (stream->error != 0)
        return finish(stream, REPLY_STREAM_RESET, now_ns, true, reply);
    if (length == 0)
        return finish(stream, REPLY_STREAM_CLOSED, now_ns, false, reply);
    if (errno == ECONNRESET || errno == EPIPE)
        return finish(stream, REPLY_STREAM_RESET, now_ns, true, reply);
    if (errno != EAGAIN && errno != EINTR)
        return finish(stream, REPLY_STREAM_STALLED, now_ns, true, reply);
    write_payload(stream);
    return now_ns >= stream->deadline_ns ? finish_silent(stream, now_ns, reply) : 0;
}

int stream_step(struct stream *stream, int64_t now_ns, struct reply *reply)
{
    switch (stream->phase) {
    case STREAM_CONNECTING:
        return step_connecting(stream, now_ns, reply);
    case STREAM_ASKING:
        return step_asking(stream, now_ns, reply);
    default:
        return 0;
    }
}
