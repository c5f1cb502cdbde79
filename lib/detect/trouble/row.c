/* SPDX-License-Identifier: MIT */
/* What is remembered of a thing that errors complain of. */
#include "detect/trouble/row.h"

#include <string.h>

#include "detect/trouble/quoted.h"

void *trouble_make(const struct trouble_rows *rows, uint64_t hash, uint32_t now_s)
{
    struct trouble_row *victim = trouble_row(rows, hash, 0);

    for (size_t way = 0; way < TROUBLE_WAYS; way++) {
        struct trouble_row *row = trouble_row(rows, hash, way);

        if (!row->tag || quoted_age(now_s, row->last_s) > quoted_age(now_s, victim->last_s))
            victim = row;
    }
    memset(victim, 0, rows->size);
    *victim = (struct trouble_row){.tag = hash, .last_s = now_s, .told_s = UINT32_MAX};
    return victim;
}

bool trouble_is_due(const struct trouble_row *row, uint32_t now_s)
{
    return row->samples < FINDING_SAMPLES || row->told_s != now_s;
}

bool trouble_tell(struct trouble_row *row, struct finding *finding, uint32_t now_s)
{
    row->told_s = now_s;
    row->samples++;
    if (!finding)
        return false;
    finding->packets += row->untold - 1;
    row->untold = 0;
    return true;
}
