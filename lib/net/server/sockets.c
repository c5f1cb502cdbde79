/* SPDX-License-Identifier: MIT */
/* The sockets of this machine that wait for packets from anyone, and who holds them. */
#include "net/server/sockets.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/macro.h"

static bool all_zero(const struct sonde_address *address)
{
    static const uint8_t zero[16];

    return memcmp(address->bytes, zero, sizeof(zero)) == 0;
}

static struct sonde_address bound_address(const struct inet_diag_msg *message)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    const uint8_t *octets = (const uint8_t *)message->id.idiag_src;

    if (message->idiag_family == AF_INET)
        return address_from(4, octets);
    if (memcmp(octets, mapped, sizeof(mapped)) == 0)
        return address_from(4, octets + sizeof(mapped));
    return address_from(6, octets);
}

static void read_memory(const struct nlattr *attribute, struct server_socket *socket)
{
    const uint32_t *memory = mnl_attr_get_payload(attribute);

    if (mnl_attr_get_payload_len(attribute) < (SK_MEMINFO_DROPS + 1) * sizeof(*memory))
        return;
    socket->octets = memory[SK_MEMINFO_RMEM_ALLOC];
    socket->octets_most = memory[SK_MEMINFO_RCVBUF];
    socket->drops = memory[SK_MEMINFO_DROPS];
}

static struct server_socket *append(struct server_sockets *sockets)
{
    if (sockets->count == sockets->capacity) {
        size_t capacity = sockets->capacity * 2 + 64;
        struct server_socket *items = realloc(sockets->items, capacity * sizeof(*items));

        if (items == NULL)
            return NULL;
        sockets->items = items;
        sockets->capacity = capacity;
    }
    return &sockets->items[sockets->count++];
}

/** What the callback of a list needs to know besides the message. */
struct listing {
    struct server_sockets *sockets;
    bool udp;
};

static bool is_known(const struct server_sockets *sockets, uint32_t inode)
{
    for (size_t i = 0; i < sockets->count; i++)
        if (sockets->items[i].inode == inode)
            return true;
    return false;
}

static int on_socket(const struct nlmsghdr *header, void *data)
{
    struct listing *listing = data;
    const struct inet_diag_msg *message = mnl_nlmsg_get_payload(header);
    struct server_socket *socket;
    const struct nlattr *attribute;

    if (message->id.idiag_sport == 0 || is_known(listing->sockets, message->idiag_inode))
        return MNL_CB_OK;
    socket = append(listing->sockets);
    if (socket == NULL)
        return MNL_CB_ERROR;
    *socket = (struct server_socket){.udp = listing->udp,
                                     .address = bound_address(message),
                                     .port = ntohs(message->id.idiag_sport),
                                     .interface = message->id.idiag_if,
                                     .queue = listing->udp ? 0 : message->idiag_rqueue,
                                     .backlog = listing->udp ? 0 : message->idiag_wqueue,
                                     .drops = -1,
                                     .inode = message->idiag_inode};
    socket->any = all_zero(&socket->address);
    mnl_attr_for_each(attribute, header, sizeof(*message))
    {
        if (mnl_attr_get_type(attribute) == INET_DIAG_SKV6ONLY)
            socket->only_v6 = mnl_attr_get_u8(attribute) != 0;
        if (mnl_attr_get_type(attribute) == INET_DIAG_SKMEMINFO)
            read_memory(attribute, socket);
    }
    return MNL_CB_OK;
}

static int list(struct netlink *diag, struct server_sockets *sockets, uint8_t family, bool udp)
{
    union netlink_request request;
    struct inet_diag_req_v2 *info = netlink_request(&request, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, sizeof(*info));
    struct listing listing = {sockets, udp};

    info->sdiag_family = family;
    info->sdiag_protocol = udp ? IPPROTO_UDP : IPPROTO_TCP;
    /* A UDP socket that is not connected is in the state "close". */
    info->idiag_states = udp ? 1U << TCP_CLOSE : 1U << TCP_LISTEN;
    info->idiag_ext = 1U << (INET_DIAG_SKMEMINFO - 1);
    return netlink_ask(diag, &request, on_socket, &listing);
}

/* "socket:[4711]", or 0. */
static uint32_t socket_inode(const char *path)
{
    static const char prefix[] = "socket:[";
    char target[64];
    ssize_t length = readlink(path, target, sizeof(target) - 1);

    if (length <= 0)
        return 0;
    target[length] = '\0';
    return strncmp(target, prefix, strlen(prefix)) == 0 ? (uint32_t)strtoul(target + strlen(prefix), NULL, 10)
                                                        : 0;
}

static void read_program(const char *process, char program[PROCESS_NAME_MAX])
{
    char path[64];
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%s/comm", process);
    file = fopen(path, "re");
    if (file == NULL)
        return;
    if (fgets(program, PROCESS_NAME_MAX, file) != NULL)
        program[strcspn(program, "\n")] = '\0';
    fclose(file);
}

static void claim(struct server_sockets *sockets, uint32_t inode, const char *process)
{
    for (size_t i = 0; i < sockets->count; i++) {
        struct server_socket *socket = &sockets->items[i];

        if (socket->inode != inode || socket->process != 0)
            continue;
        socket->process = (int32_t)strtol(process, NULL, 10);
        read_program(process, socket->program);
    }
}

static void look_into(struct server_sockets *sockets, const char *process)
{
    char path[320];
    DIR *folder;
    struct dirent *entry;

    snprintf(path, sizeof(path), "/proc/%s/fd", process);
    folder = opendir(path);
    if (folder == NULL)
        return;
    while ((entry = readdir(folder)) != NULL) {
        uint32_t inode;

        snprintf(path, sizeof(path), "/proc/%s/fd/%s", process, entry->d_name);
        inode = socket_inode(path);
        if (inode != 0)
            claim(sockets, inode, process);
    }
    closedir(folder);
}

static void find_programs(struct server_sockets *sockets)
{
    DIR *folder = opendir("/proc");
    struct dirent *entry;

    if (folder == NULL)
        return;
    while ((entry = readdir(folder)) != NULL)
        if (isdigit((unsigned char)entry->d_name[0]) && strlen(entry->d_name) < 12)
            look_into(sockets, entry->d_name);
    closedir(folder);
}

int server_sockets_read(struct server_sockets *sockets, struct netlink *diag)
{
    int code = 0;

    for (int udp = 0; udp < 2 && code == 0; udp++) {
        code = list(diag, sockets, AF_INET, udp);
        if (code == 0)
            code = list(diag, sockets, AF_INET6, udp);
        /* A kernel without IPv6 has no handler for it. */
        if (code == -ENOENT || code == -EAFNOSUPPORT)
            code = sockets->count > 0 ? 0 : -EOPNOTSUPP;
    }
    if (code == -ENOTCONN)
        return -EOPNOTSUPP;
    if (code == 0)
        find_programs(sockets);
    return code;
}

void server_sockets_deinit(struct server_sockets *sockets)
{
    free(sockets->items);
    *sockets = (struct server_sockets){0};
}

bool server_socket_is_full(const struct server_socket *socket)
{
    return !socket->udp && socket->queue > socket->backlog;
}

bool server_socket_takes(const struct server_socket *socket, uint8_t family,
                         const struct sonde_address *address)
{
    if (socket->any)
        return socket->address.family == family || (family == 4 && !socket->only_v6);
    if (socket->address.family != family)
        return false;
    if (address->family == 0)
        return !address_is_loopback(&socket->address);
    return sonde_address_equal(&socket->address, address);
}
