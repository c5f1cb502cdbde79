/* SPDX-License-Identifier: MIT */
/* The ledger's file: making it, knowing it again, and giving it back to the disk. */
#include "store/ledger.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "store/sql.h"

enum {
    APPLICATION = 0x73676c64, /* "sgld", so that file(1) and we know it again */
    VERSION = 1,              /* of the tables below */
    PATIENCE_MS = 5000,       /* for others who write */
    RETRY_MS = 20,
};

/* Times are seconds since 1970. A counter stands at `packets` from a sample's time until the next one of its
 * epoch; before the first at `base_packets`. */
static const char tables[] =
    "CREATE TABLE boots(id INTEGER PRIMARY KEY, boot TEXT NOT NULL UNIQUE);"
    "CREATE TABLE looks(id INTEGER PRIMARY KEY, time_s INTEGER NOT NULL, boot INTEGER NOT NULL);"
    "CREATE INDEX looks_by_time ON looks(time_s);"
    "CREATE TABLE counters(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, known_s INTEGER NOT NULL);"
    "CREATE TABLE epochs(id INTEGER PRIMARY KEY, counter INTEGER NOT NULL, boot INTEGER NOT NULL,"
    " cause TEXT NOT NULL, identity INTEGER NOT NULL, began_s INTEGER NOT NULL, last_s INTEGER NOT NULL,"
    " look INTEGER NOT NULL, base_packets INTEGER NOT NULL, base_bytes INTEGER NOT NULL,"
    " packets INTEGER NOT NULL, bytes INTEGER NOT NULL);"
    "CREATE INDEX epochs_by_counter ON epochs(counter, id);"
    "CREATE TABLE samples(epoch INTEGER NOT NULL, time_s INTEGER NOT NULL, packets INTEGER NOT NULL,"
    " bytes INTEGER NOT NULL, PRIMARY KEY(epoch, time_s)) WITHOUT ROWID;"
    "CREATE TABLE policies(id INTEGER PRIMARY KEY, hash TEXT NOT NULL, confirmed_s INTEGER NOT NULL,"
    " who TEXT NOT NULL);"
    "CREATE TABLE events(id INTEGER PRIMARY KEY, kind TEXT NOT NULL, text TEXT NOT NULL,"
    " first_s INTEGER NOT NULL, last_s INTEGER NOT NULL, times INTEGER NOT NULL);"
    "CREATE TABLE tended(time_s INTEGER NOT NULL);"
    "INSERT INTO tended VALUES(0);";

/* What the file says that it is, all at one moment: another process may be making the tables. */
struct marks {
    int64_t application, version, objects;
};

static int read_marks(struct ledger *ledger, struct marks *marks, struct sonde_error *error)
{
    static const char sql[] = "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema)"
                              " FROM pragma_application_id, pragma_user_version";
    _cleanup_sql_ sqlite3_stmt *statement = sql_prepare(ledger, error, sql, "");

    if (!statement || sqlite3_step(statement) != SQLITE_ROW)
        return sql_refuse(ledger, "read", error);
    *marks = (struct marks){sql_integer(statement, 0), sql_integer(statement, 1), sql_integer(statement, 2)};
    return 0;
}

/* Another process may make the tables at the same time: whoever gets the lock second finds them. */
static int make_tables(struct ledger *ledger, struct sonde_error *error)
{
    struct marks found = {0};
    _cleanup_free_ char *pragmas =
        text_format("PRAGMA application_id = %d; PRAGMA user_version = %d;", APPLICATION, VERSION);
    int code = sql_begin(ledger, error);

    if (code < 0)
        return code;
    code = read_marks(ledger, &found, error);
    if (code == 0 && found.version == 0 &&
        (sqlite3_exec(ledger->file, tables, NULL, NULL, NULL) != SQLITE_OK ||
         sqlite3_exec(ledger->file, pragmas, NULL, NULL, NULL) != SQLITE_OK))
        code = sql_refuse(ledger, "written", error);
    return sql_end(ledger, code, error);
}

static int recognise(struct ledger *ledger, bool write, struct sonde_error *error)
{
    struct marks marks = {0};
    int code = read_marks(ledger, &marks, error);

    if (code < 0)
        return code;
    if (marks.application == 0 && marks.version == 0 && marks.objects == 0)
        return write ? make_tables(ledger, error)
                     : error_set(error, SONDE_E_NOT_FOUND, "the ledger %s is empty", ledger->path);
    if (marks.application != APPLICATION)
        return error_set(error, SONDE_E_FORMAT, "%s is a database of something else, no ledger of sonde",
                         ledger->path);
    if (marks.version > VERSION) {
        error_set(error, SONDE_E_FORMAT, "the ledger %s was written by a newer sonde (version %d, not %d)",
                  ledger->path, (int)marks.version, VERSION);
        error_hint(error, "Install that sonde");
        return SONDE_E_FORMAT;
    }
    return 0;
}

/* SQLite makes the file, but not its folder. */
static void make_folder(const char *path)
{
    _cleanup_free_ char *folder = text_format("%s", path);
    char *slash = strrchr(folder, '/');

    if (!slash || slash == folder)
        return;
    *slash = '\0';
    (void)mkdir(folder, 0755); /* opening the file says what is wrong */
}

/* SQLite waits for others at every statement but the one that begins the log of changes. */
static int set_up(struct ledger *ledger, const char *settings)
{
    for (int waited_ms = 0;; waited_ms += RETRY_MS) {
        int result = sqlite3_exec(ledger->file, settings, NULL, NULL, NULL);

        if (result != SQLITE_BUSY || waited_ms >= PATIENCE_MS)
            return result;
        sqlite3_sleep(RETRY_MS);
    }
}

/* With a log of changes, readers do not wait for who writes. The log stays behind, so that those who may only
 * read the folder can read the file; each change is on the disk before it counts as written. */
static int configure(struct ledger *ledger, bool write, struct sonde_error *error)
{
    static const char settings[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                                   "PRAGMA journal_size_limit = 4194304;";
    int keep = 1;

    sqlite3_busy_timeout(ledger->file, PATIENCE_MS);
    sqlite3_extended_result_codes(ledger->file, 0);
    if (!write)
        return 0;
    if (set_up(ledger, settings) != SQLITE_OK)
        return sql_refuse(ledger, "written", error);
    sqlite3_file_control(ledger->file, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
    return 0;
}

struct ledger *ledger_open(const char *path, bool write, struct sonde_error *error)
{
    struct ledger *ledger = calloc(1, sizeof(*ledger));
    int flags = write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY, code;

    if (!ledger)
        abort(); /* as base/text.c */
    ledger->path = text_format("%s", path);
    if (write)
        make_folder(path);
    code = sqlite3_open_v2(path, &ledger->file, flags, NULL) == SQLITE_OK
               ? configure(ledger, write, error)
               : sql_refuse(ledger, write ? "written" : "read", error);
    /* without its rights SQLite opens a file that is to be written for reading only, and says so late */
    if (code == 0 && write && sqlite3_db_readonly(ledger->file, "main") == 1) {
        code = error_set(error, SONDE_E_PERMISSION, "the ledger %s may not be written", path);
        error_hint(error, "Run the same command with sudo");
    }
    if (code == 0)
        code = recognise(ledger, write, error);
    return code < 0 ? ledger_close(ledger) : ledger;
}

struct ledger *ledger_close(struct ledger *ledger)
{
    if (!ledger)
        return NULL;
    sqlite3_close(ledger->file);
    free(ledger->path);
    free(ledger);
    return NULL;
}
