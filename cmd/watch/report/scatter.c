/* SPDX-License-Identifier: MIT */
/* Who asked whom as a picture: a column for each of the busiest sources, targets by their address. Within a
 * column time goes to the right, so that a sweep in order is a slope, and one at random a cloud. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "cmd/watch/report/content.h"

enum { COLUMNS = 64, PREFIXES = 64 /* at most so many parts of the axis of targets, if possible */ };

#define OTHERS_WIDTH 0.2 /* of the picture, for all sources that have no column */

/* A point on its way into the picture. */
struct plot {
    struct sonde_address source; /* of IPv6 the /64 */
    struct sonde_address target;
    int64_t time_ns;
    uint32_t crowd; /* points of the same source */
    uint32_t row;   /* of the target among all targets, by address */
    double x;       /* where in its column, from 0 to 1 */
    bool answered;
};

static int compare_address(const struct sonde_address *a, const struct sonde_address *b)
{
    return a->family != b->family ? (a->family < b->family ? -1 : 1)
                                  : memcmp(a->bytes, b->bytes, address_length(a->family));
}

static int by_target(const void *left, const void *right)
{
    return compare_address(&((const struct plot *)left)->target, &((const struct plot *)right)->target);
}

static int by_source(const void *left, const void *right)
{
    return compare_address(&((const struct plot *)left)->source, &((const struct plot *)right)->source);
}

/* The sources with the most points first; of a source by target, so that equal rows stand together. */
static int by_crowd(const void *left, const void *right)
{
    const struct plot *a = left, *b = right;
    int order = compare_address(&a->source, &b->source);

    if (a->crowd != b->crowd)
        return a->crowd > b->crowd ? -1 : 1;
    if (order != 0)
        return order;
    if (a->row != b->row)
        return a->row < b->row ? -1 : 1;
    return a->answered - b->answered;
}

/* Every point with its source's number of points and its target's row. Returns how many rows there are. */
static size_t rank(struct plot *plots, size_t count)
{
    size_t same, rows = 0;

    qsort(plots, count, sizeof(*plots), by_source);
    for (size_t at = 0; at < count; at += same) {
        for (same = 1; at + same < count && by_source(&plots[at], &plots[at + same]) == 0; same++)
            ;
        for (size_t i = 0; i < same; i++)
            plots[at + i].crowd = (uint32_t)same;
    }
    qsort(plots, count, sizeof(*plots), by_target);
    for (size_t i = 0; i < count; i++) {
        rows += i == 0 || by_target(&plots[i - 1], &plots[i]) != 0;
        plots[i].row = (uint32_t)rows - 1;
    }
    return rows;
}

/* Whether two addresses lie in the same prefix of this length. */
static bool is_neighbor(const struct sonde_address *a, const struct sonde_address *b, unsigned bits)
{
    return a->family == b->family && memcmp(a->bytes, b->bytes, bits / 8) == 0;
}

static unsigned bits_of(uint8_t family, unsigned level)
{
    static const unsigned bits[2][4] = {{8, 16, 24, 32}, {32, 48, 64, 128}};

    return bits[family == 6][level];
}

/* How many prefixes of this level the targets of a family lie in. */
static size_t count_prefixes(const struct plot *plots, size_t count, uint8_t family, unsigned level)
{
    size_t prefixes = 0;
    const struct plot *before = NULL;

    for (size_t i = 0; i < count; i++) {
        if (plots[i].target.family != family)
            continue;
        prefixes += !before || !is_neighbor(&before->target, &plots[i].target, bits_of(family, level));
        before = &plots[i];
    }
    return prefixes;
}

/* The longest prefixes that are few enough to be named. */
static unsigned choose_level(const struct plot *plots, size_t count, uint8_t family)
{
    unsigned level = 3;

    while (level > 0 && count_prefixes(plots, count, family, level) > PREFIXES)
        level--;
    return level;
}

static char *prefix_name(struct sonde_address address, unsigned bits)
{
    char buffer[SONDE_ADDRESS_TEXT];
    size_t length = address_length(address.family);

    memset(address.bytes + bits / 8, 0, length - bits / 8);
    sonde_address_format(&address, buffer);
    return bits == 8 * length ? text_format("%s", buffer) : text_format("%s/%u", buffer, bits);
}

/* The prefixes of the targets as parts of the axis; plots are sorted by target. */
static void add_bands(struct report_scatter *made, const struct plot *plots, size_t count, size_t rows)
{
    unsigned levels[2] = {choose_level(plots, count, 4), choose_level(plots, count, 6)};
    size_t end;

    for (size_t at = 0; at < count; at = end) {
        const struct sonde_address *first = &plots[at].target;
        unsigned bits = bits_of(first->family, levels[first->family == 6]);
        struct figure_band *band = &made->bands[made->scatter.band_count++];

        for (end = at + 1; end < count && is_neighbor(first, &plots[end].target, bits); end++)
            ;
        *band = (struct figure_band){prefix_name(*first, bits), (double)plots[at].row / (double)rows,
                                     (double)(plots[end - 1].row + 1) / (double)rows};
    }
}

/* In a column of one source its time goes to the right. */
static void spread_by_time(struct plot *plots, size_t count)
{
    int64_t first = plots[0].time_ns, last = plots[0].time_ns;

    for (size_t i = 1; i < count; i++) {
        first = plots[i].time_ns < first ? plots[i].time_ns : first;
        last = plots[i].time_ns > last ? plots[i].time_ns : last;
    }
    for (size_t i = 0; i < count; i++)
        plots[i].x = last > first ? (double)(plots[i].time_ns - first) / (double)(last - first) : 0.5;
}

/* In a column of many sources each has its place, in the order of their points and addresses. */
static void spread_by_source(struct plot *plots, size_t count, size_t sources)
{
    size_t source = 0;

    for (size_t i = 0; i < count; i++) {
        source += i > 0 && by_source(&plots[i - 1], &plots[i]) != 0;
        plots[i].x = ((double)source + 0.5) / (double)sources;
    }
    qsort(plots, count, sizeof(*plots), by_target);
}

static void add_points(struct report_scatter *made, const struct plot *plots, size_t count, size_t rows)
{
    const struct figure_band *column = &made->columns[made->scatter.column_count - 1];
    double width = column->to - column->from;

    for (size_t i = 0; i < count; i++)
        made->points[made->scatter.point_count++] = (struct figure_point){
            .x = column->from + width * (0.12 + 0.76 * plots[i].x),
            .y = (plots[i].row + 0.5) / (double)rows,
            .column = (uint32_t)made->scatter.column_count - 1,
            .row = plots[i].row,
            .mark = plots[i].answered,
        };
}

static size_t points_of_source(const struct plot *plots, size_t count)
{
    size_t same = 1;

    while (same < count && by_source(&plots[0], &plots[same]) == 0)
        same++;
    return same;
}

static size_t count_sources(const struct plot *plots, size_t count)
{
    size_t sources = 0;

    for (size_t at = 0; at < count; at += points_of_source(&plots[at], count - at))
        sources++;
    return sources;
}

/* A column for each source as long as there is room, and a broad one for all others. */
static void add_columns(struct report_scatter *made, struct plot *plots, size_t count, size_t rows)
{
    size_t sources = count_sources(plots, count), own = sources > COLUMNS ? COLUMNS : sources, at = 0;
    double width = (sources > COLUMNS ? 1 - OTHERS_WIDTH : 1) / (double)own;

    for (size_t i = 0; i < own; i++) {
        size_t same = points_of_source(&plots[at], count - at);
        struct figure_band *column = &made->columns[made->scatter.column_count++];
        unsigned bits = plots[at].source.family == 6 ? 64 : 32;

        *column = (struct figure_band){prefix_name(plots[at].source, bits), (double)i * width,
                                       (double)(i + 1) * width};
        spread_by_time(&plots[at], same);
        add_points(made, &plots[at], same, rows);
        at += same;
    }
    if (at == count)
        return;
    made->columns[made->scatter.column_count++] =
        (struct figure_band){text_format("%zu others", sources - own), 1 - OTHERS_WIDTH, 1};
    spread_by_source(&plots[at], count - at, sources - own);
    add_points(made, &plots[at], count - at, rows);
}

static void make_plots(const struct watch_report *report, struct plot *plots)
{
    for (size_t i = 0; i < report->questions.count; i++) {
        const struct report_point *point = &report->points[i];

        plots[i] = (struct plot){point->source, point->target, point->time_ns, 0, 0, 0, point->answered};
        if (point->source.family == 6)
            memset(plots[i].source.bytes + 8, 0, 8);
    }
}

int report_scatter_init(struct report_scatter *made, const struct watch_report *report)
{
    size_t count = report->questions.count, rows;
    struct plot *plots = calloc(count + 1, sizeof(*plots));

    *made = (struct report_scatter){
        .points = calloc(count + 1, sizeof(*made->points)),
        .columns = calloc(COLUMNS + 1, sizeof(*made->columns)),
        .bands = calloc(count + 1, sizeof(*made->bands)),
    };
    if (!plots || !made->points || !made->columns || !made->bands) {
        free(plots);
        return -ENOMEM;
    }
    made->scatter = (struct figure_scatter){
        .title = "Who asked whom: a random sample",
        .note =
            "Each column is a source, the busiest on the left; targets are in the order of their addresses. "
            "Within a column time goes to the right. A column that is full from bottom to top is a sweep, "
            "and a "
            "slope one in order. A line from left to right is a target that many ask: a flood. Dots among "
            "the dashes are answers: monitoring gets many, a sweep few.",
        .x_title = "sources",
        .y_title = "targets",
        .marks = {"asked", "answered"},
        .columns = made->columns,
        .bands = made->bands,
        .points = made->points,
    };
    make_plots(report, plots);
    rows = rank(plots, count);
    add_bands(made, plots, count, rows);
    qsort(plots, count, sizeof(*plots), by_crowd);
    if (count > 0)
        add_columns(made, plots, count, rows);
    free(plots);
    return 0;
}

void report_scatter_deinit(struct report_scatter *made)
{
    for (size_t i = 0; i < made->scatter.column_count; i++)
        free((char *)made->columns[i].name);
    for (size_t i = 0; i < made->scatter.band_count; i++)
        free((char *)made->bands[i].name);
    free(made->columns);
    free(made->bands);
    free(made->points);
}
