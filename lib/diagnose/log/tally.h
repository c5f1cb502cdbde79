/* SPDX-License-Identifier: MIT */
/* What a firewall's log has to say about one target. */
#ifndef SONDE_DIAGNOSE_LOG_TALLY_H
#define SONDE_DIAGNOSE_LOG_TALLY_H

#include "base/record.h"
#include "base/text.h"
#include "diagnose/log/line.h"

enum { TALLY_GROUPS_MAX = 8, TALLY_WORDS_MAX = 96, TALLY_OWN_MAX = 64, TALLY_ADDRESSES_MAX = 8 };

/** Which packet of an exchange with the target a line is about. */
enum tally_packet {
    TALLY_REQUEST, /* to the target */
    TALLY_ANSWER,  /* from it */
    TALLY_ERROR,   /* an ICMP error that quotes a packet to it */
};

/** Lines that say the same but for their time. */
struct tally_group {
    enum tally_packet packet;
    enum log_action action;
    bool own; /* to or from this machine */
    const char *format;
    char rule[TALLY_WORDS_MAX], in[24], out[24];
    char last[TALLY_WORDS_MAX]; /* the time of the last line, as it was written */
    struct sonde_address other; /* of the last line: the other end */
    uint64_t lines;
};

/** Whose packets are looked for. */
struct tally_target {
    struct sonde_address addresses[TALLY_ADDRESSES_MAX]; /* of the target */
    size_t address_count;
    uint8_t protocol; /* IPPROTO_TCP or IPPROTO_UDP; 0: any */
    uint16_t port;    /* 0: any */
};

/** The addresses of this machine. */
struct tally_own {
    struct sonde_address addresses[TALLY_OWN_MAX];
    size_t count;
};

/** What was found. */
struct tally {
    struct tally_target target;
    struct tally_group groups[TALLY_GROUPS_MAX];
    size_t count;
    uint64_t others; /* lines about the target beyond these groups */
};

/** Count a line if it is about the target. */
void tally_add(struct tally *tally, const struct tally_own *own, const struct log_line *line);

/**
 * The group that speaks most for a firewall: lines of packets of this machine that were dropped or rejected,
 * else of anybody's.
 * @return NULL when nothing was dropped or rejected
 */
const struct tally_group *tally_strongest(const struct tally *tally);

/** Say in a sentence what a group has seen; `log` is the name of the log. */
void tally_tell(const struct tally_group *group, const char *log, struct text *sentence);

/** Say which rule a group names, for "next"; nothing if it names none. */
void tally_tell_rule(const struct tally_group *group, struct text *sentence);

#endif
