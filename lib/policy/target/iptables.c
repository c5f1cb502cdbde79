/* SPDX-License-Identifier: MIT */
/* The policy for iptables-restore and ip6tables-restore: linear rules, first match, hashlimit for limits. */
#include "base/macro.h"
#include "policy/target/languages.h"

enum { HASHLIMIT_RATE_MAX = 1000000 }; /* a second; xt_hashlimit.h, XT_HASHLIMIT_SCALE_v2 */

/* A file being written. */
struct file {
    const struct policy *policy;
    uint8_t family;
    int64_t now_s;
    struct text *omissions;
    struct text chains, rules; /* declared; and what is in them */
    unsigned limits;           /* hash tables so far; their names are numbers because 15 letters are few */
};

/* What every rule of nftables' family of matches is called here. */
static const struct words {
    const char *protocol, *match, *type, *hop_limit, *reject, *command;
    unsigned source_bits;
} words4 = {"icmp", "icmp", "--icmp-type", "ttl --ttl-eq", "icmp-admin-prohibited", "iptables", 32},
  words6 = {"icmpv6", "icmp6", "--icmpv6-type", "hl --hl-eq", "icmp6-adm-prohibited", "ip6tables", 64};

static const struct words *words_of(const struct file *file)
{
    return file->family == 4 ? &words4 : &words6;
}

/* One line: where, what the rule of the policy asks for, what else is asked, and what becomes of it. */
static void add_line(struct file *file, const struct policy_rule *rule, int type, int code, const char *match,
                     const char *target)
{
    const struct words *words = words_of(file);
    bool leaves = rule->direction == DIRECTION_OUTPUT || rule->direction == DIRECTION_FORWARD_OUT;
    struct text *rules = &file->rules;
    char source[SONDE_ADDRESS_TEXT];

    text_add(rules, "-A sonde-%s -p %s", direction_name(rule->direction), words->protocol);
    if (rule->interface[0] != '\0')
        text_add(rules, " %s %s", leaves ? "-o" : "-i", rule->interface);
    if (rule->source.family != 0)
        text_add(rules, " -s %s/%d", sonde_address_format(&rule->source, source), rule->source_length);
    text_add(rules, " -m %s %s %d", words->match, words->type, type);
    if (code != POLICY_ANY_CODE)
        text_add(rules, "/%d", code);
    text_add(rules, "%s -m comment --comment \"sg:%s\" %s\n", match, rule->id, target);
}

static uint64_t fitted_rate(struct file *file, const struct policy_rule *rule, const struct policy_rate *rate)
{
    if (rate->packets <= HASHLIMIT_RATE_MAX)
        return rate->packets;
    text_add(file->omissions, "%s: a rate above %d is written as %d\n", rule->id, HASHLIMIT_RATE_MAX,
             HASHLIMIT_RATE_MAX);
    return HASHLIMIT_RATE_MAX;
}

static void add_hashlimit(struct file *file, const struct policy_rule *rule, const struct policy_rate *rate,
                          const char *mode)
{
    const char *period = rate->period_s == 1 ? "sec" : rate->period_s == 60 ? "min" : "hour";

    text_add(&file->rules,
             " -m hashlimit --hashlimit-upto %llu/%s --hashlimit-burst %u --hashlimit-name sg%d-%u%s",
             (unsigned long long)fitted_rate(file, rule, rate), period, rate->burst, file->family,
             ++file->limits, mode);
}

/* The chain of a limit. A full table of hashlimit drops (net/netfilter/xt_hashlimit.c, hotdrop). */
static char *add_limit(struct file *file, const struct policy_rule *rule)
{
    bool output = rule->direction == DIRECTION_OUTPUT;
    char *chain = text_format("sonde-limit-%u", file->limits + 1);
    _cleanup_free_ char *mode = text_format(
        " --hashlimit-mode %s --hashlimit-%smask %u --hashlimit-htable-max %d", output ? "dstip" : "srcip",
        output ? "dst" : "src", words_of(file)->source_bits, GUARD_LIMIT_SOURCES);

    text_add(&file->chains, ":%s - [0:0]\n", chain);
    text_add(&file->rules, "-A %s", chain);
    add_hashlimit(file, rule, &rule->limit.source, mode);
    add_hashlimit(file, rule, &rule->limit.total, "");
    text_add(&file->rules, " -m comment --comment \"sg:%s\" -j ACCEPT\n", rule->id);
    text_add(&file->rules, "-A %s -m comment --comment \"sg:%s\" -j DROP\n", chain, rule->id);
    return chain;
}

static void add_link(struct file *file, const struct policy_rule *rule, int type, int code)
{
    uint8_t hop_limit = policy_hop_limit(rule->family, (uint8_t)type);
    _cleanup_free_ char *hops = text_format(" -m %s %d", words_of(file)->hop_limit, hop_limit);
    _cleanup_text_ struct text match = {0};

    if (hop_limit == 255) {
        add_line(file, rule, type, code, hops, "-j ACCEPT");
    } else {
        text_add(&match, "%s -s fe80::/10", hop_limit > 0 ? hops : "");
        add_line(file, rule, type, code, text_get(&match), "-j ACCEPT");
        text_deinit(&match);
        text_add(&match, "%s -s ::/128", hop_limit > 0 ? hops : "");
        add_line(file, rule, type, code, text_get(&match), "-j ACCEPT");
    }
    add_line(file, rule, type, code, "", "-j DROP");
}

static void add_message(struct file *file, const struct policy_rule *rule, const char *limit, int type,
                        int code)
{
    _cleanup_free_ char *reject = text_format("-j REJECT --reject-with %s", words_of(file)->reject);
    bool answers = policy_can_reject(rule->family, (uint8_t)type);

    switch (rule->verdict) {
    case VERDICT_ACCEPT:
        add_line(file, rule, type, code, "", "-j ACCEPT");
        return;
    case VERDICT_LIMIT:
        add_line(file, rule, type, code, "", limit);
        return;
    case VERDICT_ANSWER:
        add_line(file, rule, type, code, " -m conntrack --ctstate ESTABLISHED,RELATED", "-j ACCEPT");
        add_line(file, rule, type, code, "", "-j DROP");
        return;
    case VERDICT_LINK:
        if (rule->family == 6)
            add_link(file, rule, type, code);
        else
            add_line(file, rule, type, code, " -m ttl --ttl-eq 255", "-j ACCEPT");
        if (rule->family == 4)
            add_line(file, rule, type, code, "", "-j DROP");
        return;
    default:
        add_line(file, rule, type, code, "", rule->verdict == VERDICT_REJECT && answers ? reject : "-j DROP");
    }
}

/* The lines of a rule: these matches know neither ranges of types nor of codes. */
static void add_rule(struct file *file, const struct policy_rule *rule)
{
    _cleanup_free_ char *chain = rule->verdict == VERDICT_LIMIT ? add_limit(file, rule) : NULL;
    _cleanup_free_ char *limit = text_format("-g %s", chain != NULL ? chain : "");

    for (int type = rule->type; type <= rule->type_last; type++)
        for (int code = rule->code; code <= rule->code_last; code++)
            add_message(file, rule, limit, type, code);
}

/* What no rule names. */
static void add_unlisted(struct file *file, enum direction direction)
{
    const struct words *words = words_of(file);
    const char *name = direction_name(direction);
    enum verdict verdict = file->policy->unlisted;

    for (int type = 0; type < 256 && verdict == VERDICT_REJECT; type++)
        if (policy_can_reject(file->family, (uint8_t)type))
            text_add(&file->rules,
                     "-A sonde-%s -p %s -m %s %s %d -m comment --comment \"sg:v%d.unlisted.%s\" -j REJECT "
                     "--reject-with %s\n",
                     name, words->protocol, words->match, words->type, type, file->family, name,
                     words->reject);
    text_add(&file->rules, "-A sonde-%s -m comment --comment \"sg:v%d.unlisted.%s\" -j %s\n", name,
             file->family, name, verdict == VERDICT_ACCEPT ? "ACCEPT" : "DROP");
}

/* An edge's forward chain first asks where a message comes from and where it goes. */
static void add_sides(struct file *file)
{
    for (size_t i = 0; i < file->policy->outside_count; i++)
        text_add(&file->rules, "-A sonde-forward -i %s -g sonde-forward-in\n", file->policy->outside[i]);
    for (size_t i = 0; i < file->policy->outside_count; i++)
        text_add(&file->rules, "-A sonde-forward -o %s -g sonde-forward-out\n", file->policy->outside[i]);
}

static void add_direction(struct file *file, enum direction direction)
{
    text_add(&file->chains, ":sonde-%s - [0:0]\n", direction_name(direction));
    if (direction == DIRECTION_FORWARD && file->policy->role == ROLE_EDGE)
        add_sides(file);
    for (size_t i = 0; i < file->policy->rule_count; i++) {
        const struct policy_rule *rule = &file->policy->rules[i];

        if (rule->family == file->family && rule->direction == direction &&
            !policy_rule_expired(rule, file->now_s))
            add_rule(file, rule);
    }
    add_unlisted(file, direction);
}

static void add_head(const struct file *file, struct text *text)
{
    static const char *const hooks[] = {"INPUT", "FORWARD", "OUTPUT"};
    const struct words *words = words_of(file);

    text_add(text,
             "# made by `sonde guard export %s`; load it with `%s-restore --noflush`, which replaces its own "
             "chains and\n# nothing else, and lead to them once:\n",
             words->command, words->command);
    for (int hook = 0; hook < HOOK_COUNT; hook++)
        if (hook != HOOK_FORWARD || policy_filters(file->policy, DIRECTION_FORWARD))
            text_add(text, "#   %s -I %s -p %s -j sonde-%s\n", words->command, hooks[hook], words->protocol,
                     hook_name((enum hook)hook));
}

static void add_omissions(const struct file *file)
{
    bool limits = false;

    for (size_t i = 0; i < file->policy->rule_count; i++)
        limits = limits || (file->policy->rules[i].family == file->family &&
                            file->policy->rules[i].verdict == VERDICT_LIMIT);
    text_add(file->omissions, "IPv%d only: `sonde guard export %s` makes the other half\n", file->family,
             file->family == 4 ? "ip6tables" : "iptables");
    text_add(file->omissions,
             "no verdict maps: rules are tried one after the other, which costs about 30 ns each\n");
    if (limits)
        text_add(file->omissions,
                 "limits stand behind conntrack: a message over its limit is tracked until it is "
                 "dropped\n");
    text_add(file->omissions, "no lease: nothing takes these rules back by itself\n");
}

static void render(const struct policy *policy, uint8_t family, int64_t now_s, struct text *text,
                   struct text *omissions)
{
    struct file file = {.policy = policy, .family = family, .now_s = now_s, .omissions = omissions};

    for (int direction = 0; direction < DIRECTION_COUNT; direction++)
        if (policy_filters(policy, (enum direction)direction))
            add_direction(&file, (enum direction)direction);
    add_head(&file, text);
    text_add(text, "*filter\n%s%sCOMMIT\n", text_get(&file.chains), text_get(&file.rules));
    add_omissions(&file);
    text_deinit(&file.chains);
    text_deinit(&file.rules);
}

void iptables_render(const struct policy *policy, int64_t now_s, struct text *text, struct text *omissions)
{
    render(policy, 4, now_s, text, omissions);
}

void ip6tables_render(const struct policy *policy, int64_t now_s, struct text *text, struct text *omissions)
{
    render(policy, 6, now_s, text, omissions);
}
