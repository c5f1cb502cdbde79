/* SPDX-License-Identifier: MIT */
/* The likelihood table: causes down, tests across, in each cell what the test would show. */
#ifndef SONDE_DIAGNOSE_TABLE_H
#define SONDE_DIAGNOSE_TABLE_H

#include "diagnose/cause.h"
#include "diagnose/test.h"

/** Which targets a row applies to. */
enum row_scope { SCOPE_TCP = 1, SCOPE_UDP = 2, SCOPE_HOST = 4, SCOPE_PORT = 3, SCOPE_ANY = 7 };

/** How the device to blame is found. */
enum locator {
    AT_NOBODY,
    AT_HERE,       /* this machine */
    AT_TARGET,     /* the target */
    AT_ANSWERER,   /* who sent the error */
    AT_END,        /* the last router that answers on the way to the port */
    AT_AFTER_END,  /* the router behind that one */
    AT_RESET,      /* where the reset comes from, by its distance */
    AT_LOOP,       /* the router that sends the packets back */
    AT_GATEWAY,    /* the next hop */
    AT_TRANSLATOR, /* the first router that speaks in the target's name */
    AT_LARGE_END,  /* the last router that answers full-sized packets */
    AT_QUEUE,      /* the last router before the delay */
    AT_REPORTER,   /* who reported the smaller MTU */
};

/** A hypothesis; a cell without outcomes shows what is usual for its test. */
struct hypothesis {
    enum cause cause;
    enum row_scope scope;
    enum locator at;
    unsigned prior; /* how often one meets it, in thousandths of all calls for help */
    struct cell cells[TESTS];
};

/** All hypotheses. */
const struct hypothesis *hypotheses(size_t *count);

#endif
