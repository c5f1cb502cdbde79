/* SPDX-License-Identifier: MIT */
/* What the screen shows of the counts: a copy, made once a second, that can be held still. */
#ifndef SONDE_CMD_WATCH_SCREEN_MODEL_H
#define SONDE_CMD_WATCH_SCREEN_MODEL_H

#include "catalog/icmp.h"
#include "detect/watch.h"

enum {
    MODEL_TYPES = 256, /* types and codes with the most packets */
    MODEL_TALKERS = 16,
    MODEL_SECONDS = HISTORY_SLOTS, /* that a sparkline shows */
};

/** What the types are ordered by. */
enum model_order { MODEL_BY_PACKETS, MODEL_BY_RATE, MODEL_BY_TYPE, MODEL_ORDERS };

/** One type and code, of all layers. */
struct type_row {
    uint8_t family, type, code;
    const struct sonde_icmp_entry *entry;
    uint64_t packets, inner; /* of those within tunnels */
    uint32_t rate;           /* in the last whole second */
    int series;              /* in the history, or -1 */
};

/** A sender or receiver. */
struct talker_row {
    struct sonde_address address;
    bool prefix; /* it stands for its /64 */
    uint64_t packets;
};

/** The copy; zero-initialise it. */
struct model {
    int64_t second; /* of the history when it was made */
    enum model_order order;
    struct type_row types[MODEL_TYPES];
    size_t type_count, types_seen; /* kept, and in all */
    uint64_t icmp;                 /* messages in all */
    struct talker_row senders[MODEL_TALKERS], receivers[MODEL_TALKERS];
    size_t sender_count, receiver_count;
    struct history history;
};

/** The word for an order. */
const char *model_order_name(enum model_order order);

/** Copy what is there now. */
void model_refresh(struct model *model, const struct watch *watch);

/** Put the types in the order that is wanted. */
void model_sort(struct model *model);

/**
 * The last minute of a type.
 * @param values packets in each part of the minute, the present one last
 * @param parts into which the minute falls; a divisor of 60
 */
void model_minute(const struct model *model, const struct type_row *row, uint64_t *values, unsigned parts);

/** ICMP messages in the last whole second. */
uint64_t model_rate(const struct history *history);

#endif
