/* SPDX-License-Identifier: MIT */
/* From a scenario and a seed to a broken network. */
#include <netinet/in.h>

#include "base/macro.h"
#include "tests/sim/exam/exam.h"

enum {
    PORT_FIRST = 1100,
    PORT_LAST = 32000,
    GHOST_FIRST = 200, /* last octets that no node has */
    GHOST_LAST = 249,
    TWIN = 250,
    LOSS_PERCENT_MAX = 5,
};

static const uint32_t small_mtus[] = {1280, 1300, 1340, 1380, 1420};
static const int64_t rates_bps[] = {800000, 1000000, 1500000};
static const unsigned limits_ms[] = {0, 250, 2000};

/* FNV-1a: each scenario gets topologies of its own from one seed. */
static uint64_t seed_of(const struct exam_scenario *scenario, uint8_t family, uint64_t seed)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ seed * UINT64_C(0x9e3779b97f4a7c15) ^ family;

    for (const char *at = scenario->name; *at; at++)
        hash = (hash ^ (uint8_t)*at) * UINT64_C(0x100000001b3);
    return hash;
}

static void draw_numbers(struct sim_random *random, const struct exam_scenario *scenario,
                         struct exam_plan *plan)
{
    static const struct {
        int routers, first,
            before_last; /* at least so many routers; the fault's range, counted from either end */
    } ranges[] = {
        [FAULT_NONE] = {0, 0, 0},     [FAULT_ANY] = {1, 1, 0},       [FAULT_FIRST] = {1, 1, 0},
        [FAULT_NOT_LAST] = {2, 1, 1}, [FAULT_NOT_FIRST] = {2, 2, 0},
    };
    int least = ranges[scenario->fault].routers;

    plan->routers = (int)sim_random_between(random, least, EXAM_ROUTERS_MAX);
    plan->fault = scenario->fault == FAULT_NONE
                      ? 0
                      : (int)sim_random_between(random, ranges[scenario->fault].first,
                                                plan->routers - ranges[scenario->fault].before_last);
    if (scenario->fault == FAULT_FIRST)
        plan->fault = 1;
    plan->port = (uint16_t)sim_random_between(random, PORT_FIRST, PORT_LAST);
}

static int node_of(const struct sim *sim, const struct exam_plan *plan, enum exam_role role)
{
    if (role == ROLE_FAULT)
        return plan->fault;
    return role == ROLE_SERVER ? sim_server(sim) : SIM_CLIENT;
}

static void add_rule(struct sim *sim, const struct exam_plan *plan, const struct exam_rule *wanted)
{
    struct sim_rule *rule = sim_add_rule(sim, node_of(sim, plan, wanted->role));

    rule->hook = wanted->hook;
    rule->protocol = wanted->protocol;
    rule->port = wanted->port ? plan->port : 0;
    rule->syn_only = wanted->syn_only;
    rule->icmp = wanted->icmp;
    rule->verdict = wanted->verdict;
    rule->reject = wanted->reject;
    rule->burst = wanted->burst;
    rule->every_ns = wanted->every_ns;
    if (wanted->from_client)
        rule->source = sim->book.source;
    if (wanted->from_target)
        rule->source = sim->target;
    if (wanted->to_target)
        rule->destination = sim->target;
    if (wanted->exhausted)
        rule->updated_ns = sim->now_ns;
}

static void break_router(struct sim *sim, const struct exam_scenario *scenario, const struct exam_plan *plan)
{
    struct sim_node *router = &sim->nodes[plan->fault];

    router->target_route = scenario->router.route;
    router->whole_net = scenario->router.whole_net;
    router->target_back = scenario->router.back;
    router->no_return = scenario->router.no_return;
    if (scenario->router.twin)
        router->twin = sim_address_on(sim, plan->fault - 1, TWIN);
    if (scenario->router.mute_errors) {
        struct sim_rule *rule = sim_add_rule(sim, plan->fault);

        rule->hook = SIM_OUTPUT;
        rule->icmp = SIM_ICMP_EXCEEDED;
    }
}

static void break_link(struct sim *sim, struct sim_random *random, const struct exam_scenario *scenario,
                       const struct exam_plan *plan)
{
    struct sim_link *link = &sim->links[plan->fault];

    if (scenario->link.small)
        link->mtu = small_mtus[sim_random_next(random) % COUNT_OF(small_mtus)];
    if (scenario->link.hole) {
        struct sim_rule *rule = sim_add_rule(sim, plan->fault);

        rule->hook = SIM_OUTPUT;
        rule->icmp = SIM_ICMP_TOO_BIG;
    }
    if (scenario->link.load > 0)
        link->queue = (struct sim_queue){.rate_bps = rates_bps[sim_random_next(random) % COUNT_OF(rates_bps)],
                                         .load = scenario->link.load,
                                         .mixed = sim_random_happens(random, 0.5)};
}

static void break_server(struct sim *sim, const struct exam_scenario *scenario, const struct exam_plan *plan)
{
    struct sim_node *server = &sim->nodes[sim->target_node];

    server->service = (struct sim_service){scenario->protocol, plan->port, scenario->service};
    server->mute = scenario->server.mute;
    server->no_return = scenario->server.no_return;
    server->echo_off = scenario->server.echo_off;
    server->arp_off = scenario->server.down;
    server->incomplete = scenario->server.incomplete;
    server->ratelimit_ms = scenario->server.ratelimit_ms;
    if (scenario->server.spent)
        server->bucket = (struct sim_bucket){.used = true, .updated_ns = sim->now_ns};
}

static void translate(struct sim *sim, struct sim_random *random, const struct exam_scenario *scenario,
                      const struct exam_plan *plan)
{
    struct sim_node *router = &sim->nodes[plan->fault];
    int link = scenario->nat == NAT_CLOSED_NEAR ? plan->fault : sim->routers;

    if (scenario->nat == NAT_NONE)
        return;
    router->conntrack = true;
    router->nat_port = plan->port;
    router->nat_to = sim_address_on(sim, link, (uint8_t)sim_random_between(random, GHOST_FIRST, GHOST_LAST));
    if (scenario->nat != NAT_DEAD)
        sim_add_host(sim, link, &router->nat_to);
}

/* Disturbances as the exam draws them: one router loses, bleaches; all nodes but the client limit alike. */
static void disturb(struct sim *sim, struct sim_random *random, const struct exam_scenario *scenario,
                    const struct exam_options *options)
{
    int router = sim->routers ? (int)sim_random_between(random, 1, sim->routers) : sim_server(sim);
    int64_t loss = sim_random_between(random, 0, LOSS_PERCENT_MAX);
    bool bleach = sim_random_happens(random, 0.5);
    unsigned limit_ms = limits_ms[sim_random_next(random) % COUNT_OF(limits_ms)];

    if (options->loss && !scenario->healthy)
        sim->nodes[router].loss = (double)loss / 100;
    sim->nodes[router].bleach = options->bleach && bleach;
    for (int i = 1; options->limits && i <= sim_server(sim); i++)
        if (!sim->nodes[i].ratelimit_ms)
            sim->nodes[i].ratelimit_ms = limit_ms;
}

void exam_prepare(struct sim *sim, const struct exam_scenario *scenario, uint8_t family, uint64_t seed,
                  const struct exam_options *options, struct exam_plan *plan)
{
    struct sim_random random = {seed_of(scenario, family, seed)};

    draw_numbers(&random, scenario, plan);
    if (scenario->target == TARGET_SERVER)
        sim_init(sim, sim_random_next(&random), family, plan->routers);
    else
        sim_init_local(sim, sim_random_next(&random), family, scenario->target == TARGET_LOOPBACK);
    sim->options = (struct sim_options){options->unprivileged, options->hostile};
    break_server(sim, scenario, plan);
    if (plan->fault) {
        break_router(sim, scenario, plan);
        break_link(sim, &random, scenario, plan);
        translate(sim, &random, scenario, plan);
    }
    for (size_t i = 0; i < EXAM_RULES_MAX; i++)
        if (scenario->rules[i].used)
            add_rule(sim, plan, &scenario->rules[i]);
    sim->local = scenario->local;
    if (scenario->gateway_down)
        sim->nodes[1].arp_off = true;
    disturb(sim, &random, scenario, options);
}
