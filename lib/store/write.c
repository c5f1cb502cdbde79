/* SPDX-License-Identifier: MIT */
/* What is written into the ledger: looks at counters, policies, events; and thinning out what is old. */
#include <inttypes.h>
#include <string.h>

#include "base/record.h"
#include "store/sql.h"

#define DAY_S INT64_C(86400)

/* The epoch of a counter that a look continues, or not. */
struct epoch {
    int64_t id, boot, identity, last_s, look, packets, bytes;
};

/* A look on its way into the file. */
struct writing {
    struct ledger *ledger;
    struct sonde_error *error;
    int64_t time_s, boot, look;
    int64_t previous; /* the id of the look before; INTEGER_ABSENT: this is the first */
    sqlite3_stmt *counter, *find, *latest, *begin, *go_on, *sample;
};

static const char find_epoch[] = "SELECT id, boot, identity, last_s, look, packets, bytes FROM epochs"
                                 " WHERE counter = ? ORDER BY id DESC LIMIT 1";
static const char begin_epoch[] = "INSERT INTO epochs(counter, boot, cause, identity, began_s, last_s, look,"
                                  " base_packets, base_bytes, packets, bytes)"
                                  " VALUES(?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7, ?8, ?9, ?10)";
static const char go_on[] = "UPDATE epochs SET last_s = ?, look = ?, packets = ?, bytes = ? WHERE id = ?";
static const char add_sample[] = "INSERT OR REPLACE INTO samples(epoch, time_s, packets, bytes)"
                                 " VALUES(?, ?, ?, ?)";

static int find_integer(struct ledger *ledger, sqlite3_stmt *statement, int64_t *value,
                        struct sonde_error *error)
{
    int result = sqlite3_step(statement), code = 0;

    *value = INTEGER_ABSENT;
    if (result == SQLITE_ROW)
        *value = sql_integer(statement, 0);
    else if (result != SQLITE_DONE)
        code = sql_refuse(ledger, "read", error);
    sqlite3_reset(statement);
    return code;
}

static int find_boot(struct writing *writing, const char *boot)
{
    int code =
        sql_run(writing->ledger, writing->error, "INSERT OR IGNORE INTO boots(boot) VALUES(?)", "s", boot);
    _cleanup_sql_ sqlite3_stmt *find =
        sql_prepare(writing->ledger, writing->error, "SELECT id FROM boots WHERE boot = ?", "s", boot);

    if (code < 0 || !find)
        return sql_refuse(writing->ledger, "written", writing->error);
    return find_integer(writing->ledger, find, &writing->boot, writing->error);
}

static int add_look(struct writing *writing)
{
    _cleanup_sql_ sqlite3_stmt *previous =
        sql_prepare(writing->ledger, writing->error, "SELECT max(id) FROM looks", "");
    int code = previous ? find_integer(writing->ledger, previous, &writing->previous, writing->error)
                        : sql_refuse(writing->ledger, "read", writing->error);

    if (code == 0)
        code = sql_run(writing->ledger, writing->error, "INSERT INTO looks(time_s, boot) VALUES(?, ?)", "ii",
                       writing->time_s, writing->boot);
    writing->look = sqlite3_last_insert_rowid(writing->ledger->file);
    return code;
}

static int find_counter(struct writing *writing, const char *name, int64_t *id)
{
    int code;

    sql_bind(writing->counter, "si", name, writing->time_s);
    code = sql_finish(writing->ledger, writing->counter, writing->error);
    if (code < 0)
        return code;
    sql_bind(writing->find, "s", name);
    return find_integer(writing->ledger, writing->find, id, writing->error);
}

static int find_latest(struct writing *writing, int64_t counter, struct epoch *epoch)
{
    int64_t *const members[] = {&epoch->id,   &epoch->boot,    &epoch->identity, &epoch->last_s,
                                &epoch->look, &epoch->packets, &epoch->bytes};
    int result, code = 0;

    *epoch = (struct epoch){.id = INTEGER_ABSENT};
    sql_bind(writing->latest, "i", counter);
    result = sqlite3_step(writing->latest);
    if (result == SQLITE_ROW)
        for (size_t i = 0; i < COUNT_OF(members); i++)
            *members[i] = sql_integer(writing->latest, (int)i);
    else if (result != SQLITE_DONE)
        code = sql_refuse(writing->ledger, "read", writing->error);
    sqlite3_reset(writing->latest);
    return code;
}

/* Why a look does not continue a counter's last epoch; NULL when it does. */
static const char *break_of(const struct writing *writing, const struct epoch *epoch,
                            const struct ledger_count *count)
{
    bool known = epoch->identity != 0 && count->identity != 0;

    if (epoch->id == INTEGER_ABSENT)
        return writing->previous == INTEGER_ABSENT ? "first" : "new";
    if (epoch->boot != writing->boot)
        return "reboot";
    if (count->packets < epoch->packets || count->bytes < epoch->bytes)
        return "reset";
    if (known ? epoch->identity != count->identity : epoch->look != writing->previous)
        return "reset";
    return writing->time_s < epoch->last_s ? "clock" : NULL;
}

/* What a counter had counted before anybody looked cannot be told from what it counts now; after a break in
 * which it began at zero it can. */
static bool begins_at_zero(const char *cause)
{
    return strcmp(cause, "first") != 0 && strcmp(cause, "clock") != 0;
}

static int add_count(struct writing *writing, const struct ledger_count *count)
{
    struct epoch epoch = {0};
    const char *cause;
    bool zero, rose;
    int64_t counter;
    int code = find_counter(writing, count->name, &counter);

    if (code == 0)
        code = find_latest(writing, counter, &epoch);
    if (code < 0)
        return code;
    cause = break_of(writing, &epoch, count);
    zero = cause && begins_at_zero(cause);
    rose = cause ? zero && (count->packets || count->bytes)
                 : count->packets != epoch.packets || count->bytes != epoch.bytes;
    if (cause)
        sql_bind(writing->begin, "iisiiiiiii", counter, writing->boot, cause, count->identity,
                 writing->time_s, writing->look, zero ? INT64_C(0) : count->packets,
                 zero ? INT64_C(0) : count->bytes, count->packets, count->bytes);
    else
        sql_bind(writing->go_on, "iiiii", writing->time_s, writing->look, count->packets, count->bytes,
                 epoch.id);
    code = sql_finish(writing->ledger, cause ? writing->begin : writing->go_on, writing->error);
    if (code < 0 || !rose)
        return code;
    sql_bind(writing->sample, "iiii", cause ? sqlite3_last_insert_rowid(writing->ledger->file) : epoch.id,
             writing->time_s, count->packets, count->bytes);
    return sql_finish(writing->ledger, writing->sample, writing->error);
}

static int prepare(struct writing *writing)
{
    const struct {
        sqlite3_stmt **statement;
        const char *sql;
    } rows[] = {
        {&writing->counter, "INSERT OR IGNORE INTO counters(name, known_s) VALUES(?, ?)"},
        {&writing->find, "SELECT id FROM counters WHERE name = ?"},
        {&writing->latest, find_epoch},
        {&writing->begin, begin_epoch},
        {&writing->go_on, go_on},
        {&writing->sample, add_sample},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        *rows[i].statement = sql_prepare(writing->ledger, writing->error, rows[i].sql, "");
        if (!*rows[i].statement)
            return sql_refuse(writing->ledger, "written", writing->error);
    }
    return 0;
}

static void release(struct writing *writing)
{
    sqlite3_stmt *const statements[] = {writing->counter, writing->find,  writing->latest,
                                        writing->begin,   writing->go_on, writing->sample};

    for (size_t i = 0; i < COUNT_OF(statements); i++)
        sqlite3_finalize(statements[i]);
}

static int write_look(struct writing *writing, const struct ledger_look *look)
{
    int code = find_boot(writing, look->boot);

    if (code == 0)
        code = add_look(writing);
    for (size_t i = 0; code == 0 && i < look->count; i++)
        code = add_count(writing, &look->counts[i]);
    return code;
}

static int tend_daily(struct ledger *ledger, int64_t now_s, struct sonde_error *error)
{
    _cleanup_sql_ sqlite3_stmt *statement = sql_prepare(ledger, error, "SELECT time_s FROM tended", "");
    int64_t tended_s = 0;
    int code =
        statement ? find_integer(ledger, statement, &tended_s, error) : sql_refuse(ledger, "read", error);

    if (code < 0 || (now_s >= tended_s && now_s - tended_s < DAY_S))
        return code;
    return ledger_tend(ledger, now_s, error);
}

int ledger_add_look(struct ledger *ledger, const struct ledger_look *look, struct sonde_error *error)
{
    struct writing writing = {.ledger = ledger, .error = error, .time_s = look->time_s};
    int code = sql_begin(ledger, error);

    if (code < 0)
        return code;
    code = prepare(&writing);
    if (code == 0)
        code = write_look(&writing, look);
    release(&writing);
    code = sql_end(ledger, code, error);
    return code < 0 ? code : tend_daily(ledger, look->time_s, error);
}

int ledger_add_policy(struct ledger *ledger, const char *hash, int64_t confirmed_s, const char *who,
                      struct sonde_error *error)
{
    return sql_run(ledger, error, "INSERT INTO policies(hash, confirmed_s, who) VALUES(?, ?, ?)", "sis", hash,
                   confirmed_s, who);
}

int ledger_add_event(struct ledger *ledger, int64_t time_s, const char *kind, const char *text,
                     struct sonde_error *error)
{
    int code = sql_begin(ledger, error);

    if (code < 0)
        return code;
    code = sql_run(ledger, error,
                   "UPDATE events SET last_s = ?1, times = times + 1 WHERE text = ?3 AND id ="
                   " (SELECT max(id) FROM events WHERE kind = ?2)",
                   "iss", time_s, kind, text);
    if (code == 0 && sqlite3_changes(ledger->file) == 0)
        code = sql_run(ledger, error,
                       "INSERT INTO events(first_s, last_s, times, kind, text)"
                       " VALUES(?1, ?1, 1, ?2, ?3)",
                       "iss", time_s, kind, text);
    return sql_end(ledger, code, error);
}

/* Of each day before ?1 the last sample and look stay: what was counted until its end does not change. Of all
 * before ?2 only the last sample of an epoch stays, which is where later ones start from. */
static const char *const thinning[] = {
    "DELETE FROM samples WHERE time_s < ?1 AND EXISTS (SELECT 1 FROM samples AS later WHERE later.epoch ="
    " samples.epoch AND later.time_s > samples.time_s AND later.time_s < (samples.time_s / 86400 + 1) * "
    "86400)"
    " AND ?2 = ?2",
    "DELETE FROM looks WHERE time_s < ?1 AND EXISTS (SELECT 1 FROM looks AS later WHERE"
    " later.time_s > looks.time_s AND later.time_s < (looks.time_s / 86400 + 1) * 86400) AND ?2 = ?2",
    "DELETE FROM samples WHERE time_s < ?2 AND EXISTS (SELECT 1 FROM samples AS later WHERE later.epoch ="
    " samples.epoch AND later.time_s > samples.time_s AND later.time_s < ?2) AND ?1 = ?1",
    "DELETE FROM samples WHERE epoch IN (SELECT id FROM epochs WHERE last_s < ?2) AND ?1 = ?1",
    "DELETE FROM epochs WHERE last_s < ?2 AND ?1 = ?1",
    "DELETE FROM counters WHERE NOT EXISTS (SELECT 1 FROM epochs WHERE counter = counters.id)"
    " AND ?1 = ?1 AND ?2 = ?2",
    "DELETE FROM looks WHERE time_s < ?2 AND ?1 = ?1",
    "DELETE FROM boots WHERE NOT EXISTS (SELECT 1 FROM looks WHERE boot = boots.id)"
    " AND NOT EXISTS (SELECT 1 FROM epochs WHERE boot = boots.id) AND ?1 = ?1 AND ?2 = ?2",
    "DELETE FROM events WHERE last_s < ?2 AND ?1 = ?1",
    "DELETE FROM policies WHERE confirmed_s < ?2 AND id < (SELECT max(id) FROM policies) AND ?1 = ?1",
};

int ledger_tend(struct ledger *ledger, int64_t now_s, struct sonde_error *error)
{
    int code = sql_begin(ledger, error);

    if (code < 0)
        return code;
    for (size_t i = 0; code == 0 && i < COUNT_OF(thinning); i++)
        code = sql_run(ledger, error, thinning[i], "ii", now_s - LEDGER_KEEP_ALL_DAYS * DAY_S,
                       now_s - LEDGER_KEEP_DAYS * DAY_S);
    if (code == 0)
        code = sql_run(ledger, error, "UPDATE tended SET time_s = ?", "i", now_s);
    return sql_end(ledger, code, error);
}
