/* SPDX-License-Identifier: MIT */
/* A real TCP connection as a probe: does it stand, are data acknowledged, does the service answer? */
#ifndef SONDE_NET_STREAM_H
#define SONDE_NET_STREAM_H

#include "net/sock.h"

/** How far a connection has come. */
enum stream_phase { STREAM_IDLE, STREAM_CONNECTING, STREAM_ASKING };

/** One connection; zero-initialised it is idle. */
struct stream {
    enum stream_phase phase;
    int fd;
    int error;           /* positive errno that was taken from the socket and not reported yet */
    bool icmp;           /* `failure` holds an ICMP error that was not reported yet */
    struct probe probe;  /* its payload is owned by the caller, up to the last reply */
    int64_t sent_ns;     /* when the connection was asked for */
    int64_t deadline_ns; /* of the present phase */
    size_t written;      /* octets of the payload that the kernel took */
    struct sock_error failure;
};

/**
 * Begin to connect.
 *
 * A PROBE_STREAM gives REPLY_STREAM_OPEN when the connection stands and then exactly one more: REPLY_DATA (a
 * service that greets first counts), REPLY_STREAM_RESET, _CLOSED, _SILENT or _STALLED. A connection that
 * fails gives one reply: REPLY_RESET, REPLY_ICMP, REPLY_LOCAL or REPLY_STREAM_TIMEOUT. A PROBE_TCP_SYN gives
 * REPLY_SYN_ACK or one of the failures but no timeout; its connection is reset as soon as it stands. The
 * kernel repeats a SYN after a second, so a SYN probe with a TTL or of another flow than FLOW_TARGET is given
 * up before; that one packet is all it costs.
 *
 * The payload goes out as soon as the connection stands. If the probe has a size, that many octets follow in
 * all, so that full-sized segments are on the path. An empty payload becomes a line that few services leave
 * unanswered.
 * @param probe its payload must stay until the last reply
 * @return 0, or -errno when this machine refuses
 */
int stream_start(struct stream *stream, const struct probe *probe, const struct sock_binding *binding);

/** Which poll(2) events the stream waits for; 0 when it is idle. */
short stream_events(const struct stream *stream);

/** When stream_step is due without an event; INT64_MAX when it is idle. */
int64_t stream_deadline(const struct stream *stream);

/**
 * Go on after an event or at the deadline. After its last reply the stream is idle and its socket closed: in
 * the normal way after data, with a reset if it was left unanswered.
 * @return 1 and a reply; 0 when there is nothing to say now
 */
int stream_step(struct stream *stream, int64_t now_ns, struct reply *reply);

/** Give up without a word to the caller; the other end gets a reset. */
void stream_abort(struct stream *stream);

#endif
