/* SPDX-License-Identifier: MIT */
/* The machine that runs the rules: sysctls that say otherwise, other firewalls, programs in front of them. */
#include <stdio.h>
#include <string.h>

#include "base/macro.h"
#include "policy/lint/context.h"

enum { MTU_ETHERNET = 1500, ABSENT = -1 };

static int64_t sysctl(const struct lint *lint, const char *name)
{
    const struct lint_host *host = lint->subject->host;

    for (size_t i = 0; i < host->sysctl_count; i++)
        if (strcmp(host->sysctls[i].name, name) == 0)
            return host->sysctls[i].value;
    return ABSENT;
}

static int64_t of_interface(const struct lint *lint, uint8_t family, const char *interface, const char *what)
{
    char name[96];

    snprintf(name, sizeof(name), "net.ipv%u.conf.%.16s.%.40s", family, interface, what);
    return sysctl(lint, name);
}

static struct guard_finding *add(struct lint *lint, const char *id, const char *name, const char *message)
{
    struct guard_finding *finding = guard_findings_add(lint->findings, id, "%s", message);

    guard_finding_set(&finding->rule, "sysctl %s", name);
    return finding;
}

/* IPv4: a host takes redirects when all or the interface says so, a router only when both do; the kernel has
 * that in IN_DEV_RX_REDIRECTS. IPv6: the interface alone counts, and no router takes any. */
static bool takes_redirects(const struct lint *lint, uint8_t family, const char *interface)
{
    const struct lint_host *host = lint->subject->host;
    bool one = of_interface(lint, family, interface, "accept_redirects") > 0;
    bool all = of_interface(lint, family, "all", "accept_redirects") > 0;

    if (family == 6)
        return one && !host->forwards6;
    return host->forwards4 ? one && all : one || all;
}

/* Whether the rules let a redirect get that far. */
static bool redirect_passes(const struct lint *lint, uint8_t family, const char *interface,
                            struct walk_question *question)
{
    struct walk_result result;

    *question = (struct walk_question){.family = family,
                                       .type = family == 6 ? 137 : 5,
                                       .hook = HOOK_INPUT,
                                       .shape = family == 6 ? SHAPE_LINK : SHAPE_PLAIN,
                                       .in = interface};
    walk(lint->rules, question, &result);
    return !walk_stops(&result);
}

/* G009 by sysctl. */
static void check_redirects(struct lint *lint)
{
    const struct lint_host *host = lint->subject->host;

    for (uint8_t family = 4; family <= 6; family += 2) {
        for (size_t i = 0; i < host->interface_count && lint_judges(lint, family); i++) {
            const char *interface = host->interfaces[i].name;
            struct walk_question question;
            struct guard_finding *finding;
            char name[96], message[200];
            bool passes;

            if (host->interfaces[i].loopback || !host->interfaces[i].up ||
                !takes_redirects(lint, family, interface))
                continue;
            passes = redirect_passes(lint, family, interface, &question);
            snprintf(name, sizeof(name), "net.ipv%u.conf.%.16s.accept_redirects", family, interface);
            snprintf(message, sizeof(message), "%s believes redirects of IPv%u%s", interface, family,
                     passes ? "" : "; only a rule keeps them away");
            finding = add(lint, "G009", name, message);
            lint_witness(lint, finding, &question, NULL);
            if (!passes)
                lint_grade(finding, "note");
            guard_finding_set(&finding->fix, "sysctl -w net.ipv%u.conf.all.accept_redirects=0 %s=0", family,
                              name);
        }
    }
}

/** Sysctls that make rules say what is not so, or weaken them. */
static const struct {
    const char *id, *name;
    int64_t bad_from, bad_to; /* values at fault */
    int64_t good;
    const char *message;
} settings[] = {
    {"G033", "net.ipv4.icmp_echo_ignore_all", 1, 1, 0,
     "rules may accept echo requests, but no IPv4 one is answered"},
    {"G033", "net.ipv6.icmp.echo_ignore_all", 1, 1, 0,
     "rules may accept echo requests, but no IPv6 one is answered"},
    {"G033", "net.ipv4.icmp_echo_ignore_broadcasts", 0, 0, 1,
     "echo requests to broadcast addresses are answered (smurf)"},
    {"G033", "net.ipv4.icmp_ignore_bogus_error_responses", 0, 0, 1, "bogus errors fill the log"},
    {"G033", "net.ipv4.icmp_ratelimit", 0, 0, 1000, "errors of IPv4 are sent without any limit"},
    {"G033", "net.ipv6.icmp.ratelimit", 0, 0, 100, "errors of IPv6 are sent without any limit"},
    {"G033", "net.ipv4.icmp_echo_enable_probe", 1, 1, 0,
     "PROBE (42) tells strangers which interfaces there are"},
    {"G033", "net.ipv4.ip_no_pmtu_disc", 1, 3, 0, "path MTU discovery is off: accepting 3/4 changes nothing"},
    {"G033", "net.ipv4.route.min_pmtu", 1, 551, 552, "a forged 3/4 can make packets smaller than 552"},
};

static void check_settings(struct lint *lint)
{
    for (size_t i = 0; i < COUNT_OF(settings); i++) {
        int64_t value = sysctl(lint, settings[i].name);
        struct guard_finding *finding;
        uint8_t family = strncmp(settings[i].name, "net.ipv6", 8) == 0 ? 6 : 4;

        if (value < settings[i].bad_from || value > settings[i].bad_to || !lint_judges(lint, family))
            continue;
        finding = add(lint, settings[i].id, settings[i].name, settings[i].message);
        guard_finding_set(&finding->witness, "%s is %lld", settings[i].name, (long long)value);
        guard_finding_set(&finding->fix, "sysctl -w %s=%lld", settings[i].name, (long long)settings[i].good);
    }
}

/* G033: a router that forwards does not take advertisements at accept_ra 1, whatever rules accept. */
static void check_advertisements(struct lint *lint)
{
    const struct lint_host *host = lint->subject->host;

    for (size_t i = 0; i < host->interface_count && lint_judges(lint, 6); i++) {
        const struct lint_interface *interface = &host->interfaces[i];
        struct guard_finding *finding;
        char name[96];

        if (!host->forwards6 || interface->loopback || !interface->up || !interface->default_route6 ||
            of_interface(lint, 6, interface->name, "accept_ra") != 1)
            continue;
        snprintf(name, sizeof(name), "net.ipv6.conf.%.16s.accept_ra", interface->name);
        finding =
            add(lint, "G033", name,
                "this machine forwards IPv6, so accept_ra 1 takes no advertisement: the default route ends");
        guard_finding_set(&finding->witness, "%s is 1, net.ipv6.conf.all.forwarding is 1", name);
        guard_finding_set(&finding->fix, "sysctl -w %s=2", name);
    }
}

/** Who makes rules, known by names of tables and chains. */
static const struct {
    const char *owner, *table, *chain; /* beginnings; NULL: any */
} owners[] = {
    {"firewalld", "firewalld", NULL},     {"ufw", NULL, "ufw"},
    {"OpenWrt's fw4", "fw4", NULL},       {"Shorewall", NULL, "shorewall"},
    {"sonde guard", "sonde_guard", NULL},
};

static bool begins(const char *text, const char *prefix)
{
    return !prefix || strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool owns(const struct rules *rules, size_t owner)
{
    for (size_t i = 0; i < rules->chain_count; i++)
        if (begins(rules->tables[rules->chains[i].table].name, owners[owner].table) &&
            begins(rules->chains[i].name, owners[owner].chain))
            return true;
    return false;
}

/* Tables of an origin that filter anything. */
static bool filters(const struct rules *rules, enum rules_origin origin)
{
    for (size_t i = 0; i < rules->chain_count; i++) {
        const struct rules_chain *chain = &rules->chains[i];

        if (rules->tables[chain->table].origin == origin && *chain->hook && strcmp(chain->type, "nat") != 0 &&
            (chain->drops || chain->rules > 0))
            return true;
    }
    return false;
}

/* G034. */
static void check_firewalls(struct lint *lint)
{
    static const char *const names[] = {[RULES_NFT] = "nftables",
                                        [RULES_IPTABLES] = "iptables-nft",
                                        [RULES_IPTABLES_LEGACY] = "iptables-legacy"};
    _cleanup_text_ struct text active = {0};
    struct guard_finding *finding;
    size_t count = 0, owner_count = 0;

    for (enum rules_origin origin = RULES_NFT; origin <= RULES_IPTABLES_LEGACY; origin++)
        if (filters(lint->rules, origin))
            text_add(&active, "%s%s", count++ ? ", " : "", names[origin]);
    for (size_t i = 0; i < COUNT_OF(owners); i++)
        if (owns(lint->rules, i))
            text_add(&active, "%s%s", count + owner_count++ ? ", " : "", owners[i].owner);
    if (count < 2 && owner_count < 2)
        return;
    finding =
        guard_findings_add(lint->findings, "G034", "several firewalls are active: %s", text_get(&active));
    guard_finding_set(&finding->witness, "any packet: what one accepts, the next may drop");
}

/* G040. */
static void check_programs(struct lint *lint)
{
    const struct lint_host *host = lint->subject->host;

    for (size_t i = 0; i < host->interface_count; i++) {
        const struct lint_interface *interface = &host->interfaces[i];
        struct guard_finding *finding;

        if (!interface->xdp && !interface->tc)
            continue;
        finding =
            guard_findings_add(lint->findings, "G040",
                               "%s on %s sees packets before the rules do; what it drops is not counted here",
                               interface->xdp ? "an XDP program" : "a tc filter", interface->name);
        guard_finding_set(&finding->rule, "interface %s", interface->name);
        guard_finding_set(&finding->witness, "any packet that arrives at %s", interface->name);
    }
}

static bool clamps(const struct rules *rules)
{
    for (size_t i = 0; i < rules->count; i++)
        if (rules->items[i].clamps)
            return true;
    return false;
}

/* G043: only where 3/4 or packet-too-big are stopped and nothing else helps. */
static void check_mtu(struct lint *lint)
{
    const struct lint_host *host = lint->subject->host;
    struct walk_question four = {
        .family = 4, .type = 3, .code = 4, .hook = HOOK_INPUT, .shape = SHAPE_ANSWER};
    struct walk_question six = {.family = 6, .type = 2, .hook = HOOK_INPUT, .shape = SHAPE_ANSWER};
    struct walk_result result;
    bool stopped = lint_ask(lint, &four, false, &result) == OUTCOME_STOPPED ||
                   lint_ask(lint, &six, false, &result) == OUTCOME_STOPPED;

    if (!stopped || clamps(lint->rules) || sysctl(lint, "net.ipv4.tcp_mtu_probing") > 0)
        return;
    for (size_t i = 0; i < host->interface_count; i++) {
        const struct lint_interface *interface = &host->interfaces[i];
        struct guard_finding *finding;

        if (interface->loopback || !interface->up || interface->mtu >= MTU_ETHERNET || interface->mtu == 0)
            continue;
        finding =
            guard_findings_add(lint->findings, "G043", "%s has an MTU of %u, and no sender gets to know",
                               interface->name, interface->mtu);
        guard_finding_set(&finding->rule, "interface %s", interface->name);
        lint_witness(lint, finding, &four, NULL);
        guard_finding_set(&finding->fix, "sysctl -w net.ipv4.tcp_mtu_probing=1");
    }
}

/* What could not be read is not passed. */
static void check_unread(struct lint *lint)
{
    const char *line = lint->subject->host->unread;

    while (line && *line) {
        size_t length = strcspn(line, "\n");
        struct guard_finding *finding = guard_findings_add(
            lint->findings, "G034", "cannot judge what could not be read: %.*s", (int)length, line);

        lint_grade(finding, "cannot-judge");
        guard_finding_set(&finding->advice, "Run the same command with sudo.");
        line += length + (line[length] == '\n');
    }
}

lint_check *const lint_host_checks[] = {
    check_redirects, check_settings, check_advertisements, check_firewalls,
    check_programs,  check_mtu,      check_unread,         NULL};
