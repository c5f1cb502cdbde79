/* SPDX-License-Identifier: MIT */
/* The guard's table as nft tells it, what identifies rules, and files that are whole or not there. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/guard/apply/folder.h"
#include "net/guard/apply/session.h"
#include "net/guard/live/fingerprint.h"
#include "net/guard/live/table.h"

/* Two slots, of which g12 is on trial; SLOT, VERDICT and PACKETS of it are to be filled in. */
static const char two_slots[] =
    "{\"nftables\": [{\"metainfo\": {\"version\": \"1.0.6\"}},"
    "{\"table\": {\"family\": \"inet\", \"name\": \"sonde_guard\", \"handle\": 1}},"
    "{\"chain\": {\"family\": \"inet\", \"table\": \"sonde_guard\", \"name\": \"input\", \"hook\": "
    "\"input\", "
    "\"prio\": -10, \"policy\": \"accept\", \"handle\": %d}},"
    "{\"chain\": {\"family\": \"inet\", \"table\": \"sonde_guard\", \"name\": \"g9.input\"}},"
    "{\"chain\": {\"family\": \"inet\", \"table\": \"sonde_guard\", \"name\": \"%s.input\"}},"
    "{\"counter\": {\"family\": \"inet\", \"table\": \"sonde_guard\", \"name\": \"g.x\", \"packets\": %d, "
    "\"bytes\": 0}},"
    "{\"map\": {\"family\": \"inet\", \"table\": \"sonde_guard\", \"name\": \"%s.v4\", \"type\": "
    "\"icmp_type\", \"map\": "
    "\"verdict\", \"elem\": [[13, {\"%s\": null}], [8, {\"goto\": {\"target\": \"%s.x\"}}]]}},"
    "{\"rule\": {\"family\": \"inet\", \"table\": \"sonde_guard\", \"chain\": \"input\", \"handle\": 7, "
    "\"expr\": "
    "[{\"match\": {\"op\": \"==\", \"left\": {\"meta\": {\"key\": \"l4proto\"}}, \"right\": \"@lease\"}}, "
    "{\"goto\": {\"target\": \"%s.input\"}}]}},"
    "{\"rule\": {\"family\": \"inet\", \"table\": \"sonde_guard\", \"chain\": \"input\", \"handle\": 8, "
    "\"expr\": "
    "[{\"goto\": {\"target\": \"g9.input\"}}]}},"
    "{\"rule\": {\"family\": \"inet\", \"table\": \"sonde_guard\", \"chain\": \"%s.input\", \"handle\": 9, "
    "\"expr\": "
    "[{\"counter\": {\"packets\": %d, \"bytes\": 1}}, {\"vmap\": {\"data\": \"@%s.v4\"}}]}}]}";

static void parse(struct live_table *table, const char *slot, const char *verdict, int packets)
{
    struct text said = {0};

    text_add(&said, two_slots, packets, slot, packets, slot, verdict, slot, slot, slot, packets, slot);
    assert_int_equal(live_parse(table, &said, NULL), 0);
    text_deinit(&said);
}

static void test_slots(void **state)
{
    _cleanup_live_ struct live_table table = {0};
    _cleanup_text_ struct text removal = {0};
    const char *keep[] = {"g9", NULL, ""};
    char next[SLOT_MAX];

    parse(&table, "g12", "drop", 0);
    assert_string_equal(table.firm, "g9");
    assert_string_equal(table.leased, "g12");
    assert_int_equal(table.newest, 12);
    live_next_slot(&table, next);
    assert_string_equal(next, "g13");
    assert_false(live_on_trial(&table)); /* nothing is left of the lease */
    table.left_ms = 1;
    assert_true(live_on_trial(&table));
    assert_int_equal(live_remove_slots(&table, keep, COUNT_OF(keep), &removal), 2);
    assert_string_equal(text_get(&removal), "flush chain inet sonde_guard g12.input\n"
                                            "delete map inet sonde_guard g12.v4\n"
                                            "delete chain inet sonde_guard g12.input\n");
}

static void test_no_json(void **state)
{
    struct live_table table;
    struct text said = {0};
    struct sonde_error error = {0};

    text_add(&said, "table inet sonde_guard {");
    assert_int_equal(live_parse(&table, &said, &error), SONDE_E_FORMAT);
    text_deinit(&said);
}

/* Names of slots and counts make no difference, verdicts do. */
static void test_fingerprint(void **state)
{
    _cleanup_live_ struct live_table one = {0}, other = {0}, changed = {0};

    parse(&one, "g12", "drop", 3);
    parse(&other, "g1", "drop", 4711);
    parse(&changed, "g12", "accept", 3);
    assert_true(fingerprint_slot(&one, "g12") == fingerprint_slot(&other, "g1"));
    assert_true(fingerprint_slot(&one, "g12") != fingerprint_slot(&changed, "g12"));
    assert_true(fingerprint_slot(&one, "g12") != fingerprint_slot(&one, "g9"));
}

static char *folder_of_test(void)
{
    char *folder = text_format("/tmp/sonde-live-%d", (int)getpid());

    assert_int_equal(folder_make(folder, 0700, NULL), 0);
    return folder;
}

static void expect(const char *folder, const char *name, const char *content)
{
    _cleanup_text_ struct text text = {0};

    assert_int_equal(folder_read(folder, name, &text, NULL), content ? 0 : SONDE_E_NOT_FOUND);
    assert_string_equal(text_get(&text), content ? content : "");
}

static void test_folder(void **state)
{
    _cleanup_free_ char *folder = folder_of_test();

    assert_int_equal(folder_write(folder, "a", slice_of("one", 3), 0600, NULL), 0);
    assert_int_equal(folder_prepare(folder, "a", slice_of("two", 3), 0600, NULL), 0);
    expect(folder, "a", "one");
    folder_discard(folder, "a");
    expect(folder, "a.new", NULL);
    assert_int_equal(folder_keep(folder, "a", "b", NULL), 0);
    assert_int_equal(folder_write(folder, "a", slice_of("two", 3), 0600, NULL), 0);
    expect(folder, "a", "two");
    expect(folder, "b", "one");
    assert_int_equal(folder_rename(folder, "b", "a", NULL), 0);
    expect(folder, "a", "one");
    expect(folder, "b", NULL);
    assert_int_equal(folder_rename(folder, "b", "a", NULL), 0);
    assert_int_equal(folder_keep(folder, "b", "a", NULL), 0); /* what is not there cannot be kept */
    expect(folder, "a", NULL);
    assert_int_equal(folder_remove(folder, "a", NULL), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void test_folder_refused(void **state)
{
    struct sonde_error error = {0};

    assert_int_equal(folder_write("/dev/null", "a", slice_of("x", 1), 0600, &error), -ENOTDIR);
    assert_string_equal(error.what, "cannot write /dev/null/a: Not a directory");
    assert_int_equal(folder_make("/dev/null/x/y", 0700, &error), -ENOTDIR);
}

static void test_sessions(void **state)
{
    struct session_of mine, again, other = {.ssh = "192.0.2.1 5000 192.0.2.2 22"};

    session_read(&mine);
    session_read(&again);
    assert_true(session_same(&mine, &again));
    assert_false(session_same(&mine, &other));
    snprintf(again.login, sizeof(again.login), "another");
    assert_int_equal(session_same(&mine, &again), mine.ssh[0] != '\0'); /* the connection is what counts */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slots),          cmocka_unit_test(test_no_json),
        cmocka_unit_test(test_fingerprint),    cmocka_unit_test(test_folder),
        cmocka_unit_test(test_folder_refused), cmocka_unit_test(test_sessions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
