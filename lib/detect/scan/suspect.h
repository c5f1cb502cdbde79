/* SPDX-License-Identifier: MIT */
/* Senders about whom it is not clear yet whether they scan, and the packets that will prove it. */
#ifndef SONDE_DETECT_SCAN_SUSPECT_H
#define SONDE_DETECT_SCAN_SUSPECT_H

#include "detect/finding.h"
#include "wire/frame.h"

enum { SUSPECTS = 64, SUSPECT_WAYS = 4, SUSPECT_SAMPLES = 3 };

/** A packet that outlives its capture's buffer, with as much of its frame as a finding keeps. */
struct suspect_sample {
    struct packet packet; /* its octets are gone */
    struct frame frame;
    uint8_t octets[FINDING_SAMPLE_MAX];
};

/** One of them. */
struct suspect {
    uint64_t tag; /* of its struct source; 0: free */
    bool held;    /* it is suspected; else it may become so, and others may take the place */
    size_t count;
    struct suspect_sample samples[SUSPECT_SAMPLES];
};

/** All of them, by tag: each has SUSPECT_WAYS places; of too many for them the later ones stay. */
struct suspects {
    struct suspect rows[SUSPECTS];
};

/** The entry of a sender, or NULL. */
struct suspect *suspects_find(struct suspects *suspects, uint64_t tag);

/** Keep a packet of a sender, who becomes a suspect if he is none. */
void suspects_keep(struct suspects *suspects, uint64_t tag, const struct packet *packet);

/** Keep a packet of a sender who may become a suspect, unless a suspect has the place. */
void suspects_offer(struct suspects *suspects, uint64_t tag, const struct packet *packet);

/** Forget a sender. */
void suspects_drop(struct suspects *suspects, uint64_t tag);

/** A kept packet as it was; valid as long as the entry. */
const struct packet *suspect_packet(struct suspect *suspect, size_t index);

#endif
