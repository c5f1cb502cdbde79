/* SPDX-License-Identifier: MIT */
/* Statements of SQLite with their values, and its refusals as errors that a person understands. */
#include "store/sql.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/record.h"

/* What SQLite's results mean here (sqlite.org/rescode.html). */
static const struct refusal {
    int result, code;
    const char *what; /* the path, the doing, SQLite's words */
    const char *hint; /* the path */
} refusals[] = {
    {SQLITE_CORRUPT, SONDE_E_FORMAT, "the ledger %s is damaged: it cannot be %s (%s)",
     "Move it away (sudo mv %s{,.damaged}); the next sample begins a new one"},
    {SQLITE_NOTADB, SONDE_E_FORMAT, "%s is no ledger: it cannot be %s (%s)",
     "Move it away (sudo mv %s{,.old}); the next sample begins a new one"},
    {SQLITE_BUSY, SONDE_E_BUSY, "the ledger %s cannot be %s now: another process holds it (%s)",
     "Try again; 'fuser %s' names who holds it"},
    {SQLITE_LOCKED, SONDE_E_BUSY, "the ledger %s cannot be %s now: another process holds it (%s)",
     "Try again; 'fuser %s' names who holds it"},
    {SQLITE_READONLY, SONDE_E_PERMISSION, "the ledger %s may not be %s (%s)",
     "It belongs to root; run the same command with sudo, and look at: ls -l %s"},
    {SQLITE_PERM, SONDE_E_PERMISSION, "the ledger %s may not be %s (%s)",
     "It belongs to root; run the same command with sudo, and look at: ls -l %s"},
    {SQLITE_FULL, -ENOSPC, "the ledger %s cannot be %s: the disk is full (%s)", "Make room: df -h %s"},
    {SQLITE_NOMEM, -ENOMEM, "the ledger %s cannot be %s: no memory (%s)", NULL},
};

static int refuse_open(const struct ledger *ledger, const char *doing, struct sonde_error *error)
{
    int number = sqlite3_system_errno(ledger->file);

    if (number == EACCES || number == EPERM || number == EROFS) {
        error_set(error, SONDE_E_PERMISSION, "the ledger %s may not be %s: %s", ledger->path, doing,
                  strerror(number));
        error_hint(error, "Run the same command with sudo");
        return SONDE_E_PERMISSION;
    }
    if (number == ENOENT && !strcmp(doing, "read"))
        return error_set(error, SONDE_E_NOT_FOUND, "there is no ledger %s", ledger->path);
    return error_set(error, number ? -number : -EIO, "the ledger %s cannot be %s: %s", ledger->path, doing,
                     number ? strerror(number) : sqlite3_errmsg(ledger->file));
}

int sql_refuse(const struct ledger *ledger, const char *doing, struct sonde_error *error)
{
    int result = sqlite3_errcode(ledger->file) & 0xff;

    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        const struct refusal *row = &refusals[i];
        char text[sizeof(error->hint)];

        if (row->result != result)
            continue;
        snprintf(text, sizeof(text), "%s", sqlite3_errmsg(ledger->file));
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* of the table above */
        error_set(error, row->code, row->what, ledger->path, doing, text);
        if (row->hint)
            error_hint(error, row->hint, ledger->path);
#pragma GCC diagnostic pop
        return row->code;
    }
    return refuse_open(ledger, doing, error);
}

static void bind(sqlite3_stmt *statement, const char *types, va_list values)
{
    for (int i = 0; types[i]; i++)
        if (types[i] == 'i')
            sqlite3_bind_int64(statement, i + 1, va_arg(values, int64_t));
        else
            sqlite3_bind_text(statement, i + 1, va_arg(values, const char *), -1, SQLITE_TRANSIENT);
}

void sql_bind(sqlite3_stmt *statement, const char *types, ...)
{
    va_list values;

    va_start(values, types);
    bind(statement, types, values);
    va_end(values);
}

static sqlite3_stmt *prepare(struct ledger *ledger, struct sonde_error *error, const char *sql,
                             const char *types, va_list values)
{
    sqlite3_stmt *statement = NULL;

    if (sqlite3_prepare_v2(ledger->file, sql, -1, &statement, NULL) != SQLITE_OK) {
        sql_refuse(ledger, "read", error);
        return NULL;
    }
    bind(statement, types, values);
    return statement;
}

sqlite3_stmt *sql_prepare(struct ledger *ledger, struct sonde_error *error, const char *sql,
                          const char *types, ...)
{
    sqlite3_stmt *statement;
    va_list values;

    va_start(values, types);
    statement = prepare(ledger, error, sql, types, values);
    va_end(values);
    return statement;
}

int sql_finish(struct ledger *ledger, sqlite3_stmt *statement, struct sonde_error *error)
{
    int result, code = 0;

    do
        result = sqlite3_step(statement);
    while (result == SQLITE_ROW);
    if (result != SQLITE_DONE)
        code = sql_refuse(ledger, "written", error);
    sqlite3_reset(statement);
    return code;
}

int sql_run(struct ledger *ledger, struct sonde_error *error, const char *sql, const char *types, ...)
{
    sqlite3_stmt *statement;
    va_list values;
    int code;

    va_start(values, types);
    statement = prepare(ledger, error, sql, types, values);
    va_end(values);
    if (!statement)
        return error ? error->code : SONDE_E_FORMAT;
    code = sql_finish(ledger, statement, error);
    sqlite3_finalize(statement);
    return code;
}

int64_t sql_integer(sqlite3_stmt *statement, int column)
{
    return sqlite3_column_type(statement, column) == SQLITE_NULL ? INTEGER_ABSENT
                                                                 : sqlite3_column_int64(statement, column);
}

void sql_text(sqlite3_stmt *statement, int column, char *text, size_t size)
{
    const unsigned char *value = sqlite3_column_text(statement, column);

    snprintf(text, size, "%s", value ? (const char *)value : "");
}

int sql_begin(struct ledger *ledger, struct sonde_error *error)
{
    return sqlite3_exec(ledger->file, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK
               ? 0
               : sql_refuse(ledger, "written", error);
}

int sql_end(struct ledger *ledger, int code, struct sonde_error *error)
{
    if (code == 0 && sqlite3_exec(ledger->file, "COMMIT", NULL, NULL, NULL) == SQLITE_OK)
        return 0;
    if (code == 0)
        code = sql_refuse(ledger, "written", error);
    sqlite3_exec(ledger->file, "ROLLBACK", NULL, NULL, NULL);
    return code;
}
