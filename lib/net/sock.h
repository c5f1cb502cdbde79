/* SPDX-License-Identifier: MIT */
/* Small helpers around kernel sockets: addresses, options, clocks, the error queue. */
#ifndef SONDE_NET_SOCK_H
#define SONDE_NET_SOCK_H

#include <sys/socket.h>

#include "probe/probe.h"

/** How probes leave: what the user insists on; all zero is "as the kernel likes". */
struct sock_binding {
    struct sonde_address source; /* family 0: any */
    uint32_t index;              /* of the interface; 0: any */
    char interface[INTERFACE_NAME_MAX];
};

enum { SOCK_QUOTE_MAX = 1500 };

/** One entry of a socket's error queue. */
struct sock_error {
    uint8_t origin; /* SO_EE_ORIGIN_LOCAL, _ICMP or _ICMP6 (linux/errqueue.h) */
    uint8_t type, code;
    int error;                     /* positive errno */
    uint32_t mtu;                  /* of errors that report one */
    struct sonde_address offender; /* who sent the error */
    int16_t ttl, tos;              /* of the ICMP packet; -1: not visible */
    int64_t when_ns;               /* on the monotonic clock */
    struct extension extension;    /* RFC 4884 objects */
    size_t length;                 /* octets of quote */
    uint8_t quote[SOCK_QUOTE_MAX]; /* UDP: the quoted payload; ping: the quoted ICMP message; TCP: the quoted
                                      header */
};

/** The monotonic clock in ns, which is the clock of the networks of lib/net. */
int64_t sock_now(void);

/**
 * Write a socket address.
 * @param binding gives link-local destinations their interface
 * @return its length
 */
socklen_t sock_address(const struct sonde_address *address, uint16_t port, const struct sock_binding *binding,
                       struct sockaddr_storage *storage);

/** Read a socket address; family 0 for one that is neither IPv4 nor IPv6. */
struct sonde_address sock_address_read(const struct sockaddr_storage *storage);

/**
 * Open a non-blocking socket that hears of ICMP errors (IP_RECVERR) and learns TTL, TOS and time of what it
 * receives.
 * @param family 4 or 6
 * @param type SOCK_STREAM or SOCK_DGRAM
 * @param protocol IPPROTO_TCP, _UDP, _ICMP or _ICMPV6
 * @return a file descriptor or -errno
 */
int sock_open(uint8_t family, int type, int protocol, const struct sock_binding *binding);

/**
 * Set TTL, TOS and fragmentation for what is sent next.
 * @return 0 or -errno
 */
int sock_shape(int fd, const struct probe *probe);

/** Do not collect ICMP errors any more, and forget those collected. */
void sock_ignore_errors(int fd, uint8_t family);

/** Take the pending error of a socket (SO_ERROR): 0 or a positive errno. */
int sock_pending_error(int fd);

/**
 * Take one entry of the error queue. This clears the pending error, so sock_pending_error must come first.
 * @return 1, 0 when the queue is empty, or -errno
 */
int sock_error_read(int fd, struct sock_error *entry);

/**
 * Take one datagram.
 * @param from, ttl, tos, when_ns filled; ttl and tos -1 if not visible
 * @return octets, or -errno (-EAGAIN when there is none)
 */
ssize_t sock_receive(int fd, void *buffer, size_t capacity, struct reply *reply);

/** Make a reply of an entry: REPLY_ICMP, or REPLY_LOCAL if this machine's kernel wrote it; `probe` and
 * `rtt_ns` stay. */
void sock_error_reply(const struct sock_error *entry, struct reply *reply);

/** A reply with everything that is not visible set so. */
struct reply sock_reply(uint16_t probe, enum reply_kind kind, const struct sonde_address *from,
                        int64_t when_ns, int64_t sent_ns);

/** Close so that nothing lingers: a connection is reset. Takes -1. */
void sock_reset(int fd);

#endif
