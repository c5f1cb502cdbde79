/* SPDX-License-Identifier: MIT */
/* Links: delay, loss, queues, and neighbours that do not answer. */
#include "base/macro.h"
#include "tests/sim/network/internal.h"

enum {
    NODE_NS = 5000,      /* what a node takes to handle a packet */
    QUEUE_LIMIT = 30000, /* octets, as the exam's slow link has */
    QUEUE_BURST = 3000,  /* octets that may pass at once */
    LOAD_LENGTH = 1242,  /* octets of a packet of the background load on the link */
    LOAD_LEAST = 80,
    LINK_HEADER = 14,
    LOAD_JITTER_PERCENT = 20,
};

#define RESOLVING_NS   (3 * NS_PER_S) /* three requests, a second apart */
#define LOAD_SETTLE_NS (2 * NS_PER_S) /* the load has run for so long when the first probe comes */

static double fill_bucket(struct sim_queue *queue, int64_t until_ns)
{
    queue->tokens += (double)(until_ns - queue->updated_ns) * (double)queue->rate_bps / 8e9;
    if (queue->tokens > QUEUE_BURST)
        queue->tokens = QUEUE_BURST;
    queue->updated_ns = until_ns;
    return queue->tokens;
}

static int64_t time_of(const struct sim_queue *queue, double octets)
{
    return octets > 0 ? (int64_t)(octets * 8e9 / (double)queue->rate_bps) + 1 : 0;
}

/* Let packets leave, each whole, when there are tokens for it. */
static void drain(struct sim_queue *queue, int64_t until_ns)
{
    while (queue->count) {
        uint16_t length = queue->lengths[queue->first];
        int64_t leaves_ns = queue->updated_ns + time_of(queue, length - queue->tokens);

        if (leaves_ns > until_ns)
            break;
        fill_bucket(queue, leaves_ns);
        queue->tokens -= length;
        queue->first = (queue->first + 1) % SIM_QUEUE_MAX;
        queue->count--;
        queue->backlog -= length;
    }
    fill_bucket(queue, until_ns);
}

static bool enqueue(struct sim_queue *queue, size_t octets)
{
    if (queue->backlog + octets > QUEUE_LIMIT || queue->count == SIM_QUEUE_MAX) {
        queue->dropped++;
        return false;
    }
    queue->lengths[(queue->first + queue->count++) % SIM_QUEUE_MAX] = (uint16_t)octets;
    queue->backlog += octets;
    return true;
}

/* The next packet of the background load, and when the one behind it comes. */
static void add_load(struct sim_queue *queue)
{
    int64_t length = queue->mixed ? sim_random_between(&queue->random, LOAD_LEAST, LOAD_LENGTH) : LOAD_LENGTH;
    int64_t percent =
        sim_random_between(&queue->random, 100 - LOAD_JITTER_PERCENT, 100 + LOAD_JITTER_PERCENT);

    enqueue(queue, (size_t)length);
    queue->next_load_ns += time_of(queue, (double)length / queue->load) * percent / 100;
}

/* Let the background load have come in up to now. */
static void advance(struct sim *sim, struct sim_queue *queue)
{
    if (queue->updated_ns == 0) {
        queue->updated_ns = queue->next_load_ns = sim->now_ns - LOAD_SETTLE_NS;
        queue->random.state = sim_random_next(&sim->random);
    }
    while (queue->load > 0 && queue->next_load_ns <= sim->now_ns) {
        drain(queue, queue->next_load_ns);
        add_load(queue);
    }
    drain(queue, sim->now_ns);
}

/* How long a packet waits in the queue; -1 when it is full. */
static int64_t wait_ns(struct sim *sim, struct sim_link *link, enum sim_side side, size_t octets)
{
    struct sim_queue *queue = &link->queue;

    if (queue->rate_bps == 0 || side != SIM_RIGHT)
        return 0;
    advance(sim, queue);
    if (!enqueue(queue, octets + LINK_HEADER))
        return -1;
    return time_of(queue, (double)queue->backlog - queue->tokens);
}

int sim_owner(const struct sim *sim, int link, const struct sonde_address *address)
{
    int found = -1;

    for (enum sim_side side = SIM_LEFT; side < SIM_SIDES; side++)
        if (sonde_address_equal(&sim->links[link].address[side], address))
            found = link + (int)side;
    for (int i = 0; i < sim->routers + 2 + sim->extras; i++)
        if (sim->nodes[i].link[i ? SIM_LEFT : SIM_RIGHT] == link &&
            sonde_address_equal(&sim->nodes[i].extra, address))
            found = i;
    return found >= 0 && sim->nodes[found].arp_off ? -1 : found;
}

static struct sim_neighbour *find_neighbour(struct sim *sim, int node, const struct sonde_address *address)
{
    for (size_t i = 0; i < SIM_NEIGHBOURS_MAX; i++)
        if (sim->neighbours[i].used && sim->neighbours[i].node == node &&
            sonde_address_equal(&sim->neighbours[i].address, address))
            return &sim->neighbours[i];
    return NULL;
}

static struct sim_neighbour *add_neighbour(struct sim *sim, int node, const struct sonde_address *address)
{
    for (size_t i = 0; i < SIM_NEIGHBOURS_MAX; i++)
        if (!sim->neighbours[i].used) {
            sim->neighbours[i] = (struct sim_neighbour){.used = true, .node = node, .address = *address};
            return &sim->neighbours[i];
        }
    return NULL;
}

/* The packet waits until resolution fails; then its sender is told. */
static void hold(struct sim *sim, int node, const struct sonde_address *address,
                 const struct sim_packet *packet)
{
    struct sim_neighbour *neighbour = find_neighbour(sim, node, address);

    if (!neighbour)
        neighbour = add_neighbour(sim, node, address);
    if (!neighbour)
        return;
    if (neighbour->fails_ns <= sim->now_ns)
        neighbour->fails_ns =
            sim->now_ns + RESOLVING_NS + sim_random_between(&sim->random, 20, 80) * NS_PER_MS;
    sim_schedule(sim, neighbour->fails_ns, SIM_UNRESOLVED, node, 0, packet);
}

enum neighbour sim_neighbour(const struct sim *sim, int node, const struct sonde_address *address)
{
    int link = sim->nodes[node].link[SIM_RIGHT];
    const struct sim_neighbour *neighbour = find_neighbour((struct sim *)sim, node, address);

    if (sim_owner(sim, link, address) >= 0)
        return sim->gateway_resolved ? NEIGHBOUR_RESOLVED : NEIGHBOUR_UNKNOWN;
    if (!neighbour)
        return NEIGHBOUR_UNKNOWN;
    return neighbour->fails_ns > sim->now_ns ? NEIGHBOUR_PENDING : NEIGHBOUR_FAILED;
}

void sim_transmit(struct sim *sim, int node, const struct sim_hop *hop, const struct sim_packet *packet)
{
    int number = sim->nodes[node].link[hop->side];
    struct sim_link *link = &sim->links[number];
    int owner = sim_owner(sim, number, &hop->next);
    int64_t waited_ns;

    if (node == SIM_CLIENT && (sim->local.carrier_lost || sim->local.interface_down))
        return;
    if (owner < 0) {
        hold(sim, node, &hop->next, packet);
        return;
    }
    if (node == SIM_CLIENT) {
        sim->gateway_resolved = true;
        sim->packets_sent++;
    }
    if (link->loss[hop->side] > 0 && sim_random_happens(&sim->random, link->loss[hop->side]))
        return;
    waited_ns = wait_ns(sim, link, hop->side, packet->length);
    if (waited_ns < 0)
        return;
    if (link->jitter_ns)
        waited_ns += sim_random_between(&sim->random, 0, link->jitter_ns);
    sim_schedule(sim, sim->now_ns + NODE_NS + link->delay_ns[hop->side] + waited_ns, SIM_ARRIVES, owner, 0,
                 packet);
}
