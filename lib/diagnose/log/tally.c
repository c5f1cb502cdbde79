/* SPDX-License-Identifier: MIT */
/* What a firewall's log has to say about one target. */
#include "diagnose/log/tally.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <string.h>

#include "base/text.h"

/* Words of a log are a stranger's: what is no printing ASCII becomes a question mark. */
static void copy(char *to, size_t size, struct slice from)
{
    size_t length = from.length < size - 1 ? from.length : size - 1;

    for (size_t i = 0; i < length; i++)
        to[i] = from.data[i] >= ' ' && from.data[i] < 0x7f ? (char)from.data[i] : '?';
    to[length] = '\0';
}

static bool is_target(const struct tally_target *target, const struct sonde_address *address)
{
    for (size_t i = 0; i < target->address_count; i++)
        if (sonde_address_equal(&target->addresses[i], address))
            return true;
    return false;
}

static bool is_own(const struct tally_own *own, const struct sonde_address *address)
{
    for (size_t i = 0; i < own->count; i++)
        if (sonde_address_equal(&own->addresses[i], address))
            return true;
    return false;
}

static bool fits(const struct tally_target *target, const struct log_packet *packet, int32_t port)
{
    return (target->protocol == 0 || packet->protocol == target->protocol) &&
           (target->port == 0 || port == target->port);
}

/* Whether a line is about the target; in which way, and who the other end is. */
static bool classify(const struct tally_target *target, const struct log_line *line,
                     struct tally_group *group)
{
    if (line->quoted.destination.family != 0 && is_target(target, &line->quoted.destination) &&
        fits(target, &line->quoted, line->quoted.destination_port)) {
        group->packet = TALLY_ERROR;
        group->other = line->quoted.source;
        return true;
    }
    if (is_target(target, &line->packet.destination) &&
        fits(target, &line->packet, line->packet.destination_port)) {
        group->packet = TALLY_REQUEST;
        group->other = line->packet.source;
        return true;
    }
    group->packet = TALLY_ANSWER;
    group->other = line->packet.destination;
    return is_target(target, &line->packet.source) && fits(target, &line->packet, line->packet.source_port);
}

static bool is_same(const struct tally_group *a, const struct tally_group *b)
{
    return a->packet == b->packet && a->action == b->action && a->own == b->own &&
           strcmp(a->rule, b->rule) == 0 && strcmp(a->in, b->in) == 0 && strcmp(a->out, b->out) == 0;
}

void tally_add(struct tally *tally, const struct tally_own *own, const struct log_line *line)
{
    struct tally_group group = {.action = line->action, .format = line->format, .lines = 1};

    if (!classify(&tally->target, line, &group))
        return;
    group.own = is_own(own, &group.other);
    copy(group.rule, sizeof(group.rule), line->rule);
    copy(group.in, sizeof(group.in), line->in);
    copy(group.out, sizeof(group.out), line->out);
    copy(group.last, sizeof(group.last), line->time);
    for (size_t i = 0; i < tally->count; i++) {
        if (!is_same(&tally->groups[i], &group))
            continue;
        group.lines += tally->groups[i].lines;
        tally->groups[i] = group;
        return;
    }
    if (tally->count < TALLY_GROUPS_MAX)
        tally->groups[tally->count++] = group;
    else
        tally->others++;
}

static bool stops(const struct tally_group *group)
{
    return group->action == LOG_DROPPED || group->action == LOG_REJECTED;
}

const struct tally_group *tally_strongest(const struct tally *tally)
{
    const struct tally_group *strongest = NULL;

    for (size_t i = 0; i < tally->count; i++) {
        const struct tally_group *group = &tally->groups[i];

        if (stops(group) && (strongest == NULL || (group->own && !strongest->own)))
            strongest = group;
    }
    return strongest;
}

static void add_who(const struct tally_group *group, struct text *sentence)
{
    static const char *const own[] = {"packets of this machine to the target",
                                      "answers of the target to this machine",
                                      "ICMP errors to this machine about the target"};
    static const char *const others[] = {"packets of others to the target", "answers of the target to others",
                                         "ICMP errors to others about the target"};
    char address[SONDE_ADDRESS_TEXT];

    text_add(sentence, "%s", (group->own ? own : others)[group->packet]);
    if (!group->own && group->other.family != 0)
        text_add(sentence, " (last: %s)", sonde_address_format(&group->other, address));
}

void tally_tell(const struct tally_group *group, const char *log, struct text *sentence)
{
    static const char *const actions[] = {"logged", "let through", "dropped", "rejected"};

    text_add(sentence, "The firewall log %s has %" PRIu64 " %s of ", log, group->lines,
             group->lines == 1 ? "line" : "lines");
    add_who(group, sentence);
    text_add(sentence, ", %s", actions[group->action]);
    if (group->in[0] != '\0')
        text_add(sentence, ", in by %s", group->in);
    if (group->out[0] != '\0')
        text_add(sentence, ", out by %s", group->out);
    if (group->rule[0] != '\0')
        text_add(sentence, ", marked \"%s\"", group->rule);
    if (group->last[0] != '\0')
        text_add(sentence, "; %s %s", group->lines == 1 ? "at" : "the last one at", group->last);
    text_add(sentence, ".");
}

void tally_tell_rule(const struct tally_group *group, struct text *sentence)
{
    if (group->rule[0] == '\0')
        return;
    text_add(sentence, "The rule is the one marked \"%s\" in the log of %s", group->rule, group->format);
    if (strcmp(group->format, "netfilter") == 0)
        text_add(sentence, "; on that machine: sudo nft -a list ruleset | grep -F '%s'",
                 strchr(group->rule, '\'') == NULL ? group->rule : "PREFIX");
    else
        text_add(sentence, ".");
}
