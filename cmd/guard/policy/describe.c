/* SPDX-License-Identifier: MIT */
/* Words for the parts of a rule. */
#include "cmd/guard/policy/describe.h"

#include <string.h>
#include <time.h>

/* A row for the codes that no other row names has a name of its own, which does not fit a rule for all codes.
 */
const struct sonde_icmp_entry *describe_row(const struct policy_rule *rule)
{
    const struct sonde_icmp_entry *row;

    for (size_t i = 0; (row = sonde_icmp_row(rule->family, i)) != NULL; i++)
        if (row->type == rule->type && row->type_last == rule->type_last && row->code == rule->code &&
            row->code_last == rule->code_last && strstr(row->name, "-other-code") == NULL)
            return row;
    return sonde_icmp_find(rule->family, rule->type, rule->code < 0 ? 0 : (uint8_t)rule->code);
}

void describe_messages(struct text *text, const struct policy_rule *rule)
{
    text_add(text, "%d", rule->type);
    if (rule->type_last > rule->type)
        text_add(text, "-%d", rule->type_last);
    if (rule->code == POLICY_ANY_CODE) {
        text_add(text, "%s", rule->type_last > rule->type ? "" : "/*");
        return;
    }
    text_add(text, "/%d", rule->code);
    if (rule->code_last > rule->code)
        text_add(text, "-%d", rule->code_last);
}

static void add_rate(struct text *text, const struct policy_rate *rate)
{
    text_add(text, "%u/%s burst %u", rate->packets,
             rate->period_s == 1    ? "second"
             : rate->period_s == 60 ? "minute"
                                    : "hour",
             rate->burst);
}

void describe_verdict(struct text *text, const struct policy_rule *rule)
{
    text_add(text, "%s", verdict_name(rule->verdict));
    if (rule->verdict != VERDICT_LIMIT)
        return;
    text_add(text, " ");
    add_rate(text, &rule->limit.source);
    text_add(text, ", ");
    add_rate(text, &rule->limit.total);
    text_add(text, " in all");
}

void describe_expiry(struct text *text, int64_t expires_s)
{
    time_t last = (time_t)expires_s - 1; /* the end of the last day is the begin of the next */
    struct tm date;
    char day[32];

    if (gmtime_r(&last, &date) != NULL && strftime(day, sizeof(day), "%Y-%m-%d", &date) > 0)
        text_add(text, "%s", day);
}

void describe_where(struct text *text, const struct policy_rule *rule)
{
    size_t begin = text->length;
    char source[SONDE_ADDRESS_TEXT];

    if (rule->interface[0] != '\0')
        text_add(text, "on %s", rule->interface);
    if (rule->source.family != 0)
        text_add(text, "%sfrom %s/%d", text->length > begin ? ", " : "",
                 sonde_address_format(&rule->source, source), rule->source_length);
    if (rule->expires_s != POLICY_NEVER) {
        text_add(text, "%suntil ", text->length > begin ? ", " : "");
        describe_expiry(text, rule->expires_s);
    }
}
