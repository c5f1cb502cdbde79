/* SPDX-License-Identifier: MIT */
/* Counting in the kernel, when only totals are wanted: a program at an interface counts each ICMP message by
 * type and code as it passes, and no packet is copied. */
#ifndef SONDE_NET_CAPTURE_KERNEL_H
#define SONDE_NET_CAPTURE_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "wire/frame.h"

/** Where the program stands. */
enum kernel_count_hook {
    KERNEL_COUNT_BEST,   /* the first of these that works */
    KERNEL_COUNT_TCX,    /* before every other program of traffic control (Linux 6.6) */
    KERNEL_COUNT_SOCKET, /* as the filter of a packet socket that keeps nothing; slower (Linux 5.5) */
};

/** Messages of one family, type and code in one direction, since the counter was opened. */
struct kernel_count {
    uint8_t family; /* 4 or 6: of ICMP, whatever the IP version around it */
    uint8_t type, code;
    uint8_t direction; /* FRAME_IN or FRAME_OUT */
    uint64_t packets;
    uint64_t bytes; /* of their IP packets, as their headers claim */
};

/** Every frame in one direction, by what became of it; frames is the sum of the others. */
struct kernel_count_tally {
    uint64_t frames;
    uint64_t bytes;     /* of the frames */
    uint64_t icmp;      /* counted by type and code */
    uint64_t fragments; /* of ICMP, but not the first of the message: no type to be seen */
    uint64_t malformed; /* a header is cut or contradicts itself */
    uint64_t other;     /* anything but ICMP */
};

/** Both directions. */
struct kernel_count_totals {
    struct kernel_count_tally in, out;
};

/** A program at an interface and the memory it counts in. */
struct kernel_counter;

/** Is given each family, type, code and direction that has passed at least once. */
typedef void kernel_count_visit(void *context, const struct kernel_count *count);

/**
 * Begin to count at an interface, in and out. Needs CAP_BPF, CAP_NET_ADMIN and CAP_NET_RAW; reading and
 * closing need nothing, and work in the sandbox. The program is gone with the process, however that ends.
 *
 * It looks through VLAN tags and IPv6 extension headers, not into tunnels, and counts what the kernel handles
 * as one packet as one. What is sent past queueing (PACKET_QDISC_BYPASS, AF_XDP) passes it unseen, as it does
 * every capture. It uses 4 MiB of the kernel's memory, and 66 KiB for each processor.
 * @param name of an interface: "any" is none
 * @param counter set on success; end it with kernel_count_close
 * @return 0, or an error with its context: SONDE_E_PERMISSION; SONDE_E_NOT_FOUND no such interface;
 * SONDE_E_UNSUPPORTED this build, this kernel or this kind of interface cannot; else -errno
 */
int kernel_count_open(const char *name, enum kernel_count_hook hook, struct kernel_counter **counter,
                      struct sonde_error *error);

/** Where the program stands: KERNEL_COUNT_TCX or KERNEL_COUNT_SOCKET. */
enum kernel_count_hook kernel_count_hook(const struct kernel_counter *counter);

/**
 * Read all counts. They only grow, and stay when the interface vanishes. What passes meanwhile may or may not
 * be included, so that the totals and the sum of the counts can differ by it.
 * @param visit called for each count; NULL when only the totals are wanted
 * @param totals filled, or NULL
 * @return 0, or -errno when memory for a look at rare types is lacking: counts are missing then
 */
int kernel_count_read(struct kernel_counter *counter, kernel_count_visit *visit, void *context,
                      struct kernel_count_totals *totals);

/**
 * Take the program away.
 * @param counter or NULL
 * @return NULL
 */
struct kernel_counter *kernel_count_close(struct kernel_counter *counter);

#endif
