/* SPDX-License-Identifier: MIT */
/* The ledger on a temporary file: what it counts over resets and reboots, what it says of damaged files, and
 * that several may write at once. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/record.h"
#include "store/ledger.h"

#define DAY   INT64_C(86400)
#define START (INT64_C(20000) * DAY) /* midnight */
#define END   (START + 1000 * DAY)

static char folder[40], path[64];

/* In memory, where there is such a place: each look waits for the disk. */
static int make_folder(void **state)
{
    strcpy(folder, "/dev/shm/sonde-ledger-XXXXXX");
    if (!mkdtemp(folder)) {
        strcpy(folder, "/tmp/sonde-ledger-XXXXXX");
        if (!mkdtemp(folder))
            return -1;
    }
    snprintf(path, sizeof(path), "%s/guard.db", folder);
    return 0;
}

static void remove_files(void)
{
    static const char *const endings[] = {"", "-wal", "-shm"};

    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        char name[80];

        snprintf(name, sizeof(name), "%s%s", path, endings[i]);
        unlink(name);
    }
}

static int remove_folder(void **state)
{
    remove_files();
    return rmdir(folder);
}

static int begin(void **state)
{
    remove_files();
    *state = ledger_open(path, true, NULL);
    return *state ? 0 : -1;
}

static int end(void **state)
{
    *state = ledger_close(*state);
    return 0;
}

/* One counter as it stood; NULL: no counter. */
static void look_as(struct ledger *ledger, int64_t time_s, const char *boot, int64_t identity,
                    const char *name, int64_t packets)
{
    struct ledger_count count = {name, packets, packets * 84, identity};
    struct ledger_look look = {time_s, boot, &count, name != NULL};
    struct sonde_error error = {0};

    if (ledger_add_look(ledger, &look, &error) < 0)
        fail_msg("%s", error.what);
}

static void look(struct ledger *ledger, int64_t time_s, int64_t packets)
{
    look_as(ledger, time_s, "boot-a", 7, "echo", packets);
}

static struct ledger_counter read_one(struct ledger *ledger, int64_t since_s, int64_t until_s)
{
    struct ledger_counter *counters, one;
    size_t count;

    assert_int_equal(ledger_read_counters(ledger, since_s, until_s, &counters, &count, NULL), 0);
    assert_int_equal(count, 1);
    one = counters[0];
    free(counters);
    return one;
}

static void what_was_before_the_first_look_is_not_counted(void **state)
{
    struct ledger_counter counter;

    look(*state, START, 1000);
    look(*state, START + 600, 1000);
    counter = read_one(*state, START - DAY, END);
    assert_string_equal(counter.name, "echo");
    assert_int_equal(counter.packets, 0);
    assert_int_equal(counter.unknown, 1000);
    assert_int_equal(counter.observed_s, 600);
    assert_int_equal(counter.first_hit_s, INTEGER_ABSENT);
    look(*state, START + 1200, 1007);
    counter = read_one(*state, START - DAY, END);
    assert_int_equal(counter.packets, 7);
    assert_int_equal(counter.bytes, 7 * 84);
    assert_int_equal(counter.observed_s, 1200);
    assert_int_equal(counter.first_hit_s, START + 1200);
    assert_int_equal(counter.last_hit_s, START + 1200);
    assert_int_equal(counter.known_s, START);
}

static void a_span_counts_its_own(void **state)
{
    look(*state, START, 0);
    look(*state, START + 600, 10);
    look(*state, START + 1200, 30);
    look(*state, START + 1800, 30);
    look(*state, START + 2400, 70);
    assert_int_equal(read_one(*state, START, END).packets, 70);
    assert_int_equal(read_one(*state, START + 600, END).packets, 60);
    assert_int_equal(read_one(*state, START + 700, START + 1900).packets, 20);
    assert_int_equal(read_one(*state, START + 1200, START + 1900).packets, 0);
    assert_int_equal(read_one(*state, START + 700, START + 1900).observed_s, 1200);
    assert_int_equal(read_one(*state, START + 700, START + 1900).last_hit_s, START + 1200);
}

static void a_reset_begins_an_epoch(void **state)
{
    struct ledger_counter counter;

    look(*state, START, 500);
    look(*state, START + 600, 520);
    look(*state, START + 1200, 5); /* reset between, then 5 */
    look(*state, START + 1800, 8);
    counter = read_one(*state, START - DAY, END);
    assert_int_equal(counter.packets, 20 + 5 + 3);
    assert_int_equal(counter.epochs, 2);
    assert_int_equal(counter.resets, 1);
    assert_int_equal(counter.reboots, 0);
    assert_int_equal(counter.observed_s, 1200); /* nobody knows what was lost in the 600 seconds between */
}

static void a_counter_made_anew_is_a_reset_even_when_it_is_higher(void **state)
{
    struct ledger_counter counter;

    look_as(*state, START, "boot-a", 7, "echo", 10);
    look_as(*state, START + 600, "boot-a", 9, "echo", 25);
    counter = read_one(*state, START - DAY, END);
    assert_int_equal(counter.packets, 25);
    assert_int_equal(counter.resets, 1);
    assert_int_equal(counter.observed_s, 0);
}

static void a_reboot_begins_an_epoch(void **state)
{
    struct ledger_counter counter;
    struct ledger_looks looks;

    look_as(*state, START, "boot-a", 7, "echo", 10);
    look_as(*state, START + 600, "boot-a", 7, "echo", 11);
    look_as(*state, START + 4000, "boot-b", 7, "echo", 40);
    look_as(*state, START + 4600, "boot-b", 7, "echo", 41);
    counter = read_one(*state, START, END);
    assert_int_equal(counter.packets, 1 + 40 + 1);
    assert_int_equal(counter.reboots, 1);
    assert_int_equal(counter.resets, 0);
    assert_int_equal(counter.observed_s, 1200);
    assert_int_equal(ledger_read_looks(*state, START, END, &looks, NULL), 0);
    assert_int_equal(looks.count, 4);
    assert_int_equal(looks.boots, 2);
    assert_int_equal(looks.longest_gap_s, 3400);
    assert_int_equal(looks.first_s, START);
    assert_int_equal(looks.last_s, START + 4600);
}

static void a_counter_that_appears_later_counts_from_zero(void **state)
{
    struct ledger_counter counter;

    look_as(*state, START, "boot-a", 0, NULL, 0);
    look_as(*state, START + 600, "boot-a", 7, "echo", 12);
    counter = read_one(*state, START, END);
    assert_int_equal(counter.packets, 12);
    assert_int_equal(counter.unknown, 0);
    assert_int_equal(counter.known_s, START + 600);
}

static void a_counter_without_identity_that_was_away_begins_anew(void **state)
{
    look_as(*state, START, "boot-a", 0, "echo", 5);
    look_as(*state, START + 600, "boot-a", 0, NULL, 0);
    look_as(*state, START + 1200, "boot-a", 0, "echo", 6);
    assert_int_equal(read_one(*state, START, END).packets, 6);
    assert_int_equal(read_one(*state, START, END).resets, 1);
}

static void a_clock_that_is_set_back_loses_nothing(void **state)
{
    look(*state, START + 10 * DAY, 5);
    look(*state, START + 10 * DAY + 600, 8);
    look(*state, START, 9);
    look(*state, START + 600, 12);
    assert_int_equal(read_one(*state, START - DAY, START + DAY).packets, 3);
    assert_int_equal(read_one(*state, START - DAY, END).packets, 6);
    assert_int_equal(read_one(*state, START - DAY, END).observed_s, 1200);
}

static void two_looks_in_a_second_are_one(void **state)
{
    look(*state, START, 5);
    look(*state, START + 1, 6);
    look(*state, START + 1, 9);
    assert_int_equal(read_one(*state, START, END).packets, 4);
}

static void steps_spread_what_came_in_a_gap(void **state)
{
    int64_t steps[5], observed[5];
    int64_t sum = 0;

    look(*state, START, 0);
    look(*state, START + 600, 60);
    look(*state, START + 3 * DAY, 60 + 3001); /* nobody looked for almost three days */
    assert_int_equal(ledger_read_steps(*state, "echo", START, DAY, 5, steps, observed, NULL), 0);
    for (size_t i = 0; i < COUNT_OF(steps); i++)
        sum += steps[i];
    assert_int_equal(sum, 3061);
    assert_in_range(steps[0], 60 + 990, 60 + 1010);
    assert_in_range(steps[1], 990, 1010);
    assert_in_range(steps[2], 990, 1010);
    assert_int_equal(steps[3], 0);
    assert_int_equal(observed[0], DAY);
    assert_int_equal(observed[2], DAY);
    assert_int_equal(observed[3], 0);
    assert_int_equal(ledger_read_steps(*state, "echo", START + DAY, DAY, 1, steps, NULL, NULL), 0);
    assert_in_range(steps[0], 990, 1010);
    assert_int_equal(ledger_read_steps(*state, "nobody", START, DAY, 5, steps, observed, NULL), 0);
    assert_int_equal(steps[0] + observed[0], 0);
}

static int64_t rows_of(const char *sql)
{
    sqlite3 *file;
    sqlite3_stmt *statement;
    int64_t rows;

    assert_int_equal(sqlite3_open_v2(path, &file, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(file, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    rows = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(file);
    return rows;
}

/* A look every six hours; a packet in each of them. */
static void fill(struct ledger *ledger, int64_t days)
{
    for (int64_t i = 0; i <= days * 4; i++)
        look(ledger, START + i * DAY / 4, i);
}

static void old_looks_are_thinned_out_but_not_what_was_counted(void **state)
{
    int64_t steps[3];

    fill(*state, 200);
    assert_int_equal(ledger_tend(*state, START + 200 * DAY, NULL), 0);
    assert_in_range(rows_of("SELECT count(*) FROM samples"), 110 + 90 * 4 - 2, 110 + 90 * 4 + 2);
    assert_in_range(rows_of("SELECT count(*) FROM looks"), 110 + 90 * 4 - 2, 110 + 90 * 4 + 2);
    assert_int_equal(read_one(*state, START, END).packets, 800);
    assert_int_equal(read_one(*state, START, END).observed_s, 200 * DAY);
    assert_int_equal(ledger_read_steps(*state, "echo", START + 50 * DAY, DAY, 3, steps, NULL, NULL), 0);
    assert_in_range(steps[1], 3, 5);
}

static void years_later_the_ledger_is_not_larger(void **state)
{
    fill(*state, 10);
    look(*state, START + 2000 * DAY, 41);
    assert_int_equal(ledger_tend(*state, START + 2000 * DAY, NULL), 0);
    assert_int_equal(rows_of("SELECT count(*) FROM samples"), 2); /* where it stood, and where it stands */
    assert_int_equal(rows_of("SELECT count(*) FROM looks"), 1);
    assert_int_equal(read_one(*state, START + 1999 * DAY, START + 2001 * DAY).packets, 1);
    look_as(*state, START + 4000 * DAY, "boot-b", 1, "other", 3);
    assert_int_equal(ledger_tend(*state, START + 4000 * DAY, NULL), 0);
    assert_int_equal(rows_of("SELECT count(*) FROM counters"), 1);
    assert_int_equal(rows_of("SELECT count(*) FROM epochs"), 1);
    assert_int_equal(rows_of("SELECT count(*) FROM boots"), 1);
}

static void a_quiet_counter_costs_nothing(void **state)
{
    for (int64_t i = 0; i < 1000; i++)
        look(*state, START + i * 600, 0);
    assert_int_equal(rows_of("SELECT count(*) FROM samples"), 0);
    assert_int_equal(rows_of("SELECT count(*) FROM epochs"), 1);
    assert_int_equal(read_one(*state, START, END).observed_s, 999 * 600);
}

static void events_and_policies_are_kept(void **state)
{
    struct ledger_policy policy;
    struct ledger_event events[4];
    size_t count;

    assert_int_equal(ledger_read_policy(*state, &policy, NULL), SONDE_E_NOT_FOUND);
    assert_int_equal(ledger_add_policy(*state, "aa", START, "uid 0", NULL), 0);
    assert_int_equal(ledger_add_policy(*state, "bb", START + 5, "uid 1000", NULL), 0);
    assert_int_equal(ledger_read_policy(*state, &policy, NULL), 0);
    assert_string_equal(policy.hash, "bb");
    assert_string_equal(policy.who, "uid 1000");
    assert_int_equal(policy.confirmed_s, START + 5);
    for (int64_t i = 0; i < 3; i++)
        assert_int_equal(ledger_add_event(*state, START + i, "drift", "a chain is gone", NULL), 0);
    assert_int_equal(ledger_add_event(*state, START + 9, "drift", "a rule is new", NULL), 0);
    assert_int_equal(ledger_add_event(*state, START + 10, "apply", "g2", NULL), 0);
    assert_int_equal(ledger_read_events(*state, START, events, COUNT_OF(events), &count, NULL), 0);
    assert_int_equal(count, 3);
    assert_string_equal(events[0].kind, "apply");
    assert_string_equal(events[2].text, "a chain is gone");
    assert_int_equal(events[2].times, 3);
    assert_int_equal(events[2].last_s, START + 2);
    assert_int_equal(ledger_read_events(*state, START + 9, events, 1, &count, NULL), 0);
    assert_int_equal(count, 1);
}

static void put(const char *octets, size_t length, off_t offset)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, octets, length, offset), (ssize_t)length);
    close(fd);
}

static void expect_refusal(bool write, int code, const char *words)
{
    struct sonde_error error = {0};

    assert_null(ledger_open(path, write, &error));
    assert_int_equal(error.code, code);
    if (!strstr(error.what, words))
        fail_msg("\"%s\" does not say \"%s\"", error.what, words);
}

static void what_is_no_ledger_is_refused(void **state)
{
    sqlite3 *file;

    remove_files();
    expect_refusal(false, SONDE_E_NOT_FOUND, "no ledger");
    put("", 0, 0);
    expect_refusal(false, SONDE_E_NOT_FOUND, "empty");
    put("these are not the octets of a database, and there are enough of them to be sure", 79, 0);
    expect_refusal(true, SONDE_E_FORMAT, "no ledger");
    remove_files();
    assert_int_equal(sqlite3_open(path, &file), SQLITE_OK);
    assert_int_equal(sqlite3_exec(file, "CREATE TABLE cats(name)", NULL, NULL, NULL), SQLITE_OK);
    expect_refusal(true, SONDE_E_FORMAT, "something else");
    assert_int_equal(
        sqlite3_exec(file, "PRAGMA application_id = 0x73676c64; PRAGMA user_version = 99", NULL, NULL, NULL),
        SQLITE_OK);
    expect_refusal(true, SONDE_E_FORMAT, "newer");
    sqlite3_close(file);
    remove_files();
}

static void a_damaged_ledger_is_an_error_not_a_result(void **state)
{
    struct ledger *ledger;
    struct ledger_counter *counters = NULL;
    size_t count;
    char noise[4096];
    struct sonde_error error = {0};

    remove_files();
    ledger = ledger_open(path, true, NULL);
    fill(ledger, 30);
    ledger_close(ledger); /* what was in the log is in the file now */
    memset(noise, 0x5a, sizeof(noise));
    for (off_t page = 1; page < 16; page++)
        put(noise, sizeof(noise), page * 4096);
    ledger = ledger_open(path, false, &error);
    if (ledger)
        assert_int_equal(ledger_read_counters(ledger, START, END, &counters, &count, &error), SONDE_E_FORMAT);
    assert_int_equal(error.code, SONDE_E_FORMAT);
    assert_non_null(strstr(error.what, "damaged"));
    assert_non_null(strstr(error.hint, path));
    free(counters);
    ledger_close(ledger);
    remove_files();
}

/* In a child, for root may write everything. */
static void what_may_not_be_written_says_so(void **state)
{
    int status;
    pid_t child;
    struct ledger *ledger;

    remove_files();
    ledger = ledger_open(path, true, NULL);
    look(ledger, START, 1);
    look(ledger, START + 1, 3);
    ledger_close(ledger);
    assert_int_equal(chmod(folder, 0755), 0);
    child = fork();
    if (child == 0) {
        struct sonde_error error = {0};

        if (getuid() == 0 && setuid(65534) != 0)
            _exit(9);
        if (getuid() != 65534)
            _exit(0); /* the file is ours: nothing to see */
        if (ledger_open(path, true, &error) || error.code != SONDE_E_PERMISSION)
            _exit(1);
        ledger = ledger_open(path, false, &error);
        if (!ledger || read_one(ledger, START, END).packets != 2)
            _exit(2);
        ledger_close(ledger);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(chmod(folder, 0700), 0);
    remove_files();
}

static void a_folder_that_cannot_be_made_is_said(void **state)
{
    struct sonde_error error = {0};

    assert_null(ledger_open("/proc/nothing/guard.db", true, &error));
    assert_true(error.code < 0);
    assert_non_null(strstr(error.what, "/proc/nothing/guard.db"));
}

enum { WRITERS = 4, LOOKS = 25 };

static void write_looks(int writer)
{
    struct sonde_error error = {0};
    struct ledger *ledger = ledger_open(path, true, &error);
    char name[16];

    if (!ledger) {
        fprintf(stderr, "%s\n", error.what);
        _exit(1);
    }
    snprintf(name, sizeof(name), "writer%d", writer);
    for (int64_t i = 0; i < LOOKS; i++) {
        struct ledger_count count = {name, i, i, 7};
        struct ledger_look one = {START + i, "boot-a", &count, 1};
        int code;

        do
            code = ledger_add_look(ledger, &one, NULL);
        while (code == SONDE_E_BUSY); /* on a slow disk */
        if (code < 0)
            _exit(2);
    }
    ledger_close(ledger);
    _exit(0);
}

static void several_may_write_at_once(void **state)
{
    struct ledger *ledger;
    struct ledger_counter *counters;
    pid_t children[WRITERS];
    size_t count;
    int status;

    remove_files(); /* they make it, too */
    for (int i = 0; i < WRITERS; i++) {
        children[i] = fork();
        if (children[i] == 0)
            write_looks(i);
    }
    for (int i = 0; i < WRITERS; i++) {
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(rows_of("SELECT count(*) FROM looks"), WRITERS * LOOKS);
    ledger = ledger_open(path, false, NULL);
    assert_non_null(ledger);
    assert_int_equal(ledger_read_counters(ledger, START - 1, END, &counters, &count, NULL), 0);
    assert_int_equal(count, WRITERS);
    for (size_t i = 0; i < count; i++)
        assert_true(counters[i].packets <= LOOKS - 1);
    free(counters);
    ledger_close(ledger);
}

static void it_is_on_the_disk_when_the_writer_is_killed(void **state)
{
    struct ledger *ledger;
    pid_t child;
    int status;

    remove_files();
    child = fork();
    if (child == 0) {
        ledger = ledger_open(path, true, NULL);
        look(ledger, START, 1);
        look(ledger, START + 60, 5);
        raise(SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    ledger = ledger_open(path, false, NULL);
    assert_non_null(ledger);
    assert_int_equal(read_one(ledger, START, END).packets, 4);
    ledger_close(ledger);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(what_was_before_the_first_look_is_not_counted),
        WITH(a_span_counts_its_own),
        WITH(a_reset_begins_an_epoch),
        WITH(a_counter_made_anew_is_a_reset_even_when_it_is_higher),
        WITH(a_reboot_begins_an_epoch),
        WITH(a_counter_that_appears_later_counts_from_zero),
        WITH(a_counter_without_identity_that_was_away_begins_anew),
        WITH(a_clock_that_is_set_back_loses_nothing),
        WITH(two_looks_in_a_second_are_one),
        WITH(steps_spread_what_came_in_a_gap),
        WITH(old_looks_are_thinned_out_but_not_what_was_counted),
        WITH(years_later_the_ledger_is_not_larger),
        WITH(a_quiet_counter_costs_nothing),
        WITH(events_and_policies_are_kept),
        cmocka_unit_test(what_is_no_ledger_is_refused),
        cmocka_unit_test(a_damaged_ledger_is_an_error_not_a_result),
        cmocka_unit_test(what_may_not_be_written_says_so),
        cmocka_unit_test(a_folder_that_cannot_be_made_is_said),
        cmocka_unit_test(several_may_write_at_once),
        cmocka_unit_test(it_is_on_the_disk_when_the_writer_is_killed),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
