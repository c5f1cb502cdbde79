/* SPDX-License-Identifier: MIT */
/* Where the ticks of an axis stand, and what is written at them. */
#include "out/document/axis.h"

#include <math.h>
#include <time.h>

#define MINUTE_NS (60 * NS_PER_S)
#define HOUR_NS   (60 * MINUTE_NS)
#define DAY_NS    (24 * HOUR_NS)

double axis_step(double limit, unsigned most)
{
    static const double round[] = {1, 2, 5, 10};
    double power = pow(10, floor(log10(limit / most)));

    for (size_t i = 0; i < COUNT_OF(round); i++)
        if (limit / (round[i] * power) <= most)
            return round[i] * power;
    return 10 * power;
}

int64_t axis_time_step(int64_t length_ns, unsigned most)
{
    static const int64_t steps[] = {
        1 * NS_PER_S,  2 * NS_PER_S,  5 * NS_PER_S,  10 * NS_PER_S,  15 * NS_PER_S,  30 * NS_PER_S,
        1 * MINUTE_NS, 2 * MINUTE_NS, 5 * MINUTE_NS, 10 * MINUTE_NS, 15 * MINUTE_NS, 30 * MINUTE_NS,
        1 * HOUR_NS,   2 * HOUR_NS,   3 * HOUR_NS,   6 * HOUR_NS,    12 * HOUR_NS};
    int64_t days;

    for (size_t i = 0; i < COUNT_OF(steps); i++)
        if (length_ns / steps[i] < most)
            return steps[i];
    days = (int64_t)axis_step((double)length_ns / (double)DAY_NS, most);
    return (days > 1 ? days : 1) * DAY_NS;
}

void axis_add_number(struct text *text, double number)
{
    static const char *const units[] = {"", " k", " M", " G", " T", " P", " E"};
    size_t unit = 0;

    if (number >= 10000) /* four digits are as short as "1.2 k" */
        for (; number >= 1000 && unit + 1 < COUNT_OF(units); unit++)
            number /= 1000;
    text_add(text, "%.4g%s", number, units[unit]);
}

static struct tm utc_of(int64_t time_ns)
{
    struct tm utc = {0};

    gmtime_r(&(time_t){time_ns / NS_PER_S}, &utc);
    return utc;
}

void axis_add_time(struct text *text, int64_t time_ns, int64_t step_ns)
{
    struct tm utc = utc_of(time_ns);

    if (step_ns >= DAY_NS)
        text_add(text, "%02d-%02d", utc.tm_mon + 1, utc.tm_mday);
    else if (step_ns >= MINUTE_NS)
        text_add(text, "%02d:%02d", utc.tm_hour, utc.tm_min);
    else
        text_add(text, "%02d:%02d:%02d", utc.tm_hour, utc.tm_min, utc.tm_sec);
}

void axis_add_day(struct text *text, int64_t time_ns)
{
    struct tm utc = utc_of(time_ns);

    text_add(text, "%04d-%02d-%02d", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday);
}

double axis_rate(const struct figure_area *area, double amount)
{
    return amount * (double)(area->period_ns ? area->period_ns : NS_PER_S) / (double)area->step_ns;
}

const char *axis_period(const struct figure_area *area)
{
    return area->period ? area->period : "a second";
}
