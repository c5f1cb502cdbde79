/* SPDX-License-Identifier: MIT */
/* The statements of scenario files: one table of sentences, and what each kind of word in them must be. */
#include "net/lab/grammar.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "diagnose/cause.h"

enum { NO_STEP = -1, SYNOPSIS_WORDS_MAX = 12 };

/* Upper-case words of a sentence are arguments, the others stand for themselves; what is in brackets may be
 * left out, and "..." takes the rest. Rules that share their first word differ in a literal one. */
static const struct rule {
    const char *sentence;
    int verb;
    enum scenario_route route;
} rules[] = {
    {"extend FILE", NO_STEP},
    {"title TITLE...", NO_STEP},
    {"teach TEACHING...", NO_STEP},
    {"target URL", NO_STEP},
    {"expect CAUSE [at PLACE]", NO_STEP},
    {"host NEW-HOST", NO_STEP},
    {"link HOST NEW-INTERFACE to PEER PEER-INTERFACE", STEP_LINK},
    {"bridge HOST NEW-INTERFACE", STEP_BRIDGE},
    {"port HOST INTERFACE of BRIDGE", STEP_PORT},
    {"address HOST INTERFACE PREFIX", STEP_ADDRESS},
    {"route HOST to PREFIX via ADDRESS", STEP_ROUTE, SCENARIO_VIA},
    {"route HOST to PREFIX dev INTERFACE", STEP_ROUTE, SCENARIO_VIA},
    {"route HOST local PREFIX", STEP_ROUTE, SCENARIO_LOCAL},
    {"route HOST blackhole PREFIX", STEP_ROUTE, SCENARIO_BLACKHOLE},
    {"route HOST prohibit PREFIX", STEP_ROUTE, SCENARIO_PROHIBIT},
    {"route HOST unreachable PREFIX", STEP_ROUTE, SCENARIO_UNREACHABLE},
    {"unroute HOST PREFIX [via ADDRESS]", STEP_UNROUTE},
    {"sysctl HOST KEY VALUE...", STEP_SYSCTL},
    {"mtu HOST INTERFACE OCTETS", STEP_MTU},
    {"down HOST INTERFACE", STEP_DOWN},
    {"noarp HOST INTERFACE", STEP_NOARP},
    {"slow HOST INTERFACE RATE queue OCTETS", STEP_SLOW},
    {"load HOST RATE to ADDRESS port PORT", STEP_LOAD},
    {"service HOST KIND PORT [on ADDRESS]", STEP_SERVICE},
    {"filter HOST HOOK RULE...", STEP_FILTER},
    {"nat HOST RULE...", STEP_NAT},
    {"name NAME ADDRESS", STEP_NAME},
};

static const char *const services[] = {
    [SERVICE_TCP_ECHO] = "tcp-echo", [SERVICE_TCP_SILENT] = "tcp-silent", [SERVICE_TCP_RESET] = "tcp-reset",
    [SERVICE_TCP_FULL] = "tcp-full", [SERVICE_UDP_ECHO] = "udp-echo",     [SERVICE_UDP_SILENT] = "udp-silent",
};

const char *scenario_service_name(enum scenario_service service)
{
    return services[service];
}

/* Where a word's value goes. */
struct place {
    struct parser *parser;
    size_t word;
    const char *value; /* owned by the scenario */
    struct scenario_step *step;
};

static bool is_made_of(const char *value, const char *extra)
{
    for (const char *c = value; *c; c++)
        if (!islower((unsigned char)*c) && !isdigit((unsigned char)*c) && !strchr(extra, *c))
            return false;
    return *value != '\0';
}

static int parse_number(const struct place *place, const char *unit, int64_t low, int64_t high,
                        int64_t *number)
{
    char *end;
    long long value;

    errno = 0;
    value = strtoll(place->value, &end, 10);
    if (errno || !isdigit((unsigned char)place->value[0]) || strcmp(end, unit) != 0 || value < low ||
        value > high)
        return parser_fail(place->parser, place->word, "\"%.40s\" is no number from %lld to %lld%s%s",
                           place->value, (long long)low, (long long)high, *unit ? " followed by " : "", unit);
    *number = value;
    return 0;
}

static int take_file(const struct place *place)
{
    if (!is_made_of(place->value, "-.") || place->value[0] == '.')
        return parser_fail(place->parser, place->word, "\"%.40s\" is no file of this folder", place->value);
    return parser_include(place->parser, place->word, place->value);
}

static int take_title(const struct place *place)
{
    place->parser->scenario->title = place->value;
    return 0;
}

static int take_teaching(const struct place *place)
{
    struct scenario *scenario = place->parser->scenario;

    if (scenario->teach)
        scenario->teach = parser_keep(scenario, text_format("%s\n\n%s", scenario->teach, place->value));
    else
        scenario->teach = place->value;
    return 0;
}

static int take_url(const struct place *place)
{
    struct scenario *scenario = place->parser->scenario;
    struct scenario_target *target = &scenario->target;
    const char *host = place->value + strlen("udp://"), *colon = strrchr(place->value, ':');
    struct place port = *place;
    int64_t number = 0;
    size_t length;

    target->udp = strncmp(place->value, "udp://", 6) == 0;
    if ((!target->udp && strncmp(place->value, "tcp://", 6) != 0) || colon < host)
        return parser_fail(place->parser, place->word, "\"%.60s\" is not like udp://10.0.3.10:5301",
                           place->value);
    port.value = colon + 1;
    if (parse_number(&port, "", 1, UINT16_MAX, &number) < 0)
        return SONDE_E_FORMAT;
    length = (size_t)(colon - host);
    if (length >= 2 && host[0] == '[' && host[length - 1] == ']') {
        host++;
        length -= 2;
    }
    target->host = parser_keep(scenario, text_format("%.*s", (int)length, host));
    if (!is_made_of(target->host, ":.-"))
        return parser_fail(place->parser, place->word, "\"%.60s\" names no host", place->value);
    target->text = place->value;
    target->port = (uint16_t)number;
    return 0;
}

static bool is_cause(const char *name)
{
    for (enum cause cause = 0; cause < CAUSES; cause++)
        if (strcmp(cause_row(cause)->name, name) == 0)
            return true;
    return false;
}

static int take_cause(const struct place *place)
{
    struct scenario *scenario = place->parser->scenario;
    struct scenario_expect *expects;

    if (!is_cause(place->value))
        return parser_fail(place->parser, place->word, "\"%.40s\" is no cause that a diagnosis knows",
                           place->value);
    expects = realloc(scenario->expects, (scenario->expect_count + 1) * sizeof(*expects));
    if (!expects)
        abort();
    scenario->expects = expects;
    expects[scenario->expect_count++] = (struct scenario_expect){.cause = place->value};
    return 0;
}

static int take_place(const struct place *place)
{
    struct scenario *scenario = place->parser->scenario;

    if (strcmp(place->value, "local") != 0 && strcmp(place->value, "target") != 0 &&
        scenario_find_host(scenario, place->value) < 0)
        return parser_fail(place->parser, place->word, "\"%.40s\" is neither local nor target nor a host",
                           place->value);
    scenario->expects[scenario->expect_count - 1].at = place->value;
    return 0;
}

static int check_name(const struct place *place)
{
    if (!is_made_of(place->value, "-") || strlen(place->value) >= SCENARIO_NAME_MAX)
        return parser_fail(place->parser, place->word,
                           "\"%.40s\" is no name: at most %d small letters, digits and hyphens", place->value,
                           SCENARIO_NAME_MAX - 1);
    return 0;
}

/* The name was checked, or compared with one that was. */
static void copy_name(char copy[SCENARIO_NAME_MAX], const char *name)
{
    snprintf(copy, SCENARIO_NAME_MAX, "%s", name);
}

static int take_new_host(const struct place *place)
{
    struct scenario *scenario = place->parser->scenario;

    if (check_name(place) < 0)
        return SONDE_E_FORMAT;
    if (scenario_find_host(scenario, place->value) >= 0)
        return parser_fail(place->parser, place->word, "there is already a host %s", place->value);
    if (scenario->host_count == SCENARIO_HOSTS_MAX)
        return parser_fail(place->parser, place->word, "a scenario has at most %d hosts", SCENARIO_HOSTS_MAX);
    copy_name(scenario->hosts[scenario->host_count++], place->value);
    return 0;
}

static int find_host(const struct place *place, uint8_t *host)
{
    int index = scenario_find_host(place->parser->scenario, place->value);

    if (index < 0)
        return parser_fail(place->parser, place->word, "there is no host \"%.40s\" above this line",
                           place->value);
    *host = (uint8_t)index;
    return 0;
}

static int take_host(const struct place *place)
{
    return find_host(place, &place->step->host);
}

static int take_peer(const struct place *place)
{
    return find_host(place, &place->step->peer);
}

static bool has_interface(const struct scenario *scenario, uint8_t host, const char *name)
{
    for (size_t i = 0; i < scenario->step_count; i++) {
        const struct scenario_step *step = &scenario->steps[i];

        if (step->verb != STEP_LINK && step->verb != STEP_BRIDGE)
            continue;
        if (step->host == host && strcmp(step->interface, name) == 0)
            return true;
        if (step->verb == STEP_LINK && step->peer == host && strcmp(step->peer_interface, name) == 0)
            return true;
    }
    return strcmp(name, "lo") == 0;
}

static int new_interface(const struct place *place, uint8_t host, char *name)
{
    const struct scenario *scenario = place->parser->scenario;

    if (check_name(place) < 0)
        return SONDE_E_FORMAT;
    if (has_interface(scenario, host, place->value))
        return parser_fail(place->parser, place->word, "%s has already an interface %s",
                           scenario->hosts[host], place->value);
    copy_name(name, place->value);
    return 0;
}

static int take_new_interface(const struct place *place)
{
    return new_interface(place, place->step->host, place->step->interface);
}

static int take_peer_interface(const struct place *place)
{
    if (place->step->peer == place->step->host)
        return parser_fail(place->parser, place->word, "a link needs two hosts");
    return new_interface(place, place->step->peer, place->step->peer_interface);
}

static int take_interface(const struct place *place)
{
    const struct scenario *scenario = place->parser->scenario;

    if (!has_interface(scenario, place->step->host, place->value))
        return parser_fail(place->parser, place->word, "%s has no interface \"%.40s\"",
                           scenario->hosts[place->step->host], place->value);
    copy_name(place->step->interface, place->value);
    return 0;
}

/* The second interface of the same host. */
static int take_bridge(const struct place *place)
{
    struct scenario_step *step = place->step, bridge = {.host = step->host};
    struct place other = *place;
    int rc;

    other.step = &bridge;
    rc = take_interface(&other);
    if (rc == 0)
        copy_name(step->peer_interface, place->value);
    return rc;
}

static int take_prefix(const struct place *place)
{
    struct scenario_prefix *prefix = &place->step->prefix;
    _cleanup_free_ char *address = text_format("%s", place->value);
    char *slash = strchr(address, '/');
    struct place length = *place;
    int64_t bits;

    place->parser->prefix = place->word;
    if (strcmp(place->value, "default") == 0)
        return 0;
    if (slash)
        *slash = '\0';
    if (sonde_address_parse(address, &prefix->address) < 0)
        return parser_fail(place->parser, place->word, "\"%.60s\" is no address or prefix", place->value);
    bits = (int64_t)address_length(prefix->address.family) * 8;
    length.value = slash ? slash + 1 : "";
    if (slash && parse_number(&length, "", 0, bits, &bits) < 0)
        return SONDE_E_FORMAT;
    prefix->length = (uint8_t)bits;
    return 0;
}

static int take_address(const struct place *place)
{
    if (sonde_address_parse(place->value, &place->step->address) < 0)
        return parser_fail(place->parser, place->word, "\"%.60s\" is no address", place->value);
    return 0;
}

static int take_port(const struct place *place)
{
    int64_t port = 0;

    if (parse_number(place, "", 1, UINT16_MAX, &port) < 0)
        return SONDE_E_FORMAT;
    place->step->port = (uint16_t)port;
    return 0;
}

static int take_octets(const struct place *place)
{
    int64_t octets = 0;

    if (parse_number(place, "", 68, 1 << 20, &octets) < 0)
        return SONDE_E_FORMAT;
    place->step->octets = (uint32_t)octets;
    return 0;
}

static int take_rate(const struct place *place)
{
    int64_t rate = 0;

    if (parse_number(place, "kbit", 1, 100000, &rate) < 0)
        return SONDE_E_FORMAT;
    place->step->rate = rate * 1000;
    return 0;
}

static int take_kind(const struct place *place)
{
    for (size_t i = 0; i < COUNT_OF(services); i++) {
        if (strcmp(services[i], place->value) == 0) {
            place->step->service = (enum scenario_service)i;
            return 0;
        }
    }
    return parser_fail(place->parser, place->word, "\"%.40s\" is no kind of service", place->value);
}

static int take_hook(const struct place *place)
{
    static const char *const hooks[] = {"prerouting", "input", "forward", "output", "postrouting"};

    for (size_t i = 0; i < COUNT_OF(hooks); i++) {
        if (strcmp(hooks[i], place->value) == 0) {
            place->step->word = place->value;
            return 0;
        }
    }
    return parser_fail(place->parser, place->word, "\"%.40s\" is no hook of a filter", place->value);
}

/* The key becomes a path below /proc/sys, so it must stay there. */
static int take_key(const struct place *place)
{
    if (!is_made_of(place->value, "._-") || strncmp(place->value, "net.", 4) != 0 ||
        strstr(place->value, ".."))
        return parser_fail(place->parser, place->word, "\"%.60s\" is no sysctl of a network namespace",
                           place->value);
    place->step->word = place->value;
    return 0;
}

static int take_text(const struct place *place)
{
    place->step->text = place->value;
    return 0;
}

static int take_name(const struct place *place)
{
    if (!is_made_of(place->value, ".-"))
        return parser_fail(place->parser, place->word, "\"%.60s\" is no host name", place->value);
    place->step->word = place->value;
    return 0;
}

static const struct argument {
    const char *name;
    int (*take)(const struct place *place);
} arguments[] = {
    {"FILE", take_file},
    {"TITLE...", take_title},
    {"TEACHING...", take_teaching},
    {"URL", take_url},
    {"CAUSE", take_cause},
    {"PLACE", take_place},
    {"NEW-HOST", take_new_host},
    {"HOST", take_host},
    {"PEER", take_peer},
    {"INTERFACE", take_interface},
    {"BRIDGE", take_bridge},
    {"PREFIX", take_prefix},
    {"ADDRESS", take_address},
    {"PORT", take_port},
    {"OCTETS", take_octets},
    {"RATE", take_rate},
    {"KIND", take_kind},
    {"HOOK", take_hook},
    {"KEY", take_key},
    {"VALUE...", take_text},
    {"RULE...", take_text},
    {"NAME", take_name},
    {"NEW-INTERFACE", take_new_interface},
    {"PEER-INTERFACE", take_peer_interface},
};

/* One word of a sentence. */
struct term {
    char name[24];
    bool optional;
};

static size_t split_sentence(const char *sentence, struct term terms[SYNOPSIS_WORDS_MAX])
{
    bool optional = false;
    size_t count = 0;

    while (*sentence) {
        size_t length = strcspn(sentence, " ");
        const char *name = sentence;

        optional = optional || *name == '[';
        name += *name == '[';
        snprintf(terms[count].name, sizeof(terms[count].name), "%.*s", (int)strcspn(name, " ]"), name);
        terms[count++].optional = optional;
        sentence += length + (sentence[length] == ' ');
    }
    return count;
}

static bool word_is(const struct parser *parser, size_t word, const char *text)
{
    const struct slice *slice = &parser->words[word];

    return slice->length == strlen(text) && memcmp(slice->data, text, slice->length) == 0;
}

/* The first word that does not fit the literals of a rule; SIZE_MAX if all fit. */
static size_t find_mismatch(const struct parser *parser, size_t first, const struct rule *rule)
{
    struct term terms[SYNOPSIS_WORDS_MAX];
    size_t count = split_sentence(rule->sentence, terms);

    for (size_t i = 0; i < count && !(terms[i].optional && first + i >= parser->count); i++) {
        if (!islower((unsigned char)terms[i].name[0]))
            continue;
        if (first + i >= parser->count)
            return parser->count;
        if (!word_is(parser, first + i, terms[i].name))
            return first + i;
    }
    return SIZE_MAX;
}

static void complain_about(struct parser *parser, size_t first, size_t word)
{
    _cleanup_text_ struct text known = {0};

    for (size_t i = 0; i < COUNT_OF(rules); i++)
        if (word > first && find_mismatch(parser, first, &rules[i]) == word)
            text_add(&known, "%s\"%s\"", known.length ? " or " : "", rules[i].sentence);
    if (known.length)
        parser_fail(parser, word, "expected %s", text_get(&known));
    else
        parser_fail(parser, word, "there is no such statement");
}

static const struct rule *find_rule(struct parser *parser, size_t first)
{
    size_t furthest = first;

    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        size_t mismatch = find_mismatch(parser, first, &rules[i]);

        if (mismatch == SIZE_MAX)
            return &rules[i];
        if (mismatch > furthest)
            furthest = mismatch;
    }
    complain_about(parser, first, furthest);
    return NULL;
}

static int take_argument(struct parser *parser, size_t word, const char *name, struct scenario_step *step)
{
    struct place place = {.parser = parser, .word = word, .step = step};

    for (size_t i = 0; i < COUNT_OF(arguments); i++) {
        if (strcmp(arguments[i].name, name) != 0)
            continue;
        if (strchr(name, '.')) {
            place.value = parser_join(parser, word);
        } else {
            const struct slice *slice = &parser->words[word];

            place.value = parser_keep(parser->scenario,
                                      text_format("%.*s", (int)slice->length, (const char *)slice->data));
        }
        return arguments[i].take(&place);
    }
    return -EINVAL;
}

static int take_arguments(struct parser *parser, size_t first, const struct rule *rule,
                          struct scenario_step *step)
{
    struct term terms[SYNOPSIS_WORDS_MAX];
    size_t count = split_sentence(rule->sentence, terms);

    for (size_t i = 0; i < count; i++) {
        int rc;

        if (first + i >= parser->count)
            return terms[i].optional && islower((unsigned char)terms[i].name[0])
                       ? 0
                       : parser_fail(parser, parser->count, "%s is missing: \"%s\"", terms[i].name,
                                     rule->sentence);
        if (islower((unsigned char)terms[i].name[0]))
            continue;
        rc = take_argument(parser, first + i, terms[i].name, step);
        if (rc < 0)
            return rc;
    }
    if (first + count < parser->count && !strchr(rule->sentence, '.'))
        return parser_fail(parser, first + count, "nothing more belongs here: \"%s\"", rule->sentence);
    return 0;
}

static int check_prefix(struct parser *parser, enum scenario_verb verb, const struct scenario_step *step)
{
    uint8_t family = step->prefix.address.family;

    if (parser->prefix == 0)
        return 0;
    if (family == 0 && verb == STEP_ADDRESS)
        return parser_fail(parser, parser->prefix, "an address is needed here, not the default route");
    if (family == 0 && step->address.family == 0)
        return parser_fail(parser, parser->prefix, "the default route needs a gateway: \"via ADDRESS\"");
    if (family != 0 && step->address.family != 0 && family != step->address.family)
        return parser_fail(parser, parser->prefix, "destination and gateway are of different families");
    return 0;
}

static int add_step(struct parser *parser, const struct scenario_step *step)
{
    struct scenario *scenario = parser->scenario;
    struct scenario_step *steps;

    if (scenario->step_count == SCENARIO_STEPS_MAX)
        return parser_fail(parser, 0, "a scenario has at most %d steps", SCENARIO_STEPS_MAX);
    steps = realloc(scenario->steps, (scenario->step_count + 1) * sizeof(*steps));
    if (!steps)
        abort();
    scenario->steps = steps;
    steps[scenario->step_count++] = *step;
    return 0;
}

static unsigned line_of(const struct parser *parser, size_t word)
{
    unsigned line = 1;

    for (const char *c = parser->text; c < (const char *)parser->words[word].data; c++)
        line += *c == '\n';
    return line;
}

int grammar_apply(struct parser *parser)
{
    size_t first = word_is(parser, 0, "fault") && parser->count > 1;
    struct scenario_step step = {.fault = first == 1};
    const struct rule *rule = find_rule(parser, first);
    int rc;

    if (!rule)
        return SONDE_E_FORMAT;
    if (step.fault && rule->verb == NO_STEP)
        return parser_fail(parser, first, "this statement cannot be a fault");
    parser->prefix = 0;
    rc = take_arguments(parser, first, rule, &step);
    if (rc == 0)
        rc = check_prefix(parser, (enum scenario_verb)rule->verb, &step);
    if (rc < 0 || rule->verb == NO_STEP)
        return rc;
    step.verb = (enum scenario_verb)rule->verb;
    step.route = rule->route;
    step.line = line_of(parser, 0);
    step.file = parser_keep(parser->scenario, text_format("%s", parser->file));
    step.source = parser_join(parser, first);
    return add_step(parser, &step);
}
