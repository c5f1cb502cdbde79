/* SPDX-License-Identifier: MIT */
/* What is read from the ledger: counters over a span of time, step by step, and what happened. */
#include <inttypes.h>
#include <string.h>

#include "base/list.h"
#include "base/record.h"
#include "store/sql.h"

int ledger_read_looks(struct ledger *ledger, int64_t since_s, int64_t until_s, struct ledger_looks *looks,
                      struct sonde_error *error)
{
    static const char sql[] =
        "SELECT count(*), min(time_s), max(time_s), coalesce(max(gap), 0), count(DISTINCT boot) FROM"
        " (SELECT time_s, boot, time_s - lag(time_s) OVER (ORDER BY time_s) AS gap FROM looks"
        "  WHERE time_s BETWEEN ? AND ?)";
    _cleanup_sql_ sqlite3_stmt *statement = sql_prepare(ledger, error, sql, "ii", since_s, until_s);

    if (!statement || sqlite3_step(statement) != SQLITE_ROW)
        return sql_refuse(ledger, "read", error);
    *looks =
        (struct ledger_looks){sql_integer(statement, 0), sql_integer(statement, 1), sql_integer(statement, 2),
                              sql_integer(statement, 3), sql_integer(statement, 4)};
    return 0;
}

/* Where an epoch's counter stood at a time; before its first sample at the base. */
#define STOOD(member, time)                                                                                  \
    "coalesce((SELECT " member " FROM samples WHERE epoch = epochs.id AND time_s <= " time                   \
    " ORDER BY time_s DESC LIMIT 1), base_" member ")"
#define COUNTED(member)                                                                                      \
    "sum(" STOOD(member, "?2") " - CASE WHEN began_s > ?1 THEN base_" member                                 \
                               " ELSE " STOOD(member, "?1") " END)"
#define BEGAN(causes) "sum(began_s > ?1 AND cause IN (" causes "))"

static const char counters_sql[] = "SELECT counters.name, " COUNTED("packets") ", " COUNTED(
    "bytes") ","
             " sum(min(last_s, ?2) - max(began_s, ?1)), known_s,"
             " (SELECT max(last_s) FROM epochs AS e WHERE e.counter = counters.id),"
             " (SELECT min(time_s) FROM samples JOIN epochs AS e ON epoch = e.id WHERE e.counter = "
             "counters.id),"
             " (SELECT max(time_s) FROM samples JOIN epochs AS e ON epoch = e.id WHERE e.counter = "
             "counters.id"
             "  AND time_s <= ?2),"
             " count(*), " BEGAN("'reset'") ", " BEGAN(
                 "'reboot'") ","
                             " coalesce((SELECT base_packets FROM epochs AS e WHERE e.counter = counters.id "
                             "AND e.cause = 'first'), 0)"
                             " FROM epochs JOIN counters ON counters.id = epochs.counter WHERE last_s >= ?1 "
                             "AND began_s <= ?2"
                             " GROUP BY counters.id ORDER BY counters.name";

static void take_counter(sqlite3_stmt *row, struct ledger_counter *counter)
{
    int64_t *const members[] = {&counter->packets,    &counter->bytes,  &counter->observed_s,
                                &counter->known_s,    &counter->seen_s, &counter->first_hit_s,
                                &counter->last_hit_s, &counter->epochs, &counter->resets,
                                &counter->reboots,    &counter->unknown};

    sql_text(row, 0, counter->name, sizeof(counter->name));
    for (size_t i = 0; i < COUNT_OF(members); i++)
        *members[i] = sql_integer(row, (int)i + 1);
}

int ledger_read_counters(struct ledger *ledger, int64_t since_s, int64_t until_s,
                         struct ledger_counter **counters, size_t *count, struct sonde_error *error)
{
    _cleanup_sql_ sqlite3_stmt *statement = sql_prepare(ledger, error, counters_sql, "ii", since_s, until_s);
    size_t capacity = 0;
    int result = SQLITE_ERROR;

    *counters = NULL;
    *count = 0;
    while (statement && (result = sqlite3_step(statement)) == SQLITE_ROW) {
        *counters = list_grown(*counters, *count, &capacity, sizeof(**counters));
        take_counter(statement, &(*counters)[(*count)++]);
    }
    return result == SQLITE_DONE ? 0 : sql_refuse(ledger, "read", error);
}

/** Steps of time that amounts are spread over. */
struct steps {
    int64_t since_s, step_s;
    size_t count;
    int64_t *values;
};

/* What of an amount was there at a time, when it came evenly from one time to another. */
static int64_t share(int64_t amount, int64_t from_s, int64_t to_s, int64_t time_s)
{
    if (time_s <= from_s)
        return 0;
    return time_s >= to_s ? amount : (int64_t)((__int128)amount * (time_s - from_s) / (to_s - from_s));
}

/* Spread an amount evenly over a time: nobody knows better when it was counted. */
static void spread(const struct steps *steps, int64_t from_s, int64_t to_s, int64_t amount)
{
    int64_t first = (from_s - steps->since_s) / steps->step_s;

    if (from_s == to_s)
        to_s++; /* all of it then */
    for (int64_t i = from_s < steps->since_s ? 0 : first; i < (int64_t)steps->count; i++) {
        int64_t begin_s = steps->since_s + i * steps->step_s;

        if (begin_s >= to_s)
            return;
        steps->values[i] +=
            share(amount, from_s, to_s, begin_s + steps->step_s) - share(amount, from_s, to_s, begin_s);
    }
}

/* A look's amount was counted since the look before it. */
static const char samples_sql[] =
    "SELECT epochs.id, samples.time_s, samples.packets, base_packets, coalesce((SELECT max(looks.time_s) FROM"
    " looks WHERE looks.time_s < samples.time_s), samples.time_s) FROM counters"
    " JOIN epochs ON epochs.counter = counters.id JOIN samples ON samples.epoch = epochs.id"
    " WHERE counters.name = ?1 AND epochs.last_s >= ?2 ORDER BY epochs.id, samples.time_s";
static const char spans_sql[] =
    "SELECT began_s, last_s FROM counters JOIN epochs ON epochs.counter = counters.id"
    " WHERE counters.name = ?1 AND last_s >= ?2";

static int add_amounts(struct ledger *ledger, const char *name, const struct steps *steps,
                       struct sonde_error *error)
{
    _cleanup_sql_ sqlite3_stmt *row = sql_prepare(ledger, error, samples_sql, "si", name, steps->since_s);
    int64_t epoch = INTEGER_ABSENT, stood = 0;
    int result = SQLITE_ERROR;

    while (row && (result = sqlite3_step(row)) == SQLITE_ROW) {
        int64_t time_s = sql_integer(row, 1), packets = sql_integer(row, 2);

        if (sql_integer(row, 0) != epoch)
            stood = sql_integer(row, 3);
        epoch = sql_integer(row, 0);
        if (time_s >= steps->since_s)
            spread(steps, sql_integer(row, 4), time_s, packets - stood);
        stood = packets;
    }
    return result == SQLITE_DONE ? 0 : sql_refuse(ledger, "read", error);
}

static int add_spans(struct ledger *ledger, const char *name, const struct steps *steps,
                     struct sonde_error *error)
{
    _cleanup_sql_ sqlite3_stmt *row = sql_prepare(ledger, error, spans_sql, "si", name, steps->since_s);
    int result = SQLITE_ERROR;

    while (row && (result = sqlite3_step(row)) == SQLITE_ROW)
        spread(steps, sql_integer(row, 0), sql_integer(row, 1), sql_integer(row, 1) - sql_integer(row, 0));
    return result == SQLITE_DONE ? 0 : sql_refuse(ledger, "read", error);
}

int ledger_read_steps(struct ledger *ledger, const char *name, int64_t since_s, int64_t step_s, size_t count,
                      int64_t *steps, int64_t *observed_s, struct sonde_error *error)
{
    struct steps amounts = {since_s, step_s, count, steps}, spans = {since_s, step_s, count, observed_s};
    int code;

    memset(steps, 0, count * sizeof(*steps));
    code = add_amounts(ledger, name, &amounts, error);
    if (code < 0 || !observed_s)
        return code;
    memset(observed_s, 0, count * sizeof(*observed_s));
    return add_spans(ledger, name, &spans, error);
}

int ledger_read_policy(struct ledger *ledger, struct ledger_policy *policy, struct sonde_error *error)
{
    _cleanup_sql_ sqlite3_stmt *row = sql_prepare(
        ledger, error, "SELECT hash, confirmed_s, who FROM policies ORDER BY id DESC LIMIT 1", "");
    int result = row ? sqlite3_step(row) : SQLITE_ERROR;

    if (result == SQLITE_DONE)
        return error_set(error, SONDE_E_NOT_FOUND, "the ledger %s knows of no confirmed policy",
                         ledger->path);
    if (result != SQLITE_ROW)
        return sql_refuse(ledger, "read", error);
    sql_text(row, 0, policy->hash, sizeof(policy->hash));
    policy->confirmed_s = sql_integer(row, 1);
    sql_text(row, 2, policy->who, sizeof(policy->who));
    return 0;
}

int ledger_read_events(struct ledger *ledger, int64_t since_s, struct ledger_event *events, size_t most,
                       size_t *count, struct sonde_error *error)
{
    static const char sql[] = "SELECT kind, text, first_s, last_s, times FROM events WHERE last_s >= ?"
                              " ORDER BY last_s DESC, id DESC LIMIT ?";
    _cleanup_sql_ sqlite3_stmt *row = sql_prepare(ledger, error, sql, "ii", since_s, (int64_t)most);
    int result = SQLITE_ERROR;

    *count = 0;
    while (row && (result = sqlite3_step(row)) == SQLITE_ROW) {
        struct ledger_event *event = &events[(*count)++];

        sql_text(row, 0, event->kind, sizeof(event->kind));
        sql_text(row, 1, event->text, sizeof(event->text));
        event->first_s = sql_integer(row, 2);
        event->last_s = sql_integer(row, 3);
        event->times = sql_integer(row, 4);
    }
    return result == SQLITE_DONE ? 0 : sql_refuse(ledger, "read", error);
}
