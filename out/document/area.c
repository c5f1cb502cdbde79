/* SPDX-License-Identifier: MIT */
/* Amounts over time as a picture: steps on top of each other, bars of what happened meanwhile, and a legend
 * in which each row has its own curve, so that what is rare is seen too. */
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "out/document/axis.h"
#include "out/document/markup.h"

enum {
    WIDTH = 832,
    LEFT = 56,
    RIGHT = WIDTH - 8,
    HEIGHT = 190, /* of the amounts */
    LANE = 18,
    LANES_MAX = 6,
    ROW = 20, /* of the legend */
    CURVE_LEFT = 470,
    CURVE_RIGHT = 640,
    TOTAL_AT = 724,
    X_TICKS = 8,
    Y_TICKS = 5,
    COLORS = 9,
};

#define LETTER 5.9 /* mean width of a letter */

/* What the parts of one picture share. */
struct picture {
    struct text *text;
    const struct figure_area *area;
    double periods;    /* for which a rate is, in a step */
    double top, scale; /* where the amounts begin; their unit in pixels */
    size_t lanes;
};

static uint64_t total_of(const struct figure_area *area, const struct figure_series *series)
{
    uint64_t total = 0;

    for (size_t i = 0; i < area->step_count; i++)
        total += series->values[i];
    return total;
}

static uint64_t peak_of(const struct figure_area *area, const struct figure_series *series)
{
    uint64_t peak = 0;

    for (size_t i = 0; i < area->step_count; i++)
        peak = series->values[i] > peak ? series->values[i] : peak;
    return peak;
}

/* The highest of all steps, as a rate. */
static double highest(const struct figure_area *area)
{
    double most = 0;

    for (size_t step = 0; step < area->step_count; step++) {
        double sum = 0;

        for (size_t i = 0; i < area->series_count; i++)
            sum += (double)area->series[i].values[step];
        most = sum > most ? sum : most;
    }
    return axis_rate(area, most);
}

static double x_of_step(const struct figure_area *area, size_t step)
{
    return LEFT + (double)(RIGHT - LEFT) * (double)step / (double)area->step_count;
}

static double x_of_time(const struct figure_area *area, int64_t time_ns)
{
    double length = (double)area->step_ns * (double)area->step_count;
    double x = LEFT + (RIGHT - LEFT) * ((double)(time_ns - area->start_ns) / length);

    return fmin(fmax(x, LEFT), RIGHT);
}

static double y_of(const struct picture *picture, double packets)
{
    return picture->top + HEIGHT - packets / picture->periods * picture->scale;
}

static void add_move(struct text *text, const char *letter, double number)
{
    text_add(text, "%s", letter);
    markup_add_number(text, number);
}

/* The upper edge from left to right, and the lower one back. `base` is raised by the series. */
static void add_series(const struct picture *picture, size_t index, double *base)
{
    const struct figure_area *area = picture->area;
    const struct figure_series *series = &area->series[index];
    struct text *text = picture->text;
    size_t last = area->step_count - 1;

    text_add(text, "<path class=\"c%zu\" d=\"", index < COLORS ? index : COLORS - 1);
    add_move(text, "M", LEFT);
    for (size_t i = 0; i <= last; i++) {
        double y = y_of(picture, base[i] + (double)series->values[i]);

        if (i == 0)
            add_move(text, " ", y);
        else
            add_move(text, "V", y);
        while (i < last && base[i + 1] + (double)series->values[i + 1] == base[i] + (double)series->values[i])
            i++;
        add_move(text, "H", x_of_step(area, i + 1));
    }
    for (size_t i = last + 1; i-- > 0;) {
        add_move(text, "V", y_of(picture, base[i]));
        while (i > 0 && base[i - 1] == base[i])
            i--;
        add_move(text, "H", x_of_step(area, i));
    }
    for (size_t i = 0; i <= last; i++)
        base[i] += (double)series->values[i];
    text_add(text, "Z\"><title>");
    markup_add_words(text, series->name);
    text_add(text, "</title></path>\n");
}

static void add_amounts(const struct picture *picture)
{
    double *base = calloc(picture->area->step_count, sizeof(*base));

    if (!base)
        abort(); /* as base/text.c */
    for (size_t i = 0; i < picture->area->series_count; i++)
        add_series(picture, i, base);
    free(base);
}

static void add_y_axis(const struct picture *picture, double most)
{
    double step = axis_step(most, Y_TICKS);

    for (unsigned i = 0; i * step <= most * (1 + 1e-9); i++) {
        _cleanup_text_ struct text number = {0};
        double y = picture->top + HEIGHT - i * step * picture->scale;

        axis_add_number(&number, i * step);
        markup_add_line(picture->text, "grid", LEFT, y, RIGHT, y);
        markup_add_label(picture->text, "end", LEFT - 6, y + 4, text_get(&number));
    }
}

static void add_x_axis(const struct picture *picture)
{
    const struct figure_area *area = picture->area;
    int64_t end_ns = area->start_ns + area->step_ns * (int64_t)area->step_count;
    int64_t step = axis_time_step(end_ns - area->start_ns, X_TICKS);
    double bottom = picture->top + HEIGHT;
    _cleanup_text_ struct text day = {0};

    for (int64_t at = (area->start_ns + step - 1) / step * step; at <= end_ns; at += step) {
        _cleanup_text_ struct text time = {0};
        double x = x_of_time(area, at);

        axis_add_time(&time, at, step);
        markup_add_line(picture->text, "tick", x, bottom, x, bottom + 4);
        markup_add_label(picture->text, x > RIGHT - 24 ? "end" : "mid", x > RIGHT - 24 ? RIGHT : x,
                         bottom + 17, text_get(&time));
    }
    axis_add_day(&day, area->start_ns);
    text_add(&day, " UTC, ");
    text_add(&day, area->step_ns % (60 * NS_PER_S) ? "steps of %" PRId64 " s" : "steps of %" PRId64 " min",
             area->step_ns / (area->step_ns % (60 * NS_PER_S) ? NS_PER_S : 60 * NS_PER_S));
    markup_add_label(picture->text, "soft", LEFT, bottom + 34, text_get(&day));
}

/* Where a bar and its name stand in a lane. */
struct place {
    double from, to; /* of both */
    double bar_from, bar_to;
};

static struct place place_span(const struct figure_area *area, const struct figure_span *span)
{
    double length = (double)strlen(span->name) * LETTER + 10;
    struct place place = {.bar_from = x_of_time(area, span->from_ns), .bar_to = x_of_time(area, span->to_ns)};

    place.bar_to = fmax(place.bar_to, place.bar_from + 3);
    place.from = fmax(LEFT, fmin(place.bar_from, RIGHT - length));
    place.to = fmax(place.bar_to, place.from + length);
    return place;
}

/* The first lane in which a place is free, or LANES_MAX. */
static size_t find_lane(struct place lanes[][LANES_MAX * 4], const size_t *used, const struct place *place)
{
    for (size_t lane = 0; lane < LANES_MAX; lane++) {
        bool is_free = used[lane] < (size_t)LANES_MAX * 4;

        for (size_t i = 0; i < used[lane] && is_free; i++)
            is_free = place->from > lanes[lane][i].to + 4 || place->to + 4 < lanes[lane][i].from;
        if (is_free)
            return lane;
    }
    return LANES_MAX;
}

static const char *class_of(const struct figure_span *span)
{
    static const char *const classes[] = {"alert", "warning"};

    for (size_t i = 0; span->grade && i < COUNT_OF(classes); i++)
        if (!strcmp(span->grade, classes[i]))
            return classes[i];
    return "info";
}

/* Put bars into lanes, the most important ones first, and draw them. Returns how many found no room. */
static size_t add_spans(struct picture *picture)
{
    struct place lanes[LANES_MAX][LANES_MAX * 4];
    size_t used[LANES_MAX] = {0}, left_out = 0;

    for (size_t i = 0; i < picture->area->span_count; i++) {
        const struct figure_span *span = &picture->area->spans[i];
        struct place place = place_span(picture->area, span);
        size_t lane = find_lane(lanes, used, &place);
        double y = 2 + (double)lane * LANE;

        if (lane == LANES_MAX) {
            left_out++;
            continue;
        }
        lanes[lane][used[lane]++] = place;
        picture->lanes = lane + 1 > picture->lanes ? lane + 1 : picture->lanes;
        markup_add_box(picture->text, class_of(span), place.bar_from, y, place.bar_to - place.bar_from,
                       LANE - 4, span->name);
        markup_add_label(picture->text, "on", place.from + 5, y + 11, span->name);
    }
    return left_out;
}

/* A row's own curve, from 0 to its own peak. */
static void add_curve(const struct picture *picture, const struct figure_series *series, uint64_t peak,
                      double y)
{
    const struct figure_area *area = picture->area;
    const double width = CURVE_RIGHT - CURVE_LEFT, height = ROW - 6;
    size_t last = area->step_count - 1;

    text_add(picture->text, "<path class=\"curve\" d=\"");
    for (size_t i = 0; i <= last; i++) {
        add_move(picture->text, i == 0 ? "M" : "L",
                 CURVE_LEFT + width * (double)i / (double)(last ? last : 1));
        add_move(picture->text, " ", y - height * (double)series->values[i] / (double)(peak ? peak : 1));
    }
    if (last == 0)
        add_move(picture->text, "H", CURVE_RIGHT);
    text_add(picture->text, "\"/>\n");
}

static void add_row(const struct picture *picture, size_t index, double y)
{
    const struct figure_series *series = &picture->area->series[index];
    uint64_t peak = peak_of(picture->area, series);
    _cleanup_text_ struct text class = {0}, total = {0}, rate = {0};

    text_add(&class, "c%zu", index < COLORS ? index : COLORS - 1);
    axis_add_number(&total, (double)total_of(picture->area, series));
    axis_add_number(&rate, (double)peak / picture->periods);
    markup_add_box(picture->text, text_get(&class), LEFT, y - 10, 12, 12, NULL);
    markup_add_label(picture->text, "name", LEFT + 20, y, series->name);
    add_curve(picture, series, peak, y + 2);
    markup_add_label(picture->text, "end", TOTAL_AT, y, text_get(&total));
    markup_add_label(picture->text, "end", RIGHT, y, text_get(&rate));
}

static void add_legend(const struct picture *picture, double y)
{
    _cleanup_text_ struct text rate = {0};

    markup_add_label(picture->text, "soft", CURVE_LEFT, y, "each to its own scale");
    markup_add_label(picture->text, "soft end", TOTAL_AT, y, picture->area->unit);
    text_add(&rate, "most %s", axis_period(picture->area));
    markup_add_label(picture->text, "soft end", RIGHT, y, text_get(&rate));
    for (size_t i = picture->area->series_count; i-- > 0;) /* as they lie on top of each other */
        add_row(picture, i, y + (double)(picture->area->series_count - i) * ROW);
}

/* Bars come first, but how high they are is known last: they are written aside. */
void area_add(struct text *text, const struct figure_area *area)
{
    _cleanup_text_ struct text bars = {0};
    struct picture picture = {&bars, area, 1 / axis_rate(area, 1), 0, 0, 0};
    double most = highest(area), legend;
    size_t left_out;

    if (area->step_count == 0 || most <= 0)
        return;
    left_out = add_spans(&picture);
    if (left_out) {
        _cleanup_text_ struct text words = {0};

        text_add(&words, "and %zu more, listed below", left_out);
        markup_add_label(&bars, "soft", LEFT, 13 + (double)picture.lanes++ * LANE, text_get(&words));
    }
    if (area->span_count > 0)
        markup_add_label(&bars, "soft end", LEFT - 6, 13, area->spans_title);
    picture.text = text;
    picture.top = (double)picture.lanes * LANE + 14;
    picture.scale = HEIGHT / most;
    legend = picture.top + HEIGHT + 60;
    markup_begin_picture(text, area->title, area->note, WIDTH,
                         legend + (double)(area->series_count + 1) * ROW - 8);
    text_add(text, "%s", text_get(&bars));
    add_y_axis(&picture, most);
    add_amounts(&picture);
    add_x_axis(&picture);
    add_legend(&picture, legend);
    markup_end_picture(text);
}
