/* SPDX-License-Identifier: MIT */
/* sonde guard explain: why a rule is there, who owns it, where it stands, and what it counted. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/suggest.h"
#include "cmd/guard/guard.h"
#include "cmd/guard/policy/describe.h"
#include "net/program/nft.h"
#include "policy/file/value.h"
#include "policy/target/nft.h"

struct config {
    const char *policy;
    uint8_t family;
};

/* What a counter of the kernel says. */
struct counted {
    const char *fate;
    int64_t packets, octets;
};

enum { FATES = 4 };

/* One answer. Texts are of the policy or the catalog unless they are freed in emit. */
struct explanation {
    const char *headline, *rule, *name, *direction, *where, *owner, *reason, *expires, *says, *why, *advice,
        *rfc, *place;
    const char *state; /* of an exception: in force, expired */
    int64_t family, type, code, tier;
    struct record_list counters;
    const char *uncounted;
    struct counted counted[FATES];
};

#define COUNTED(member) offsetof(struct counted, member)

static const struct field counted_fields[] = {
    {"fate", FIELD_TEXT, COUNTED(fate), .doc = "accept, drop, reject or over (a limit)."},
    {"packets", FIELD_INTEGER, COUNTED(packets), "packets", "How many the kernel counted."},
    {"bytes", FIELD_INTEGER, COUNTED(octets), "octets", "Their length."},
    {0},
};

static const struct schema counted_schema = {"counted", "A counter of the rule.", sizeof(struct counted),
                                             counted_fields};

#define EXPLANATION(member) offsetof(struct explanation, member)

static const struct field fields[] = {
    {"headline", FIELD_TEXT, EXPLANATION(headline), .doc = "The rule in one line.", .style = STYLE_HEADLINE},
    {"rule", FIELD_TEXT, EXPLANATION(rule), .doc = "Its id, as in traces, comments and counters.",
     .title = "Rule"},
    {"place", FIELD_TEXT, EXPLANATION(place), .doc = "File, line and column that say so.",
     .title = "Written in"},
    {"family", FIELD_INTEGER, EXPLANATION(family), .doc = "4 or 6.", .style = STYLE_HIDDEN},
    {"type", FIELD_INTEGER, EXPLANATION(type), .doc = "Type, or the first of a range.",
     .style = STYLE_HIDDEN},
    {"code", FIELD_INTEGER, EXPLANATION(code), .doc = "Code; absent: all others.", .style = STYLE_HIDDEN},
    {"name", FIELD_TEXT, EXPLANATION(name), .doc = "echo-request.", .style = STYLE_HIDDEN},
    {"direction", FIELD_TEXT, EXPLANATION(direction),
     .doc = "input, output, forward, forward-in, forward-out.", .style = STYLE_HIDDEN},
    {"where", FIELD_TEXT, EXPLANATION(where), .doc = "Interface and source that it asks for.",
     .title = "Only"},
    {"owner", FIELD_TEXT, EXPLANATION(owner), .doc = "Who owns it."},
    {"reason", FIELD_TEXT, EXPLANATION(reason), .doc = "Why the site wants it."},
    {"expires", FIELD_TEXT, EXPLANATION(expires), .doc = "The last day of an exception.",
     .title = "Last day"},
    {"state", FIELD_TEXT, EXPLANATION(state), .doc = "Of an exception: in force or expired."},
    {"says", FIELD_TEXT, EXPLANATION(says), .doc = "What the message says.", .title = "The message"},
    {"why", FIELD_TEXT, EXPLANATION(why),
     .doc = "What breaks when it is dropped, what is risked when it is not.", .title = "Why filter so"},
    {"advice", FIELD_TEXT, EXPLANATION(advice), .doc = "What the catalog advises this role.",
     .title = "Advised"},
    {"tier", FIELD_INTEGER, EXPLANATION(tier),
     .doc = "1 must not be dropped, 2 should not, 3 and 4 site policy, 5 drop."},
    {"rfc", FIELD_TEXT, EXPLANATION(rfc), .doc = "Where the message is specified.", .title = "See"},
    {"counters", FIELD_LIST, EXPLANATION(counters), .doc = "What the kernel counted, where it can be read.",
     .of = &counted_schema, .style = STYLE_TABLE, .title = "Counted since the counters were made"},
    {"uncounted", FIELD_TEXT, EXPLANATION(uncounted), .doc = "Why there are no counters.",
     .title = "Not counted"},
    {0},
};

static const struct schema schema = {"sonde.guard.rule/1", "A rule of the policy, explained.",
                                     sizeof(struct explanation), fields};

/* A question under way. */
struct asking {
    const struct session *session;
    const struct policy *policy;
    const char *path;
    json_t *counters; /* a list of nftables' objects, or NULL */
    const char *uncounted;
    size_t answers;
};

/* The kernel's counters; without them the answer is still useful. */
static void read_counters(struct asking *asking)
{
    _cleanup_text_ struct text text = {0};
    struct sonde_error error;
    json_t *root = NULL;
    int code = nft_list("counters table inet " GUARD_TABLE, NFT_JSON, &text, &error);

    if (code == 0)
        root = json_loadb(text_get(&text), text.length, 0, NULL);
    asking->counters = root != NULL ? json_incref(json_object_get(root, "nftables")) : NULL;
    json_decref(root);
    if (asking->counters != NULL)
        asking->uncounted = NULL;
    else if (code == SONDE_E_PERMISSION)
        asking->uncounted = "the kernel's counters need root: sudo sonde guard explain ...";
    else if (code == SONDE_E_NOT_FOUND)
        asking->uncounted = "no policy is in force in the kernel: sonde guard apply FILE";
    else
        asking->uncounted = "the kernel's counters could not be read";
}

/* Look a counter up: "v4.8.0.input.over". Returns whether the kernel has it. */
static bool find_counter(const struct asking *asking, const char *id, const char *fate,
                         struct counted *counted)
{
    _cleanup_free_ char *name = text_format("%s.%s", id, fate);
    const json_t *object;
    size_t index;

    json_array_foreach(asking->counters, index, object)
    {
        const json_t *counter = json_object_get(object, "counter");
        const char *found = json_string_value(json_object_get(counter, "name"));

        if (found == NULL || strcmp(found, name) != 0)
            continue;
        *counted = (struct counted){fate, json_integer_value(json_object_get(counter, "packets")),
                                    json_integer_value(json_object_get(counter, "bytes"))};
        return true;
    }
    return false;
}

static void set_counters(const struct asking *asking, struct explanation *explanation, const char *id)
{
    static const char *const fates[FATES] = {"accept", "drop", "reject", "over"};
    size_t count = 0;

    explanation->uncounted = asking->uncounted;
    for (size_t i = 0; i < FATES && asking->counters != NULL; i++)
        count += find_counter(asking, id, fates[i], &explanation->counted[count]);
    explanation->counters = (struct record_list){explanation->counted, count};
    if (asking->counters != NULL && count == 0)
        explanation->uncounted =
            "the policy in the kernel has no such rule: sonde guard plan shows what differs";
}

static void set_exception(struct explanation *explanation, const struct policy_rule *rule,
                          struct text *expires)
{
    if (!rule->exception)
        return;
    explanation->state =
        policy_rule_expired(rule, time(NULL)) ? "expired: it does not count any more" : "in force";
    if (rule->expires_s != POLICY_NEVER)
        describe_expiry(expires, rule->expires_s);
    explanation->expires = expires->length > 0 ? expires->data : "never, which lint reports";
    if (rule->owner == NULL)
        explanation->owner = "nobody, which lint reports";
    if (rule->reason == NULL)
        explanation->reason = "none is said, which lint reports";
}

static void explain_rule(struct asking *asking, const struct policy_rule *rule)
{
    const struct sonde_icmp_entry *row = describe_row(rule);
    _cleanup_text_ struct text headline = {0}, where = {0}, place = {0}, expires = {0};
    struct explanation explanation = {
        .rule = rule->id,
        .name = row->name,
        .direction = direction_name(rule->direction),
        .owner = rule->owner,
        .reason = rule->reason,
        .says = row->says,
        .why = row->filter_reason,
        .rfc = row->rfc,
        .family = rule->family,
        .type = rule->type,
        .code = rule->code == POLICY_ANY_CODE ? INTEGER_ABSENT : rule->code,
        .tier = row->tier,
    };

    text_add(&headline, "ICMPv%d ", rule->family);
    describe_messages(&headline, rule);
    text_add(&headline, " (%s) in %s: ", row->name, direction_name(rule->direction));
    describe_verdict(&headline, rule);
    describe_where(&where, rule);
    text_add(&place, "%s:%u:%u", asking->path, rule->place.line, rule->place.column);
    explanation.headline = text_get(&headline);
    explanation.where = where.length > 0 ? where.data : NULL;
    explanation.place = text_get(&place);
    explanation.advice = verdict_name(policy_advice(asking->policy->role, rule->direction, rule->family,
                                                    rule->type, rule->code < 0 ? 0 : (uint8_t)rule->code));
    set_exception(&explanation, rule, &expires);
    set_counters(asking, &explanation, rule->id);
    asking->session->sink->begin(asking->session->sink, &schema);
    asking->session->sink->record(asking->session->sink, &schema, &explanation);
    asking->answers++;
}

/* What no rule names, in a direction. */
static void explain_unlisted(struct asking *asking, uint8_t family, enum direction direction)
{
    _cleanup_free_ char *id = text_format("v%d.unlisted.%s", family, direction_name(direction));
    _cleanup_free_ char *headline =
        text_format("Every ICMPv%d message that no line names, in %s: %s", family, direction_name(direction),
                    verdict_name(asking->policy->unlisted));
    struct explanation explanation = {
        .headline = headline,
        .rule = id,
        .direction = direction_name(direction),
        .place = asking->path,
        .why = "It follows from `defaults: unlisted` of the policy. `sonde guard show` lists what is named.",
        .family = family,
        .type = INTEGER_ABSENT,
        .code = INTEGER_ABSENT,
        .tier = INTEGER_ABSENT,
    };

    set_counters(asking, &explanation, id);
    asking->session->sink->begin(asking->session->sink, &schema);
    asking->session->sink->record(asking->session->sink, &schema, &explanation);
    asking->answers++;
}

/* "v4.unlisted.input" */
static void ask_unlisted(struct asking *asking, const char *id)
{
    for (uint8_t family = 4; family <= 6; family += 2)
        for (int direction = 0; direction < DIRECTION_COUNT; direction++) {
            _cleanup_free_ char *own =
                text_format("v%d.unlisted.%s", family, direction_name((enum direction)direction));

            if (policy_filters(asking->policy, (enum direction)direction) && strcmp(own, id) == 0)
                explain_unlisted(asking, family, (enum direction)direction);
        }
}

static void ask_id(struct asking *asking, const char *id)
{
    for (size_t i = 0; i < asking->policy->rule_count; i++)
        if (strcmp(asking->policy->rules[i].id, id) == 0)
            explain_rule(asking, &asking->policy->rules[i]);
    ask_unlisted(asking, id);
}

/* Every rule that a message may meet in a direction, and what is unlisted when none always decides. */
static void ask_direction(struct asking *asking, const struct message_range *range, enum direction direction)
{
    for (size_t i = 0; i < asking->policy->rule_count; i++) {
        const struct policy_rule *rule = &asking->policy->rules[i];

        if (!policy_rule_names(rule, range->family, direction, range->type,
                               range->code < 0 ? 0 : (uint8_t)range->code))
            continue;
        explain_rule(asking, rule);
        if (policy_rule_always(rule) && !policy_rule_expired(rule, time(NULL)))
            return;
    }
    explain_unlisted(asking, range->family, direction);
}

static void ask_messages(struct asking *asking, uint8_t family, const char *text)
{
    struct message_range range = {.family = family};
    char why[160];

    if (!value_messages(text, &range, why))
        return;
    for (int direction = 0; direction < DIRECTION_COUNT; direction++)
        if (policy_filters(asking->policy, (enum direction)direction))
            ask_direction(asking, &range, (enum direction)direction);
}

static int refuse(const struct asking *asking, const char *typed)
{
    struct suggestion suggestion = {typed};
    const struct sonde_icmp_entry *row;
    struct sonde_error error;

    for (size_t i = 0; i < asking->policy->rule_count; i++)
        suggestion_consider(&suggestion, asking->policy->rules[i].id);
    for (uint8_t family = 4; family <= 6; family += 2)
        for (size_t i = 0; (row = sonde_icmp_row(family, i)) != NULL; i++)
            suggestion_consider(&suggestion, row->name);
    error_set(&error, SONDE_E_NOT_FOUND, "%.80s has no rule '%.60s'", asking->path, typed);
    if (suggestion.nearest != NULL)
        error_hint(&error, "Did you mean '%s'?", suggestion.nearest);
    else
        error_hint(&error, "Give a rule (sg:v4.3.4.input), a type and code (3/4) or a name (echo-request)");
    return complain(&error);
}

static int ask(struct asking *asking, const struct config *config, const char *typed)
{
    const char *id = strncmp(typed, "sg:", 3) == 0 ? typed + 3 : typed;

    read_counters(asking);
    ask_id(asking, id);
    for (uint8_t family = 4; family <= 6 && asking->answers == 0; family += 2)
        if (config->family == 0 || config->family == family)
            ask_messages(asking, family, typed);
    json_decref(asking->counters);
    return asking->answers > 0 ? EXIT_HOLDS : refuse(asking, typed);
}

static int run(const struct session *session, const void *settings, char **operands, size_t count)
{
    const struct config *config = settings;
    _cleanup_text_ struct text path = {0};
    struct policy policy = {0};
    struct asking asking = {.session = session, .policy = &policy};
    int exit;

    (void)count;
    text_add(&path, "%s/guard.yaml", guard_etc());
    asking.path = config->policy != NULL ? config->policy : text_get(&path);
    exit = guard_load_policy(asking.path, &policy);
    if (exit == EXIT_HOLDS)
        exit = ask(&asking, config, operands[0]);
    policy_deinit(&policy);
    return exit;
}

static const struct option_row options[] = {
    {"policy", 'p', OPTION_TEXT, offsetof(struct config, policy), "FILE",
     "the policy; without it the one in force"},
    {"ipv4", '4', OPTION_FAMILY4, offsetof(struct config, family), .help = "numbers and names are ICMPv4's"},
    {"ipv6", '6', OPTION_FAMILY6, offsetof(struct config, family), .help = "numbers and names are ICMPv6's"},
    {0},
};

static const struct schema *const records[] = {&schema, NULL};

const struct command command_guard_explain = {
    .name = "guard explain",
    .synopsis = "RULE | TYPE[/CODE] | NAME",
    .summary = "say why a rule is there, who owns it, where it is written and what it counted",
    .details =
        "RULE is an id as it stands in traces, in comments of nft and in counters: sg:v4.3.4.input. A type "
        "and code (3/4) or a name (echo-request) stands for every rule that such a message can meet. Numbers "
        "and names that both families have are ICMPv4's unless --ipv6 says otherwise.",
    .options = options,
    .config_size = sizeof(struct config),
    .run = run,
    .records = records,
    .least = 1,
    .most = 1,
};
