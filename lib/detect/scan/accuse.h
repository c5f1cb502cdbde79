/* SPDX-License-Identifier: MIT */
/* How a finding about a sweep is raised, kept up to date and proved. */
#ifndef SONDE_DETECT_SCAN_ACCUSE_H
#define SONDE_DETECT_SCAN_ACCUSE_H

#include "detect/scan/suspect.h"
#include "detect/watch.h"

/** Why a sender is suspected. */
enum reason {
    REASON_SHORT,        /* many targets in the short window */
    REASON_LONG,         /* or in the long one */
    REASON_BURST,        /* few targets, but most of them dead, and fast */
    REASON_SCANNER,      /* few targets, but with packets of a known scanner, and fast */
    REASON_RUN,          /* one address after the other */
    REASON_WALK,         /* new targets, most of them dead */
    REASON_RANGE,        /* a good part of one net, slowly, and all of it answers */
    REASON_SLOW_SCANNER, /* few targets, but with packets of a known scanner, and slowly */
    REASONS,
};

enum {
    SWEEP_SHORT_S = 10,
    SWEEP_SHORT = 64, /* targets in it */
    SWEEP_LONG_S = 600,
    SWEEP_LONG = 256,
    SWEEP_SCANNER = 12, /* targets asked with packets of a known scanner */
    SWEEP_RUN = 32,     /* addresses in a row */
    SWEEP_RANGE = 64,   /* addresses of a /24 */
};

/** The kind of finding that a reason leads to. */
enum finding_kind reason_kind(enum reason reason);

/** Whether a sender uses a program that does nothing but scan. */
bool is_scanner(const struct scan *scan);

/**
 * Raise the findings for all reasons for which a sender is suspected and not yet accused.
 * @param suspect its kept packets, or NULL
 * @param packet the packet at hand, or NULL
 * @param harmless everything is answered and nothing shows a range: it may be an inventory
 */
void accuse(struct watch *watch, const struct source *source, struct scan *scan, struct suspect *suspect,
            const struct packet *packet, bool harmless);

/** Say that an accused sender goes on. @param packet the packet at hand, or NULL */
void accuse_again(struct watch *watch, const struct source *source, struct scan *scan,
                  const struct packet *packet);

#endif
