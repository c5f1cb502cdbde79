/* SPDX-License-Identifier: MIT */
/* A sink that keeps the rows it gets: of each kind the ones with the most packets. */
#include "cmd/watch/report/collect.h"

#include <errno.h>
#include <string.h>

static int64_t packets_of(const struct collect_rows *rows, const void *item)
{
    int64_t packets;

    memcpy(&packets, (const char *)item + rows->packets, sizeof(packets));
    return packets;
}

static char *item_at(const struct collect_rows *rows, size_t index)
{
    return rows->items + index * rows->schema->size;
}

/* The row that a new one may replace: the one with the fewest packets, if they are fewer. NULL: none. */
static char *find_fewer(const struct collect_rows *rows, const void *record)
{
    size_t least = 0;

    for (size_t i = 1; i < rows->count; i++)
        if (packets_of(rows, item_at(rows, i)) < packets_of(rows, item_at(rows, least)))
            least = i;
    return packets_of(rows, item_at(rows, least)) < packets_of(rows, record) ? item_at(rows, least) : NULL;
}

static void sink_begin(struct sink *sink, const struct schema *schema)
{
    /* rows of each kind have their place already */
}

static void sink_record(struct sink *sink, const struct schema *schema, const void *record)
{
    struct collect *collect = (struct collect *)sink;

    for (size_t i = 0; i < COLLECT_KINDS; i++) {
        struct collect_rows *rows = &collect->rows[i];
        char *place;

        if (rows->schema != schema)
            continue;
        collect->left_out += rows->count == rows->most;
        place = rows->count < rows->most ? item_at(rows, rows->count++) : find_fewer(rows, record);
        if (place)
            memcpy(place, record, schema->size);
    }
}

static int sink_end(struct sink *sink)
{
    return 0;
}

int collect_init(struct collect *collect)
{
    *collect = (struct collect){
        {sink_begin, sink_record, sink_end},
        {{&watch_count_schema, offsetof(struct watch_count, packets), COLLECT_COUNTS, 0, NULL},
         {&watch_interface_schema, offsetof(struct watch_interface_count, count.packets), COLLECT_INTERFACES,
          0, NULL},
         {&watch_talker_schema, offsetof(struct watch_talker, packets), COLLECT_TALKERS, 0, NULL},
         {&watch_history_schema, offsetof(struct watch_step, packets), COLLECT_STEPS, 0, NULL}},
        0};
    for (size_t i = 0; i < COLLECT_KINDS; i++) {
        collect->rows[i].items = calloc(collect->rows[i].most, collect->rows[i].schema->size);
        if (!collect->rows[i].items)
            return -ENOMEM;
    }
    return 0;
}

void collect_deinit(struct collect *collect)
{
    for (size_t i = 0; i < COLLECT_KINDS; i++)
        free(collect->rows[i].items);
}

/* Insertion: there are few rows, and the order of equal ones stays. */
void collect_sort(struct collect_rows *rows)
{
    size_t size = rows->schema->size;
    char *held = malloc(size);

    if (!held)
        abort(); /* as base/text.c */
    for (size_t i = 1; i < rows->count; i++) {
        size_t at = i;

        memcpy(held, item_at(rows, i), size);
        while (at > 0 && packets_of(rows, item_at(rows, at - 1)) < packets_of(rows, held))
            at--;
        memmove(item_at(rows, at + 1), item_at(rows, at), (i - at) * size);
        memcpy(item_at(rows, at), held, size);
    }
    free(held);
}
