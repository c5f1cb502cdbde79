/* SPDX-License-Identifier: MIT */
/* Connections that fail: hosts that want a service which refuses them or which a filter forbids. */
#ifndef SONDE_DETECT_TROUBLE_FAILED_H
#define SONDE_DETECT_TROUBLE_FAILED_H

#include "base/distinct.h"
#include "detect/trouble/complaint.h"

enum { FAILED_SETS = 32, FAILED_WAYS = 4, FAILED_ERRORS = 5, FAILED_CLIENTS = 3 };

/** A host that was refused. */
struct refused {
    uint32_t tag, last_s;
};

/** A service that refuses. */
struct refusal {
    uint64_t tag; /* 0: free */
    uint32_t times_s[FAILED_ERRORS];
    uint32_t errors;  /* since the row was made */
    uint32_t untold;  /* of them, not in a finding yet */
    uint32_t last_s;  /* of errors */
    uint32_t told_s;  /* second of the last word about it */
    uint32_t samples; /* packets shown */
    struct refused refused[FAILED_CLIENTS];
    struct distinct clients;
};

/** All of them; zeroed memory is ready. */
struct failed {
    struct refusal rows[FAILED_SETS * FAILED_WAYS];
};

/** Look into a complaint that is COMPLAINT_REFUSED. */
void failed_see(struct watch *watch, struct failed *failed, const struct complaint *complaint);

#endif
