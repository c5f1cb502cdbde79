/* SPDX-License-Identifier: MIT */
/* Who gets much: cells that count by hashed prefix, and exact rows for the few that are busy. */
#ifndef SONDE_DETECT_FLOOD_HEAVY_H
#define SONDE_DETECT_FLOOD_HEAVY_H

#include "base/distinct.h"
#include "detect/watch.h"

/** From the widest prefix to the single host. */
enum heavy_level {
    HEAVY_AREA, /* /16 or /48 */
    HEAVY_NET,  /* /24 or /64 */
    HEAVY_HOST,
    HEAVY_LEVELS,
};

enum {
    HEAVY_AREA_CELLS = 2048,
    HEAVY_NET_CELLS = 4096,
    HEAVY_HOST_CELLS = 8192,
    HEAVY_SETS = 64,
    HEAVY_WAYS = 4,
    HEAVY_ROWS = HEAVY_SETS * HEAVY_WAYS,
    HEAVY_PAST = 31,    /* seconds of which the usual rate is the median */
    HEAVY_DETAIL = 400, /* packets a second from which on more than their number is kept, */
};

/** What came in the present second. */
struct heavy_second {
    uint32_t packets;
    uint32_t of_class[PACKET_CLASSES]; /* by enum packet_class */
    uint32_t query_replies;            /* of those of PACKET_QUERY */
    uint32_t in_parts;                 /* answers to the host's questions of which fragments follow */
    uint32_t answers;                  /* echo replies that left */
    uint64_t doubt;                    /* variance of requests less answers, where samples stand for them */
    uint32_t sweeping;                 /* questions of senders that look for ever new hosts */
    uint32_t detailed; /* packets of which the members below know, echo messages among them: */
    uint32_t echoes;
    uint32_t votes;     /* lead of the sender below over all others (Boyer and Moore 1981) */
    uint32_t patterned; /* echo messages as a ping program sends them */
    uint32_t steady;    /* echo messages with the same identifier as the one before */
    uint32_t routine;   /* questions of senders that ask the same targets again and again */
    uint8_t sender[16]; /* the one that sent most, if any sent more than half */
    uint8_t sender_flags;
    uint8_t type, code; /* of the last message */
    uint16_t id;        /* of the last echo message */
};

/** A busy destination. */
struct heavy_row {
    uint8_t address[16];
    uint8_t family, level, bits; /* bits: length of the prefix, 0 for a host */
    uint8_t samples;             /* packets kept for the finding */
    struct heavy_second now;
    uint32_t last;             /* packets in the second before */
    uint32_t usual;            /* packets a second before the row was made */
    uint32_t past[HEAVY_PAST]; /* ring of quiet seconds */
    uint32_t past_count;       /* quiet seconds seen so far */
    uint32_t idle;             /* seconds without packets */
    uint32_t above;            /* seconds above the threshold */
    uint64_t total, octets;    /* packets and octets since then */
    uint64_t asked, answered;  /* echo requests since then, and replies to them */
    struct distinct senders;   /* since then */
    struct distinct targets;   /* since then, of prefixes */
    uint32_t peak;             /* most packets in a second since then */
    uint32_t probes;           /* questions that the host had sent when the last second ended */
    uint32_t first_s;          /* seconds since the watch began when the row was made */
    bool raised, single;       /* there is a finding; it names a sender */
    uint8_t kind;              /* enum finding_kind of it */
    uint8_t single_sender[16]; /* that sender */
};

/** Cells and rows; zeroed memory is ready. */
struct heavy {
    uint32_t second; /* of the capture's clock; cells of other seconds count as 0 */
    uint32_t weight; /* packets that the present one stands for */
    uint32_t busy;   /* rows with details, in the last second or this one */
    uint32_t area_cells[HEAVY_AREA_CELLS], net_cells[HEAVY_NET_CELLS], host_cells[HEAVY_HOST_CELLS];
    uint64_t tags[HEAVY_ROWS]; /* 0: free */
    struct heavy_row rows[HEAVY_ROWS];
};

/** The tag of the prefix of a level around an address. @param host_hash keyed hash of the whole address */
uint64_t heavy_tag(const struct watch *watch, enum heavy_level level, uint8_t family, const uint8_t *address,
                   uint64_t host_hash);

/**
 * Count a packet in a cell.
 * @return whether its destination is busy enough to be looked at more closely
 */
bool heavy_count(struct heavy *heavy, enum heavy_level level, uint64_t tag);

/** The row of a tag, or NULL. */
struct heavy_row *heavy_find(struct heavy *heavy, uint64_t tag);

/** The row of a tag, made if need be in place of the least busy. @param fresh whether it is new */
struct heavy_row *heavy_get(struct heavy *heavy, uint64_t tag, bool *fresh);

/** Packets a second that are usual for a row. */
uint32_t heavy_usual(const struct heavy_row *row);

/** Keep the packets of a quiet second. */
void heavy_keep(struct heavy_row *row, uint32_t packets);

#endif
