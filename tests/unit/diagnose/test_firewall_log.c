/* SPDX-License-Identifier: MIT */
/* Lines of firewall logs as they are really written, and what they say about a target together. */
#include "tests/unit/unit.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/log/tally.h"

#define KERNEL                                                                                               \
    "MAC=02:00:00:00:00:01:02:00:00:00:00:02:08:00 SRC=10.0.0.1 DST=10.0.2.2 LEN=60 TOS=0x00 PREC=0x00 "     \
    "TTL=62 ID=4711 DF "
#define SYN "PROTO=TCP SPT=40000 DPT=8443 WINDOW=64240 RES=0x00 SYN URGP=0 "

/* What a line says, in one row. */
static const struct row {
    const char *line, *format;
    enum log_action action;
    const char *source, *destination;
    uint8_t protocol;
    int32_t source_port, destination_port;
    const char *time, *rule, *in, *out;
} rows[] = {
    {"Nov 21 03:13:54 fw kernel: [12345.678901] FW-DROP-8443: IN=eth0 OUT=eth1 " KERNEL SYN, "netfilter",
     LOG_DROPPED, "10.0.0.1", "10.0.2.2", IPPROTO_TCP, 40000, 8443, "Nov 21 03:13:54", "FW-DROP-8443", "eth0",
     "eth1"},
    {"2026-11-21T03:13:54.123456+00:00 fw kernel: [UFW BLOCK] IN=eth0 OUT= " KERNEL SYN, "netfilter",
     LOG_DROPPED, "10.0.0.1", "10.0.2.2", IPPROTO_TCP, 40000, 8443, "2026-11-21T03:13:54.123456+00:00",
     "[UFW BLOCK]", "eth0", ""},
    {"[  123.456789] [UFW ALLOW] IN= OUT=eth0 " KERNEL SYN, "netfilter", LOG_PASSED, "10.0.0.1", "10.0.2.2",
     IPPROTO_TCP, 40000, 8443, "[  123.456789]", "[UFW ALLOW]", "", "eth0"},
    {"filter_IN_public_REJECT: IN=eth0 OUT= " KERNEL SYN, "netfilter", LOG_REJECTED, "10.0.0.1", "10.0.2.2",
     IPPROTO_TCP, 40000, 8443, "", "filter_IN_public_REJECT", "eth0", ""},
    {"IN=eth0 OUT= " KERNEL SYN, "netfilter", LOG_SEEN, "10.0.0.1", "10.0.2.2", IPPROTO_TCP, 40000, 8443, "",
     "", "eth0", ""},
    {"nope IN=IN=eth0 OUT= " KERNEL SYN, "netfilter", LOG_SEEN, "10.0.0.1", "10.0.2.2", IPPROTO_TCP, 40000,
     8443, "", "nope IN=", "eth0", ""},
    {"Nov  1 00:00:01 fw ulogd[311]: dropIN=eth0 OUT= MAC= SRC=2001:db8::1 DST=2001:db8::2 LEN=72 TC=0 "
     "HOPLIMIT=64 FLOWLBL=0 PROTO=UDP SPT=5353 DPT=53 LEN=32",
     "netfilter", LOG_DROPPED, "2001:db8::1", "2001:db8::2", IPPROTO_UDP, 5353, 53, "Nov  1 00:00:01", "drop",
     "eth0", ""},
    {"Nov 21 03:13:54 fw kernel: Shorewall:net-fw:DROP:IN=eth0 OUT= " KERNEL
     "PROTO=ICMP TYPE=8 CODE=0 ID=1 SEQ=2 ",
     "netfilter", LOG_DROPPED, "10.0.0.1", "10.0.2.2", IPPROTO_ICMP, -1, -1, "Nov 21 03:13:54",
     "Shorewall:net-fw:DROP", "eth0", ""},
    {"IN=eth0 OUT= " KERNEL "PROTO=132 ", "netfilter", LOG_SEEN, "10.0.0.1", "10.0.2.2", 132, -1, -1, "", "",
     "eth0", ""},
    {"date=2026-11-21 time=03:13:54 devname=\"FG 1\" type=\"traffic\" srcip=10.0.0.1 srcport=40000 "
     "srcintf=\"port1\" dstip=10.0.2.2 dstport=8443 dstintf=\"port 2\" proto=6 action=\"deny\" policyid=17",
     "FortiGate", LOG_DROPPED, "10.0.0.1", "10.0.2.2", IPPROTO_TCP, 40000, 8443, "03:13:54", "17", "port1",
     "port 2"},
    {"Nov 21 03:13:54 asa %ASA-4-106023: Deny tcp src outside:10.0.0.1/40000 dst inside:10.0.2.2/8443 by "
     "access-group \"outside_in\" [0x0, 0x0]",
     "Cisco ASA", LOG_DROPPED, "10.0.0.1", "10.0.2.2", IPPROTO_TCP, 40000, 8443, "Nov 21 03:13:54 asa",
     "outside_in", "", ""},
    {"%ASA-6-106100: access-list out denied udp outside/10.0.0.1(40000) -> inside/10.0.2.2(53) hit-cnt 1",
     "Cisco ASA", LOG_DROPPED, "10.0.0.1", "10.0.2.2", IPPROTO_UDP, 40000, 53, "", "out", "", ""},
    {"%ASA-2-106001: Inbound TCP connection denied from 10.0.0.1/40000 to 10.0.2.2/22 flags SYN  on "
     "interface "
     "outside",
     "Cisco ASA", LOG_DROPPED, "10.0.0.1", "10.0.2.2", IPPROTO_TCP, 40000, 22, "", "", "outside", ""},
    {"Nov 21 03:13:54: %SEC-6-IPACCESSLOGP: list 101 denied tcp 10.0.0.1(40000) -> 10.0.2.2(8443), 1 packet",
     "Cisco IOS", LOG_DROPPED, "10.0.0.1", "10.0.2.2", IPPROTO_TCP, 40000, 8443, "Nov 21 03:13:54", "101", "",
     ""},
    {"00:00:01.5 rule 5/0(match): block in on em0: 10.0.0.1.40000 > 10.0.2.2.8443: Flags [S], seq 1", "pf",
     LOG_DROPPED, "10.0.0.1", "10.0.2.2", IPPROTO_TCP, 40000, 8443, "00:00:01.5", "5/0", "em0", ""},
    {"rule 7/0(match): pass out on em1: 2001:db8::1.5000 > 2001:db8::2.53: UDP, length 30", "pf", LOG_PASSED,
     "2001:db8::1", "2001:db8::2", IPPROTO_UDP, 5000, 53, "", "7/0", "", "em1"},
    {"Nov 21 03:13:54 gw filterlog[17]: 5,,,0,em0,match,block,in,4,0x0,,64,0,0,DF,6,tcp,60,10.0.0.1,10.0.2.2,"
     "40000,8443,0,S,1,,64240,,mss",
     "filterlog", LOG_DROPPED, "10.0.0.1", "10.0.2.2", IPPROTO_TCP, 40000, 8443, "Nov 21 03:13:54 gw", "5",
     "em0", ""},
    {"filterlog: 9,,,0,em1,match,pass,out,6,0x00,0x0,64,udp,17,40,2001:db8::1,2001:db8::2,5000,53,32",
     "filterlog", LOG_PASSED, "2001:db8::1", "2001:db8::2", IPPROTO_UDP, 5000, 53, "", "9", "", "em1"},
    {"2026-11-21 03:13:54 DROP TCP 10.0.0.1 10.0.2.2 40000 8443 52 S 1 0 64240 - - - RECEIVE", "Windows",
     LOG_DROPPED, "10.0.0.1", "10.0.2.2", IPPROTO_TCP, 40000, 8443, "2026-11-21 03:13:54", "", "", ""},
};

static void check_text(size_t row, const char *what, struct slice seen, const char *expected)
{
    if (seen.length != strlen(expected) || (seen.length > 0 && memcmp(seen.data, expected, seen.length) != 0))
        fail_msg("row %zu: %s is '%.*s', not '%s'", row, what, (int)seen.length, (const char *)seen.data,
                 expected);
}

static void check_address(size_t row, const struct sonde_address *seen, const char *expected)
{
    char text[SONDE_ADDRESS_TEXT];

    if (strcmp(sonde_address_format(seen, text), expected) != 0)
        fail_msg("row %zu: %s, not %s", row, text, expected);
}

static void lines_say_what_became_of_which_packet(void **state)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct row *row = &rows[i];
        struct log_line line;

        if (!log_line_parse(unit_guarded(slice_of(row->line, strlen(row->line))), &line))
            fail_msg("row %zu is not understood", i);
        check_text(i, "the format", slice_of(line.format, strlen(line.format)), row->format);
        check_address(i, &line.packet.source, row->source);
        check_address(i, &line.packet.destination, row->destination);
        check_text(i, "the time", line.time, row->time);
        check_text(i, "the rule", line.rule, row->rule);
        check_text(i, "the interface in", line.in, row->in);
        check_text(i, "the interface out", line.out, row->out);
        if (line.action != row->action || line.packet.protocol != row->protocol ||
            line.packet.source_port != row->source_port ||
            line.packet.destination_port != row->destination_port)
            fail_msg("row %zu: action %d, protocol %d, ports %d and %d", i, line.action, line.packet.protocol,
                     line.packet.source_port, line.packet.destination_port);
    }
}

static void other_lines_are_not_understood(void **state)
{
    static const char *const lines[] = {
        "",
        "IN=",
        "IN=eth0 OUT=",
        "IN=eth0 OUT= SRC=10.0.0.1 DST=nowhere PROTO=TCP",
        "IN=eth0 OUT= SRC=10.0.0.1 DST=10.0.0.300 PROTO=TCP",
        "Nov 21 03:13:54 fw sshd[1]: Connection closed by 10.0.0.1 port 22",
        "%ASA-4-106023: Deny tcp src outside:10.0.0.1/40000",
        "filterlog: 1,2,3",
        "filterlog",
        "rule 5/0(match): block in on em0:  > ",
        " > ",
        " DROP TCP a b c d",
    };

    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        struct log_line line;

        if (log_line_parse(unit_guarded(slice_of(lines[i], strlen(lines[i]))), &line))
            fail_msg("'%s' is taken for a packet", lines[i]);
    }
}

static void an_icmp_error_quotes_a_packet(void **state)
{
    static const char text[] =
        "DROP-ICMP IN=eth1 OUT=eth0 SRC=10.0.2.2 DST=10.0.0.1 LEN=56 TTL=63 ID=1 PROTO=ICMP TYPE=3 CODE=3 "
        "[SRC=10.0.0.1 DST=10.0.2.2 LEN=28 TTL=62 ID=2 PROTO=UDP SPT=40000 DPT=53 LEN=8 ] MARK=0x1 ";
    struct log_line line;
    char address[SONDE_ADDRESS_TEXT];

    assert_true(log_line_parse(slice_of(text, strlen(text)), &line));
    assert_int_equal(line.packet.protocol, IPPROTO_ICMP);
    assert_int_equal(line.packet.destination_port, -1);
    assert_string_equal(sonde_address_format(&line.packet.source, address), "10.0.2.2");
    assert_string_equal(sonde_address_format(&line.quoted.destination, address), "10.0.2.2");
    assert_int_equal(line.quoted.protocol, IPPROTO_UDP);
    assert_int_equal(line.quoted.destination_port, 53);
}

static void add(struct tally *tally, const char *text)
{
    struct tally_own own = {{unit_address("10.0.0.1")}, 1};
    struct log_line line;

    assert_true(log_line_parse(slice_of(text, strlen(text)), &line));
    tally_add(tally, &own, &line);
}

static struct tally new_tally(const char *address, uint8_t protocol, uint16_t port)
{
    return (struct tally){.target = {{unit_address(address)}, 1, protocol, port}};
}

static void check_told(const struct tally_group *group, const char *expected)
{
    struct text text = {0};

    tally_tell(group, "fw.log", &text);
    assert_string_equal(text_get(&text), expected);
    text_deinit(&text);
}

static void lines_about_a_target_are_counted(void **state)
{
    struct tally tally = new_tally("10.0.2.2", IPPROTO_TCP, 8443);

    for (int i = 0; i < 3; i++)
        add(&tally, rows[0].line);
    add(&tally, "Nov 21 03:14:00 fw kernel: FW-DROP-8443: IN=eth0 OUT=eth1 " KERNEL SYN);
    add(&tally, "Nov 21 03:14:01 fw kernel: OTHER IN=eth0 OUT=eth1 SRC=10.0.0.7 DST=10.0.2.2 PROTO=TCP SPT=1 "
                "DPT=8443");
    add(&tally, "IN=eth0 OUT=eth1 SRC=10.0.0.1 DST=10.0.2.2 PROTO=TCP SPT=1 DPT=8444");
    add(&tally, "IN=eth0 OUT=eth1 SRC=10.0.0.1 DST=10.0.2.2 PROTO=UDP SPT=1 DPT=8443");
    add(&tally, "IN=eth0 OUT=eth1 SRC=10.0.0.1 DST=10.0.2.3 PROTO=TCP SPT=1 DPT=8443");
    add(&tally, "rejected IN=eth1 OUT=eth0 SRC=10.0.2.2 DST=10.0.0.1 PROTO=TCP SPT=8443 DPT=40000");
    assert_int_equal(tally.count, 3);
    check_told(
        &tally.groups[0],
        "The firewall log fw.log has 4 lines of packets of this machine to the target, dropped, in by eth0, "
        "out by eth1, marked \"FW-DROP-8443\"; the last one at Nov 21 03:14:00.");
    check_told(&tally.groups[1],
               "The firewall log fw.log has 1 line of packets of others to the target (last: "
               "10.0.0.7), logged, in by eth0, out by eth1, marked \"OTHER\"; at Nov 21 03:14:01.");
    check_told(&tally.groups[2],
               "The firewall log fw.log has 1 line of answers of the target to this machine, "
               "rejected, in by eth1, out by eth0, marked \"rejected\".");
    assert_ptr_equal(tally_strongest(&tally), &tally.groups[0]);
}

static void errors_about_a_target_are_counted(void **state)
{
    struct tally tally = new_tally("10.0.2.2", IPPROTO_UDP, 53);

    add(&tally, "block IN=eth1 OUT=eth0 SRC=10.0.1.1 DST=10.0.0.1 PROTO=ICMP TYPE=3 CODE=3 [SRC=10.0.0.1 "
                "DST=10.0.2.2 "
                "PROTO=UDP SPT=40000 DPT=53 LEN=8 ] ");
    assert_int_equal(tally.count, 1);
    check_told(&tally.groups[0],
               "The firewall log fw.log has 1 line of ICMP errors to this machine about the target, "
               "dropped, in by eth1, out by eth0, marked \"block\".");
}

static void a_bare_host_takes_all_its_packets(void **state)
{
    struct tally tally = new_tally("10.0.2.2", 0, 0);

    add(&tally, rows[0].line);
    add(&tally, "drop IN=eth0 OUT= " KERNEL "PROTO=ICMP TYPE=8 CODE=0 ");
    assert_int_equal(tally.count, 2);
}

static void packets_of_this_machine_weigh_more(void **state)
{
    struct tally tally = new_tally("10.0.2.2", IPPROTO_TCP, 8443);

    assert_null(tally_strongest(&tally));
    add(&tally, "IN=eth0 OUT= " KERNEL SYN);
    assert_null(tally_strongest(&tally));
    add(&tally, "drop-b IN=eth0 OUT= SRC=10.0.0.9 DST=10.0.2.2 PROTO=TCP SPT=1 DPT=8443");
    assert_ptr_equal(tally_strongest(&tally), &tally.groups[1]);
    add(&tally, "drop-a IN=eth0 OUT= " KERNEL SYN);
    assert_ptr_equal(tally_strongest(&tally), &tally.groups[2]);
}

static void more_groups_than_fit_are_only_counted(void **state)
{
    struct tally tally = new_tally("10.0.2.2", IPPROTO_TCP, 8443);
    char line[512];

    for (int i = 0; i < 20; i++) {
        snprintf(line, sizeof(line), "rule-%d IN=eth0 OUT= %s%s", i, KERNEL, SYN);
        add(&tally, line);
    }
    assert_int_equal(tally.count, TALLY_GROUPS_MAX);
    assert_int_equal(tally.others, 20 - TALLY_GROUPS_MAX);
}

/* What stands in a log was chosen by strangers: no escape sequence gets into a report or a command. */
static void words_of_a_log_are_harmless(void **state)
{
    struct tally tally = new_tally("10.0.2.2", IPPROTO_TCP, 8443);
    struct text text = {0};

    add(&tally, "drop'; rm -rf ~\033[31m IN=eth0 OUT= " KERNEL SYN);
    assert_string_equal(tally.groups[0].rule, "drop'; rm -rf ~?[31m");
    tally_tell_rule(&tally.groups[0], &text);
    assert_string_equal(text_get(&text),
                        "The rule is the one marked \"drop'; rm -rf ~?[31m\" in the log of netfilter; "
                        "on that machine: sudo nft -a list ruleset | grep -F 'PREFIX'");
    text_deinit(&text);
}

static void the_rule_is_named(void **state)
{
    struct tally tally = new_tally("10.0.2.2", IPPROTO_TCP, 8443);
    struct text text = {0};

    add(&tally, rows[0].line);
    tally_tell_rule(&tally.groups[0], &text);
    assert_string_equal(text_get(&text),
                        "The rule is the one marked \"FW-DROP-8443\" in the log of netfilter; on that "
                        "machine: sudo nft -a list ruleset | grep -F 'FW-DROP-8443'");
    text_deinit(&text);
    add(&tally, rows[10].line);
    tally_tell_rule(&tally.groups[1], &text);
    assert_string_equal(text_get(&text),
                        "The rule is the one marked \"outside_in\" in the log of Cisco ASA.");
    text_deinit(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_say_what_became_of_which_packet),
        cmocka_unit_test(other_lines_are_not_understood),
        cmocka_unit_test(an_icmp_error_quotes_a_packet),
        cmocka_unit_test(lines_about_a_target_are_counted),
        cmocka_unit_test(errors_about_a_target_are_counted),
        cmocka_unit_test(a_bare_host_takes_all_its_packets),
        cmocka_unit_test(packets_of_this_machine_weigh_more),
        cmocka_unit_test(more_groups_than_fit_are_only_counted),
        cmocka_unit_test(words_of_a_log_are_harmless),
        cmocka_unit_test(the_rule_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
