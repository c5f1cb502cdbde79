/* SPDX-License-Identifier: MIT */
/* All probes asked side by side, three times each, until all have answered or time is up. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/macro.h"
#include "net/guard/apply/probe/echo.h"
#include "net/guard/apply/probe/probe.h"
#include "net/sock.h"

enum { TRIES = 3, NAP_MS = 10 /* the neighbour table is looked at that often */ };

/* Whoever is late for one try may still answer until the last one is over; a rollback has time left within a
 * second. */
#define GAP_NS (200 * NS_PER_MS)

/* One probe on its way. */
struct errand {
    struct guard_probe *probe; /* NULL: there is nothing to ask */
    struct echo echo;
    int fds[TRIES]; /* -1: none; connections have one for each try, echo only the first */
    bool answered;
};

static bool is_echo(const struct guard_probe *probe)
{
    return probe->kind == GUARD_PROBE_ECHO || probe->kind == GUARD_PROBE_SIZE;
}

static struct gateway gateway_of(const struct guard_probe *probe)
{
    return (struct gateway){probe->address, probe->interface};
}

static void begin(struct errand *errand, struct guard_probe *probe)
{
    *errand = (struct errand){.probe = probe, .fds = {-1, -1, -1}};
    errand->echo =
        (struct echo){probe->address, probe->interface, 0, probe->kind == GUARD_PROBE_SIZE ? probe->size : 0};
    if (getrandom(&errand->echo.id, sizeof(errand->echo.id), 0) < 0)
        errand->echo.id = (uint16_t)sock_now();
    if (is_echo(probe))
        errand->fds[0] = echo_open(&errand->echo);
}

static int connect_to(const struct guard_probe *probe)
{
    const struct sock_binding binding = {.index = probe->interface};
    struct sockaddr_storage to;
    socklen_t length = sock_address(&probe->address, probe->port, &binding, &to);
    int fd = sock_open(probe->address.family, SOCK_STREAM, 0, NULL);

    if (fd < 0)
        return fd;
    sock_ignore_errors(fd, probe->address.family); /* an error on the way is no end, as for other programs */
    if (connect(fd, (const struct sockaddr *)&to, length) == 0 || errno == EINPROGRESS)
        return fd;
    close(fd);
    return -1;
}

static void try(struct errand *errand, struct netlink *netlink, int number)
{
    struct gateway gateway = gateway_of(errand->probe);

    if (errand->answered)
        return;
    if (errand->probe->kind == GUARD_PROBE_CONNECT)
        errand->fds[number] = connect_to(errand->probe);
    else if (errand->probe->kind == GUARD_PROBE_NEIGHBOUR)
        (void)link_ask(netlink, &gateway); /* what has no entry does not answer either */
    else if (errand->fds[0] >= 0)
        (void)echo_send(errand->fds[0], &errand->echo, (uint16_t)number);
}

/* A connection that was refused has no peer; its error can be asked for only once. */
static bool is_connected(const struct errand *errand)
{
    for (size_t i = 0; i < TRIES; i++) {
        struct sockaddr_storage peer;
        socklen_t length = sizeof(peer);

        if (errand->fds[i] >= 0 && getpeername(errand->fds[i], (struct sockaddr *)&peer, &length) == 0)
            return true;
    }
    return false;
}

/* Too big is an answer only to what was big; the same reply to both would hide a path that swallows them. */
static bool has_answer(struct errand *errand, struct netlink *netlink)
{
    struct gateway gateway = gateway_of(errand->probe);
    enum link_answer answer = LINK_NONE;

    switch (errand->probe->kind) {
    case GUARD_PROBE_CONNECT:
        return is_connected(errand);
    case GUARD_PROBE_NEIGHBOUR:
        return link_answer(netlink, &gateway, &answer) == 0 && answer == LINK_ANSWERED;
    case GUARD_PROBE_ECHO:
        return errand->fds[0] >= 0 && echo_hear(errand->fds[0], &errand->echo) == ECHO_REPLY;
    case GUARD_PROBE_SIZE:
        return errand->fds[0] >= 0 && echo_hear(errand->fds[0], &errand->echo) != ECHO_NONE;
    }
    return false;
}

/* How many have not answered yet. */
static size_t look(struct errand *errands, size_t count, struct netlink *netlink)
{
    size_t open = 0;

    for (size_t i = 0; i < count; i++) {
        if (!errands[i].answered)
            errands[i].answered = has_answer(&errands[i], netlink);
        open += !errands[i].answered;
    }
    return open;
}

/* Look again and again until all have answered; -EINTR, else how many have not. */
static int wait_until(struct errand *errands, size_t count, struct netlink *netlink, int64_t deadline_ns)
{
    size_t open = look(errands, count, netlink);

    while (open > 0 && sock_now() < deadline_ns) {
        if (poll(NULL, 0, NAP_MS) < 0 && errno == EINTR)
            return -EINTR;
        open = look(errands, count, netlink);
    }
    return (int)open;
}

static void end(struct errand *errand)
{
    errand->probe->is_green = errand->answered;
    for (size_t i = 0; i < TRIES; i++)
        sock_reset(errand->fds[i]);
}

static int ask(struct errand *errands, size_t count, struct netlink *netlink)
{
    int open = (int)count;

    for (int number = 0; number < TRIES && open > 0; number++) {
        for (size_t i = 0; i < count; i++)
            try(&errands[i], netlink, number);
        open = wait_until(errands, count, netlink, sock_now() + GAP_NS);
    }
    return open < 0 ? open : 0;
}

int guard_probes_ask(struct guard_probes *probes, bool only_green)
{
    struct errand errands[PROBES_LIST_MAX];
    struct netlink netlink = {0};
    size_t count = 0;
    int code = netlink_open(&netlink, NETLINK_ROUTE);

    for (size_t i = 0; i < probes->count; i++)
        if (!only_green || probes->items[i].was_green)
            begin(&errands[count++], &probes->items[i]);
    if (code == 0)
        code = ask(errands, count, &netlink);
    for (size_t i = 0; i < count; i++)
        end(&errands[i]);
    netlink_close(&netlink);
    return code;
}
