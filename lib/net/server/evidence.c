/* SPDX-License-Identifier: MIT */
/* What was seen of sockets, rules, routes and counters, in sentences. */
#include "net/server/report.h"

static void add_address_evidence(struct server_report *report, const struct server_view *view)
{
    const struct server_interface_row *rows = report->interfaces.items;
    struct text sentence = {0};
    size_t count = 0;

    for (size_t i = 0; i < report->interfaces.count; i++) {
        const char *const *addresses = rows[i].addresses.items;

        for (size_t k = 0; k < rows[i].addresses.count; k++) {
            struct sonde_address address;

            if (sonde_address_parse(addresses[k], &address) < 0 || address_is_link_local(&address))
                continue;
            text_add(&sentence, "%s%s (%s%s)",
                     count++ > 0 ? ", " : "Addresses of this machine: ", addresses[k], rows[i].name,
                     rows[i].up ? "" : ", down");
        }
    }
    text_add(&sentence, "%s", count > 0 ? "." : "");
    server_report_add(report, &report->evidence, &sentence);
}

static void add_socket_evidence(struct server_report *report, const struct server_view *view)
{
    const char *name = view->question.udp ? "UDP" : "TCP";
    struct text _cleanup_text_ taking = {0}, others = {0};
    struct text sentence = {0};
    size_t taken = server_add_sockets(&taking, view, true), other = server_add_sockets(&others, view, false);

    if (view->forwarded || view->facts->others_error.code != 0)
        return;
    if (taken + other == 0)
        text_add(&sentence, "Sockets: none waits on %s port %u.", name, view->port);
    if (taken > 0)
        text_add(&sentence, "Sockets: %s %s on %s port %u.", text_get(&taking), taken == 1 ? "waits" : "wait",
                 name, view->port);
    server_report_add(report, &report->evidence, &sentence);
    if (other > 0)
        text_add(&sentence, "Sockets: these packets do not get to %s.", text_get(&others));
    server_report_add(report, &report->evidence, &sentence);
}

static void add_firewall_evidence(struct server_report *report, const struct server_view *view)
{
    const struct ruleset_rule *rule = view->stopper;
    struct text sentence = {0};

    if (view->facts->rules_error.code != 0)
        return;
    if (view->translator != NULL) {
        char address[SONDE_ADDRESS_TEXT];

        text_add(&sentence, "Firewall: ");
        server_add_rule(&sentence, view->translator);
        text_add(&sentence, " sends the packets to %s port %u.",
                 view->translator->to.family != 0 ? sonde_address_format(&view->translator->to, address)
                                                  : "this machine,",
                 view->port);
        server_report_add(report, &report->evidence, &sentence);
    }
    if (rule == NULL) {
        text_add(&sentence, "Firewall: no rule and no policy stops them%s.",
                 view->trace.count > 0 ? "; what decides is below" : "");
    } else {
        static const char *const amounts[] = {"none", "few", "some", "most", "all"};

        text_add(&sentence, "Firewall: ");
        server_add_rule(&sentence, rule);
        text_add(&sentence, " stops %s of the packets", amounts[rule->applies]);
        if (rule->packets >= 0)
            text_add(&sentence, "; it has counted %lld so far", (long long)rule->packets);
        text_add(&sentence, ".");
    }
    server_report_add(report, &report->evidence, &sentence);
}

static void add_way_back_evidence(struct server_report *report, const struct server_view *view)
{
    const struct server_facts *facts = view->facts;
    char sender[SONDE_ADDRESS_TEXT], gateway[SONDE_ADDRESS_TEXT];
    struct text sentence = {0};

    if (facts->sender.address.family != view->question.family)
        return;
    sonde_address_format(&facts->sender.address, sender);
    if (facts->way_back.type == ROUTE_UNICAST) {
        text_add(&sentence, "Way back: answers to %s leave by %s", sender, facts->way_back.interface);
        if (facts->way_back.gateway.family != 0)
            text_add(&sentence, " by way of %s", sonde_address_format(&facts->way_back.gateway, gateway));
        text_add(&sentence, ".");
    } else if (facts->way_back.type != ROUTE_LOCAL) {
        text_add(&sentence, "Way back: ip route get %s finds none.", sender);
    }
    server_report_add(report, &report->evidence, &sentence);
}

/* Whether an interface is strict about IPv4 packets though another one leads further. */
static bool is_strict(const struct host *host, const struct host_interface *interface)
{
    if (interface->loopback || !interface->up || interface->rp_filter != 1 || interface->default_route4)
        return false;
    for (size_t i = 0; i < host->address_count; i++)
        if (host->addresses[i].interface == interface->index && host->addresses[i].address.family == 4)
            return true;
    return false;
}

static void add_strict_evidence(struct server_report *report, const struct server_view *view)
{
    const struct host *host = &view->facts->host;
    const char *further = NULL;
    struct text names = {0}, sentence = {0};

    for (size_t i = 0; i < host->interface_count; i++) {
        if (host->interfaces[i].default_route4)
            further = host->interfaces[i].name;
        if (is_strict(host, &host->interfaces[i]))
            text_add(&names, "%s%s", names.length > 0 ? ", " : "", host->interfaces[i].name);
    }
    if (names.length > 0 && further != NULL && view->question.family == 4 &&
        view->facts->sender.address.family == 0)
        text_add(&sentence,
                 "Way back: rp_filter is 1 (strict) and the default route leaves by %s: elsewhere (%s), only "
                 "packets from networks that are routed there are taken.",
                 further, text_get(&names));
    text_deinit(&names);
    server_report_add(report, &report->evidence, &sentence);
}

/* A service for one family, on a machine that has both. */
static void add_family_evidence(struct server_report *report, const struct server_view *view)
{
    const struct server_sockets *sockets = &view->facts->now.sockets;
    uint8_t other = view->question.family == 4 ? 6 : 4;
    struct text sentence = {0};

    for (size_t i = 0; i < sockets->count; i++)
        if (server_view_has(view, &sockets->items[i]) &&
            server_socket_takes(&sockets->items[i], other, &view->question.address))
            return;
    if (report->family == INTEGER_ABSENT || view->says_family || view->question.address.family != 0 ||
        report->sockets.count == 0 || !host_has_family(&view->facts->host, other))
        return;
    text_add(&sentence, "Sockets: over IPv%d nothing waits on the port, though this machine has addresses.",
             other);
    server_report_add(report, &report->evidence, &sentence);
}

static void add_other_evidence(struct server_report *report, const struct server_view *view,
                               const struct server_judgement *judgement)
{
    const struct server_facts *facts = view->facts;
    struct text sentence = {0};

    if (facts->host.conntrack_max > 0 && facts->host.conntrack_count * 10 >= facts->host.conntrack_max * 9) {
        text_add(&sentence, "Connection tracking: %lld of %lld entries are in use.",
                 (long long)facts->host.conntrack_count, (long long)facts->host.conntrack_max);
        server_report_add(report, &report->evidence, &sentence);
    }
    if (view->question.udp && judgement->causes[0].cause == CAUSE_PORT_CLOSED && view->question.family == 4 &&
        facts->host.icmp_ratelimit_ms > 0) {
        text_add(&sentence,
                 "Answers: a destination gets at most one port-unreachable in %lld ms after the first few "
                 "(icmp_ratelimit), so that fast callers may see silence.",
                 (long long)facts->host.icmp_ratelimit_ms);
        server_report_add(report, &report->evidence, &sentence);
    }
}

static void add_watch_evidence(struct server_report *report, const struct server_view *view)
{
    const struct server_counter_row *counters = report->counters.items;
    const struct server_rule_row *rules = report->rules.items;
    struct text sentence = {0};
    size_t grown = 0;

    if (view->facts->watched_ns == 0)
        return;
    text_add(&sentence, "Watched for %.1f s:", (double)view->facts->watched_ns / NS_PER_S);
    for (size_t i = 0; i < report->rules.count; i++)
        if (rules[i].packets_grown != INTEGER_ABSENT && rules[i].packets_grown > 0)
            text_add(&sentence, "%s rule %lld of %s +%lld", grown++ > 0 ? "," : "",
                     (long long)rules[i].handle, rules[i].where, (long long)rules[i].packets_grown);
    for (size_t i = 0; i < report->counters.count; i++)
        if (counters[i].grown != INTEGER_ABSENT && counters[i].grown > 0)
            text_add(&sentence, "%s %s +%lld", grown++ > 0 ? "," : "", counters[i].name,
                     (long long)counters[i].grown);
    text_add(&sentence, "%s.", grown > 0 ? "" : " no counter of losses has grown");
    server_report_add(report, &report->evidence, &sentence);
}

void server_add_evidence(struct server_report *report, const struct server_view *view,
                         const struct server_judgement *judgement)
{
    add_address_evidence(report, view);
    add_socket_evidence(report, view);
    add_family_evidence(report, view);
    add_firewall_evidence(report, view);
    add_way_back_evidence(report, view);
    add_strict_evidence(report, view);
    add_other_evidence(report, view, judgement);
    add_watch_evidence(report, view);
}
