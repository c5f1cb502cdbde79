/* SPDX-License-Identifier: MIT */
/* Frames composed by words, from the innermost to the outermost: "echo4 ip4 gre ip4 eth". */
#ifndef SONDE_TESTS_UNIT_DETECT_MALICE_COMPOSE_H
#define SONDE_TESTS_UNIT_DETECT_MALICE_COMPOSE_H

#include "tests/unit/unit.h"

enum { COMPOSE_MAX = 8192 };

/** What is composed; it grows towards the front. Zero-initialise it. */
struct composed {
    size_t length;
    uint8_t protocol; /* IP protocol of what stands at the front */
    uint16_t type;    /* its EtherType */
    uint8_t octets[COMPOSE_MAX];
};

/** The octets so far. */
struct slice composed_octets(const struct composed *composed);

/**
 * Put headers in front.
 * @param words names of compose.c, each perhaps with "*N": so many times; a wrong word fails the test
 */
void compose(struct composed *composed, const char *words);

/** Put zeros in front. Returns the first of them. */
uint8_t *compose_front(struct composed *composed, size_t octets);

#endif
