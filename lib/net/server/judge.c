/* SPDX-License-Identifier: MIT */
/* From what the kernel says to a verdict: what becomes of packets to a port of this machine. */
#include "net/server/judge.h"

#include <string.h>

/* How sure each answer of a check is. */
static const double no = 0, rarely = 0.03, unseen = 0.25, maybe = 0.5, often = 0.7, yes = 0.98,
                    certain_from = 0.8, negligible = 0.025, most = 0.99;

static double weight_of(enum truth truth)
{
    const double weights[] = {
        [TRUTH_NO] = no,       [TRUTH_RARELY] = rarely, [TRUTH_MAYBE] = maybe,
        [TRUTH_OFTEN] = often, [TRUTH_YES] = yes,
    };

    return weights[truth];
}

void server_add_target(struct text *text, const struct server_question *question)
{
    char address[SONDE_ADDRESS_TEXT];

    sonde_address_format(&question->address, address);
    if (question->address.family == 6)
        text_add(text, "[%s]:", address);
    else if (question->address.family == 4)
        text_add(text, "%s:", address);
    text_add(text, "%u/%s", question->port, question->udp ? "udp" : "tcp");
}

void server_add_rule(struct text *text, const struct ruleset_rule *rule)
{
    if (rule->policy)
        text_add(text, "the policy of chain %s, table %s %s", rule->chain, rule->family, rule->table);
    else
        text_add(text, "rule %lld of chain %s, table %s %s", (long long)rule->handle, rule->chain,
                 rule->family, rule->table);
    if (rule->comment[0] != '\0')
        text_add(text, " (\"%s\")", rule->comment);
}

void server_add_bound(struct text *text, const struct server_facts *facts, const struct server_socket *socket)
{
    char address[SONDE_ADDRESS_TEXT];
    const struct host_interface *interface =
        socket->interface != 0 ? host_find_interface(&facts->host, socket->interface, "") : NULL;

    text_add(text, "%s%s%s", sonde_address_format(&socket->address, address), interface != NULL ? "%" : "",
             interface != NULL ? interface->name : "");
}

/* The target, and over which family if that makes a difference. */
static void add_target(struct text *text, const struct server_view *view)
{
    server_add_target(text, &view->question);
    if (view->says_family)
        text_add(text, " over IPv%d", view->question.family);
}

bool server_view_has(const struct server_view *view, const struct server_socket *socket)
{
    return socket->udp == view->question.udp && socket->port == view->port;
}

bool server_view_takes(const struct server_view *view, const struct server_socket *socket)
{
    const char *arrives = view->facts->sender.interface;
    const struct host_interface *bound = host_find_interface(&view->facts->host, socket->interface, "");

    if (!server_view_has(view, socket) || !server_socket_takes(socket, view->question.family, &view->address))
        return false;
    return socket->interface == 0 || arrives == NULL || (bound != NULL && strcmp(bound->name, arrives) == 0);
}

size_t server_add_sockets(struct text *text, const struct server_view *view, bool taking)
{
    const struct server_sockets *sockets = &view->facts->now.sockets;
    size_t count = 0;

    for (size_t i = 0; i < sockets->count; i++) {
        const struct server_socket *socket = &sockets->items[i];

        if (!server_view_has(view, socket) || server_view_takes(view, socket) != taking)
            continue;
        text_add(text, "%s", count++ > 0 ? ", " : "");
        text_add(text, "%s on ", socket->program[0] != '\0' ? socket->program : "a program");
        server_add_bound(text, view->facts, socket);
    }
    return count;
}

static double stopped_by(const struct server_view *view, bool reject, struct text *sentence)
{
    const struct ruleset_rule *rule = view->stopper;

    if (view->facts->rules_error.code != 0) {
        text_add(sentence, "A firewall rule of this machine may stop packets to ");
        add_target(sentence, view);
        text_add(sentence, "; the rules could not be seen.");
        return reject ? no : unseen;
    }
    if (rule == NULL || (rule->verdict == RULESET_REJECT) != reject)
        return no;
    text_add(sentence, "This machine's firewall %s ", reject ? "refuses" : "discards");
    if (view->trace.stopped != TRUTH_YES)
        text_add(sentence, "%s", view->trace.stopped == TRUTH_OFTEN ? "most " : "some ");
    text_add(sentence, "packets to ");
    add_target(sentence, view);
    text_add(sentence, ": ");
    server_add_rule(sentence, rule);
    text_add(sentence, ".");
    return weight_of(view->trace.stopped == TRUTH_OFTEN && view->trace.passed == TRUTH_NO
                         ? TRUTH_YES
                         : view->trace.stopped);
}

static double is_dropped(const struct server_view *view, struct text *sentence)
{
    return stopped_by(view, false, sentence);
}

static double is_rejected(const struct server_view *view, struct text *sentence)
{
    return stopped_by(view, true, sentence);
}

/* Where packets of the sender arrive: the interface that was named, or the one that leads back. */
static const struct host_interface *arrival_interface(const struct server_view *view)
{
    const struct server_facts *facts = view->facts;

    if (facts->sender.interface != NULL)
        return host_find_interface(&facts->host, 0, facts->sender.interface);
    return facts->way_back.index != 0 ? host_find_interface(&facts->host, facts->way_back.index, "") : NULL;
}

static bool is_asked_by_someone(const struct server_view *view)
{
    return view->facts->sender.address.family == view->question.family;
}

static double has_no_way_back(const struct server_view *view, struct text *sentence)
{
    const struct route *back = &view->facts->way_back;
    char sender[SONDE_ADDRESS_TEXT];

    text_add(sentence, "Answers to %s cannot be sent: this machine has no way back to it.",
             sonde_address_format(&view->facts->sender.address, sender));
    return is_asked_by_someone(view) && back->type != ROUTE_UNICAST && back->type != ROUTE_LOCAL ? yes : no;
}

static double is_refused_on_arrival(const struct server_view *view, struct text *sentence)
{
    const struct server_facts *facts = view->facts;
    const struct host_interface *interface = arrival_interface(view);
    char sender[SONDE_ADDRESS_TEXT];

    if (!is_asked_by_someone(view) || interface == NULL || interface->arrival != ARRIVAL_REFUSED)
        return no;
    text_add(sentence, "Packets from %s that arrive at %s are discarded: ",
             sonde_address_format(&facts->sender.address, sender), interface->name);
    if (interface->rp_filter == 1 && facts->way_back.index != interface->index)
        text_add(sentence, "the way back leaves by %s, and rp_filter is 1 (strict).",
                 facts->way_back.interface);
    else
        text_add(sentence, "the kernel takes the sender for impossible there.");
    return yes;
}

static double is_limited(const struct server_view *view, struct text *sentence)
{
    const struct host *host = &view->facts->host;

    text_add(sentence,
             "This machine admits hardly any new connection: its connection tracking is full "
             "(%lld of %lld).",
             (long long)host->conntrack_count, (long long)host->conntrack_max);
    return host->conntrack_max > 0 && host->conntrack_count >= host->conntrack_max ? often : no;
}

static double is_bound_elsewhere(const struct server_view *view, struct text *sentence)
{
    struct text _cleanup_text_ taking = {0}, others = {0};
    size_t taken = server_add_sockets(&taking, view, true), other = server_add_sockets(&others, view, false);

    text_add(sentence, "Only %s %s on port %u: packets to ", text_get(&others),
             other == 1 ? "listens" : "listen", view->port);
    add_target(sentence, view);
    text_add(sentence, "%s do not arrive there.",
             view->question.address.family != 0 ? "" : " from other machines");
    return taken == 0 && other > 0 && view->facts->others_error.code == 0 ? yes : no;
}

static double is_closed(const struct server_view *view, struct text *sentence)
{
    struct text _cleanup_text_ unused = {0};

    add_target(sentence, view);
    text_add(sentence, " is closed: nothing listens there");
    if (view->port != view->question.port)
        text_add(sentence, ", that is on port %u, to which a rule redirects", view->port);
    text_add(sentence, ".");
    if (view->facts->others_error.code != 0)
        return maybe;
    return server_add_sockets(&unused, view, true) + server_add_sockets(&unused, view, false) == 0 ? yes : no;
}

/* A datagram is discarded when its memory does not fit any more, and it has some hundred octets at least. */
static bool is_unread(const struct server_socket *socket)
{
    return socket->udp && socket->drops > 0 &&
           socket->octets >= socket->octets_most - socket->octets_most / 20;
}

/* Sockets that take the packets and have no room; only if all of them are full is nothing served. */
static double are_full(const struct server_view *view, bool (*is_full)(const struct server_socket *socket),
                       struct text *which)
{
    const struct server_sockets *sockets = &view->facts->now.sockets;
    size_t taking = 0, full = 0;

    for (size_t i = 0; i < sockets->count; i++) {
        const struct server_socket *socket = &sockets->items[i];

        if (!server_view_takes(view, socket))
            continue;
        taking++;
        if (!is_full(socket))
            continue;
        text_add(which, "%s", full++ > 0 ? ", " : "");
        if (socket->udp)
            text_add(which, "%u of %u octets", socket->octets, socket->octets_most);
        else
            text_add(which, "%u connections wait, %u may", socket->queue, socket->backlog);
    }
    if (full == 0)
        return no;
    return full == taking ? yes : maybe;
}

static double has_full_backlog(const struct server_view *view, struct text *sentence)
{
    struct text _cleanup_text_ which = {0};
    double weight = are_full(view, server_socket_is_full, &which);

    text_add(sentence, "The service on ");
    add_target(sentence, view);
    text_add(sentence, " does not accept: its accept queue is full (%s).", text_get(&which));
    return weight;
}

static double is_silent(const struct server_view *view, struct text *sentence)
{
    struct text _cleanup_text_ which = {0};
    double weight = are_full(view, is_unread, &which);

    text_add(sentence, "The service on ");
    add_target(sentence, view);
    text_add(sentence, " does not read: its receive buffer is full (%s), and more is discarded.",
             text_get(&which));
    return weight;
}

static double is_open(const struct server_view *view, struct text *sentence)
{
    struct text _cleanup_text_ taking = {0};

    server_add_sockets(&taking, view, true);
    if (view->facts->rules_error.code != 0) {
        text_add(sentence, "A service takes packets to ");
        add_target(sentence, view);
        text_add(sentence, " (%s); whether the firewall lets them in could not be seen.", text_get(&taking));
        return 1;
    }
    text_add(sentence, view->stopper != NULL ? "But for a few, packets to "
                                             : "Nothing on this machine stops packets to ");
    add_target(sentence, view);
    text_add(sentence, view->stopper != NULL ? " get to %s." : ": %s takes them.",
             taking.length > 0 ? text_get(&taking) : "the service");
    return 1;
}

static void add_backend(const struct server_view *view, struct text *sentence)
{
    struct server_question backend = view->question;

    backend.address = view->translator->to;
    backend.port = view->port;
    server_add_target(sentence, &backend);
}

static double backend_is_down(const struct server_view *view, struct text *sentence)
{
    text_add(sentence, "Packets are translated to ");
    add_backend(view, sentence);
    text_add(sentence, ", and that machine may be down.");
    return unseen;
}

static double backend_is_closed(const struct server_view *view, struct text *sentence)
{
    text_add(sentence, "Packets are translated to ");
    add_backend(view, sentence);
    text_add(sentence, ", and the port may be closed there.");
    return unseen;
}

static double backend_answers(const struct server_view *view, struct text *sentence)
{
    text_add(sentence, "This machine sends packets to ");
    add_target(sentence, view);
    text_add(sentence, " on to ");
    add_backend(view, sentence);
    text_add(sentence, "; whether that answers is to be asked there.");
    return 1;
}

/** One thing that may become of packets. */
struct check {
    enum cause cause;
    bool local, forwarded; /* for packets that stay here, or that are sent on */
    /** How probable it is if the checks above do not hold; the sentence that says it. */
    double (*holds)(const struct server_view *view, struct text *sentence);
    const char *next[3];
};

/* In the order in which the kernel comes to them; the last one takes what is left. %D remedy, %B backend, %P
 * port, %N port after a translation, %p protocol. */
static const struct check checks[] = {
    {CAUSE_RETURN_PATH_LOST,
     true,
     true,
     is_refused_on_arrival,
     {"Let answers leave where the packets arrive (ip route, ip rule), or check loosely: sudo sysctl "
      "net.ipv4.conf.all.rp_filter=2",
      NULL}},
    {CAUSE_FIREWALL_DROP,
     true,
     true,
     is_dropped,
     {"If that is not wanted: %D",
      "If it is: reject instead of drop would tell callers at once, who now wait.", NULL}},
    {CAUSE_FIREWALL_REJECT, true, true, is_rejected, {"If that is not wanted: %D", NULL}},
    {CAUSE_CONNECTION_RATE_LIMITED,
     true,
     true,
     is_limited,
     {"Raise net.netfilter.nf_conntrack_max, and see who opens so many connections: conntrack -L.", NULL}},
    {CAUSE_RETURN_PATH_LOST,
     true,
     true,
     has_no_way_back,
     {"Add a route to the sender: ip route get shows what the kernel would do with answers.", NULL}},
    {CAUSE_NAT_BACKEND_DOWN, false, true, backend_is_down, {"Ask there, or from here: sonde why %B", NULL}},
    {CAUSE_NAT_BACKEND_CLOSED,
     false,
     true,
     backend_is_closed,
     {"Ask there, or from here: sonde why %B", NULL}},
    {CAUSE_OPEN, false, true, backend_answers, {"Ask there, or from here: sonde why %B", NULL}},
    {CAUSE_BOUND_ELSEWHERE,
     true,
     false,
     is_bound_elsewhere,
     {"Make the service listen on all addresses (0.0.0.0 or ::), or on the one that is meant; its own "
      "configuration says where.",
      NULL}},
    {CAUSE_PORT_CLOSED,
     true,
     false,
     is_closed,
     {"Start the service, or correct the port: ss -lntup shows what listens.", NULL}},
    {CAUSE_BACKLOG_FULL,
     true,
     false,
     has_full_backlog,
     {"See why the service does not accept (its log, its threads, its file descriptors).",
      "A longer queue (listen(2), net.core.somaxconn) helps against bursts only.", NULL}},
    {CAUSE_SERVICE_SILENT,
     true,
     false,
     is_silent,
     {"See why the service does not read (its log, its threads).",
      "A larger buffer (SO_RCVBUF, net.core.rmem_max) helps against bursts only.", NULL}},
    {CAUSE_OPEN,
     true,
     false,
     is_open,
     {"If somebody cannot reach it nevertheless, the packets do not get here. On that machine: sonde why "
      "ADDRESS:%P",
      "Here: sudo tcpdump -ni any %p port %N, to see whether they arrive.", NULL}},
};

static void merge(struct ruleset_trace *whole, const struct ruleset_trace *part)
{
    for (size_t i = 0; i < part->count && i < RULESET_TRACE_MAX; i++) {
        if (whole->count < RULESET_TRACE_MAX)
            whole->rules[whole->count] = part->rules[i];
        whole->count++;
    }
    whole->stopped = whole->stopped > part->stopped ? whole->stopped : part->stopped;
    whole->passed = whole->passed < part->passed ? whole->passed : part->passed;
    whole->incomplete |= part->incomplete;
}

static bool stops(const struct ruleset_rule *rule)
{
    return rule->verdict == RULESET_DROP || rule->verdict == RULESET_REJECT || rule->verdict == RULESET_QUEUE;
}

static void find_stopper(struct server_view *view)
{
    for (size_t i = 0; i < view->trace.count && i < RULESET_TRACE_MAX; i++) {
        const struct ruleset_rule *rule = &view->trace.rules[i];

        if (stops(rule) && (view->stopper == NULL || rule->applies > view->stopper->applies))
            view->stopper = rule;
    }
}

static void follow(struct server_view *view, const struct ruleset_question *question, const char *hook)
{
    struct ruleset_trace trace;

    ruleset_trace(&view->facts->now.rules, question, hook, &trace);
    merge(&view->trace, &trace);
    if (view->facts->before.rules.root == NULL)
        return;
    ruleset_trace(&view->facts->before.rules, question, hook, &trace);
    merge(&view->before, &trace);
}

/* A rule that changes the destination of all the packets decides where they go from there. */
static void translate(struct server_view *view, struct ruleset_question *question)
{
    for (size_t i = 0; i < view->trace.count && i < RULESET_TRACE_MAX; i++) {
        const struct ruleset_rule *rule = &view->trace.rules[i];

        if (rule->verdict != RULESET_TRANSLATE || rule->applies != TRUTH_YES)
            continue;
        view->translator = rule;
        view->port = rule->to_port != 0 ? rule->to_port : view->port;
        view->forwarded = rule->to.family != 0 && !host_has_address(&view->facts->host, &rule->to);
        if (!view->forwarded && rule->to.family != 0)
            view->address = rule->to;
        question->port = view->port;
        question->destination = rule->to;
        question->translated = true;
        return;
    }
}

/* Where packets arrive if there is one place only, so that rules about interfaces can be told. */
static const char *only_interface(const struct server_facts *facts)
{
    const char *name = facts->sender.interface;
    size_t others = 0;

    for (size_t i = 0; i < facts->host.interface_count && facts->sender.interface == NULL; i++) {
        const struct host_interface *interface = &facts->host.interfaces[i];

        if (interface->loopback || !interface->up)
            continue;
        name = interface->name;
        others++;
    }
    return others <= 1 ? name : NULL;
}

void server_view_init(struct server_view *view, const struct server_facts *facts,
                      const struct server_question *question, uint8_t family)
{
    struct ruleset_question asked = {.family = family,
                                     .udp = question->udp,
                                     .port = question->port,
                                     .destination = question->address,
                                     .interface = only_interface(facts)};

    *view = (struct server_view){
        .facts = facts, .question = *question, .port = question->port, .address = question->address};
    view->question.family = family;
    view->trace.passed = TRUTH_YES;
    if (facts->sender.address.family == family)
        asked.source = facts->sender.address;
    if (address_is_loopback(&question->address) && facts->sender.interface == NULL)
        asked.interface = "lo";
    if (facts->rules_error.code != 0)
        return;
    follow(view, &asked, "ingress");
    follow(view, &asked, "prerouting");
    translate(view, &asked);
    follow(view, &asked, view->forwarded ? "forward" : "input");
    find_stopper(view);
}

static int by_confidence(const void *a, const void *b)
{
    const struct server_cause *left = a, *right = b;

    return (left->confidence < right->confidence) - (left->confidence > right->confidence);
}

/* Sure of the first one, or all of them say the same about whether the port can be used. */
static enum state state_of(const struct server_judgement *judgement)
{
    enum state state = cause_row(judgement->causes[0].cause)->state;

    if (judgement->causes[0].confidence >= certain_from)
        return state;
    for (size_t i = 1; i < judgement->count; i++)
        if (cause_row(judgement->causes[i].cause)->state != state)
            return STATE_UNKNOWN;
    return state;
}

/* More digits would claim more than is known. */
static double thousandths(double confidence)
{
    return (double)(int)(confidence * 1000 + 0.5) / 1000;
}

void server_judge(const struct server_view *view, struct server_judgement *judgement)
{
    double left = 1;

    *judgement = (struct server_judgement){0};
    for (size_t i = 0; i < COUNT_OF(checks) && judgement->count < SERVER_CAUSES_MAX; i++) {
        struct text sentence = {0};
        double confidence = 0;

        if (view->forwarded ? checks[i].forwarded : checks[i].local)
            confidence = left * checks[i].holds(view, &sentence);
        left -= confidence;
        if (confidence < negligible) {
            text_deinit(&sentence);
            continue;
        }
        judgement->causes[judgement->count++] = (struct server_cause){
            checks[i].cause, thousandths(confidence < most ? confidence : most), sentence, checks[i].next};
    }
    qsort(judgement->causes, judgement->count, sizeof(judgement->causes[0]), by_confidence);
    judgement->state = state_of(judgement);
}

void server_judgement_deinit(struct server_judgement *judgement)
{
    for (size_t i = 0; i < judgement->count; i++)
        text_deinit(&judgement->causes[i].sentence);
    *judgement = (struct server_judgement){0};
}
