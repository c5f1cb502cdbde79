/* SPDX-License-Identifier: MIT */
/* Which probes there are: the usual ones, and what the user names. */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/macro.h"
#include "net/guard/apply/probe/probe.h"
#include "net/local.h"
#include "net/resolve.h"
#include "probe/target.h"

enum { GATEWAYS_MAX = 4, SIZE_MAX_OCTETS = 9000 /* of loopback and the like nothing is learnt */ };

static const char *const phrases[] = {
    [GUARD_PROBE_ECHO] = "echo to",
    [GUARD_PROBE_SIZE] = "the largest packet to",
    [GUARD_PROBE_CONNECT] = "a connection to",
    [GUARD_PROBE_NEIGHBOUR] = "the link to",
};

/* @param role "the gateway ", or empty */
static int add(struct guard_probes *probes, const struct guard_probe *probe, const char *role)
{
    char address[SONDE_ADDRESS_TEXT], port[16] = "";
    struct guard_probe *added;

    if (probes->count == PROBES_LIST_MAX)
        return -E2BIG;
    added = &probes->items[probes->count++];
    *added = *probe;
    if (probe->port)
        snprintf(port, sizeof(port), " port %u", probe->port);
    snprintf(added->name, sizeof(added->name), "%s %s%s%s", phrases[probe->kind], role,
             sonde_address_format(&probe->address, address), port);
    return 0;
}

/* The largest packet of the way there, as far as this machine knows. */
static uint16_t size_to(const struct sonde_address *address)
{
    struct local local;
    struct route route = {0};
    int code = local_init(&local, NULL, NULL);

    if (code == 0)
        code = local_route(&local, address, false, 0, &route);
    local_deinit(&local);
    return code == 0 && !route.loopback && route.mtu <= SIZE_MAX_OCTETS ? (uint16_t)route.mtu : 0;
}

static int add_echo_and_size(struct guard_probes *probes, struct guard_probe probe, const char *role)
{
    int code;

    probe.kind = GUARD_PROBE_ECHO;
    code = add(probes, &probe, role);
    probe.size = address_is_link_local(&probe.address) ? 0 : size_to(&probe.address);
    if (code < 0 || probe.size == 0)
        return code;
    probe.kind = GUARD_PROBE_SIZE;
    return add(probes, &probe, role);
}

static void add_gateways(struct guard_probes *probes)
{
    struct gateway gateways[GATEWAYS_MAX];
    struct netlink netlink = {0};
    int count = netlink_open(&netlink, NETLINK_ROUTE);

    if (count == 0)
        count = link_gateways(&netlink, gateways, GATEWAYS_MAX);
    for (int i = 0; i < count; i++) {
        struct guard_probe probe = {.address = gateways[i].address, .interface = gateways[i].interface};

        add_echo_and_size(probes, probe, "the gateway ");
        probe.kind = GUARD_PROBE_NEIGHBOUR;
        add(probes, &probe, "the gateway ");
    }
    netlink_close(&netlink);
}

/* SSH_CONNECTION: peer, its port, our address, our port. */
static void add_ssh(struct guard_probes *probes, const char *ssh)
{
    char words[4][SONDE_ADDRESS_TEXT] = {0};
    struct guard_probe peer = {0}, own = {.kind = GUARD_PROBE_CONNECT};
    unsigned long port;

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        size_t length = strcspn(ssh, " ");

        snprintf(words[i], sizeof(words[i]), "%.*s", (int)length, ssh);
        ssh += length + (ssh[length] == ' ');
    }
    port = strtoul(words[3], NULL, 10);
    own.port = port <= UINT16_MAX ? (uint16_t)port : 0;
    if (sonde_address_parse(words[0], &peer.address) == 0)
        add_echo_and_size(probes, peer, "the peer of ssh ");
    if (own.port && sonde_address_parse(words[2], &own.address) == 0)
        add(probes, &own, "sshd at ");
}

void guard_probes_usual(struct guard_probes *probes, const struct session_of *session)
{
    add_gateways(probes);
    if (session->ssh[0])
        add_ssh(probes, session->ssh);
}

static int refuse_many(struct sonde_error *error)
{
    return error_set(error, -E2BIG, "there are more than %d probes", PROBES_LIST_MAX);
}

int guard_probes_add(struct guard_probes *probes, const char *target, struct sonde_error *error)
{
    struct target read;
    struct sonde_address address;
    struct guard_probe probe = {.kind = GUARD_PROBE_CONNECT};
    int code = target_parse(target, &read, error);

    if (code == 0 && read.udp) {
        error_set(error, SONDE_E_USAGE, "--probe cannot ask %s: it knows echo and TCP", target);
        return SONDE_E_USAGE;
    }
    if (code == 0)
        code = resolve(read.host, 0, &address, 1, error);
    if (code < 0)
        return code;
    probe.address = address;
    probe.port = read.port;
    code = read.port ? add(probes, &probe, "") : add_echo_and_size(probes, probe, "");
    return code < 0 ? refuse_many(error) : 0;
}

size_t guard_probes_keep(struct guard_probes *probes)
{
    size_t count = 0;

    for (size_t i = 0; i < probes->count; i++) {
        probes->items[i].was_green = probes->items[i].is_green;
        count += probes->items[i].was_green;
    }
    return count;
}

const struct guard_probe *guard_probes_red(const struct guard_probes *probes)
{
    for (size_t i = 0; i < probes->count; i++)
        if (probes->items[i].was_green && !probes->items[i].is_green)
            return &probes->items[i];
    return NULL;
}
