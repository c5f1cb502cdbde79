/* SPDX-License-Identifier: MIT */
/* The best network this process may use for a destination, and turns for several of them. */
#include "net/edge.h"

#include <errno.h>
#include <net/if.h>
#include <poll.h>

#include "base/text.h"

enum { POLL_MAX = 256, NAP_MS = 10 /* a stream of one of many may wait this long for its turn */ };

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

static void sleep_for_any(const struct turn *turns, size_t count)
{
    struct pollfd fds[POLL_MAX];
    size_t used = 0;

    for (size_t i = 0; i < count; i++)
        if (!turns[i].done)
            used += fds_of(turns[i].edge, fds + used, POLL_MAX - used);
    (void)poll(fds, used, NAP_MS);
}

int edge_drive_all(struct turn *turns, size_t count)
{
    size_t left = count;

    while (left > 0) {
        left = 0;
        for (size_t i = 0; i < count; i++) {
            int code = turns[i].done ? 1 : drive_step(turns[i].machine, turns[i].edge->network);

            if (code < 0)
                return code;
            turns[i].done = code;
            left += !turns[i].done;
        }
        if (left > 0)
            sleep_for_any(turns, count);
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
