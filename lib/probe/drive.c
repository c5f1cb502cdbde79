/* SPDX-License-Identifier: MIT */
/* The one loop that runs a state machine on a network, real or simulated. */
#include "probe/drive.h"

/* A refusal to send is an answer like any other: it is evidence about this machine. */
static void tell_refusal(struct machine *machine, const struct probe *probe, int error, int64_t now_ns)
{
    const struct reply reply = {
        .probe = probe->id,
        .kind = REPLY_LOCAL,
        .ttl = -1,
        .tos = -1,
        .quoted_tos = -1,
        .error = error,
        .when_ns = now_ns,
    };

    machine->on_reply(machine, &reply);
}

static void send_due(struct machine *machine, struct network *network)
{
    struct probe probe = {0};

    while (machine->next_send(machine, network->now(network), &probe)) {
        int result = network->send(network, &probe);

        if (result < 0)
            tell_refusal(machine, &probe, -result, network->now(network));
        probe = (struct probe){0};
    }
}

/* One answer or one deadline; -errno of a broken network. */
static int wait_once(struct machine *machine, struct network *network, int64_t until_ns)
{
    struct reply reply = {0};
    int result = network->receive(network, until_ns, &reply);

    if (result > 0)
        machine->on_reply(machine, &reply);
    return result;
}

int drive(struct machine *machine, struct network *network)
{
    for (;;) {
        int64_t deadline_ns;
        int result;

        send_due(machine, network);
        deadline_ns = machine->next_deadline(machine);
        if (deadline_ns == INT64_MAX)
            return 0;
        result = wait_once(machine, network, deadline_ns);
        if (result < 0)
            return result;
        if (result == 0)
            machine->on_tick(machine, network->now(network));
    }
}

int drive_step(struct machine *machine, struct network *network)
{
    int result;

    do {
        send_due(machine, network);
        result = wait_once(machine, network, INT64_MIN);
    } while (result > 0 && machine->next_deadline(machine) != INT64_MAX);
    if (result == 0 && machine->next_deadline(machine) <= network->now(network)) {
        machine->on_tick(machine, network->now(network));
        send_due(machine, network);
    }
    return result < 0 ? result : machine->next_deadline(machine) == INT64_MAX;
}
