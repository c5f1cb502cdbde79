/* SPDX-License-Identifier: MIT */
/* The questions: when each makes sense and which probes it sends. */
#include "diagnose/ask.h"
#include "base/macro.h"

enum {
    PROBE_TOS = 0x28,  /* DSCP 10: a host copies it into a reset, a filter does not */
    TRAIN_SIZE = 1000, /* octets of the probes that measure a queue */
    TRAIN_LENGTH = 5,
    UDP_TRIES = 3,
    AGAIN_SILENT = 4,
    AGAIN_MIXED_UP = 6,
    AGAIN_ROUNDS = 8,
    NEVER_SPOKEN = 253,
};

#define SLOW_NS        (20 * NS_PER_MS) /* a round trip from which on a queue is looked for */
#define VERY_SLOW_NS   (100 * NS_PER_MS)
#define TRAIN_GAP_NS   (25 * NS_PER_MS)
#define GIVE_UP_NS     (3250 * NS_PER_MS) /* address resolution fails after 3.07 s; then it is silence */
#define REST_NS        (10 * NS_PER_S)    /* in which a limit of one error in 10 s lets the next one pass */
#define SPREAD_NS      (7 * NS_PER_S)     /* between the connection requests of --deep: over half a minute */
#define HOST_ALIVE_NS  (300 * NS_PER_MS)
#define REASSEMBLY_NS  (32 * NS_PER_S) /* Linux: 30 s (net.ipv4.ipfrag_time) */
#define STREAM_WAIT_NS (1200 * NS_PER_MS)

int ask_outcome(const struct diagnosis *d, enum test test)
{
    return d->belief.outcomes[test];
}

static bool is_tcp(const struct diagnosis *d)
{
    return d->evidence.subject.port && !d->evidence.subject.udp;
}

static bool is_udp(const struct diagnosis *d)
{
    return d->evidence.subject.port && d->evidence.subject.udp;
}

bool ask_on_wire(const struct diagnosis *d)
{
    return !d->evidence.route_known || !d->evidence.route.loopback;
}

struct probe ask_probe_to(const struct diagnosis *d, enum probe_kind kind, enum probe_flow flow)
{
    return (struct probe){
        .kind = kind,
        .flow = flow,
        .destination = d->evidence.subject.address,
        .port = d->evidence.subject.port,
        .udp = d->evidence.subject.udp,
    };
}

/* The probe that everything is about: what a client of the service would send. */
struct probe ask_first_probe(const struct diagnosis *d)
{
    struct probe probe = ask_probe_to(d, PROBE_ECHO, FLOW_TARGET);

    if (is_tcp(d))
        probe.kind = PROBE_TCP_SYN;
    if (is_udp(d)) {
        probe.kind = PROBE_UDP;
        probe.payload = d->evidence.subject.request;
    }
    probe.tos = PROBE_TOS;
    return probe;
}

static bool always(const struct diagnosis *d)
{
    (void)d;
    return true;
}

/* Nothing is sent before it is known that this machine has a way. */
static bool has_route(const struct diagnosis *d)
{
    return ask_outcome(d, TEST_ROUTE) == ROUTE_IS_FINE;
}

static void send_route(struct diagnosis *d, unsigned round)
{
    (void)round;
    diagnosis_ask(d, ASK_ROUTE, ask_probe_to(d, PROBE_ROUTE, FLOW_OTHER));
}

static bool ready_listener(const struct diagnosis *d)
{
    return d->evidence.subject.port && d->evidence.route_known && d->evidence.route.type == ROUTE_LOCAL;
}

static void send_listener(struct diagnosis *d, unsigned round)
{
    (void)round;
    diagnosis_ask(d, ASK_LISTENER, ask_probe_to(d, PROBE_LISTENER, FLOW_OTHER));
}

static bool ready_neighbour(const struct diagnosis *d)
{
    return d->evidence.route_known && ask_on_wire(d) && d->evidence.silent[ASK_FIRST] &&
           ask_outcome(d, TEST_NEIGHBOUR) == OUTCOME_UNKNOWN;
}

static bool satisfied_neighbour(const struct diagnosis *d)
{
    return ask_outcome(d, TEST_NEIGHBOUR) != OUTCOME_UNKNOWN;
}

static void send_neighbour(struct diagnosis *d, unsigned round)
{
    struct probe probe = ask_probe_to(d, PROBE_NEIGHBOUR, FLOW_OTHER);

    (void)round;
    if (d->evidence.route.gateway.family)
        probe.destination = d->evidence.route.gateway;
    diagnosis_ask(d, ASK_NEIGHBOUR, probe);
}

static int64_t wait_neighbour(const struct diagnosis *d, unsigned round)
{
    (void)d, (void)round;
    return 300 * NS_PER_MS;
}

static void send_first(struct diagnosis *d, unsigned round)
{
    (void)round;
    diagnosis_ask(d, ASK_FIRST, ask_first_probe(d));
}

static int64_t longer(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Silence of a host that is there shows soon; silence of all may yet become a failed address resolution. */
static int64_t wait_first(const struct diagnosis *d, unsigned round)
{
    const struct evidence *evidence = &d->evidence;
    int64_t patience_ns = diagnosis_patience(d, true);

    if (round == 0)
        return longer(patience_ns, 250 * NS_PER_MS);
    if (round == 1)
        return longer(patience_ns, 450 * NS_PER_MS);
    if (evidence_host_alive(evidence) && !evidence_translator(evidence))
        return longer(patience_ns, HOST_ALIVE_NS);
    return evidence->start_ns + GIVE_UP_NS - d->inquiries[ASK_FIRST].sent_ns;
}

/* Routers answer as fast as they are near. Where all is silent there is time, and routers that were asked too
 * much to recover from it. */
static int64_t wait_ladder(const struct diagnosis *d, unsigned round)
{
    int64_t patience_ns = diagnosis_patience(d, false);

    (void)round;
    return ladder_is_mute(d) ? longer(patience_ns, 250 * NS_PER_MS) : patience_ns;
}

static int64_t wait_reference(const struct diagnosis *d, unsigned round)
{
    int64_t patience_ns = diagnosis_patience(d, false);

    (void)round;
    return ladder_is_mute(d) ? longer(patience_ns, 600 * NS_PER_MS) : patience_ns;
}

static void send_echo(struct diagnosis *d, unsigned round)
{
    struct probe probe = ask_probe_to(d, PROBE_ECHO, FLOW_CONTROL);

    (void)round;
    diagnosis_ask(d, ASK_ECHO, probe);
}

static bool has_port(const struct diagnosis *d)
{
    return has_route(d) && d->evidence.subject.port != 0;
}

static void send_tcp(struct diagnosis *d, unsigned round)
{
    struct probe probe = ask_probe_to(d, PROBE_TCP_SYN, FLOW_CONTROL);

    (void)round;
    probe.port = d->evidence.subject.control_ports[0];
    probe.tos = PROBE_TOS;
    diagnosis_ask(d, ASK_TCP, probe);
}

/* UDP costs the host one of its few ICMP errors, so it is asked only where it tells something. */
static bool ready_udp(const struct diagnosis *d)
{
    if (!has_route(d))
        return false;
    return is_udp(d) ||
           (d->evidence.silent[ASK_ECHO] && d->evidence.silent[ASK_TCP] && d->evidence.silent[ASK_FIRST]);
}

/* Whether there is time to let a live host recover. */
static bool may_rest(const struct diagnosis *d)
{
    return d->deep && evidence_host_alive(&d->evidence) && !evidence_answered(&d->evidence, ASK_FIRST);
}

/* Errors that a limit held back are there again after a rest: first for the port itself, then for the
 * control. */
static void send_udp(struct diagnosis *d, unsigned round)
{
    struct probe probe = ask_probe_to(d, PROBE_UDP, FLOW_CONTROL);

    probe.port = d->evidence.subject.control_ports[1];
    if (round >= UDP_TRIES && !may_rest(d))
        return;
    if (round == UDP_TRIES)
        diagnosis_ask(d, ASK_FIRST, ask_first_probe(d));
    else
        diagnosis_ask(d, ASK_UDP, probe);
}

static int64_t wait_udp(const struct diagnosis *d, unsigned round)
{
    return round == UDP_TRIES - 1 && may_rest(d) ? REST_NS : diagnosis_patience(d, true);
}

static bool from_target(const struct diagnosis *d)
{
    return ask_outcome(d, TEST_BY) == BY_TARGET || ask_outcome(d, TEST_BY) == OUTCOME_UNKNOWN;
}

static bool ready_malformed(const struct diagnosis *d)
{
    int first = ask_outcome(d, TEST_FIRST);

    if (!has_port(d) || !ask_on_wire(d))
        return false;
    return is_tcp(d) ? first == ANSWER_RESET : first == ANSWER_PORT && from_target(d);
}

static void send_malformed(struct diagnosis *d, unsigned round)
{
    struct probe probe = ask_probe_to(d, is_tcp(d) ? PROBE_TCP_SHORT : PROBE_UDP_LYING, FLOW_MALFORMED);

    (void)round;
    diagnosis_ask(d, ASK_MALFORMED, probe);
}

static bool ready_ack(const struct diagnosis *d)
{
    return is_tcp(d) && ask_outcome(d, TEST_FIRST) == ANSWER_SILENT && evidence_host_alive(&d->evidence);
}

static void send_ack(struct diagnosis *d, unsigned round)
{
    struct probe probe = ask_probe_to(d, PROBE_TCP_ACK, FLOW_OTHER);

    (void)round;
    diagnosis_ask(d, ASK_ACK, probe);
}

/* Where requests were lost, more of them come first: if only some get through, a connection tells no more. */
static bool ready_stream(const struct diagnosis *d)
{
    int again = ask_outcome(d, TEST_AGAIN);

    if (again == AGAIN_MIXED || (again == AGAIN_FEW && !d->inquiries[ASK_AGAIN].closed))
        return false;
    return is_tcp(d) && ask_outcome(d, TEST_FIRST) == ANSWER_REPLY;
}

static bool satisfied_stream(const struct diagnosis *d)
{
    int outcome = ask_outcome(d, TEST_STREAM);

    return outcome != OUTCOME_UNKNOWN && outcome != STREAM_NOT_OPENED && outcome != STREAM_UNHEARD;
}

/* A connection that does not come about although requests are answered is tried once more. */
static void send_stream(struct diagnosis *d, unsigned round)
{
    struct probe probe = ask_probe_to(d, PROBE_STREAM, FLOW_OTHER);

    if (round > 0 && ask_outcome(d, TEST_STREAM) != STREAM_UNHEARD)
        return;
    probe.payload = d->evidence.subject.request;
    probe.timeout_ns = STREAM_WAIT_NS;
    diagnosis_ask(d, ASK_STREAM, probe);
}

/* Once it has failed to open, as long as it takes to see whether others are answered. */
static int64_t wait_stream(const struct diagnosis *d, unsigned round)
{
    (void)round;
    if (ask_outcome(d, TEST_STREAM) == STREAM_NOT_OPENED && d->inquiries[ASK_AGAIN].closed)
        return 0;
    return ask_outcome(d, TEST_STREAM) == STREAM_UNHEARD ? 0 : 2 * STREAM_WAIT_NS + 100 * NS_PER_MS;
}

static bool echo_answers(const struct diagnosis *d)
{
    const struct reply *reply =
        evidence_first(&d->evidence, d->evidence.subject.port ? ASK_ECHO : ASK_FIRST, NULL);

    return reply && reply->kind == REPLY_ECHO;
}

/* A step of the delay shows once the ladder is complete; a great delay is worth a look at once. */
static bool ready_queue(const struct diagnosis *d)
{
    int64_t delay_ns = queue_delay(&d->evidence);
    int first = ask_outcome(d, TEST_FIRST);

    return ask_on_wire(d) && delay_ns >= SLOW_NS && (first == ANSWER_REPLY || first == ANSWER_SILENT) &&
           (d->inquiries[ASK_LADDER].closed ||
            (d->inquiries[ASK_LADDER].started && delay_ns >= VERY_SLOW_NS));
}

static bool satisfied_queue(const struct diagnosis *d)
{
    int outcome = ask_outcome(d, TEST_QUEUE);

    return outcome != OUTCOME_UNKNOWN && outcome != QUEUE_UNSTEADY;
}

/* Sizes can be chosen where packets are made by hand. */
static bool reset_answers(const struct diagnosis *d)
{
    return ask_outcome(d, TEST_TCP) == ANSWER_RESET && diagnosis_can(d, PROBE_TCP_ACK);
}

/* A kind of probe that the host was seen to answer; two kinds by turns, in case it tires of one. */
static struct probe train_probe(const struct diagnosis *d, unsigned turn)
{
    bool echo = echo_answers(d), tcp = reset_answers(d);
    struct probe probe = ask_probe_to(d, echo ? PROBE_ECHO : PROBE_TCP_SYN, FLOW_OTHER);

    if (!echo && !tcp)
        return ask_first_probe(d);
    if (echo && tcp && turn % 2)
        probe.kind = PROBE_TCP_SYN;
    probe.port = d->evidence.subject.control_ports[0];
    return probe;
}

static void send_queue(struct diagnosis *d, unsigned round)
{
    struct probe probe = train_probe(d, round);

    if (probe.payload.length == 0)
        probe.size = TRAIN_SIZE;
    diagnosis_ask(d, ASK_QUEUE, probe);
}

/* A few packets closely, then a look at what became of them. The gaps differ, so that they keep no step with
 * the load (RFC 2330 section 11.1.1). */
static int64_t wait_queue(const struct diagnosis *d, unsigned round)
{
    static const int64_t gaps_ms[TRAIN_LENGTH - 1] = {19, 37, 23, 31};
    unsigned place = round % TRAIN_LENGTH;

    return place < TRAIN_LENGTH - 1 ? gaps_ms[place] * NS_PER_MS : queue_patience(&d->evidence);
}

/* A full queue loses large packets too, so it must be ruled out first. */
static bool queue_excluded(const struct diagnosis *d)
{
    return queue_delay(&d->evidence) < SLOW_NS ||
           (d->inquiries[ASK_QUEUE].closed && ask_outcome(d, TEST_QUEUE) != QUEUE_LOSSY);
}

static bool ready_large(const struct diagnosis *d)
{
    return queue_excluded(d) && d->evidence.route_known && ask_on_wire(d) && d->evidence.route.mtu > 0 &&
           ask_outcome(d, TEST_FIRST) == ANSWER_REPLY &&
           (echo_answers(d) || reset_answers(d) || ask_outcome(d, TEST_UDP) == ANSWER_PORT);
}

struct probe ask_large_probe(const struct diagnosis *d)
{
    struct probe probe = ask_probe_to(d, PROBE_UDP, FLOW_OTHER);
    uint32_t mtu = d->evidence.route.mtu;

    probe.port = d->evidence.subject.control_ports[1];
    if (reset_answers(d)) {
        probe.kind = PROBE_TCP_SYN;
        probe.port = d->evidence.subject.control_ports[0];
    }
    if (echo_answers(d))
        probe.kind = PROBE_ECHO;
    probe.size = (uint16_t)(mtu < 65535 ? mtu : 65535);
    probe.dont_fragment = true;
    return probe;
}

/* Where there is delay, a smaller packet at the same moment shows whether it is the size that matters. */
static void send_large(struct diagnosis *d, unsigned round)
{
    diagnosis_ask(d, ASK_LARGE, ask_large_probe(d));
    if (queue_stands(&d->evidence))
        send_queue(d, round);
}

static bool satisfied_large(const struct diagnosis *d)
{
    return evidence_answered(&d->evidence, ASK_LARGE) > 0 || ask_outcome(d, TEST_QUEUE) == QUEUE_LOSSY;
}

static bool ready_protocol(const struct diagnosis *d)
{
    return is_udp(d) && d->evidence.subject.address.family == 4 &&
           ask_outcome(d, TEST_FIRST) == ANSWER_SILENT && ask_outcome(d, TEST_UDP) == ANSWER_SILENT &&
           evidence_host_alive(&d->evidence);
}

static void send_protocol(struct diagnosis *d, unsigned round)
{
    (void)round;
    diagnosis_ask(d, ASK_PROTOCOL, ask_probe_to(d, PROBE_PROTOCOL, FLOW_OTHER));
}

/* Only connection requests meet silence, or one of them did: is it always so? */
static bool ready_again(const struct diagnosis *d)
{
    int first = ask_outcome(d, TEST_FIRST);

    return is_tcp(d) && ((first == ANSWER_SILENT && ask_outcome(d, TEST_ACK) == ACK_RESET) ||
                         (first == ANSWER_REPLY && (ask_outcome(d, TEST_AGAIN) == AGAIN_FEW ||
                                                    ask_outcome(d, TEST_STREAM) == STREAM_NOT_OPENED)));
}

/* How many requests to make before the half minute of --deep: more where some are answered. */
static unsigned again_tries(const struct diagnosis *d)
{
    return ask_outcome(d, TEST_FIRST) == ANSWER_SILENT ? AGAIN_SILENT : AGAIN_MIXED_UP;
}

/* By turns from all source ports: a host that never heard the reset of one waits there for the old handshake.
 */
static void send_again(struct diagnosis *d, unsigned round)
{
    static const enum probe_flow flows[] = {FLOW_OTHER, FLOW_CONTROL, FLOW_MALFORMED, FLOW_TARGET};
    struct probe probe = ask_first_probe(d);

    if (round >= again_tries(d) && (!d->deep || ask_outcome(d, TEST_FIRST) != ANSWER_SILENT))
        return;
    probe.flow = flows[round % COUNT_OF(flows)];
    diagnosis_ask(d, ASK_AGAIN, probe);
}

static bool satisfied_again(const struct diagnosis *d)
{
    return ask_outcome(d, TEST_STREAM) == STREAM_UNHEARD;
}

/* Filters that limit connections mostly count by the second, some by the minute; loss knows no time. */
static int64_t wait_again(const struct diagnosis *d, unsigned round)
{
    int64_t patience_ns = diagnosis_patience(d, true);
    bool silent = ask_outcome(d, TEST_FIRST) == ANSWER_SILENT, last = round + 1 >= again_tries(d);

    if (silent && last && d->deep && round + 1 < AGAIN_ROUNDS)
        return SPREAD_NS;
    return longer(patience_ns, (silent && !last ? 450 : 100) * NS_PER_MS);
}

static bool ready_compare(const struct diagnosis *d)
{
    return has_route(d) && d->evidence.subject.compare.family == d->evidence.subject.address.family;
}

/* The other host may answer either: an echo request, or a connection request to the same port. */
static void send_compare(struct diagnosis *d, unsigned round)
{
    struct probe echo = ask_probe_to(d, PROBE_ECHO, FLOW_OTHER), same = ask_first_probe(d);

    (void)round;
    echo.destination = same.destination = d->evidence.subject.compare;
    same.flow = FLOW_OTHER;
    diagnosis_ask(d, ASK_COMPARE, echo);
    if (same.kind != PROBE_ECHO)
        diagnosis_ask(d, ASK_COMPARE, same);
}

static bool ready_fragment(const struct diagnosis *d)
{
    return d->deep && d->evidence.subject.address.family == 4 && ask_on_wire(d) &&
           d->inquiries[ASK_FIRST].closed && ask_outcome(d, TEST_FIRST) == ANSWER_SILENT && has_port(d) &&
           evidence_host_alive(&d->evidence);
}

static void send_fragment(struct diagnosis *d, unsigned round)
{
    struct probe probe = ask_first_probe(d);

    (void)round;
    probe.first_fragment = true;
    probe.flow = FLOW_OTHER;
    diagnosis_ask(d, ASK_FRAGMENT, probe);
}

static void send_fragment_control(struct diagnosis *d, unsigned round)
{
    struct probe probe = ask_probe_to(d, PROBE_ECHO, FLOW_CONTROL);

    (void)round;
    probe.first_fragment = true;
    diagnosis_ask(d, ASK_FRAGMENT_CONTROL, probe);
}

static int64_t wait_fragment(const struct diagnosis *d, unsigned round)
{
    (void)d;
    return round == 0 ? 500 * NS_PER_MS : REASSEMBLY_NS;
}

static const struct question_row rows[QUESTIONS] = {
    [ASK_ROUTE] = {"route", PROBE_ROUTE, 1, true, false, always, NULL, send_route, NULL},
    [ASK_LISTENER] = {"listener", PROBE_LISTENER, 1, true, false, ready_listener, NULL, send_listener, NULL},
    [ASK_NEIGHBOUR] = {"next hop", PROBE_NEIGHBOUR, 9, true, true, ready_neighbour, satisfied_neighbour,
                       send_neighbour, wait_neighbour},
    [ASK_FIRST] = {"the port", PROBE_ROUTE, 3, true, true, has_route, NULL, send_first, wait_first},
    [ASK_ECHO] = {"the host", PROBE_ECHO, 2, true, true, has_port, NULL, send_echo, NULL},
    [ASK_TCP] = {"another TCP port", PROBE_TCP_SYN, 2, true, true, has_route, NULL, send_tcp, NULL},
    [ASK_UDP] = {"another UDP port", PROBE_UDP, UDP_TRIES + 2, true, true, ready_udp, NULL, send_udp,
                 wait_udp},
    [ASK_LADDER] = {"the path", PROBE_ROUTE, 12, true, false, ladder_ready, ladder_satisfied, ladder_send,
                    wait_ladder},
    [ASK_REFERENCE] = {"a longer path", PROBE_ROUTE, 6, true, false, ladder_reference_ready, NULL,
                       ladder_reference_send, wait_reference},
    [ASK_MALFORMED] = {"malformed", PROBE_TCP_SHORT, 3, false, false, ready_malformed, NULL, send_malformed,
                       NULL},
    [ASK_ACK] = {"acknowledgement", PROBE_TCP_ACK, 3, false, false, ready_ack, NULL, send_ack, NULL},
    [ASK_STREAM] = {"connection", PROBE_STREAM, 2, false, true, ready_stream, satisfied_stream, send_stream,
                    wait_stream},
    [ASK_LARGE] = {"large packets", PROBE_ROUTE, 3, false, false, ready_large, satisfied_large, send_large,
                   NULL},
    [ASK_LARGE_LADDER] = {"large packets by hop", PROBE_ROUTE, 12, true, false, ladder_large_ready,
                          ladder_large_satisfied, ladder_large_send, wait_ladder},
    [ASK_QUEUE] = {"queue", PROBE_ROUTE, 10, true, false, ready_queue, satisfied_queue, send_queue,
                   wait_queue},
    [ASK_PROTOCOL] = {"unknown protocol", PROBE_PROTOCOL, 3, false, false, ready_protocol, NULL,
                      send_protocol, NULL},
    [ASK_AGAIN] = {"again", PROBE_TCP_SYN, AGAIN_ROUNDS, true, true, ready_again, satisfied_again, send_again,
                   wait_again},
    [ASK_FRAGMENT] = {"first fragment", PROBE_TCP_ACK, 2, true, false, ready_fragment, NULL, send_fragment,
                      wait_fragment},
    [ASK_FRAGMENT_CONTROL] = {"first fragment of an echo", PROBE_TCP_ACK, 2, true, false, ready_fragment,
                              NULL, send_fragment_control, wait_fragment},
    [ASK_COMPARE] = {"the other host", PROBE_ROUTE, 2, true, true, ready_compare, NULL, send_compare, NULL},
};

const struct question_row *question_row(enum question question)
{
    return &rows[question];
}
