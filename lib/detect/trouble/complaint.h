/* SPDX-License-Identifier: MIT */
/* An error as a complaint about a service or a prefix, with what those who look into it have in common. */
#ifndef SONDE_DETECT_TROUBLE_COMPLAINT_H
#define SONDE_DETECT_TROUBLE_COMPLAINT_H

#include "detect/trouble/clients.h"
#include "detect/trouble/quoted.h"

/** What an error complains of. */
enum complaint_about {
    COMPLAINT_REFUSED = 1,     /* the port or a filter says no */
    COMPLAINT_UNREACHABLE = 2, /* anything that is unreachable */
    COMPLAINT_NO_ROUTE = 4,    /* no way to the net or the host */
    COMPLAINT_HOST = 8,        /* of those: the last router cannot find the host, which may be off */
    COMPLAINT_EXPIRED = 16,    /* the time to live ended on the way */
};

/** A thing that was complained of once. */
struct candidate {
    uint32_t tag, now_s, client;
};

enum { CANDIDATES = 1024 };

/** A complaint. */
struct complaint {
    const struct sighting *sighting;
    const struct packet_quote *quote;
    unsigned about;                   /* of enum complaint_about */
    uint64_t client, target, service; /* hashes */
    const struct candidate *first;    /* the first complaint about this service, NULL when this is it */
    uint32_t now_s;
};

/** What an error complains of; 0 for errors that are no trouble, such as "packet too big". */
unsigned complaint_about(const struct packet *packet);

/**
 * Things complained of once, so that errors about things that never come again cost little.
 * Zeroed memory is ready.
 */
struct candidates {
    struct candidate rows[CANDIDATES];
};

/** The first complaint about a thing, or NULL when this is it: then it is remembered. */
static inline const struct candidate *candidates_find(struct candidates *candidates, uint64_t hash,
                                                      uint32_t client, uint32_t now_s)
{
    struct candidate *row = &candidates->rows[hash % CANDIDATES];

    if (row->tag == (uint32_t)(hash >> 32 | 1))
        return row;
    *row = (struct candidate){(uint32_t)(hash >> 32 | 1), now_s, client};
    return NULL;
}

#endif
