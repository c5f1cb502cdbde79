/* SPDX-License-Identifier: MIT */
/* A scratch network namespace: veth pairs under the machine's interface names, fixed addresses and
 * neighbours. */
#include "net/guard/scratch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/lab/netns.h"
#include "net/lab/rtnl.h"
#include "net/netlink.h"

enum { PATH_OCTETS = 160 };

/* The sysctls that decide whether a packet reaches a rule. What the stack does with a packet afterwards
 * (accept_ra, accept_redirects) is no verdict, and would let probes change the scratch namespace. */
static const char *const machine_sysctls[] = {
    "net/ipv4/icmp_echo_ignore_all",
    "net/ipv4/icmp_echo_ignore_broadcasts",
    "net/ipv4/icmp_ratelimit",
    "net/ipv4/icmp_ratemask",
    "net/ipv4/ip_no_pmtu_disc",
    "net/ipv6/icmp/echo_ignore_all",
    "net/netfilter/nf_conntrack_checksum",
    "net/netfilter/nf_conntrack_icmp_timeout",
    "net/netfilter/nf_conntrack_tcp_be_liberal",
    "net/netfilter/nf_conntrack_tcp_loose",
};
static const char *const interface_sysctls[] = {
    "net/ipv4/conf/%s/rp_filter",      "net/ipv4/conf/%s/accept_source_route",
    "net/ipv4/conf/%s/accept_local",   "net/ipv4/conf/%s/route_localnet",
    "net/ipv4/conf/%s/src_valid_mark", "net/ipv6/conf/%s/accept_source_route",
};

/* Nothing but the probes shall move in the namespace. */
static const char *const quiet[][2] = {
    {"net/ipv6/conf/all/accept_dad", "0"},        {"net/ipv6/conf/default/accept_dad", "0"},
    {"net/ipv6/conf/default/dad_transmits", "0"}, {"net/ipv6/conf/default/router_solicitations", "0"},
    {"net/ipv6/conf/default/accept_ra", "0"},     {"net/ipv6/conf/default/addr_gen_mode", "1"},
    {"net/ipv4/conf/all/accept_redirects", "0"},  {"net/ipv4/conf/default/accept_redirects", "0"},
    {"net/ipv6/conf/all/accept_redirects", "0"},  {"net/ipv6/conf/default/accept_redirects", "0"},
};

/* Not the link address of the other end: that one's stack then takes nothing for itself. */
static const uint8_t nobody[SCRATCH_OCTETS] = {0x02, 's', 'o', 'n', 'd', 0xff};

const char *scratch_peer(size_t interface, char name[16])
{
    snprintf(name, 16, "outer%zu", interface);
    return name;
}

int scratch_enter(int namespace)
{
    return netns_enter(namespace);
}

int scratch_find(const struct scratch *scratch, const char *interface)
{
    for (size_t i = 0; i < scratch->interface_count; i++)
        if (!strcmp(scratch->interfaces[i], interface))
            return (int)i;
    return -ENOENT;
}

/* What the caller's thread may be told apart by: /proc/sys/net is that of the reading thread's namespace. */
int scratch_set(const char *name, const char *value)
{
    char path[PATH_OCTETS];
    int fd, result;

    snprintf(path, sizeof(path), "/proc/sys/%s", name);
    fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    result = write(fd, value, strlen(value)) < 0 ? -errno : 0;
    close(fd);
    return result;
}

static void read_sysctl(struct text *text, const char *name)
{
    char path[PATH_OCTETS], value[64];
    ssize_t length;
    int fd;

    snprintf(path, sizeof(path), "/proc/sys/%s", name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    length = read(fd, value, sizeof(value) - 1);
    close(fd);
    if (length <= 0)
        return;
    value[length] = 0;
    value[strcspn(value, "\n")] = 0;
    text_add(text, "%s %s\n", name, value);
}

static void read_sysctls(struct scratch *scratch)
{
    for (size_t i = 0; i < COUNT_OF(machine_sysctls); i++)
        read_sysctl(&scratch->sysctls, machine_sysctls[i]);
    for (size_t i = 0; i < COUNT_OF(interface_sysctls); i++) {
        const char *form = interface_sysctls[i], *rest = strchr(form, '%') + 2;
        int head = (int)(strchr(form, '%') - form);
        char name[PATH_OCTETS];

        snprintf(name, sizeof(name), "%.*sall%s", head, form, rest);
        read_sysctl(&scratch->sysctls, name);
        snprintf(name, sizeof(name), "%.*sdefault%s", head, form, rest);
        read_sysctl(&scratch->sysctls, name);
        for (size_t j = 0; j < scratch->interface_count; j++) {
            snprintf(name, sizeof(name), "%.*s%s%s", head, form, scratch->interfaces[j], rest);
            read_sysctl(&scratch->sysctls, name);
        }
    }
}

static int write_file(const char *path, const char *value)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC), result;

    if (fd < 0)
        return -errno;
    result = write(fd, value, strlen(value)) < 0 ? -errno : 0;
    close(fd);
    return result;
}

/* Root of a user namespace of our own, in which nobody but us exists. */
static int become_root_of_nothing(void)
{
    char map[48];
    uid_t uid = geteuid();
    gid_t gid = getegid();
    int result;

    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
        return -errno;
    result = write_file("/proc/self/setgroups", "deny");
    snprintf(map, sizeof(map), "0 %u 1", (unsigned)uid);
    if (result == 0 || result == -ENOENT)
        result = write_file("/proc/self/uid_map", map);
    snprintf(map, sizeof(map), "0 %u 1", (unsigned)gid);
    return result < 0 ? result : write_file("/proc/self/gid_map", map);
}

static int leave_home(void)
{
    if (unshare(CLONE_NEWNET) == 0)
        return 0;
    return errno == EPERM ? become_root_of_nothing() : -errno;
}

/* A neighbour that needs no ARP and no neighbour discovery. */
static int add_neighbor(const char *interface, const struct sonde_address *address)
{
    struct netlink netlink = {0};
    union netlink_request request;
    struct ndmsg *neighbor =
        netlink_request(&request, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, sizeof(*neighbor));
    int result = netlink_open(&netlink, NETLINK_ROUTE);

    if (result < 0)
        return result;
    neighbor->ndm_family = address->family == 4 ? AF_INET : AF_INET6;
    neighbor->ndm_ifindex = (int)if_nametoindex(interface);
    neighbor->ndm_state = NUD_PERMANENT;
    mnl_attr_put(&request.header, NDA_DST, address_length(address->family), address->bytes);
    mnl_attr_put(&request.header, NDA_LLADDR, sizeof(nobody), nobody);
    result = netlink_ask(&netlink, &request, NULL, NULL);
    netlink_close(&netlink);
    return result;
}

/* Their last octet is 1 inside and 2 outside; one octet is the number of the interface. */
static const struct {
    struct scenario_prefix prefix;
    int numbered; /* octet, or -1 */
} nets[] = {
    {{{4, {198, 18, 0, 1}}, 24}, 2},
    {{{6, {0x20, 0x01, 0x00, 0x02, [15] = 1}}, 64}, 7},
    {{{6, {0xfe, 0x80, [15] = 1}}, 64}, -1},
};

static int add_addresses(const char *interface, size_t number)
{
    int result = 0;

    for (size_t i = 0; i < COUNT_OF(nets) && result == 0; i++) {
        struct scenario_prefix own = nets[i].prefix;
        struct sonde_address other;

        if (nets[i].numbered >= 0)
            own.address.bytes[nets[i].numbered] = (uint8_t)number;
        other = own.address;
        other.bytes[address_length(other.family) - 1] = 2;
        result = rtnl_add_address(interface, &own);
        if (result == 0)
            result = add_neighbor(interface, &other);
    }
    return result;
}

static int read_link(const char *interface, uint8_t link[SCRATCH_OCTETS])
{
    struct ifreq request = {0};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), result;

    if (fd < 0)
        return -errno;
    snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
    result = ioctl(fd, SIOCGIFHWADDR, &request) < 0 ? -errno : 0;
    close(fd);
    memcpy(link, request.ifr_hwaddr.sa_data, SCRATCH_OCTETS);
    return result;
}

static int add_interface(struct scratch *scratch, size_t number)
{
    const char *name = scratch->interfaces[number];
    char peer[16];
    int result = rtnl_add_pair(name, scratch_peer(number, peer), scratch->outer);

    if (result == 0)
        result = rtnl_set_link(name, IFF_UP, IFF_UP, 0);
    if (result == 0)
        result = read_link(name, scratch->links[number]);
    scratch->numbers[number] = if_nametoindex(name);
    return result == 0 ? add_addresses(name, number) : result;
}

/* The other ends: no stack of their own that answers or announces. */
static int rouse_outer(struct scratch *scratch)
{
    int result = scratch_enter(scratch->outer);

    if (result == 0)
        result = scratch_set("net/ipv6/conf/all/disable_ipv6", "1");
    for (size_t i = 0; i < scratch->interface_count && (result == 0 || result == -ENOENT); i++) {
        char peer[16];

        result = rtnl_set_link(scratch_peer(i, peer), IFF_UP | IFF_NOARP, IFF_UP | IFF_NOARP, 0);
        scratch->peers[i] = (int)if_nametoindex(peer);
    }
    return result;
}

static int furnish(struct scratch *scratch)
{
    int result = rtnl_set_link("lo", IFF_UP, IFF_UP, 0);

    for (size_t i = 0; i < COUNT_OF(quiet); i++) /* a kernel without IPv6 has none of them */
        (void)scratch_set(quiet[i][0], quiet[i][1]);
    for (size_t i = 0; i < scratch->interface_count && result == 0; i++)
        result = add_interface(scratch, i);
    if (result == 0)
        result = rouse_outer(scratch);
    return result;
}

/* In a user namespace the way home is barred. */
static int make_namespaces(struct scratch *scratch)
{
    int result = leave_home();

    if (result < 0)
        return result;
    scratch->outer = netns_current();
    result = scratch->outer < 0 ? scratch->outer : 0;
    if (result == 0 && unshare(CLONE_NEWNET) < 0)
        result = -errno;
    if (result == 0) {
        scratch->inner = netns_current();
        result = scratch->inner < 0 ? scratch->inner : furnish(scratch);
    }
    if (netns_enter(scratch->home) < 0 && scratch->inner >= 0)
        (void)netns_enter(scratch->inner);
    return result;
}

static int explain(int code, struct sonde_error *error)
{
    if (code == -EPERM || code == -EACCES || code == -ENOSPC || code == -EUSERS) {
        error_set(error, SONDE_E_PERMISSION, "a scratch network namespace cannot be made: %s",
                  sonde_error_text(code));
        error_hint(error, "Run the same command with sudo");
        return SONDE_E_PERMISSION;
    }
    return error_set(error, code, "the scratch network namespace cannot be furnished: %s",
                     sonde_error_text(code));
}

static int open_all(struct scratch *scratch, struct sonde_error *error)
{
    int result;

    scratch->inner = scratch->outer = -1;
    scratch->home = netns_current();
    result = scratch->home < 0 ? scratch->home : make_namespaces(scratch);
    if (result == 0)
        return 0;
    scratch_close(scratch);
    return explain(result, error);
}

int scratch_open(struct scratch *scratch, const char *const *interfaces, struct sonde_error *error)
{
    size_t length;

    memset(scratch, 0, sizeof(*scratch));
    for (; *interfaces && scratch->interface_count < SCRATCH_INTERFACES_MAX; interfaces++) {
        if (!strcmp(*interfaces, "lo") || scratch_find(scratch, *interfaces) >= 0)
            continue;
        length = strlen(*interfaces);
        if (length >= sizeof(scratch->interfaces[0]))
            return error_set(error, SONDE_E_USAGE, "no interface can be called '%s'", *interfaces);
        memcpy(scratch->interfaces[scratch->interface_count++], *interfaces, length + 1);
    }
    read_sysctls(scratch);
    return open_all(scratch, error);
}

int scratch_open_like(struct scratch *scratch, const struct scratch *other, struct sonde_error *error)
{
    memset(scratch, 0, sizeof(*scratch));
    memcpy(scratch->interfaces, other->interfaces, sizeof(scratch->interfaces));
    scratch->interface_count = other->interface_count;
    text_add(&scratch->sysctls, "%s", text_get(&other->sysctls));
    return open_all(scratch, error);
}

int scratch_copy_sysctls(struct scratch *scratch, struct sonde_error *error)
{
    _cleanup_free_ char *copy = text_format("%s", text_get(&scratch->sysctls));
    int here = netns_current(), result = here < 0 ? here : scratch_enter(scratch->inner);

    if (result == 0) {
        for (char *rest = copy, *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
            char *name = strsep(&line, " ");

            if (line)
                (void)scratch_set(name, line);
        }
        result = netns_enter(here);
    }
    if (here >= 0)
        close(here);
    return result == 0
               ? 0
               : error_set(error, result, "the sysctls cannot be copied: %s", sonde_error_text(result));
}

static void close_one(int *fd)
{
    if (*fd > 0)
        close(*fd);
    *fd = -1;
}

void scratch_close(struct scratch *scratch)
{
    close_one(&scratch->inner);
    close_one(&scratch->outer);
    if (scratch->home > 0)
        (void)netns_enter(scratch->home);
    close_one(&scratch->home);
    text_deinit(&scratch->sysctls);
}
