/* SPDX-License-Identifier: MIT */
/* Where the ticks of an axis stand, and what is written at them. */
#ifndef SONDE_OUT_DOCUMENT_AXIS_H
#define SONDE_OUT_DOCUMENT_AXIS_H

#include <stdint.h>

#include "base/text.h"
#include "out/document/figure.h"

/**
 * The distance of ticks from 0 to a limit: 1, 2 or 5 times a power of ten.
 * @param limit more than 0
 * @param most how many ticks there may be
 */
double axis_step(double limit, unsigned most);

/**
 * The distance of ticks on an axis of time: a round number of seconds, minutes, hours or days.
 * @param length_ns of the axis
 * @param most how many ticks there may be
 */
int64_t axis_time_step(int64_t length_ns, unsigned most);

/** Append a number as it is written at an axis: "0", "2.5", "1200", "12 k", "3 M". */
void axis_add_number(struct text *text, double number);

/**
 * Append a time (UTC) as it is written at an axis.
 * @param step_ns distance of the ticks: what is the same at all of them is left out
 */
void axis_add_time(struct text *text, int64_t time_ns, int64_t step_ns);

/** Append the day of a time: "2026-11-21". */
void axis_add_day(struct text *text, int64_t time_ns);

/** An amount in one step of a picture as its rate. */
double axis_rate(const struct figure_area *area, double amount);

/** What the rates of a picture are: "a second". */
const char *axis_period(const struct figure_area *area);

#endif
