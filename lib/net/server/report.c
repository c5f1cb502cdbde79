/* SPDX-License-Identifier: MIT */
/* What this machine does with packets to one of its ports, as a record. */
#include "net/server/report.h"

#include <stdlib.h>
#include <string.h>

/* Add room for one to a list: see base/text.c for why running out of memory aborts. */
static void *append(struct record_list *list, size_t size)
{
    void *items = realloc((void *)list->items, (list->count + 1) * size);

    if (items == NULL)
        abort();
    list->items = items;
    memset((char *)items + list->count * size, 0, size);
    return (char *)items + list->count++ * size;
}

/* Take over what a text holds until the report is freed; NULL for an empty one. */
static const char *keep(struct server_report *report, struct text *text)
{
    char *words = text->length > 0 ? text_take(text) : NULL;

    text_deinit(text);
    if (words != NULL)
        *(char **)append(&report->words, sizeof(char *)) = words;
    return words;
}

static const char *keep_copy(struct server_report *report, const char *words)
{
    struct text text = {0};

    text_add(&text, "%s", words);
    return keep(report, &text);
}

void server_report_add(struct server_report *report, struct record_list *list, struct text *sentence)
{
    const char *words = keep(report, sentence);

    if (words != NULL)
        *(const char **)append(list, sizeof(char *)) = words;
}

static void add_sockets(struct server_report *report, const struct server_view *view)
{
    const struct server_facts *facts = view->facts;
    const struct server_sockets *sockets = &facts->now.sockets;

    for (size_t i = 0; i < sockets->count; i++) {
        const struct server_socket *socket = &sockets->items[i],
                                   *before = server_socket_before(facts, socket);
        const struct host_interface *interface = host_find_interface(&facts->host, socket->interface, "");
        struct server_socket_row *row;
        struct text bound = {0};

        if (!server_view_has(view, socket))
            continue;
        row = append(&report->sockets, sizeof(*row));
        server_add_bound(&bound, facts, socket);
        row->bound = keep(report, &bound);
        row->address = socket->address;
        row->port = socket->port;
        row->interface = interface != NULL ? keep_copy(report, interface->name) : NULL;
        row->takes = server_view_takes(view, socket);
        row->queue = socket->udp ? INTEGER_ABSENT : socket->queue;
        row->backlog = socket->udp ? INTEGER_ABSENT : socket->backlog;
        row->octets = socket->udp ? socket->octets : INTEGER_ABSENT;
        row->octets_most = socket->udp ? socket->octets_most : INTEGER_ABSENT;
        row->packets_dropped = socket->drops < 0 ? INTEGER_ABSENT : socket->drops;
        row->packets_dropped_grown =
            before != NULL && socket->drops >= 0 ? socket->drops - before->drops : INTEGER_ABSENT;
        row->program = keep_copy(report, socket->program);
        row->process = socket->process != 0 ? socket->process : INTEGER_ABSENT;
    }
}

/* What a rule's counter said before, or -1. */
static int64_t packets_before(const struct server_view *view, const struct ruleset_rule *rule)
{
    for (size_t i = 0; i < view->before.count && i < RULESET_TRACE_MAX; i++) {
        const struct ruleset_rule *before = &view->before.rules[i];

        if (before->handle == rule->handle && strcmp(before->chain, rule->chain) == 0 &&
            strcmp(before->table, rule->table) == 0 && strcmp(before->family, rule->family) == 0)
            return before->packets;
    }
    return -1;
}

static void add_rules(struct server_report *report, const struct server_view *view)
{
    static const char *const verdicts[] = {"accept", "drop", "reject", "queue", "translate"};
    static const char *const applies[] = {"none", "few", "some", "most", "all"};

    for (size_t i = 0; i < view->trace.count && i < RULESET_TRACE_MAX; i++) {
        const struct ruleset_rule *rule = &view->trace.rules[i];
        struct server_rule_row *row = append(&report->rules, sizeof(*row));
        int64_t before = packets_before(view, rule);
        struct text where = {0}, words = {0};

        text_add(&where, "%s %s %s", rule->family, rule->table, rule->chain);
        row->where = keep(report, &where);
        row->verdict = verdicts[rule->verdict];
        row->applies = applies[rule->applies];
        row->family = keep_copy(report, rule->family);
        row->table = keep_copy(report, rule->table);
        row->chain = keep_copy(report, rule->chain);
        row->hook = keep_copy(report, rule->hook);
        row->policy = rule->policy;
        row->handle = rule->policy ? INTEGER_ABSENT : rule->handle;
        row->packets = rule->packets < 0 ? INTEGER_ABSENT : rule->packets;
        row->packets_grown = before < 0 || rule->packets < 0 ? INTEGER_ABSENT : rule->packets - before;
        row->comment = keep_copy(report, rule->comment);
        if (rule->policy)
            text_add(&words, "policy %s", verdicts[rule->verdict]);
        ruleset_add_text(&view->facts->now.rules, rule, &words);
        row->words = keep(report, &words);
    }
}

static void add_addresses(struct server_report *report, struct server_interface_row *row,
                          const struct host *host, uint32_t index)
{
    for (size_t i = 0; i < host->address_count; i++) {
        struct text words = {0};
        char address[SONDE_ADDRESS_TEXT];

        if (host->addresses[i].interface != index)
            continue;
        text_add(&words, "%s", sonde_address_format(&host->addresses[i].address, address));
        server_report_add(report, &row->addresses, &words);
    }
}

static void add_interfaces(struct server_report *report, const struct server_view *view)
{
    static const char *const modes[] = {"off", "strict", "loose"};
    static const char *const arrivals[] = {NULL, "taken", "discarded"};
    const struct host *host = &view->facts->host;

    for (size_t i = 0; i < host->interface_count; i++) {
        const struct host_interface *interface = &host->interfaces[i];
        struct server_interface_row *row;

        if (interface->loopback)
            continue;
        row = append(&report->interfaces, sizeof(*row));
        row->name = keep_copy(report, interface->name);
        row->up = interface->up;
        row->rp_filter = interface->rp_filter >= 0 && interface->rp_filter < (int)COUNT_OF(modes)
                             ? modes[interface->rp_filter]
                             : NULL;
        row->default_route = interface->default_route4;
        row->arrival = arrivals[interface->arrival];
        row->programs = interface->xdp && interface->tc ? "XDP, tc" : interface->xdp ? "XDP" : NULL;
        if (interface->tc && !interface->xdp)
            row->programs = "tc";
        add_addresses(report, row, host, interface->index);
    }
}

/** Counters that are worth a look, and what for. */
static const struct {
    const char *name, *meaning;
    bool tcp, udp;
    uint8_t family; /* 0: both */
} watched[] = {
    {"TcpExtListenOverflows", "connections lost to a full accept queue", true, false, 0},
    {"TcpExtListenDrops", "connection requests that a listener dropped", true, false, 0},
    {"TcpExtTCPReqQFullDrop", "connection requests lost to a full SYN queue", true, false, 0},
    {"TcpExtTCPReqQFullDoCookies", "SYN queue full, answered with cookies", true, false, 0},
    {"TcpExtTCPBacklogDrop", "segments lost to a busy socket", true, false, 0},
    {"TcpExtTCPTimeWaitOverflow", "more connections in TIME-WAIT than allowed", true, false, 0},
    {"TcpExtPFMemallocDrop", "segments lost to a lack of memory", true, false, 0},
    {"TcpInCsumErrors", "TCP segments with a wrong checksum", true, false, 0},
    {"TcpOutRsts", "resets sent: closed ports, rejected connections", true, false, 0},
    {"UdpNoPorts", "datagrams to closed ports", false, true, 4},
    {"Udp6NoPorts", "datagrams to closed ports", false, true, 6},
    {"UdpRcvbufErrors", "datagrams lost to a full receive buffer", false, true, 4},
    {"Udp6RcvbufErrors", "datagrams lost to a full receive buffer", false, true, 6},
    {"UdpInCsumErrors", "datagrams with a wrong checksum", false, true, 4},
    {"Udp6InCsumErrors", "datagrams with a wrong checksum", false, true, 6},
    {"UdpMemErrors", "datagrams lost to a lack of memory", false, true, 4},
    {"TcpExtIPReversePathFilter", "packets whose way back leaves elsewhere (rp_filter)", true, true, 4},
    {"IpInAddrErrors", "packets to addresses that are not this machine's", true, true, 4},
    {"IpInHdrErrors", "packets with a broken header", true, true, 4},
    {"IpInDiscards", "packets lost on the way in", true, true, 4},
    {"IpOutNoRoutes", "packets without a way, answers among them", true, true, 4},
    {"IpExtInNoRoutes", "packets without a way through this machine", true, true, 4},
    {"IpExtInCsumErrors", "packets with a wrong checksum", true, true, 4},
    {"IpReasmFails", "fragments that became no packet", true, true, 4},
    {"IcmpOutRateLimitHost", "ICMP errors kept back by the limit for each destination", false, true, 4},
    {"IcmpOutRateLimitGlobal", "ICMP errors kept back by the limit for all", false, true, 4},
    {"Ip6InAddrErrors", "packets to addresses that are not this machine's", true, true, 6},
    {"Ip6InHdrErrors", "packets with a broken header", true, true, 6},
    {"Ip6InDiscards", "packets lost on the way in", true, true, 6},
    {"Ip6InNoRoutes", "packets without a way through this machine", true, true, 6},
    {"Ip6OutNoRoutes", "packets without a way, answers among them", true, true, 6},
    {"Ip6ReasmFails", "fragments that became no packet", true, true, 6},
    {"Icmp6OutRateLimitHost", "ICMP errors kept back by the limit for each destination", false, true, 6},
};

static void add_counters(struct server_report *report, const struct server_view *view, bool both)
{
    const struct server_facts *facts = view->facts;

    for (size_t i = 0; i < COUNT_OF(watched); i++) {
        int64_t value = counters_get(&facts->now.counters, watched[i].name);
        int64_t before = counters_get(&facts->before.counters, watched[i].name);
        struct server_counter_row *row;

        if (value <= 0 || !(view->question.udp ? watched[i].udp : watched[i].tcp) ||
            (!both && watched[i].family != 0 && watched[i].family != view->question.family))
            continue;
        row = append(&report->counters, sizeof(*row));
        *row = (struct server_counter_row){
            watched[i].name, value, facts->watched_ns > 0 && before >= 0 ? value - before : INTEGER_ABSENT,
            watched[i].meaning};
    }
}

/* The command that opens the port and no other: before the rule that stops it, or before the policy does. */
static void add_remedy(struct text *text, const struct server_view *view)
{
    const struct ruleset_rule *rule = view->stopper;
    bool early;

    if (rule == NULL) {
        text_add(text, "sudo nft list ruleset shows the rules.");
        return;
    }
    early = strcmp(rule->hook, "ingress") == 0 || strcmp(rule->hook, "prerouting") == 0;
    text_add(text, "sudo nft %s rule %s %s %s ", rule->policy ? "add" : "insert", rule->family, rule->table,
             rule->chain);
    if (!rule->policy)
        text_add(text, "handle %lld ", (long long)rule->handle);
    text_add(text, "%s dport %u accept, until the rules are loaded anew; their source needs it too.",
             view->question.udp ? "udp" : "tcp", early ? view->question.port : view->port);
}

/* "%D" remedy, "%B" backend, "%P" port, "%N" the port here, "%p" protocol. */
static void fill(struct text *text, const char *words, const struct server_view *view)
{
    const char *protocol = view->question.udp ? "udp" : "tcp";
    char address[SONDE_ADDRESS_TEXT];

    for (; *words != '\0'; words++) {
        if (*words != '%') {
            text_add_octets(text, words, 1);
            continue;
        }
        words++;
        if (*words == 'D')
            add_remedy(text, view);
        else if (*words == 'B' && view->translator != NULL)
            text_add(text, view->question.family == 6 ? "%s://[%s]:%u" : "%s://%s:%u", protocol,
                     sonde_address_format(&view->translator->to, address), view->port);
        else if (*words == 'P')
            text_add(text, "%u%s", view->question.port, view->question.udp ? "/udp" : "");
        else if (*words == 'N')
            text_add(text, "%u", view->port);
        else if (*words == 'p')
            text_add(text, "%s", protocol);
    }
}

static void add_next(struct server_report *report, const struct server_view *view,
                     const struct server_judgement *judgement)
{
    const struct server_cause *top = &judgement->causes[0];
    struct text sentence = {0};

    for (size_t i = 0; top->next[i] != NULL; i++) {
        fill(&sentence, top->next[i], view);
        server_report_add(report, &report->next, &sentence);
    }
    for (size_t i = 1; i < judgement->count && judgement->state == STATE_UNKNOWN; i++) {
        if (judgement->causes[i].cause == CAUSE_OPEN)
            continue;
        text_add(&sentence, "It may also be %s: %s", cause_row(judgement->causes[i].cause)->name,
                 text_get(&judgement->causes[i].sentence));
        server_report_add(report, &report->next, &sentence);
    }
    if (view->stopper == NULL || view->stopper->applies == TRUTH_YES ||
        view->facts->sender.address.family != 0)
        return;
    text_add(&sentence, "To be certain, name who sends: sonde why --from-server ");
    server_add_target(&sentence, &view->question);
    text_add(&sentence, " --source ADDRESS --interface DEVICE");
    server_report_add(report, &report->next, &sentence);
}

static void add_error(struct server_report *report, const struct sonde_error *error)
{
    struct text sentence = {0};

    if (error->code == 0 || error->code == SONDE_E_PERMISSION)
        return;
    text_add(&sentence, "%s%s%s", error->what, error->hint[0] != '\0' ? ": " : "", error->hint);
    if (sentence.length > 0 && sentence.data[0] >= 'a' && sentence.data[0] <= 'z')
        sentence.data[0] = (char)(sentence.data[0] - 'a' + 'A');
    server_report_add(report, &report->limits, &sentence);
}

/* What a privileged process could see, and the command that makes it one. */
static void add_forbidden(struct server_report *report, const struct server_view *view)
{
    const struct server_facts *facts = view->facts;
    const struct server_socket_row *sockets = report->sockets.items;
    bool rules = facts->rules_error.code == SONDE_E_PERMISSION, unnamed = false;
    struct text sentence = {0};
    char sender[SONDE_ADDRESS_TEXT];

    for (size_t i = 0; i < report->sockets.count; i++)
        unnamed |= sockets[i].program == NULL && !facts->sees_programs;
    if (!rules && !unnamed)
        return;
    text_add(&sentence, "%s%s%s: sudo sonde why --from-server ", rules ? "The firewall's rules" : "",
             rules && unnamed ? ", and which program holds the sockets" : "",
             !rules && unnamed ? "Which program holds the sockets" : "");
    server_add_target(&sentence, &view->question);
    if (facts->sender.address.family != 0)
        text_add(&sentence, " --source %s", sonde_address_format(&facts->sender.address, sender));
    if (facts->sender.interface != NULL)
        text_add(&sentence, " --interface %s", facts->sender.interface);
    server_report_add(report, &report->limits, &sentence);
}

static void add_early_programs(struct server_report *report, const struct host *host)
{
    for (size_t i = 0; i < host->interface_count; i++) {
        const char *name = host->interfaces[i].name;
        struct text sentence = {0};

        if (host->interfaces[i].xdp)
            text_add(&sentence,
                     "The XDP program at %s, which sees packets first: sudo bpftool net show dev %s", name,
                     name);
        else if (host->interfaces[i].tc)
            text_add(&sentence, "Filters of tc at %s, which see packets first: tc filter show dev %s ingress",
                     name, name);
        server_report_add(report, &report->limits, &sentence);
    }
}

static void add_limits(struct server_report *report, const struct server_view *view)
{
    const struct server_facts *facts = view->facts;
    struct text sentence = {0};

    add_forbidden(report, view);
    add_error(report, &facts->rules_error);
    add_error(report, &facts->others_error);
    if (facts->old_tables[0] != '\0')
        text_add(&sentence,
                 "Rules of the old iptables (tables: %s), which nft does not list: sudo iptables-legacy-save",
                 facts->old_tables);
    server_report_add(report, &report->limits, &sentence);
    add_early_programs(report, &facts->host);
    if (view->trace.incomplete)
        text_add(&sentence, "Some of the firewall's rules: they are too many to go through");
    server_report_add(report, &report->limits, &sentence);
}

struct server_report *server_report_new(const struct server_view *view,
                                        const struct server_judgement *judgement, bool both)
{
    struct server_report *report = calloc(1, sizeof(*report));
    int rules_code = view->facts->rules_error.code;

    if (report == NULL)
        abort();
    report->protocol = view->question.udp ? "udp" : "tcp";
    report->address = view->question.address;
    report->port = view->question.port;
    report->family = both ? INTEGER_ABSENT : view->question.family;
    report->sender = view->facts->sender.address;
    report->state = state_name(judgement->state);
    report->sentence = keep_copy(report, text_get(&judgement->causes[0].sentence));
    for (size_t i = 0; i < judgement->count; i++)
        *(struct server_cause_row *)append(&report->verdict, sizeof(struct server_cause_row)) =
            (struct server_cause_row){cause_row(judgement->causes[i].cause)->name,
                                      judgement->causes[i].confidence};
    report->firewall = rules_code == 0                    ? "seen"
                       : rules_code == SONDE_E_PERMISSION ? "no-permission"
                                                          : "unseen";
    report->watched_ns = view->facts->watched_ns > 0 ? view->facts->watched_ns : INTEGER_ABSENT;
    add_sockets(report, view);
    add_rules(report, view);
    add_interfaces(report, view);
    add_counters(report, view, both);
    server_add_evidence(report, view, judgement);
    add_next(report, view, judgement);
    add_limits(report, view);
    return report;
}

struct server_report *server_report_free(struct server_report *report)
{
    const struct server_interface_row *interfaces;
    char **words;

    if (report == NULL)
        return NULL;
    interfaces = report->interfaces.items;
    words = (char **)report->words.items;
    for (size_t i = 0; i < report->interfaces.count; i++)
        free((void *)interfaces[i].addresses.items);
    for (size_t i = 0; i < report->words.count; i++)
        free(words[i]);
    free(words);
    free((void *)report->verdict.items);
    free((void *)report->evidence.items);
    free((void *)report->sockets.items);
    free((void *)report->rules.items);
    free((void *)report->interfaces.items);
    free((void *)report->counters.items);
    free((void *)report->next.items);
    free((void *)report->limits.items);
    free(report);
    return NULL;
}
