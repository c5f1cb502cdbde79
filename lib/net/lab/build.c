/* SPDX-License-Identifier: MIT */
/* Building the network of a scenario. */
#include "net/lab/build.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "net/lab/filter.h"
#include "net/lab/netns.h"
#include "net/lab/rtnl.h"
#include "net/lab/server.h"

/* A network under construction. */
struct build {
    const struct scenario *scenario;
    struct sonde_error *error;
    int own;                            /* the caller's namespace */
    int namespaces[SCENARIO_HOSTS_MAX]; /* 0: not yet */
};

const char *build_namespace_name(const char *instance, const char *host, char name[BUILD_NAME_MAX])
{
    snprintf(name, BUILD_NAME_MAX, "sonde-%s-%s", instance, host);
    return name;
}

/* /proc/sys/net shows the namespace of whoever looks. */
static int write_sysctl(const char *key, const char *value)
{
    char path[256];
    ssize_t written;
    int fd;

    snprintf(path, sizeof(path), "/proc/sys/%s", key);
    for (char *c = path; *c; c++)
        if (*c == '.')
            *c = '/';
    fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    written = write(fd, value, strlen(value));
    if (written < 0)
        written = -errno;
    close(fd);
    return written < 0 ? (int)written : 0;
}

/* A namespace inherits some settings from the machine; a scenario must mean the same on every machine. */
static int set_defaults(void)
{
    static const char *const settings[][2] = {
        {"net.ipv4.conf.all.rp_filter", "0"},
        {"net.ipv4.conf.default.rp_filter", "0"},
        {"net.ipv4.conf.all.forwarding", "0"},
        {"net.ipv4.conf.default.forwarding", "0"},
        {"net.ipv6.conf.all.disable_ipv6", "0"},
        {"net.ipv6.conf.default.disable_ipv6", "0"},
        {"net.ipv6.conf.all.accept_dad", "0"},
        {"net.ipv6.conf.default.accept_dad", "0"},
        {"net.ipv6.conf.default.router_solicitations", "0"},
    };

    for (size_t i = 0; i < COUNT_OF(settings); i++) {
        int rc = write_sysctl(settings[i][0], settings[i][1]);

        if (rc < 0 && rc != -ENOENT)
            return rc;
    }
    return rtnl_set_link("lo", IFF_UP, IFF_UP, 0);
}

static int finish_interface(const char *name)
{
    rtnl_disable_offload(name);
    return rtnl_set_link(name, IFF_UP, IFF_UP, 0);
}

static int take_link(struct build *build, const struct scenario_step *step)
{
    int peer = build->namespaces[step->peer];
    int rc = rtnl_add_pair(step->interface, step->peer_interface, peer);

    if (rc == 0)
        rc = finish_interface(step->interface);
    if (rc == 0)
        rc = netns_enter(peer);
    return rc == 0 ? finish_interface(step->peer_interface) : rc;
}

static int take_bridge(struct build *build, const struct scenario_step *step)
{
    int rc = rtnl_add_bridge(step->interface);

    return rc == 0 ? rtnl_set_link(step->interface, IFF_UP, IFF_UP, 0) : rc;
}

static int take_port(struct build *build, const struct scenario_step *step)
{
    return rtnl_set_bridge(step->interface, step->peer_interface);
}

static int take_address(struct build *build, const struct scenario_step *step)
{
    return rtnl_add_address(step->interface, &step->prefix);
}

static struct rtnl_route route_of(const struct scenario_step *step)
{
    return (struct rtnl_route){
        .prefix = step->prefix, .gateway = step->address, .interface = step->interface, .type = step->route};
}

static int take_route(struct build *build, const struct scenario_step *step)
{
    const struct rtnl_route route = route_of(step);

    return rtnl_add_route(&route);
}

static int take_unroute(struct build *build, const struct scenario_step *step)
{
    const struct rtnl_route route = route_of(step);

    return rtnl_delete_route(&route);
}

static int take_sysctl(struct build *build, const struct scenario_step *step)
{
    return write_sysctl(step->word, step->text);
}

static int take_mtu(struct build *build, const struct scenario_step *step)
{
    return rtnl_set_link(step->interface, 0, 0, step->octets);
}

static int take_down(struct build *build, const struct scenario_step *step)
{
    return rtnl_set_link(step->interface, 0, IFF_UP, 0);
}

static int take_noarp(struct build *build, const struct scenario_step *step)
{
    return rtnl_set_link(step->interface, IFF_NOARP, IFF_NOARP, 0);
}

static int take_slow(struct build *build, const struct scenario_step *step)
{
    return rtnl_slow_down(step->interface, step->rate, step->octets);
}

static int take_load(struct build *build, const struct scenario_step *step)
{
    int pid = server_start_load(&step->address, step->port, step->rate);

    return pid < 0 ? pid : 0;
}

static int take_service(struct build *build, const struct scenario_step *step)
{
    int pid = server_start(step->service, &step->address, step->port);

    return pid < 0 ? pid : 0;
}

static int take_filter(struct build *build, const struct scenario_step *step)
{
    return filter_add(step->word, step->text, build->error);
}

static int take_nat(struct build *build, const struct scenario_step *step)
{
    return filter_add_nat(step->text, build->error);
}

/* Names are given to commands when they are started, not to the network. */
static int take_name(struct build *build, const struct scenario_step *step)
{
    return 0;
}

static int (*const takers[])(struct build *build, const struct scenario_step *step) = {
    [STEP_LINK] = take_link,       [STEP_BRIDGE] = take_bridge, [STEP_PORT] = take_port,
    [STEP_ADDRESS] = take_address, [STEP_ROUTE] = take_route,   [STEP_UNROUTE] = take_unroute,
    [STEP_SYSCTL] = take_sysctl,   [STEP_MTU] = take_mtu,       [STEP_DOWN] = take_down,
    [STEP_NOARP] = take_noarp,     [STEP_SLOW] = take_slow,     [STEP_LOAD] = take_load,
    [STEP_SERVICE] = take_service, [STEP_FILTER] = take_filter, [STEP_NAT] = take_nat,
    [STEP_NAME] = take_name,
};

static int take_step(struct build *build, const struct scenario_step *step)
{
    struct sonde_error cause = {0};
    struct build inner = *build;
    int rc = netns_enter(build->namespaces[step->host]);

    inner.error = &cause;
    if (rc == 0)
        rc = takers[step->verb](&inner, step);
    if (netns_enter(build->own) < 0)
        return error_set(build->error, -EPERM, "the way back from a network namespace is barred");
    if (rc == 0)
        return 0;
    error_set(build->error, rc, "%s:%u: \"%.80s\" failed: %.90s", step->file, step->line, step->source,
              cause.code ? cause.what : sonde_error_text(rc));
    if (cause.hint[0])
        error_hint(build->error, "%s", cause.hint);
    return rc;
}

static int make_hosts(struct build *build, const char *instance)
{
    for (size_t i = 0; i < build->scenario->host_count; i++) {
        char name[BUILD_NAME_MAX];
        int rc,
            fd = netns_create(build_namespace_name(instance, build->scenario->hosts[i], name), build->error);

        if (fd < 0)
            return fd;
        build->namespaces[i] = fd;
        rc = netns_enter(fd);
        if (rc == 0)
            rc = set_defaults();
        if (rc == 0)
            rc = netns_enter(build->own);
        if (rc < 0)
            return error_set(build->error, rc, "the host %s cannot be prepared: %s",
                             build->scenario->hosts[i], sonde_error_text(rc));
    }
    return 0;
}

static int take_steps(struct build *build, bool fault)
{
    const struct scenario *scenario = build->scenario;

    for (size_t i = 0; i < scenario->step_count; i++) {
        int rc = scenario->steps[i].fault == fault ? take_step(build, &scenario->steps[i]) : 0;

        if (rc < 0)
            return rc;
    }
    return 0;
}

int build_network(const struct scenario *scenario, const char *instance, struct sonde_error *error)
{
    struct build build = {.scenario = scenario, .error = error, .own = netns_current()};
    int rc = build.own < 0 ? build.own : make_hosts(&build, instance);

    if (rc == 0)
        rc = take_steps(&build, false);
    if (rc == 0)
        rc = take_steps(&build, true);
    for (size_t i = 0; i < scenario->host_count; i++)
        if (build.namespaces[i] > 0)
            close(build.namespaces[i]);
    if (build.own >= 0)
        close(build.own);
    return rc;
}
