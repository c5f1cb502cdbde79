/* SPDX-License-Identifier: MIT */
/* A watch that is fed with made-up traffic, and what it found. */
#ifndef SONDE_TESTS_UNIT_DETECT_FLOOD_DRIVE_H
#define SONDE_TESTS_UNIT_DETECT_FLOOD_DRIVE_H

#include "detect/watch.h"
#include "tests/sim/traffic/traffic.h"
#include "tests/unit/unit.h"

/** A watch and its traffic. */
struct drive {
    struct watch *watch;
    struct traffic traffic;
    unsigned answers; /* of 100 requests of drive_pings, how many are answered */
};

/** A stream of echo requests. */
struct drive_stream {
    const char *source, *target;
    uint64_t sources, targets; /* so many addresses from there on; 0: one */
    bool reply;                /* replies instead of requests */
    unsigned rate;             /* packets a second */
    unsigned seconds;
    size_t payload; /* 0: none, as hping3 sends */
    uint8_t ttl;
};

/** A watch for everything. profile may be NULL. */
struct drive *drive_new(const struct profile *profile);

/** Free it. Always returns NULL. */
struct drive *drive_free(struct drive *drive);

/** Send a stream; drive->answers of 100 requests are answered 100 us later. */
void drive_pings(struct drive *drive, const struct drive_stream *stream);

/** Let time go by. */
void drive_wait(struct drive *drive, unsigned milliseconds);

/** The first finding of a kind, or NULL. */
const struct finding *drive_find(const struct drive *drive, enum finding_kind kind);

/** How many findings there are of a severity or above. */
size_t drive_count(const struct drive *drive, enum severity severity);

/** Fails the test unless an address is that of the text; "" is none. */
void drive_is(const struct sonde_address *address, const char *text);

/** A number of the evidence. */
double drive_fact(const struct finding *finding, enum fact fact);

/** An ICMP message with a body of so many octets of value 'X'. */
void drive_icmp(struct drive *drive, const char *source, const char *target, uint8_t type, uint8_t code,
                uint32_t word, size_t octets);

#endif
