/* SPDX-License-Identifier: MIT */
/* What decides about ICMP on this machine now: rules of every firewall, programs, sysctls, as they are. */
#include "net/guard/running.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/list.h"
#include "base/macro.h"
#include "net/program/nft.h"
#include "net/server/host.h"

static void miss(struct running *running, const char *what, const char *why)
{
    text_add(&running->unread, "%s: %s\n", what, why);
}

static void add_sysctl(struct running *running, const char *name, int64_t value)
{
    struct running_sysctl *sysctl;

    running->sysctls = list_grown(running->sysctls, running->sysctl_count, &running->sysctl_capacity,
                                  sizeof(*running->sysctls));
    sysctl = &running->sysctls[running->sysctl_count++];
    *sysctl = (struct running_sysctl){.value = value};
    snprintf(sysctl->name, sizeof(sysctl->name), "%s", name);
}

/* The names of interfaces may hold dots, so the path is what is given, and the name made of it. */
static void read_sysctl(struct running *running, const char *path)
{
    char file[160], name[96], text[32] = "";
    FILE *stream;

    snprintf(file, sizeof(file), "/proc/sys/%s", path);
    snprintf(name, sizeof(name), "%s", path);
    for (char *slash = name; (slash = strchr(slash, '/')) != NULL;)
        *slash = '.';
    stream = fopen(file, "re");
    if (!stream)
        return; /* this kernel has no such knob */
    if (fgets(text, sizeof(text), stream))
        add_sysctl(running, name, strtoll(text, NULL, 10));
    fclose(stream);
}

/** Sysctls that decide about ICMP. */
static const char *const knobs[] = {
    "net/ipv4/ip_forward",
    "net/ipv6/conf/all/forwarding",
    "net/ipv4/icmp_echo_ignore_all",
    "net/ipv4/icmp_echo_ignore_broadcasts",
    "net/ipv4/icmp_ignore_bogus_error_responses",
    "net/ipv4/icmp_errors_use_inbound_ifaddr",
    "net/ipv4/icmp_ratelimit",
    "net/ipv4/icmp_ratemask",
    "net/ipv4/icmp_msgs_per_sec",
    "net/ipv4/icmp_msgs_burst",
    "net/ipv4/icmp_echo_enable_probe",
    "net/ipv4/ip_no_pmtu_disc",
    "net/ipv4/route/min_pmtu",
    "net/ipv4/tcp_mtu_probing",
    "net/ipv6/icmp/echo_ignore_all",
    "net/ipv6/icmp/echo_ignore_multicast",
    "net/ipv6/icmp/echo_ignore_anycast",
    "net/ipv6/icmp/ratelimit",
    "net/netfilter/nf_log_all_netns",
    "net/netfilter/nf_conntrack_icmp_timeout",
    "net/netfilter/nf_conntrack_icmpv6_timeout",
};

/** Those of each interface. */
static const struct {
    const char *tree, *name;
} interface_knobs[] = {
    {"net/ipv4/conf", "accept_redirects"}, {"net/ipv4/conf", "secure_redirects"},
    {"net/ipv4/conf", "send_redirects"},   {"net/ipv4/conf", "rp_filter"},
    {"net/ipv6/conf", "accept_redirects"}, {"net/ipv6/conf", "accept_ra"},
};

static void read_interface_knobs(struct running *running, const char *interface)
{
    char path[128];

    for (size_t i = 0; i < COUNT_OF(interface_knobs); i++) {
        snprintf(path, sizeof(path), "%s/%s/%s", interface_knobs[i].tree, interface, interface_knobs[i].name);
        read_sysctl(running, path);
    }
}

static void read_knobs(struct running *running)
{
    for (size_t i = 0; i < COUNT_OF(knobs); i++)
        read_sysctl(running, knobs[i]);
    read_interface_knobs(running, "all");
    read_interface_knobs(running, "default");
    for (size_t i = 0; i < running->interface_count; i++)
        read_interface_knobs(running, running->interfaces[i].name);
    running->forwards4 = running_sysctl(running, "net.ipv4.ip_forward", 0) > 0;
    running->forwards6 = running_sysctl(running, "net.ipv6.conf.all.forwarding", 0) > 0;
}

static uint32_t mtu_of(int fd, const char *name)
{
    struct ifreq request = {0};

    snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
    return fd >= 0 && ioctl(fd, SIOCGIFMTU, &request) == 0 ? (uint32_t)request.ifr_mtu : 0;
}

/* The lines of /proc/net/ipv6_route for ::/0 that lead through an interface; unreachable ones are on lo. */
static void read_default_routes6(struct running *running)
{
    FILE *stream = fopen("/proc/net/ipv6_route", "re");
    char line[256], destination[40], bits[4], interface[20];

    while (stream && fgets(line, sizeof(line), stream)) {
        if (sscanf(line, "%39s %3s %*s %*s %*s %*s %*s %*s %*s %19s", destination, bits, interface) != 3 ||
            strcmp(bits, "00") != 0 || strcmp(interface, "lo") == 0)
            continue;
        for (size_t i = 0; i < running->interface_count; i++)
            if (strcmp(running->interfaces[i].name, interface) == 0)
                running->interfaces[i].default_route6 = true;
    }
    if (stream)
        fclose(stream);
}

static void read_interfaces(struct running *running)
{
    struct host host = {0};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), result = host_read_here(&host);

    if (result < 0)
        miss(running, "interfaces, XDP and tc", strerror(-result));
    running->interfaces = calloc(host.interface_count + 1, sizeof(*running->interfaces));
    if (!running->interfaces)
        abort();
    for (size_t i = 0; result == 0 && i < host.interface_count; i++) {
        const struct host_interface *from = &host.interfaces[i];
        struct running_interface *to = &running->interfaces[running->interface_count++];

        snprintf(to->name, sizeof(to->name), "%s", from->name);
        to->up = from->up;
        to->loopback = from->loopback;
        to->xdp = from->xdp;
        to->tc = from->tc;
        to->default_route4 = from->default_route4;
        to->mtu = mtu_of(fd, from->name);
    }
    if (fd >= 0)
        close(fd);
    host_deinit(&host);
    read_default_routes6(running);
}

static void read_nft(struct running *running)
{
    struct sonde_error error = {0};

    if (nft_list("ruleset", NFT_JSON, &running->nft_json, &error) < 0 ||
        nft_list("ruleset", NFT_FILE, &running->nft, &error) < 0)
        miss(running, "rules of nftables", error.what);
    if (nft_generation(&running->generation) < 0)
        running->generation = 0;
}

static bool hides_types(const struct running *running)
{
    return strstr(text_get(&running->nft_json), "\"xt\"") != NULL;
}

/* Without iptables' own tools, what nft says of such rules is all there is: their types are hidden. */
static void read_iptables(struct running *running, enum iptables which)
{
    struct text *rules = &running->iptables[which];
    bool legacy = which >= IPTABLES_LEGACY_4;
    struct sonde_error error = {0};

    if (legacy ? !iptables_has_tables(which) : !hides_types(running))
        return;
    if (iptables_save(which, rules, &error) == 0)
        return;
    text_deinit(rules);
    miss(running, "rules of iptables", error.what);
}

void running_read(struct running *running)
{
    read_interfaces(running);
    read_knobs(running);
    read_nft(running);
    for (int which = 0; which < IPTABLES_COUNT; which++)
        read_iptables(running, (enum iptables)which);
}

int64_t running_sysctl(const struct running *running, const char *name, int64_t absent)
{
    for (size_t i = 0; i < running->sysctl_count; i++)
        if (strcmp(running->sysctls[i].name, name) == 0)
            return running->sysctls[i].value;
    return absent;
}

void running_deinit(struct running *running)
{
    text_deinit(&running->nft);
    text_deinit(&running->nft_json);
    for (int which = 0; which < IPTABLES_COUNT; which++)
        text_deinit(&running->iptables[which]);
    text_deinit(&running->unread);
    free(running->sysctls);
    free(running->interfaces);
    *running = (struct running){0};
}
