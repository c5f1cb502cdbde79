/* SPDX-License-Identifier: MIT */
/* Connections that fail: hosts that want a service which refuses them or which a filter forbids. */
#ifndef SONDE_DETECT_TROUBLE_FAILED_H
#define SONDE_DETECT_TROUBLE_FAILED_H

#include "base/distinct.h"
#include "detect/trouble/complaint.h"
#include "detect/trouble/row.h"

enum { FAILED_SETS = 32, FAILED_ERRORS = 5, FAILED_CLIENTS = 3 };

/** A host that was refused. */
struct refused {
    uint32_t tag, last_s;
};

/** A service that refuses. */
struct refusal {
    struct trouble_row head;
    uint32_t times_s[FAILED_ERRORS];
    uint32_t errors; /* since the row was made */
    struct refused refused[FAILED_CLIENTS];
    struct distinct clients;
};

/** All of them; zeroed memory is ready. */
struct failed {
    struct refusal rows[FAILED_SETS * TROUBLE_WAYS];
};

/** Look into a complaint that is COMPLAINT_REFUSED. */
void failed_see(struct watch *watch, struct failed *failed, const struct complaint *complaint);

#endif
