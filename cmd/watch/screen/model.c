/* SPDX-License-Identifier: MIT */
/* What the screen shows of the counts: a copy, made once a second, that can be held still. */
#include "cmd/watch/screen/model.h"

#include <stdlib.h>
#include <string.h>

#include "base/macro.h"

static int compare_types(const void *left, const void *right)
{
    const struct type_row *a = left, *b = right;
    unsigned one = (unsigned)a->family << 16 | (unsigned)a->type << 8 | a->code;
    unsigned other = (unsigned)b->family << 16 | (unsigned)b->type << 8 | b->code;

    return one < other ? -1 : one > other;
}

static int compare_packets(const void *left, const void *right)
{
    const struct type_row *a = left, *b = right;

    if (a->packets != b->packets)
        return a->packets > b->packets ? -1 : 1;
    return compare_types(left, right);
}

static int compare_rates(const void *left, const void *right)
{
    const struct type_row *a = left, *b = right;

    if (a->rate != b->rate)
        return a->rate > b->rate ? -1 : 1;
    return compare_packets(left, right);
}

static const struct {
    const char *name;
    int (*compare)(const void *left, const void *right);
} orders[MODEL_ORDERS] = {
    [MODEL_BY_PACKETS] = {"packets", compare_packets},
    [MODEL_BY_RATE] = {"rate", compare_rates},
    [MODEL_BY_TYPE] = {"type", compare_types},
};

const char *model_order_name(enum model_order order)
{
    return orders[order].name;
}

void model_sort(struct model *model)
{
    qsort(model->types, model->type_count, sizeof(model->types[0]), orders[model->order].compare);
}

/* Somebody may send all 131072 types and codes: those with the fewest packets have to stand back. */
static void add_type(struct model *model, const struct type_row *row)
{
    struct type_row *least = model->types;

    model->types_seen++;
    if (model->type_count < MODEL_TYPES) {
        model->types[model->type_count++] = *row;
        return;
    }
    for (size_t i = 1; i < MODEL_TYPES; i++)
        if (model->types[i].packets < least->packets)
            least = &model->types[i];
    if (row->packets > least->packets)
        *least = *row;
}

static int series_of(const struct history *history, const struct type_row *row)
{
    for (size_t i = 0; i < history->series_count; i++) {
        const struct history_series *series = &history->series[i];

        if (series->family == row->family && series->type == row->type && series->code == row->code)
            return (int)i;
    }
    return -1;
}

static void copy_types(struct model *model, const struct counts *counts)
{
    model->type_count = model->types_seen = 0;
    model->icmp = counts->icmp;
    for (unsigned pair = 0; pair < 2 * COUNT_PAIRS; pair++) {
        struct type_row row = {
            .family = pair < COUNT_PAIRS ? 4 : 6, .type = (uint8_t)(pair >> 8), .code = (uint8_t)pair};

        row.inner = count_cell(counts, PACKET_INNER, row.family, row.type, row.code)->packets;
        row.packets = row.inner + count_cell(counts, PACKET_OUTER, row.family, row.type, row.code)->packets;
        if (row.packets)
            add_type(model, &row);
    }
    for (size_t i = 0; i < model->type_count; i++) {
        struct type_row *row = &model->types[i];

        row->entry = sonde_icmp_find(row->family, row->type, row->code);
        row->series = series_of(&model->history, row);
        row->rate =
            row->series < 0 ? 0 : history_second(&model->history, &model->history.series[row->series], 1);
    }
}

static void copy_talkers(struct model *model, const struct hosts *hosts)
{
    const struct source *sources[MODEL_TALKERS];
    const struct target *targets[MODEL_TALKERS];

    model->sender_count = hosts_top_sources(hosts, sources, MODEL_TALKERS);
    for (size_t i = 0; i < model->sender_count; i++) {
        uint8_t octets[16] = {0};

        memcpy(octets, sources[i]->address, sizeof(sources[i]->address));
        model->senders[i] = (struct talker_row){address_from(sources[i]->family, octets),
                                                sources[i]->family == 6, sources[i]->packets};
    }
    model->receiver_count = hosts_top_targets(hosts, targets, MODEL_TALKERS);
    for (size_t i = 0; i < model->receiver_count; i++)
        model->receivers[i] = (struct talker_row){address_from(targets[i]->family, targets[i]->address),
                                                  false, targets[i]->packets};
}

void model_refresh(struct model *model, const struct watch *watch)
{
    model->history = *watch->history;
    model->second = watch->history->now_s;
    copy_types(model, watch->counts);
    if (watch->hosts.sources)
        copy_talkers(model, &watch->hosts);
    model_sort(model);
}

/* The parts lie fast in time, so that bars move but do not change; the present part is not over, its packets
 * are scaled up. */
void model_minute(const struct model *model, const struct type_row *row, uint64_t *values, unsigned parts)
{
    const struct history *history = &model->history;
    int64_t size = MODEL_SECONDS / parts, newest = (history->now_s - 1) / size;

    for (unsigned part = 0; part < parts; part++) {
        int64_t first = (newest - (parts - 1 - part)) * size, seconds = 0;

        values[part] = 0;
        for (int64_t second = first; second < first + size && row->series >= 0; second++) {
            if (second >= history->now_s || history->now_s - second >= HISTORY_SLOTS)
                continue;
            seconds++;
            values[part] +=
                history_second(history, &history->series[row->series], (unsigned)(history->now_s - second));
        }
        if (seconds)
            values[part] = values[part] * (uint64_t)size / (uint64_t)seconds;
    }
}

uint64_t model_rate(const struct history *history)
{
    uint64_t rate = 0;

    for (size_t i = 0; i < HISTORY_SERIES; i++)
        rate += history_second(history, &history->series[i], 1);
    return rate;
}
