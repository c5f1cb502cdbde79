/* SPDX-License-Identifier: MIT */
/* sonde explain: what an ICMP message, an errno or a pasted error line means, and what to do about it. */
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/address.h"
#include "base/text.h"
#include "catalog/errors.h"
#include "catalog/icmp.h"
#include "catalog/paste.h"
#include "cmd/command.h"
#include "cmd/front/suggest.h"
#include "out/human.h"

#define PLACES      6
#define CAUSES      16 /* more alternatives than any row has */
#define SUGGESTIONS 3

struct explain_config {
    uint8_t family;
};

/* What a filter should do at one place. */
struct advice {
    const char *place, *advice, *meaning;
};

/* One answer. Texts are of the catalog unless they are freed in explanation_deinit. */
struct explanation {
    const char *kind, *name, *title, *status, *says, *sender, *action, *filter_reason, *rfc;
    char *headline, *next, *host, *protocol;
    int64_t family, type, type_last, code, code_last, error, port, mtu;
    struct record_list causes, filter;
    const char *tool, *correction;
    struct sonde_address from;
    const char *cause_items[CAUSES];
    struct advice advice[PLACES];
    char *cause_text; /* what cause_items point into */
};

/* One line of the list of messages. */
struct listing {
    int64_t family;
    const char *type, *code, *name, *title, *status;
    char type_text[8], code_text[8];
};

/* A command under way. */
struct explain {
    const struct session *session;
    const struct paste *paste;
};

#define ADVICE(member) offsetof(struct advice, member)

static const struct field advice_fields[] = {
    {"place", FIELD_TEXT, ADVICE(place), .doc = "Where a filter stands and which way the message goes."},
    {"advice", FIELD_TEXT, ADVICE(advice),
     .doc = "accept, limit, answer-only, link-only, drop or site-policy."},
    {"meaning", FIELD_TEXT, ADVICE(meaning), .doc = "The advice in words."},
    {0},
};

static const struct schema advice_schema = {"advice", "What a filter should do at one place.",
                                            sizeof(struct advice), advice_fields};

#define EXPLANATION(member) offsetof(struct explanation, member)

static const struct field explanation_fields[] = {
    {"headline", FIELD_TEXT, EXPLANATION(headline), .doc = "What is explained, in one line.",
     .style = STYLE_HEADLINE},
    {"kind", FIELD_TEXT, EXPLANATION(kind), .doc = "icmp, errno or symptom.", .style = STYLE_HIDDEN},
    {"family", FIELD_INTEGER, EXPLANATION(family), .doc = "4 or 6, of an ICMP message.",
     .style = STYLE_HIDDEN},
    {"type", FIELD_INTEGER, EXPLANATION(type), .doc = "Type of the ICMP message.", .style = STYLE_HIDDEN},
    {"code", FIELD_INTEGER, EXPLANATION(code), .doc = "Code; absent when every code means the same.",
     .style = STYLE_HIDDEN},
    {"type_last", FIELD_INTEGER, EXPLANATION(type_last), .doc = "Last type, of a range of types.",
     .style = STYLE_HIDDEN},
    {"code_last", FIELD_INTEGER, EXPLANATION(code_last), .doc = "Last code, of a range of codes.",
     .style = STYLE_HIDDEN},
    {"errno", FIELD_INTEGER, EXPLANATION(error), .doc = "Number of the errno.", .style = STYLE_HIDDEN},
    {"name", FIELD_TEXT, EXPLANATION(name), .doc = "port-unreachable, EHOSTUNREACH, silence ...",
     .style = STYLE_HIDDEN},
    {"title", FIELD_TEXT, EXPLANATION(title), .doc = "The name for people.", .style = STYLE_HIDDEN},
    {"correction", FIELD_TEXT, EXPLANATION(correction),
     .doc = "Puts a misunderstanding in the question right.", .title = "Note"},
    {"tool", FIELD_TEXT, EXPLANATION(tool), .doc = "The program whose line was recognised.",
     .title = "Read as a line of"},
    {"from", FIELD_ADDRESS, EXPLANATION(from), .doc = "Who sent the ICMP message, from the line.",
     .title = "Sent by"},
    {"host", FIELD_TEXT, EXPLANATION(host), .doc = "The target, from the line.", .title = "Target"},
    {"port", FIELD_INTEGER, EXPLANATION(port), .doc = "The port of the target, from the line."},
    {"protocol", FIELD_TEXT, EXPLANATION(protocol), .doc = "tcp or udp.", .style = STYLE_HIDDEN},
    {"mtu", FIELD_INTEGER, EXPLANATION(mtu), "octets", "The MTU, from the line.", .title = "MTU"},
    {"says", FIELD_TEXT, EXPLANATION(says), .doc = "What it says, in one sentence.", .style = STYLE_PARAGRAPH,
     .title = "What it says"},
    {"sender", FIELD_TEXT, EXPLANATION(sender), .doc = "Who sends it.", .style = STYLE_PARAGRAPH,
     .title = "Who sends it"},
    {"causes", FIELD_LIST, EXPLANATION(causes), .doc = "Why one sees it.", .style = STYLE_BULLETS,
     .title = "Why one sees it"},
    {"action", FIELD_TEXT, EXPLANATION(action), .doc = "What to do.", .style = STYLE_PARAGRAPH,
     .title = "What to do"},
    {"filter", FIELD_LIST, EXPLANATION(filter), .doc = "What a filter should do with it, for each place.",
     .of = &advice_schema, .style = STYLE_TABLE, .title = "What a firewall should do with it"},
    {"filter_reason", FIELD_TEXT, EXPLANATION(filter_reason),
     .doc = "What breaks when it is dropped, what is risked when it is not.", .style = STYLE_PARAGRAPH,
     .title = "Why so"},
    {"status", FIELD_TEXT, EXPLANATION(status),
     .doc = "current, deprecated, experimental, reserved or unassigned, in IANA's registry.",
     .title = "Status"},
    {"rfc", FIELD_TEXT, EXPLANATION(rfc), .doc = "Where it is specified.", .title = "See"},
    {"next", FIELD_TEXT, EXPLANATION(next), .doc = "The command that finds the cause.", .title = "Next"},
    {0},
};

static const struct schema explanation_schema = {"sonde.explain/1",
                                                 "What an ICMP message, an errno or a symptom means.",
                                                 sizeof(struct explanation), explanation_fields};

#define LISTING(member) offsetof(struct listing, member)

static const struct field listing_fields[] = {
    {"family", FIELD_INTEGER, LISTING(family), .doc = "4 or 6.", .title = "IP"},
    {"type", FIELD_TEXT, LISTING(type), .doc = "The type, or a range of types."},
    {"code", FIELD_TEXT, LISTING(code), .doc = "The code, a range of codes, or * for all others."},
    {"name", FIELD_TEXT, LISTING(name), .doc = "port-unreachable."},
    {"status", FIELD_TEXT, LISTING(status), .doc = "Empty when current."},
    {0},
};

static const struct schema listing_schema = {"sonde.explain.list/1", "A list of ICMP messages, for people.",
                                             sizeof(struct listing), listing_fields, .tabular = true};

static const char *advice_meaning(enum icmp_advice advice)
{
    static const char *const meanings[] = {
        [ADVISE_ACCEPT] = "let it pass",
        [ADVISE_LIMIT] = "let it pass, up to a rate",
        [ADVISE_STATE] = "only what belongs to a flow of yours",
        [ADVISE_LINK] = "only from the link itself, never routed",
        [ADVISE_DROP] = "drop and count",
        [ADVISE_POLICY] = "your decision; drop by default",
    };

    return meanings[advice];
}

static void set_filter(struct explanation *explanation, const struct icmp_filtering *filter)
{
    const struct {
        const char *place;
        enum icmp_advice advice;
    } places[PLACES] = {
        {"host, incoming", filter->host_in},       {"host, outgoing", filter->host_out},
        {"router itself", filter->router_self},    {"router, forwarded", filter->transit},
        {"site border, inbound", filter->edge_in}, {"site border, outbound", filter->edge_out},
    };

    for (size_t i = 0; i < PLACES; i++)
        explanation->advice[i] = (struct advice){places[i].place, icmp_advice_name(places[i].advice),
                                                 advice_meaning(places[i].advice)};
    explanation->filter = (struct record_list){explanation->advice, PLACES};
}

/* The catalog separates alternatives by "; ". */
static void set_causes(struct explanation *explanation, const char *causes)
{
    char *rest = explanation->cause_text = text_format("%s", causes);
    size_t count = 0;

    while (rest && count < CAUSES) {
        char *end = strstr(rest, "; ");

        explanation->cause_items[count++] = rest;
        if (end)
            *end = '\0';
        rest = end ? end + 2 : NULL;
    }
    explanation->causes = (struct record_list){explanation->cause_items, count};
}

static char *next_command(const struct paste *paste, const char *host)
{
    bool bracket = strchr(host, ':') != NULL;

    if (paste->port < 0)
        return text_format("sonde why %s", host);
    return text_format("sonde why %s://%s%s%s:%d", paste->protocol == IPPROTO_UDP ? "udp" : "tcp",
                       bracket ? "[" : "", host, bracket ? "]" : "", (int)paste->port);
}

/* What the line told about the participants. */
static void set_places(struct explanation *explanation, const struct paste *paste)
{
    explanation->tool = paste->tool;
    explanation->correction = paste->correction;
    explanation->from = paste->sender;
    explanation->mtu = paste->mtu > 0 ? paste->mtu : INTEGER_ABSENT;
    explanation->port = paste->port > 0 ? paste->port : INTEGER_ABSENT;
    if (paste->port > 0)
        explanation->protocol = text_format("%s", paste->protocol == IPPROTO_UDP ? "udp" : "tcp");
    if (paste->host.length == 0)
        return;
    explanation->host = text_format("%.*s", (int)paste->host.length, (const char *)paste->host.data);
    explanation->next = next_command(paste, explanation->host);
}

static void explanation_deinit(struct explanation *explanation)
{
    free(explanation->headline);
    free(explanation->next);
    free(explanation->host);
    free(explanation->protocol);
    free(explanation->cause_text);
}

static void emit(const struct explain *explain, struct explanation *explanation)
{
    struct sink *sink = explain->session->sink;

    set_places(explanation, explain->paste);
    sink->begin(sink, &explanation_schema);
    sink->record(sink, &explanation_schema, explanation);
    explanation_deinit(explanation);
}

/* An answer without anything in it. */
static struct explanation explanation_of(const char *kind, const char *name, const char *title)
{
    return (struct explanation){
        .kind = kind,
        .name = name,
        .title = title,
        .family = INTEGER_ABSENT,
        .type = INTEGER_ABSENT,
        .type_last = INTEGER_ABSENT,
        .code = INTEGER_ABSENT,
        .code_last = INTEGER_ABSENT,
        .error = INTEGER_ABSENT,
    };
}

/* A row of the registry; type and code are those that were asked for, code ICMP_ANY_CODE if none. */
static void explanation_init(struct explanation *explanation, const struct sonde_icmp_entry *row, int type,
                             int code)
{
    const char *version = row->family == 6 ? "ICMPv6" : "ICMPv4";

    *explanation = explanation_of("icmp", row->name, row->title);
    explanation->status = icmp_status_name(row->status);
    explanation->says = row->says;
    explanation->sender = row->sender;
    explanation->action = row->action;
    explanation->filter_reason = row->filter_reason;
    explanation->rfc = row->rfc;
    explanation->family = row->family;
    explanation->type = type;
    explanation->code = code == ICMP_ANY_CODE ? INTEGER_ABSENT : code;
    explanation->headline = code == ICMP_ANY_CODE
                                ? text_format("%s type %d, %s: %s", version, type, row->name, row->title)
                                : text_format("%s %d/%d, %s: %s", version, type, code, row->name, row->title);
    set_causes(explanation, row->causes);
    set_filter(explanation, &row->filter);
}

static void explain_message(const struct explain *explain, const struct sonde_icmp_entry *row, int type,
                            int code)
{
    struct explanation explanation;

    explanation_init(&explanation, row, type, code);
    emit(explain, &explanation);
}

/* The same with the whole range of the row. */
static void explain_row(const struct explain *explain, const struct sonde_icmp_entry *row)
{
    struct explanation explanation;

    explanation_init(&explanation, row, row->type, row->code);
    if (row->type_last > row->type)
        explanation.type_last = row->type_last;
    if (row->code_last > row->code)
        explanation.code_last = row->code_last;
    emit(explain, &explanation);
}

static void explain_errno(const struct explain *explain, const struct sonde_errno_entry *row)
{
    struct explanation explanation = explanation_of("errno", row->name, row->text);
    _cleanup_text_ struct text sender = {0};

    if (*row->icmp4 || *row->icmp6)
        text_add(&sender, "Reported by the kernel after ICMP%s%s%s%s%s, or for a reason of its own.",
                 *row->icmp4 ? "v4 " : "", row->icmp4, *row->icmp4 && *row->icmp6 ? " or ICMP" : "",
                 *row->icmp6 ? "v6 " : "", row->icmp6);
    else
        text_add(&sender, "Reported by this machine's kernel; no ICMP message causes it.");
    explanation.error = row->number;
    explanation.headline = text_format("%s (errno %d): %s", row->name, row->number, row->text);
    explanation.says = row->says;
    explanation.sender = text_get(&sender);
    explanation.action = row->action;
    set_causes(&explanation, row->causes);
    emit(explain, &explanation);
}

static void explain_symptom(const struct explain *explain, const struct symptom_entry *row)
{
    struct explanation explanation = explanation_of("symptom", row->name, row->title);

    explanation.headline = text_format("%s", row->title);
    explanation.says = row->says;
    explanation.sender = row->sender;
    explanation.action = row->action;
    set_causes(&explanation, row->causes);
    emit(explain, &explanation);
}

static void list_row(const struct explain *explain, const struct sonde_icmp_entry *row)
{
    struct sink *sink = explain->session->sink;
    struct listing listing = {row->family, listing.type_text, listing.code_text, row->name, row->title};

    if (explain->session->json) { /* scripts want all of it */
        explain_row(explain, row);
        return;
    }
    snprintf(listing.type_text, sizeof(listing.type_text), row->type_last > row->type ? "%d-%d" : "%d",
             row->type, row->type_last);
    snprintf(listing.code_text, sizeof(listing.code_text), row->code_last > row->code ? "%d-%d" : "%d",
             row->code, row->code_last);
    if (row->code == ICMP_ANY_CODE)
        listing.code = "*";
    listing.status = row->status == ICMP_CURRENT ? "" : icmp_status_name(row->status);
    sink->begin(sink, &listing_schema);
    sink->record(sink, &listing_schema, &listing);
}

/* What to say before a list: it answers a question that was not asked well. */
static void note(const struct explain *explain)
{
    struct explanation explanation = explanation_of("note", NULL, NULL);
    struct explain without_places = {explain->session, &(const struct paste){.port = -1, .mtu = -1}};

    explanation.headline = text_format("%s", explain->paste->correction);
    emit(&without_places, &explanation);
}

/* Rows that a caller selects; returns how many. */
static size_t list_rows(const struct explain *explain, uint8_t family,
                        bool (*selects)(const struct sonde_icmp_entry *row, const void *context),
                        const void *context)
{
    const struct sonde_icmp_entry *row;
    size_t count = 0;

    for (size_t i = 0; (row = sonde_icmp_row(family, i)) != NULL; i++) {
        if (!selects(row, context))
            continue;
        list_row(explain, row);
        count++;
    }
    return count;
}

/* For people without the rows that only say which codes of a type mean nothing. */
static bool selects_meaningful(const struct sonde_icmp_entry *row, const void *for_scripts)
{
    return *(const bool *)for_scripts || row->status != ICMP_UNASSIGNED || row->type_last > row->type ||
           sonde_icmp_find(row->family, row->type, 0) == row;
}

static bool selects_type(const struct sonde_icmp_entry *row, const void *context)
{
    uint8_t type = *(const uint8_t *)context;

    return row->type <= type && type <= row->type_last;
}

static bool selects_word(const struct sonde_icmp_entry *row, const void *context)
{
    return strstr(row->name, context) != NULL;
}

/* The only row of a type that means something, or NULL when there are several. */
static const struct sonde_icmp_entry *only_row(uint8_t family, uint8_t type)
{
    const struct sonde_icmp_entry *row, *only = sonde_icmp_find(family, type, 0);

    for (size_t i = 0; (row = sonde_icmp_row(family, i)) != NULL; i++)
        if (selects_type(row, &type) && row != only && row->status != ICMP_UNASSIGNED)
            return NULL;
    return only;
}

static void explain_type(const struct explain *explain, uint8_t family, uint8_t type)
{
    const struct sonde_icmp_entry *row = only_row(family, type);

    if (row)
        explain_message(explain, row, type, row->code);
    else
        list_rows(explain, family, selects_type, &type);
}

/* Whether the answer is a list, into which the correction does not fit. */
static bool is_list(uint8_t family, const struct paste_message *message)
{
    return message->known && message->code == ICMP_ANY_CODE && !only_row(family, message->type);
}

static bool is_assigned(uint8_t family, const struct paste_message *message)
{
    uint8_t code = message->code == ICMP_ANY_CODE ? 0 : (uint8_t)message->code;

    return message->known && sonde_icmp_find(family, message->type, code)->status != ICMP_UNASSIGNED;
}

static void explain_one(const struct explain *explain, uint8_t family, const struct paste_message *message)
{
    if (!message->known)
        return;
    if (message->code == ICMP_ANY_CODE)
        explain_type(explain, family, message->type);
    else
        explain_message(explain, sonde_icmp_find(family, message->type, (uint8_t)message->code),
                        message->type, message->code);
}

/* Both families, or the one in which the numbers mean something. */
static void explain_icmp(const struct explain *explain)
{
    const struct paste *paste = explain->paste;
    bool assigned4 = is_assigned(4, &paste->v4), assigned6 = is_assigned(6, &paste->v6);

    if (paste->correction && !explain->session->json && (is_list(4, &paste->v4) || is_list(6, &paste->v6)))
        note(explain);
    if (assigned4 || !assigned6)
        explain_one(explain, 4, &paste->v4);
    if (assigned6 || !assigned4)
        explain_one(explain, 6, &paste->v6);
}

static void explain_paste(const struct explain *explain)
{
    const struct paste *paste = explain->paste;

    if (paste->kind == PASTE_ICMP)
        explain_icmp(explain);
    else if (paste->kind == PASTE_ERRNO)
        explain_errno(explain, sonde_errno_find(paste->error));
    else
        explain_symptom(explain, paste->symptom);
}

/* The nearest names that are not yet among the found ones. */
static const char *nearest_name(const char *typed, const char *const *found, size_t count)
{
    struct suggestion suggestion = {typed};
    const struct sonde_icmp_entry *row;
    const struct sonde_errno_entry *errors;
    size_t errno_count;

    errors = sonde_errno_table(&errno_count);
    for (size_t i = 0; i < errno_count; i++)
        suggestion_consider(&suggestion, errors[i].name);
    for (uint8_t family = 4; family <= 6; family += 2)
        for (size_t i = 0; (row = sonde_icmp_row(family, i)) != NULL; i++) {
            bool known = false;

            for (size_t j = 0; j < count; j++)
                known = known || !strcmp(found[j], row->name);
            if (!known)
                suggestion_consider(&suggestion, row->name);
        }
    return suggestion.nearest;
}

static int refuse(const char *typed)
{
    _cleanup_text_ struct text names = {0}, clean = {0};
    const char *found[SUGGESTIONS];
    struct sonde_error error;
    size_t count = 0;

    while (count < SUGGESTIONS && (found[count] = nearest_name(typed, found, count)) != NULL) {
        text_add(&names, "%s%s", count > 0 ? ", " : "", found[count]);
        count++;
    }
    human_add_clean(&clean, typed);
    error_set(&error, SONDE_E_USAGE, "no message, errno or error line is recognised in '%.80s'",
              text_get(&clean));
    if (count > 0)
        error_hint(&error, "Did you mean %s?", text_get(&names));
    else if (typed[strspn(typed, "0123456789/ ")] == '\0')
        error_hint(&error, "ICMP types and codes go from 0 to 255, as in 3/3");
    else
        error_hint(&error,
                   "Give a type and code (3/3, 6 1/4), a name (port-unreachable), an errno (EHOSTUNREACH) "
                   "or the line of a program in quotes");
    return complain(&error);
}

/* A part of names: "prohibited", "neighbour", "mld". */
static bool search(const struct explain *explain, const char *typed, uint8_t family)
{
    _cleanup_text_ struct text word = {0};
    size_t count = 0;

    for (const char *letter = typed; *letter; letter++)
        text_add(&word, "%c", *letter == ' ' ? '-' : tolower((unsigned char)*letter));
    if (word.length < 3 || strspn(word.data, "0123456789-") > 0)
        return false;
    if (family != 6)
        count += list_rows(explain, 4, selects_word, word.data);
    if (family != 4)
        count += list_rows(explain, 6, selects_word, word.data);
    return count > 0;
}

static char *join(char **operands, size_t count)
{
    struct text text = {0};

    for (size_t i = 0; i < count; i++)
        text_add(&text, "%s%s", i > 0 ? " " : "", operands[i]);
    return text.length > 0 ? text_take(&text) : text_format("%s", "");
}

/* "4" and "6" alone are a family, not a type. */
static uint8_t family_alone(const char *text)
{
    if (!strcmp(text, "4") || !strcasecmp(text, "icmp") || !strcasecmp(text, "ipv4"))
        return 4;
    if (!strcmp(text, "6") || !strcasecmp(text, "icmpv6") || !strcasecmp(text, "ipv6"))
        return 6;
    return 0;
}

static int run(const struct session *session, const void *config, char **operands, size_t count)
{
    uint8_t family = ((const struct explain_config *)config)->family;
    _cleanup_free_ char *text = join(operands, count);
    struct paste paste = {.port = -1, .mtu = -1};
    struct explain explain = {session, &paste};

    if (*text == '\0' || family_alone(text)) {
        family = *text ? family_alone(text) : family;
        if (family != 6)
            list_rows(&explain, 4, selects_meaningful, &session->json);
        if (family != 4)
            list_rows(&explain, 6, selects_meaningful, &session->json);
        return EXIT_HOLDS;
    }
    paste = paste_parse(text, family);
    if (paste.kind != PASTE_NOTHING)
        explain_paste(&explain);
    else if (!search(&explain, text, family))
        return refuse(text);
    return EXIT_HOLDS;
}

static const struct option_row options[] = {
    {"ipv4", '4', OPTION_FAMILY4, offsetof(struct explain_config, family),
     .help = "numbers and names are ICMPv4's"},
    {"ipv6", '6', OPTION_FAMILY6, offsetof(struct explain_config, family),
     .help = "numbers and names are ICMPv6's"},
    {0},
};

static const struct schema *const records[] = {&explanation_schema, NULL};

const struct command command_explain = {
    .name = "explain",
    .synopsis = "[4|6] [TYPE[/CODE] | NAME | errno NAME | \"ERROR LINE\"]",
    .most = SIZE_MAX,
    .summary = "explain an ICMP message, an errno or a pasted error line: meaning, causes, what to do",
    .details = "Takes a type and code (3/3, 6 1/4), a name or a part of one (port-unreachable, prohibited), "
               "an errno (EHOSTUNREACH, "
               "113), or a line of ping, traceroute, mtr, nmap, curl, ssh, tcpdump or a firewall's log, in "
               "quotes. Without an "
               "argument it lists every message. It sends nothing.",
    .options = options,
    .config_size = sizeof(struct explain_config),
    .run = run,
    .records = records,
};
