/* SPDX-License-Identifier: MIT */
/* Asking the kernel of a server about its own ports: no packet is sent. */
#include "net/server/server.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static int refuse(const char *text, struct sonde_error *error)
{
    error_set(error, SONDE_E_USAGE, "'%.80s' is no port of this machine", text);
    error_hint(error, "It is PORT, PORT/tcp or PORT/udp, perhaps behind ADDRESS: or [V6]:");
    return SONDE_E_USAGE;
}

/* "192.0.2.1:" or "[2001:db8::1]:" in front of the port; returns what follows, or NULL. */
static const char *parse_address(const char *text, struct sonde_address *address)
{
    const char *colon = strrchr(text, ':');
    char copy[SONDE_ADDRESS_TEXT];
    bool bracketed;
    size_t length;

    if (colon == NULL)
        return text;
    length = (size_t)(colon - text);
    bracketed = length > 2 && text[0] == '[' && text[length - 1] == ']';
    if (bracketed) {
        text++;
        length -= 2;
    }
    if (length >= sizeof(copy))
        return NULL;
    memcpy(copy, text, length);
    copy[length] = '\0';
    if (sonde_address_parse(copy, address) < 0 || bracketed != (address->family == 6))
        return NULL;
    return colon + 1;
}

int server_question_parse(const char *text, struct server_question *question, struct sonde_error *error)
{
    struct sonde_address address = {0};
    const char *port = parse_address(text, &address);
    unsigned long number;
    char *end;

    if (port == NULL || !isdigit((unsigned char)port[0]))
        return refuse(text, error);
    number = strtoul(port, &end, 10);
    if (number == 0 || number > UINT16_MAX)
        return error_set(error, SONDE_E_USAGE, "port %.20s is out of range: 1 to 65535", port);
    if (*end != '\0' && strcmp(end, "/tcp") != 0 && strcmp(end, "/udp") != 0)
        return refuse(text, error);
    *question = (struct server_question){.udp = strcmp(end, "/udp") == 0,
                                         .port = (uint16_t)number,
                                         .address = address,
                                         .family = address.family};
    return 0;
}

static int check_address(const struct server_facts *facts, const struct sonde_address *address,
                         struct sonde_error *error)
{
    struct text _cleanup_text_ known = {0};
    char text[SONDE_ADDRESS_TEXT];

    if (address->family == 0 || host_has_address(&facts->host, address))
        return 0;
    for (size_t i = 0; i < facts->host.address_count; i++)
        if (!address_is_link_local(&facts->host.addresses[i].address))
            text_add(&known, "%s%s", known.length > 0 ? ", " : "",
                     sonde_address_format(&facts->host.addresses[i].address, text));
    error_set(error, SONDE_E_NOT_FOUND, "%s is no address of this machine",
              sonde_address_format(address, text));
    error_hint(error, "It has %s", text_get(&known));
    return SONDE_E_NOT_FOUND;
}

/* Whether a socket of the port belongs to a family, wherever it is bound. */
static bool has_socket(const struct server_facts *facts, const struct server_question *question,
                       uint8_t family)
{
    for (size_t i = 0; i < facts->now.sockets.count; i++) {
        const struct server_socket *socket = &facts->now.sockets.items[i];

        if (socket->udp == question->udp && socket->port == question->port &&
            (socket->address.family == family || (family == 4 && socket->any && !socket->only_v6)))
            return true;
    }
    return false;
}

/* Whether a family is in question: the one that was asked for, or has sockets; without any, has addresses. */
static bool is_asked(const struct server_facts *facts, const struct server_question *question, uint8_t family)
{
    uint8_t other = family == 4 ? 6 : 4;

    if (question->family != 0)
        return question->family == family;
    if (facts->sender.address.family != 0)
        return facts->sender.address.family == family;
    if (has_socket(facts, question, family) || has_socket(facts, question, other))
        return has_socket(facts, question, family) &&
               (host_has_family(&facts->host, family) || !has_socket(facts, question, other) ||
                !host_has_family(&facts->host, other));
    return host_has_family(&facts->host, family) || (family == 4 && !host_has_family(&facts->host, 6));
}

static bool same_rule(const struct ruleset_rule *a, const struct ruleset_rule *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    return a->handle == b->handle && strcmp(a->chain, b->chain) == 0 && strcmp(a->table, b->table) == 0 &&
           strcmp(a->family, b->family) == 0;
}

static bool are_alike(const struct server_view *a, const struct server_judgement *left,
                      const struct server_view *b, const struct server_judgement *right)
{
    if (left->count != right->count || left->state != right->state || !same_rule(a->stopper, b->stopper) ||
        !same_rule(a->translator, b->translator))
        return false;
    for (size_t i = 0; i < left->count; i++)
        if (left->causes[i].cause != right->causes[i].cause)
            return false;
    return true;
}

/* The views are large for a stack. */
struct answer {
    struct server_view view;
    struct server_judgement judgement;
};

/* Where one family is translated, that nothing listens for the other is no news. */
static bool is_no_news(const struct answer *answer, const struct answer *other)
{
    return answer->view.translator == NULL && other->view.translator != NULL &&
           answer->judgement.causes[0].cause == CAUSE_PORT_CLOSED;
}

/* Judge again, in sentences that say over which family. */
static void name_family(struct answer *answer)
{
    server_judgement_deinit(&answer->judgement);
    answer->view.says_family = true;
    server_judge(&answer->view, &answer->judgement);
}

int server_ask(const struct server_facts *facts, const struct server_question *question,
               struct server_report *reports[SERVER_REPORTS_MAX], struct sonde_error *error)
{
    static const uint8_t families[] = {4, 6};
    int count = check_address(facts, &question->address, error), asked = 0;
    struct answer *answers;
    bool alike;

    if (count < 0)
        return count;
    answers = calloc(COUNT_OF(families), sizeof(*answers));
    if (answers == NULL)
        abort(); /* as base/text.c */
    for (size_t i = 0; i < COUNT_OF(families); i++) {
        if (!is_asked(facts, question, families[i]))
            continue;
        server_view_init(&answers[asked].view, facts, question, families[i]);
        server_judge(&answers[asked].view, &answers[asked].judgement);
        asked++;
    }
    alike = asked == 2 &&
            are_alike(&answers[0].view, &answers[0].judgement, &answers[1].view, &answers[1].judgement);
    for (int i = 0; i < asked; i++) {
        bool last = i == 1, pair = asked == 2 && !alike;

        if ((last && alike) || (pair && is_no_news(&answers[i], &answers[1 - i])))
            continue;
        if (pair && !is_no_news(&answers[1 - i], &answers[i]))
            name_family(&answers[i]);
        reports[count++] = server_report_new(&answers[i].view, &answers[i].judgement, alike);
    }
    for (int i = 0; i < asked; i++)
        server_judgement_deinit(&answers[i].judgement);
    free(answers);
    return count;
}

static int by_port(const void *a, const void *b)
{
    const struct server_question *left = a, *right = b;

    return left->udp != right->udp ? left->udp - right->udp : left->port - right->port;
}

size_t server_list(const struct server_facts *facts, struct server_question *questions, size_t max)
{
    const struct server_sockets *sockets = &facts->now.sockets;
    size_t count = 0;

    for (size_t i = 0; i < sockets->count; i++) {
        struct server_question question = {.udp = sockets->items[i].udp, .port = sockets->items[i].port};
        bool known = false;

        for (size_t k = 0; k < i && !known; k++)
            known = sockets->items[k].udp == question.udp && sockets->items[k].port == question.port;
        if (!known && count < max)
            questions[count] = question;
        count += !known;
    }
    qsort(questions, count < max ? count : max, sizeof(*questions), by_port);
    return count;
}
