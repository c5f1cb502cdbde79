/* SPDX-License-Identifier: MIT */
/* Routing trouble: routers have no way to a prefix, or packets to it go round in circles. */
#ifndef SONDE_DETECT_TROUBLE_ROUTING_H
#define SONDE_DETECT_TROUBLE_ROUTING_H

#include "detect/trouble/complaint.h"
#include "detect/trouble/row.h"
#include "detect/trouble/tracer.h"

enum { ROUTING_SETS = 16, ROUTING_ERRORS = 5, ROUTING_REPORTERS = 4 };

/** A prefix that cannot be reached. */
struct routing_row {
    struct trouble_row head;
    uint32_t times_s[ROUTING_ERRORS];
    uint32_t errors;
    uint32_t clients[2], targets[2];
    uint32_t clients_s[2], targets_s[2];
    uint64_t classes; /* a bit for each of 64 classes of targets */
    uint32_t alive_s; /* when somebody there was last looked for */
    bool alive;
    bool certain;            /* packets that are no probes ran in circles */
    bool loop;               /* packets expire; else there is no route */
    uint8_t reporters_count; /* may be above ROUTING_REPORTERS */
    uint8_t family;          /* of the reporters */
    uint8_t reporters[ROUTING_REPORTERS][16];
};

/** All of them; zeroed memory is ready. */
struct routing {
    struct candidates prefixes;
    struct tracers tracers;
    struct routing_row rows[ROUTING_SETS * TROUBLE_WAYS];
};

/** Look into a complaint that is COMPLAINT_NO_ROUTE or COMPLAINT_EXPIRED. */
void routing_see(struct watch *watch, struct routing *routing, const struct complaint *complaint);

#endif
