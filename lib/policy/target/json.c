/* SPDX-License-Identifier: MIT */
/* The policy as one JSON document: its rules, and what becomes of each row of the catalog. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "catalog/icmp.h"
#include "policy/target/languages.h"

static json_t *rate_of(const struct policy_rate *rate)
{
    return json_pack("{sisisi}", "packets", (int)rate->packets, "period_s", (int)rate->period_s, "burst",
                     (int)rate->burst);
}

static json_t *limit_of(const struct policy_limit *limit)
{
    return json_pack("{soso}", "source", rate_of(&limit->source), "total", rate_of(&limit->total));
}

static void set_text(json_t *object, const char *key, const char *text)
{
    if (text != NULL && text[0] != '\0')
        json_object_set_new(object, key, json_string(text));
}

/* The messages of a rule or row: type, and where they are there type_last, code and code_last. */
static void set_messages(json_t *object, int type, int type_last, int code, int code_last)
{
    json_object_set_new(object, "type", json_integer(type));
    if (type_last > type)
        json_object_set_new(object, "type_last", json_integer(type_last));
    if (code >= 0)
        json_object_set_new(object, "code", json_integer(code));
    if (code_last > code)
        json_object_set_new(object, "code_last", json_integer(code_last));
}

static void set_expiry(json_t *object, int64_t expires_s)
{
    time_t end = (time_t)expires_s;
    char text[96];
    struct tm date;

    if (expires_s == POLICY_NEVER || gmtime_r(&end, &date) == NULL)
        return;
    snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02dZ", date.tm_year + 1900, date.tm_mon + 1,
             date.tm_mday, date.tm_hour, date.tm_min, date.tm_sec);
    set_text(object, "expires", text);
}

static json_t *rule_of(const struct policy_rule *rule)
{
    char source[SONDE_ADDRESS_TEXT], prefix[SONDE_ADDRESS_TEXT + 4];
    json_t *object = json_pack("{sssi}", "id", rule->id, "family", (int)rule->family);

    set_messages(object, rule->type, rule->type_last, rule->code, rule->code_last);
    set_text(object, "direction", direction_name(rule->direction));
    set_text(object, "verdict", verdict_name(rule->verdict));
    if (rule->verdict == VERDICT_LIMIT)
        json_object_set_new(object, "limit", limit_of(&rule->limit));
    set_text(object, "interface", rule->interface);
    if (rule->source.family != 0) {
        snprintf(prefix, sizeof(prefix), "%s/%d", sonde_address_format(&rule->source, source),
                 rule->source_length);
        set_text(object, "from", prefix);
    }
    json_object_set_new(object, "exception", json_boolean(rule->exception));
    json_object_set_new(object, "override", json_boolean(rule->override));
    set_text(object, "owner", rule->owner);
    set_text(object, "reason", rule->reason);
    set_expiry(object, rule->expires_s);
    json_object_set_new(object, "line", json_integer(rule->place.line));
    return object;
}

/* The verdict for a row in each direction, from an interface and a source that no rule names. */
static json_t *decision_of(const struct policy *policy, const struct sonde_icmp_entry *row, int64_t now_s)
{
    json_t *object = json_pack("{siss}", "family", (int)row->family, "name", row->name);
    struct policy_question question = {.family = row->family, .type = row->type};

    set_messages(object, row->type, row->type_last, row->code, row->code_last);
    json_object_set_new(object, "tier", json_integer(row->tier));
    if (row->code != ICMP_ANY_CODE)
        question.code = (uint8_t)row->code;
    else /* the lowest code that no other row covers */
        while (sonde_icmp_find(row->family, row->type, question.code) != row && question.code < 255)
            question.code++;
    for (int direction = 0; direction < DIRECTION_COUNT; direction++) {
        question.direction = (enum direction)direction;
        if (policy_filters(policy, question.direction))
            set_text(object, direction_name(question.direction),
                     verdict_name(policy_decide(policy, &question, now_s).verdict));
    }
    return object;
}

void json_render(const struct policy *policy, int64_t now_s, struct text *text, struct text *omissions)
{
    json_t *root = json_pack("{ssssss}", "schema", "sonde.guard.policy/1", "role",
                             policy_role_name(policy->role), "unlisted", verdict_name(policy->unlisted));
    json_t *outside = json_array(), *rules = json_array(), *decisions = json_array();
    const struct sonde_icmp_entry *row;
    char *dump;

    (void)omissions; /* it expresses everything */
    for (size_t i = 0; i < policy->outside_count; i++)
        json_array_append_new(outside, json_string(policy->outside[i]));
    for (size_t i = 0; i < policy->rule_count; i++)
        json_array_append_new(rules, rule_of(&policy->rules[i]));
    for (uint8_t family = 4; family <= 6; family += 2)
        for (size_t i = 0; (row = sonde_icmp_row(family, i)) != NULL; i++)
            json_array_append_new(decisions, decision_of(policy, row, now_s));
    json_object_set_new(root, "limits", limit_of(&policy->limit));
    json_object_set_new(root, "outside", outside);
    json_object_set_new(root, "rules", rules);
    json_object_set_new(root, "decisions", decisions);
    dump = json_dumps(root, JSON_INDENT(1));
    text_add(text, "%s\n", dump != NULL ? dump : "{}");
    free(dump);
    json_decref(root);
}
