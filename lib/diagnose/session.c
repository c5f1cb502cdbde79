/* SPDX-License-Identifier: MIT */
/* A diagnosis as a state machine: it decides what to ask next and when it knows enough. */
#include "diagnose/session.h"

#include <string.h>

#include "base/macro.h"

static const double worth_bits = 0.03, certain = 0.96;

#define PATIENCE_UNKNOWN_NS (350 * NS_PER_MS)
#define PATIENCE_LEAST_NS   (60 * NS_PER_MS)
#define PATIENCE_MOST_NS    (450 * NS_PER_MS)

bool diagnosis_can(const struct diagnosis *diagnosis, enum probe_kind kind)
{
    return diagnosis->can >> kind & 1;
}

int64_t diagnosis_patience(const struct diagnosis *diagnosis, bool host)
{
    int64_t slowest = evidence_slowest(&diagnosis->evidence);
    int64_t patience = 3 * slowest + 30 * NS_PER_MS;

    if (slowest == 0 || (host && !evidence_host_alive(&diagnosis->evidence)))
        return PATIENCE_UNKNOWN_NS;
    if (patience < PATIENCE_LEAST_NS)
        return PATIENCE_LEAST_NS;
    return patience > PATIENCE_MOST_NS ? PATIENCE_MOST_NS : patience;
}

static bool may_connect(const struct diagnosis *d)
{
    return d->evidence.subject.port && !d->evidence.subject.udp && diagnosis_can(d, PROBE_STREAM);
}

/* A packet of the budget is kept for the connection: nothing else tells how the service itself fares. */
static unsigned reserve(const struct diagnosis *d, enum question question)
{
    return question != ASK_STREAM && may_connect(d) && !d->inquiries[ASK_STREAM].started;
}

void diagnosis_ask(struct diagnosis *diagnosis, enum question question, struct probe probe)
{
    unsigned waiting = 0;

    if (!diagnosis_can(diagnosis, probe.kind))
        return;
    for (size_t i = diagnosis->first_outgoing; i < diagnosis->last_outgoing; i++)
        waiting += !probe_is_local(diagnosis->outgoing[i % OUTGOING_MAX].probe.kind);
    if (diagnosis->next_id == PROBES_MAX ||
        diagnosis->last_outgoing - diagnosis->first_outgoing == OUTGOING_MAX)
        return;
    if (!probe_is_local(probe.kind) &&
        diagnosis->evidence.packets_sent + waiting + reserve(diagnosis, question) >= diagnosis->budget)
        return;
    probe.id = diagnosis->next_id++;
    diagnosis->outgoing[diagnosis->last_outgoing++ % OUTGOING_MAX] = (struct outgoing){probe, question};
}

static void send_round(struct diagnosis *d, enum question question, int64_t now_ns)
{
    const struct question_row *row = question_row(question);
    struct inquiry *inquiry = &d->inquiries[question];
    uint16_t before = d->next_id;

    row->send(d, inquiry->round);
    inquiry->started = true;
    inquiry->closed = d->next_id == before; /* nothing is left to ask */
    inquiry->sent_ns = now_ns;
    inquiry->round++;
}

/* When the next round or the end of patience is due; what came meanwhile may have changed it. */
static int64_t due_ns(const struct diagnosis *d, enum question question)
{
    const struct question_row *row = question_row(question);
    const struct inquiry *inquiry = &d->inquiries[question];

    return inquiry->sent_ns + (row->wait ? row->wait(d, inquiry->round - 1) : diagnosis_patience(d, true));
}

static bool is_satisfied(const struct diagnosis *d, enum question question)
{
    const struct question_row *row = question_row(question);

    return row->satisfied ? row->satisfied(d) : evidence_answered(&d->evidence, question) > 0;
}

/* Close what is answered, repeat what is not, give up what was repeated enough. Returns whether patience ran
 * out. */
static bool tend(struct diagnosis *d, enum question question, int64_t now_ns)
{
    struct inquiry *inquiry = &d->inquiries[question];

    if (!inquiry->started || inquiry->closed)
        return false;
    if (is_satisfied(d, question)) {
        inquiry->closed = true;
        return false;
    }
    if (now_ns < due_ns(d, question))
        return false;
    d->evidence.silent[question] = true;
    if (inquiry->round < question_row(question)->rounds)
        send_round(d, question, now_ns);
    else
        inquiry->closed = true;
    return true;
}

static void tend_all(struct diagnosis *d, int64_t now_ns)
{
    bool learnt = false;

    belief_update(&d->belief, &d->evidence);
    for (int question = 0; question < QUESTIONS; question++)
        learnt |= tend(d, (enum question)question, now_ns);
    if (learnt)
        belief_update(&d->belief, &d->evidence);
}

static bool may_start(const struct diagnosis *d, enum question question)
{
    const struct question_row *row = question_row(question);

    return !d->inquiries[question].started && diagnosis_can(d, row->kind) && row->ready(d);
}

static void start_always(struct diagnosis *d, int64_t now_ns)
{
    for (int question = 0; question < QUESTIONS; question++) {
        const struct question_row *row = question_row((enum question)question);

        if (row->always && may_start(d, (enum question)question))
            send_round(d, (enum question)question, now_ns);
    }
    d->started = true;
}

/* The question that promises most; QUESTIONS when none is worth its packets. */
static enum question best_question(const struct diagnosis *d)
{
    enum question best = QUESTIONS;
    double most = worth_bits;

    for (int question = 0; question < QUESTIONS; question++) {
        double gain;

        if (!may_start(d, (enum question)question))
            continue;
        gain = belief_gain(&d->belief, (enum question)question);
        if (gain > most) {
            most = gain;
            best = (enum question)question;
        }
    }
    return best;
}

/* How sure the verdict is: rows of the same cause and place count together. */
static double certainty(const struct diagnosis *d)
{
    size_t count, top = belief_top(&d->belief);
    const struct hypothesis *rows = hypotheses(&count);
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        if (rows[i].cause == rows[top].cause && rows[i].at == rows[top].at)
            sum += d->belief.probability[i];
    return sum;
}

/* A verdict that rests on silence must wait until all tries have met it. */
static bool rests_on_silence(const struct diagnosis *d)
{
    size_t count;
    const struct hypothesis *top = &hypotheses(&count)[belief_top(&d->belief)];

    return d->belief.outcomes[TEST_FIRST] == ANSWER_SILENT && !d->inquiries[ASK_FIRST].closed &&
           (top->cells[TEST_FIRST].likely >> ANSWER_SILENT & 1);
}

static bool waiting(const struct diagnosis *d, bool clear)
{
    for (int question = 0; question < QUESTIONS; question++) {
        const struct inquiry *inquiry = &d->inquiries[question];

        if (inquiry->started && !inquiry->closed && !(clear && question_row((enum question)question)->cut))
            return true;
    }
    return d->first_outgoing < d->last_outgoing;
}

static bool first_known(const struct diagnosis *d)
{
    return d->belief.outcomes[TEST_FIRST] != OUTCOME_UNKNOWN;
}

static void think(struct diagnosis *d, int64_t now_ns)
{
    bool clear;

    d->evidence.now_ns = now_ns;
    tend_all(d, now_ns);
    if (d->belief.outcomes[TEST_ROUTE] > ROUTE_IS_FINE) {
        d->done = true;
        return;
    }
    start_always(d, now_ns);
    clear = first_known(d) && certainty(d) >= certain && !rests_on_silence(d);
    if (!clear) {
        enum question next = best_question(d);

        if (next != QUESTIONS)
            send_round(d, next, now_ns);
    }
    d->done = first_known(d) && !waiting(d, clear);
}

static bool next_send(struct machine *machine, int64_t now_ns, struct probe *probe)
{
    struct diagnosis *d = CONTAINER_OF(machine, struct diagnosis, machine);
    const struct outgoing *outgoing;

    if (d->evidence.start_ns == 0)
        d->evidence.start_ns = now_ns;
    if (!d->started)
        think(d, now_ns);
    if (d->first_outgoing == d->last_outgoing)
        return false;
    outgoing = &d->outgoing[d->first_outgoing++ % OUTGOING_MAX];
    *probe = outgoing->probe;
    evidence_sent(&d->evidence, probe, outgoing->question, now_ns);
    return true;
}

static void on_reply(struct machine *machine, const struct reply *reply)
{
    struct diagnosis *d = CONTAINER_OF(machine, struct diagnosis, machine);

    if (evidence_reply(&d->evidence, reply))
        think(d, reply->when_ns > d->evidence.now_ns ? reply->when_ns : d->evidence.now_ns);
}

static void on_tick(struct machine *machine, int64_t now_ns)
{
    think(CONTAINER_OF(machine, struct diagnosis, machine), now_ns);
}

static int64_t next_deadline(const struct machine *machine)
{
    const struct diagnosis *d = CONTAINER_OF(machine, struct diagnosis, machine);
    int64_t deadline = INT64_MAX;

    if (d->done)
        return INT64_MAX;
    if (!d->started)
        return 0;
    for (int question = 0; question < QUESTIONS; question++) {
        const struct inquiry *inquiry = &d->inquiries[question];

        if (inquiry->started && !inquiry->closed && due_ns(d, (enum question)question) < deadline)
            deadline = due_ns(d, (enum question)question);
    }
    return deadline;
}

void diagnosis_init(struct diagnosis *diagnosis, const struct subject *subject, bool deep,
                    struct network *network)
{
    memset(diagnosis, 0, sizeof(*diagnosis));
    diagnosis->machine = (struct machine){next_send, on_reply, on_tick, next_deadline};
    diagnosis->evidence.subject = *subject;
    diagnosis->deep = deep;
    diagnosis->budget = deep ? PACKETS_DEEP : PACKETS_FAST;
    for (int kind = 0; kind < PROBE_KINDS; kind++)
        diagnosis->can |= (uint32_t)network->can(network, (enum probe_kind)kind) << kind;
    diagnosis->evidence.raw = diagnosis_can(diagnosis, PROBE_TCP_ACK);
}
