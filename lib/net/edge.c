/* SPDX-License-Identifier: MIT */
/* The best network this process may use for a destination, and turns for several of them. */
#include "net/edge.h"

#include <errno.h>
#include <net/if.h>
#include <poll.h>

#include "base/macro.h"
#include "base/text.h"

enum {
    POLL_MAX = 64,
    ACTIVE_MAX = 4, /* targets at a time */
    NAP_MS = 10,    /* a stream of one of many may wait this long for its turn */
};

#define START_GAP_NS (200 * NS_PER_MS)

int edge_init(struct edge *edge, const struct sonde_address *destination,
              const struct sonde_why_options *options, struct pcap_writer *pcap, struct sonde_error *error)
{
    int code = raw_init(&edge->raw, destination, options->interface, &options->source, pcap, error);

    edge->privileged = code == 0;
    if (code == 0)
        edge->network = &edge->raw.network;
    if (code != SONDE_E_PERMISSION)
        return code;
    code = sockets_init(&edge->sockets, destination, options->interface, &options->source, error);
    if (code == 0)
        edge->network = &edge->sockets.network;
    return code;
}

void edge_deinit(struct edge *edge)
{
    if (edge->privileged)
        raw_deinit(&edge->raw);
    else
        sockets_deinit(&edge->sockets);
}

static size_t fds_of(const struct edge *edge, struct pollfd *fds, size_t max)
{
    if (!edge->privileged)
        return sockets_fds(&edge->sockets, fds, max);
    if (max > 0)
        fds[0] = (struct pollfd){edge->raw.capture_fd, POLLIN, 0};
    return max > 0;
}

/* 0, or -EINTR when the user wants to stop. */
static int sleep_for_any(const struct turn *turns, size_t count)
{
    struct pollfd fds[POLL_MAX];
    size_t used = 0;

    for (size_t i = 0; i < count; i++)
        if (turns[i].started_ns && !turns[i].done)
            used += fds_of(turns[i].edge, fds + used, POLL_MAX - used);
    return poll(fds, used, NAP_MS) < 0 && errno == EINTR ? -EINTR : 0;
}

/* Routers answer one ICMP error a second to each asker, after a burst of six, and all targets behind them
 * share that: so only a few targets are asked about at a time, and never two in the same moment. */
static bool may_start(const struct turn *turns, size_t index, int64_t now_ns)
{
    size_t active = 0;

    for (size_t i = 0; i < index; i++) {
        active += !turns[i].done;
        if (now_ns - turns[i].started_ns < START_GAP_NS)
            return false;
    }
    return active < ACTIVE_MAX;
}

/* 1 when the turn is over for good, 0 when it is not, -errno. */
static int take_turn(struct turn *turns, size_t index)
{
    struct turn *turn = &turns[index];
    struct network *network = turn->edge->network;

    if (turn->done)
        return 1;
    if (!turn->started_ns) {
        if (!may_start(turns, index, network->now(network)))
            return 0;
        turn->started_ns = network->now(network);
    }
    return drive_step(turn->machine, network);
}

int edge_drive_all(struct turn *turns, size_t count)
{
    size_t left = count;

    while (left > 0) {
        left = 0;
        for (size_t i = 0; i < count; i++) {
            int code = take_turn(turns, i);

            if (code < 0)
                return code;
            turns[i].done = code;
            left += !code;
        }
        if (left > 0 && sleep_for_any(turns, count) < 0)
            return -EINTR;
    }
    return 0;
}

int edge_check_interface(const char *name, struct sonde_error *error)
{
    struct if_nameindex *all = if_nameindex();
    struct text _cleanup_text_ names = {0};

    if (if_nametoindex(name)) {
        if_freenameindex(all);
        return 0;
    }
    for (struct if_nameindex *at = all; at && at->if_name; at++)
        text_add(&names, "%s%s", names.length ? ", " : "", at->if_name);
    if_freenameindex(all);
    error_set(error, SONDE_E_USAGE, "there is no interface %s", name);
    error_hint(error, "There are: %s", text_get(&names));
    return SONDE_E_USAGE;
}
