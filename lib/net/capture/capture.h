/* SPDX-License-Identifier: MIT */
/* Where frames come from: the seam between those who watch and files, interfaces and netlink groups. */
#ifndef SONDE_NET_CAPTURE_CAPTURE_H
#define SONDE_NET_CAPTURE_CAPTURE_H

#include <stdbool.h>

#include "base/error.h"
#include "wire/frame.h"

enum { CAPTURE_BATCH = 64 /* frames that are handed over at once */ };

/** What became of the frames. */
struct capture_statistics {
    uint64_t frames;            /* handed over */
    uint64_t dropped_by_kernel; /* lost before we could read them */
    uint64_t frozen;            /* times that the ring was full */
};

/** A source of frames. An implementation embeds it as its first member. */
struct capture {
    /**
     * Take the frames that are there now. They stay valid until the next call for this capture.
     * @param frames at least CAPTURE_BATCH
     * @param error says what went wrong, in a sentence
     * @return frames; 0 when none is there now (live) or the end is reached (a file: `ended` is set then); or
     * an error: -EBADMSG damaged file (what was readable was handed over before), -ENETDOWN an interface that
     * vanished (the capture goes on waiting for it: call again), else -errno
     */
    int (*read)(struct capture *capture, struct frame *frames, struct sonde_error *error);
    /** What became of the frames so far. */
    void (*statistics)(struct capture *capture, struct capture_statistics *statistics);
    /** Close and free it. */
    void (*free)(struct capture *capture);
    int descriptor;   /* poll it for input when a read gave 0 frames; -1: read at any time */
    bool live;        /* frames come as they pass; else from a file */
    bool ended;       /* there is nothing more to come */
    bool absent;      /* the interface is down or gone, and is waited for; false again when it is back */
    const char *name; /* "eth0", "any", "nflog:5" or the path of the file */
    const char *(*interface_name)(const struct capture *capture, uint16_t interface); /* or NULL: the name */
};

/**
 * Read a capture file, pcap or pcapng.
 * @param path "-" is standard input
 * @param capture set on success; its `free` ends it
 * @return 0 or an error with its context
 */
int capture_open_file(const char *path, struct capture **capture, struct sonde_error *error);

/**
 * Listen on an interface with a ring of packets shared with the kernel (AF_PACKET, TPACKET_V3). One interface
 * is made to take in what is for others too (promiscuous mode), as long as it is listened to. An interface
 * that is down or goes away is waited for, also by a process that has no capability any more.
 * @param name of an interface, or "any" for all of them; a packet that passes several is seen on each
 * @param size octets of the ring, rounded up to whole blocks; they count as memory of this process
 * @param number of the interface within the watch: struct frame's interface is this number
 * @return 0, or an error with its context: SONDE_E_PERMISSION, SONDE_E_NOT_FOUND, -errno
 */
int capture_open_ring(const char *name, size_t size, uint16_t number, struct capture **capture,
                      struct sonde_error *error);

/**
 * Listen to what the firewall copies to an NFLOG group (nfnetlink_log).
 * @param group from 0 to 65535
 * @return 0, or an error with its context
 */
int capture_open_nflog(uint16_t group, uint16_t number, struct capture **capture, struct sonde_error *error);

#endif
