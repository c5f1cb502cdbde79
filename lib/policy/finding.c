/* SPDX-License-Identifier: MIT */
/* The rules of the reviewer, a row each, and the list of what it found. */
#include "policy/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/list.h"
#include "base/macro.h"

static const struct guard_check checks[] = {
    {"G001", GUARD_ERROR, "IPv4 fragmentation-needed (3/4) does not pass, or not fast enough",
     "Accept type 3 code 4, at least what conntrack calls related.", "RFC 1191; RFC 2979 3.1.1"},
    {"G002", GUARD_ERROR, "IPv6 packet-too-big (2) does not pass",
     "Accept ICMPv6 type 2; routers never fragment IPv6, so nothing replaces it.",
     "RFC 8201; RFC 4890 4.3.1, 4.4.1"},
    {"G003", GUARD_ERROR, "neighbour discovery does not pass on a link",
     "Accept ICMPv6 135 and 136 with hop limit 255, a host also 134, a router also 133.",
     "RFC 4861; RFC 4890 4.4.1"},
    {"G004", GUARD_ERROR, "neighbour discovery is accepted from off the link, or forwarded",
     "Match hop limit 255 in the rule that accepts 133 to 137, and never forward them.",
     "RFC 4861 6.1, 7.1, 8.1; RFC 4890 4.3.3"},
    {"G005", GUARD_WARNING, "MLD does not pass on a link",
     "Accept ICMPv6 130 to 132 and 143 from link-local addresses: switches that snoop starve neighbour "
     "discovery without them.",
     "RFC 3810; RFC 4890 4.4.1"},
    {"G006", GUARD_ERROR, "an ICMPv6 message that must not be dropped is dropped",
     "Accept 1, 3/0, 4/1, 4/2, 128 and 129.", "RFC 4890 4.3.1, 4.4.1"},
    {"G007", GUARD_WARNING, "all ICMP is dropped by its protocol",
     "Decide by type and code; `sonde guard init` writes such a policy.",
     "RFC 4890; RFC 1812 4.3; RFC 2979 3.1.1"},
    {"G008", GUARD_WARNING, "an edge accepts all ICMP without a limit",
     "Accept by type, and limit what strangers can ask for.", "RFC 4890 4.3; RFC 1812 4.3.2.8"},
    {"G009", GUARD_ERROR, "redirects are accepted",
     "Drop ICMPv4 5 and ICMPv6 137, and set accept_redirects to 0.",
     "RFC 1122 3.2.2.2; RFC 4890 4.4.4; CIS 3.3.2"},
    {"G010", GUARD_WARNING, "router discovery is accepted from strangers",
     "Drop ICMPv4 9 and 10, and router advertisements that come from outside.", "RFC 1256; RFC 6104"},
    {"G011", GUARD_WARNING, "deprecated ICMP types are accepted, or time stamps and masks answered",
     "Drop them: nobody needs them.", "RFC 6918; RFC 6633; CVE-1999-0524"},
    {"G012", GUARD_WARNING, "unassigned ICMP types are accepted",
     "Accept by type; nobody sends these but a covert channel.", "RFC 4890 4.3.5, 4.4.5"},
    {"G013", GUARD_NOTE, "the code is not checked where only some codes are wanted",
     "Name the codes, such as 3/0 to 3/4 and 3/13.", "RFC 1812 5.2.7.1; RFC 5927"},
    {"G014", GUARD_ERROR, "a code is matched without a type",
     "Match the type, too: a code means something else with each type.", "RFC 792; RFC 4443 2.1"},
    {"G015", GUARD_ERROR, "a rule contradicts itself and never matches", "Take one of the conditions away.",
     "nft(8); iptables(8)"},
    {"G016", GUARD_ERROR, "a rule is about the wrong family",
     "Use icmp for IPv4, icmpv6 for IPv6, and meta l4proto for both.", "nft(8), ICMP header expressions"},
    {"G017", GUARD_ERROR, "a rule is shadowed by earlier ones", "Move it in front of them, or delete it.",
     "first match decides: nft(8), iptables(8)"},
    {"G018", GUARD_ERROR, "a chain is never reached, jumps go in circles, or a device is absent",
     "Jump to the chain from a base chain, or delete it.", "nft(8), chains"},
    {"G019", GUARD_ERROR, "a limit of echo stands behind `ct state established accept` and limits nothing",
     "Put the limit in front: all but the first echo of a ping are established.",
     "measured: 200 of 200 passed; firewall4 #30"},
    {"G020", GUARD_WARNING, "all sources share one limit, so that one of them starves the others",
     "Limit each source, and all of them together behind it.", "RFC 4443 2.4(f)"},
    {"G021", GUARD_ERROR,
     "the set of a limit for each source can fill; then it lets new sources pass unlimited",
     "Put a limit for all behind it, or accept within the limit and drop the rest.",
     "measured: 6 of 10 sources unlimited; firewallfabrik #164"},
    {"G022", GUARD_WARNING, "`add` does not renew the time of an element, so that its burst returns",
     "Write `update` instead of `add`.", "measured: 85 instead of 39 passed"},
    {"G023", GUARD_WARNING, "a dynamic set has no timeout, and only ever fills", "Give the set a timeout.",
     "nft(8), sets"},
    {"G024", GUARD_WARNING, "the burst of a limit does not fit its rate or its timeout",
     "Name a burst of what may come at once, which refills within the set's timeout.", "nft(8), limit"},
    {"G025", GUARD_WARNING, "an IPv6 source is limited by its whole address",
     "Limit each /64: a host has 2^64 addresses to choose from.", "RFC 4291 2.5.4; RFC 6177"},
    {"G026", GUARD_WARNING, "a limit also meets errors that path MTU discovery needs",
     "Give 3/4 and packet-too-big a rule of their own in front of it.", "RFC 5927 7; RFC 8201"},
    {"G027", GUARD_WARNING, "the type is matched where fragments still pass, which carry none",
     "Match in a chain behind defragmentation (priority above -400).", "RFC 6145; cilium #16036"},
    {"G028", GUARD_NOTE, "untracked packets cannot be `related`",
     "Accept the errors that you need by type, too.", "nft(8), ct state"},
    {"G029", GUARD_WARNING, "invalid packets are dropped before 3/4 is accepted",
     "Accept 3/4 and packet-too-big in front: tunnels and asymmetric paths make them invalid.",
     "calico #7120"},
    {"G030", GUARD_WARNING, "a reject answers strangers without a limit, or answers what is never answered",
     "Limit the reject, and drop ICMP errors instead.", "RFC 1122 3.2.2; RFC 4443 2.4(e), (f)"},
    {"G031", GUARD_NOTE, "IPv4 is dropped where IPv6 is rejected, or the reverse",
     "Decide the same for both: clients wait in one family and not in the other.",
     "firewalld #1204; openwrt #19814"},
    {"G032", GUARD_NOTE, "a reject says port-unreachable, which is what a closed port says",
     "Reject with admin-prohibited.", "RFC 1812 5.2.7.1; RFC 4443 3.1"},
    {"G033", GUARD_WARNING, "rules and sysctls disagree", "Change one of them.", "ip-sysctl.rst"},
    {"G034", GUARD_WARNING, "two firewalls are active; each can drop what the other accepts",
     "Keep one of them.", "iptables-legacy(8); nft(8)"},
    {"G035", GUARD_WARNING, "the file throws away the rules of everybody else",
     "Delete only your own tables: `table inet mine; delete table inet mine`.",
     "docker/for-linux #1472; moby #12294"},
    {"G036", GUARD_WARNING, "file and kernel differ", "Load the file, or save the rules.", "nft(8)"},
    {"G037", GUARD_NOTE, "a rule about ICMP has no counter or no comment",
     "Add `counter` and a comment: nobody can review what is not counted.", "firewalld #792"},
    {"G038", GUARD_WARNING, "a log has no limit, or its prefix does not tell",
     "Limit the log, and give each its own prefix of less than 128 characters.", "nft(8), log"},
    {"G039", GUARD_NOTE, "several linear rules decide by type",
     "Fold them into one verdict map: twelve rules cost 300 to 400 ns a packet more.",
     "measured on Linux 6.18"},
    {"G040", GUARD_WARNING,
     "a program sees packets before the rules do; counters here do not count what it drops",
     "Look at the program, too: bpftool net, tc filter show.", "xdp-tools; tc-bpf(8)"},
    {"G041", GUARD_WARNING, "addresses are translated, but ICMP errors do not find their mapping",
     "Accept `ct state related` in forward.", "RFC 5508 4.2, 7"},
    {"G042", GUARD_WARNING, "packets are spread over several nodes; packet-too-big may reach the wrong one",
     "Send packet-too-big to all nodes, or spread by what it quotes.", "RFC 7690"},
    {"G043", GUARD_WARNING, "a link with a small MTU, and nothing tells senders",
     "Let 3/4 and packet-too-big pass, clamp the MSS, or set net.ipv4.tcp_mtu_probing to 1.",
     "RFC 4821; RFC 2923"},
    {"G044", GUARD_NOTE, "a rule accepts from a prefix that is for documentation only",
     "Delete the rule, or name the real prefix.", "RFC 5737; RFC 3849; RFC 9637"},
    {"G045", GUARD_WARNING, "an exception has expired, or lacks owner, reason or end",
     "Delete it, or say who needs it, why, and until when.", "the policy itself"},
    {"G046", GUARD_WARNING, "a rule was never hit", "Delete it, if the time was long enough to tell.",
     "the ledger of guard review"},
    {"G047", GUARD_WARNING, "a rule is hit by something unexpected", "Look who it is.",
     "the ledger of guard review"},
    {"G048", GUARD_NOTE, "a type is accepted that nobody sent", "Tighten the policy.",
     "the ledger of guard review"},
    {"G049", GUARD_WARNING, "no rule lets a new management connection in",
     "Accept the port by which you come in.", "guard apply probes it"},
    {"G050", GUARD_NOTE, "a request passes and its reply does not, or the reverse",
     "Decide the same for both.", "RFC 1122 3.2.2.6; RFC 4890 4.3.1"},
    {"G051", GUARD_WARNING, "a bridge drops neighbour discovery or MLD",
     "A bridge must pass 130 to 136 and 143: only routers do not forward them.", "RFC 4890 4.3.3"},
    {"G052", GUARD_NOTE, "the rules differ from the advice for this role",
     "Compare with `sonde explain`; `sonde guard init` writes what is advised.", "RFC 4890"},
};

static const char *const severity_names[] = {
    [GUARD_NOTE] = "note", [GUARD_WARNING] = "warning", [GUARD_ERROR] = "error"};

#define FINDING(member) offsetof(struct guard_finding, member)

static const struct field finding_fields[] = {
    {"severity", FIELD_TEXT, FINDING(severity),
     .doc = "error, warning, note, or cannot-judge when something could not be read.", .style = STYLE_HIDDEN},
    {"id", FIELD_TEXT, FINDING(id), .doc = "G001 to G052.", .style = STYLE_HIDDEN},
    {"message", FIELD_TEXT, FINDING(message), .doc = "What is wrong here, in one sentence.",
     .style = STYLE_HEADLINE},
    {"rule", FIELD_TEXT, FINDING(rule),
     .doc = "The rule: table, chain and handle, a line of the file, or a sysctl.", .title = "Where"},
    {"family", FIELD_INTEGER, FINDING(family), .doc = "4 or 6.", .style = STYLE_HIDDEN},
    {"type", FIELD_INTEGER, FINDING(type), .doc = "ICMP type.", .style = STYLE_HIDDEN},
    {"code", FIELD_INTEGER, FINDING(code), .doc = "ICMP code.", .style = STYLE_HIDDEN},
    {"witness", FIELD_TEXT, FINDING(witness), .doc = "The packet that proves it.", .title = "Proof"},
    {"advice", FIELD_TEXT, FINDING(advice), .doc = "What to do.", .title = "Do"},
    {"fix", FIELD_TEXT, FINDING(fix), .doc = "A unified diff of the file, or a command.",
     .style = STYLE_HIDDEN},
    {"source", FIELD_TEXT, FINDING(source), .doc = "Who says so.", .title = "See"},
    {0},
};

const struct schema guard_finding_schema = {"sonde.guard.finding/1", "Something wrong with rules about ICMP.",
                                            sizeof(struct guard_finding), finding_fields};

const struct guard_check *guard_check_row(size_t index)
{
    return index < COUNT_OF(checks) ? &checks[index] : NULL;
}

const struct guard_check *guard_check_find(const char *id)
{
    for (size_t i = 0; i < COUNT_OF(checks); i++)
        if (strcmp(checks[i].id, id) == 0)
            return &checks[i];
    return NULL;
}

/* Out of memory ends the process, as everywhere (base/text.c). */
static char *copy_of(const char *text)
{
    return text_format("%s", text);
}

static char *format_list(const char *format, va_list list)
{
    char *text = NULL;

    if (vasprintf(&text, format, list) < 0)
        abort();
    return text;
}

struct guard_finding *guard_findings_add(struct guard_findings *findings, const char *id, const char *message,
                                         ...)
{
    const struct guard_check *check = guard_check_find(id);
    struct guard_finding *finding;
    va_list list;

    if (!check)
        abort(); /* an id that no row has is a mistake of the program */
    findings->items =
        list_grown(findings->items, findings->count, &findings->capacity, sizeof(*findings->items));
    finding = &findings->items[findings->count++];
    *finding = (struct guard_finding){.id = copy_of(id),
                                      .severity = copy_of(severity_names[check->severity]),
                                      .family = INTEGER_ABSENT,
                                      .type = INTEGER_ABSENT,
                                      .code = INTEGER_ABSENT,
                                      .source = copy_of(check->source),
                                      .advice = copy_of(check->advice)};
    va_start(list, message);
    finding->message = format_list(message, list);
    va_end(list);
    return finding;
}

void guard_finding_set(const char **member, const char *format, ...)
{
    va_list list;
    char *text;

    va_start(list, format);
    text = format_list(format, list);
    va_end(list);
    free((char *)*member);
    *member = text;
}

void guard_findings_deinit(struct guard_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        struct guard_finding *finding = &findings->items[i];
        const char *const texts[] = {finding->id,      finding->severity, finding->rule,   finding->message,
                                     finding->witness, finding->fix,      finding->source, finding->advice};

        for (size_t k = 0; k < COUNT_OF(texts); k++)
            free((char *)texts[k]);
    }
    free(findings->items);
    *findings = (struct guard_findings){0};
}
