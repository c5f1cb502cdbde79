/* SPDX-License-Identifier: MIT */
/* What is remembered of a thing that errors complain of: the part that all who look into them have in common.
 */
#ifndef SONDE_DETECT_TROUBLE_ROW_H
#define SONDE_DETECT_TROUBLE_ROW_H

#include "detect/finding.h"

enum { TROUBLE_WAYS = 4 /* rows of a set */ };

/** How each row begins. */
struct trouble_row {
    uint64_t tag;     /* 0: free */
    uint32_t last_s;  /* when somebody complained last */
    uint32_t told_s;  /* when it was in a finding last; UINT32_MAX: never */
    uint32_t untold;  /* complaints since */
    uint32_t samples; /* packets shown */
};

/** Sets of TROUBLE_WAYS rows; zeroed memory is ready. */
struct trouble_rows {
    void *rows;  /* each begins with a struct trouble_row */
    size_t size; /* octets of a row */
    size_t sets;
};

/** The rows of an array. */
#define TROUBLE_ROWS(array)                                                                                  \
    (struct trouble_rows)                                                                                    \
    {                                                                                                        \
        array, sizeof((array)[0]), COUNT_OF(array) / TROUBLE_WAYS                                            \
    }

/** A row of the set of a thing. @param way below TROUBLE_WAYS */
static inline struct trouble_row *trouble_row(const struct trouble_rows *rows, uint64_t hash, size_t way)
{
    return (void *)((char *)rows->rows + (hash % rows->sets * TROUBLE_WAYS + way) * rows->size);
}

/** The row of a thing, or NULL. */
static inline void *trouble_find(const struct trouble_rows *rows, uint64_t hash)
{
    for (size_t way = 0; way < TROUBLE_WAYS; way++)
        if (trouble_row(rows, hash, way)->tag == hash)
            return trouble_row(rows, hash, way);
    return NULL;
}

/** A row for a thing that has none, zeroed but for its beginning, in place of the one idle longest. */
void *trouble_make(const struct trouble_rows *rows, uint64_t hash, uint32_t now_s);

/** Whether a finding may hear of it now: its first packets, then once a second. */
bool trouble_is_due(const struct trouble_row *row, uint32_t now_s);

/**
 * The finding hears of the complaints until now.
 * @param finding NULL: it is not wanted
 * @return whether it is wanted
 */
bool trouble_tell(struct trouble_row *row, struct finding *finding, uint32_t now_s);

#endif
