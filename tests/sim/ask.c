/* SPDX-License-Identifier: MIT */
/* Asking a simulated network single questions, for its own tests. */
#include "tests/sim/ask.h"

struct probe ask_probe(struct sim *sim, enum probe_kind kind, uint16_t port)
{
    uint16_t id = 0;

    while (id < PROBES_MAX - 1 && sim->book.sent[id].used)
        id++;
    return (struct probe){
        .id = id,
        .kind = kind,
        .destination = sim->target,
        .port = port,
        .tos = ASK_TOS,
        .timeout_ns = NS_PER_S,
    };
}

int ask(struct sim *sim, const struct probe *probe, int64_t wait_ns, struct reply *reply)
{
    struct network *network = &sim->network;
    int64_t deadline_ns = network->now(network) + wait_ns;
    int result = network->send(network, probe);

    while (result == 0) {
        result = network->receive(network, deadline_ns, reply);
        if (result <= 0 || reply->probe == probe->id)
            return result;
        result = 0;
    }
    return result;
}

struct reply ask_for(struct sim *sim, enum probe_kind kind, uint16_t port, uint8_t ttl)
{
    struct probe probe = ask_probe(sim, kind, port);
    struct reply reply = {0};

    probe.ttl = ttl;
    if (ask(sim, &probe, NS_PER_S, &reply) <= 0)
        return (struct reply){.kind = REPLY_KINDS};
    return reply;
}

bool ask_is_error(const struct sim *sim, const struct reply *reply, int type4, int code4, int type6,
                  int code6)
{
    return reply->kind == REPLY_ICMP && reply->type == (sim->family == 4 ? type4 : type6) &&
           reply->code == (sim->family == 4 ? code4 : code6);
}

unsigned ask_many(struct sim *sim, enum probe_kind kind, uint16_t port, unsigned count, int64_t gap_ns)
{
    struct network *network = &sim->network;
    unsigned answers = 0;

    for (unsigned i = 0; i < count; i++) {
        struct probe probe = ask_probe(sim, kind, port);
        int64_t until_ns = network->now(network) + gap_ns;
        struct reply reply;

        assert_int_equal(network->send(network, &probe), 0);
        while (network->receive(network, until_ns, &reply) > 0)
            answers += reply.kind != REPLY_KINDS;
    }
    return answers;
}

int ask_ttl_from(const struct sim *sim, int node)
{
    int routers_between = node > sim->routers ? sim->routers : node - 1;

    return sim->nodes[node].ttl - routers_between;
}

void ask_serve(struct sim *sim, uint8_t protocol, uint16_t port, enum sim_service_kind kind)
{
    sim->nodes[sim->target_node].service = (struct sim_service){protocol, port, kind};
}

bool ask_is_from(const struct sim *sim, const struct reply *reply, int node)
{
    struct sonde_address address = sim_node_address(sim, node);

    return sonde_address_equal(&reply->from, &address);
}
