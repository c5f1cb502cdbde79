/* SPDX-License-Identifier: MIT */
/* What the files of the ledger share: the open file, and statements with their values. */
#ifndef SONDE_STORE_SQL_H
#define SONDE_STORE_SQL_H

#include <sqlite3.h>

#include "base/macro.h"
#include "store/ledger.h"

struct ledger {
    sqlite3 *file;
    char *path;
};

/** Say why SQLite refused the last thing. @param doing "written", "read" @return the error's code */
int sql_refuse(const struct ledger *ledger, const char *doing, struct sonde_error *error);

/**
 * Prepare a statement and bind its values.
 * @param types a letter for each value: i (int64_t), s (const char *)
 * @return NULL, with an error
 */
sqlite3_stmt *sql_prepare(struct ledger *ledger, struct sonde_error *error, const char *sql,
                          const char *types, ...);

/** Bind the values of a prepared statement anew. */
void sql_bind(sqlite3_stmt *statement, const char *types, ...);

/** Step a statement that gives no rows to its end and reset it. @return 0 or an error */
int sql_finish(struct ledger *ledger, sqlite3_stmt *statement, struct sonde_error *error);

/** Prepare, bind and run a statement that gives no rows. @return 0 or an error */
int sql_run(struct ledger *ledger, struct sonde_error *error, const char *sql, const char *types, ...);

/** An integer of the current row. @return INTEGER_ABSENT for NULL */
int64_t sql_integer(sqlite3_stmt *statement, int column);

/** Copy a text of the current row; it is cut to fit. */
void sql_text(sqlite3_stmt *statement, int column, char *text, size_t size);

/** Begin a transaction that writes. @return 0 or an error */
int sql_begin(struct ledger *ledger, struct sonde_error *error);

/** End a transaction: keep it when `code` is 0, else forget it. @return code, or why it could not be kept */
int sql_end(struct ledger *ledger, int code, struct sonde_error *error);

/** End a statement; for `_cleanup_sql_`. */
static inline void sql_close(sqlite3_stmt **statement)
{
    sqlite3_finalize(*statement);
}

#define _cleanup_sql_ CLEANUP(sql_close)

#endif
