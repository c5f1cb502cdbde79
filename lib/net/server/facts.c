/* SPDX-License-Identifier: MIT */
/* All that the kernel says about packets to a port of this machine, taken down at one moment or at two. */
#include "net/server/facts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "net/edge.h"
#include "net/local.h"
#include "net/sock.h"

/* What is not known of sockets and counters has one place for its reason: the first. */
static void keep_first(struct sonde_error *kept, const struct sonde_error *error)
{
    if (kept->code == 0)
        *kept = *error;
}

static void take_snapshot(struct server_facts *facts, struct server_snapshot *snapshot)
{
    struct sonde_error error = {0};
    struct netlink diag;
    int code = netlink_open(&diag, NETLINK_SOCK_DIAG);

    if (code == 0)
        code = server_sockets_read(&snapshot->sockets, &diag);
    netlink_close(&diag);
    if (code != 0) {
        error_set(&error, code, "the sockets of this machine cannot be listed: %s", sonde_error_text(code));
        keep_first(&facts->others_error, &error);
    }
    if (counters_read(&snapshot->counters, &error) != 0)
        keep_first(&facts->others_error, &error);
    if (facts->rules_error.code == 0 && ruleset_read(&snapshot->rules, &error) != 0)
        facts->rules_error = error;
}

static void release_snapshot(struct server_snapshot *snapshot)
{
    counters_deinit(&snapshot->counters);
    server_sockets_deinit(&snapshot->sockets);
    ruleset_deinit(&snapshot->rules);
}

/* The names of tables in use, a line each; the file is there for root only. */
static void read_old_tables(struct server_facts *facts)
{
    static const char *const files[] = {"/proc/thread-self/net/ip_tables_names",
                                        "/proc/thread-self/net/ip6_tables_names"};

    for (size_t i = 0; i < COUNT_OF(files); i++) {
        FILE *file = fopen(files[i], "re");
        char name[32];

        if (file == NULL)
            continue;
        while (fscanf(file, "%31s", name) == 1) {
            size_t length = strlen(facts->old_tables);

            if (strstr(facts->old_tables, name) == NULL)
                snprintf(facts->old_tables + length, sizeof(facts->old_tables) - length, "%s%s",
                         length > 0 ? ", " : "", name);
        }
        fclose(file);
    }
}

static int look_around(struct server_facts *facts, struct sonde_error *error)
{
    struct local local;
    int code = local_init(&local, NULL, NULL);

    if (code == 0)
        code = host_read(&facts->host, &local.route, &facts->sender.address);
    if (code == 0 && facts->sender.address.family != 0)
        (void)local_route(&local, &facts->sender.address, false, 0, &facts->way_back);
    local_deinit(&local);
    if (code != 0)
        return error_set(error, code, "the interfaces of this machine cannot be listed: %s",
                         sonde_error_text(code));
    return 0;
}

int server_facts_read(struct server_facts *facts, const struct server_sender *sender,
                      struct sonde_error *error)
{
    int code;

    facts->sender = *sender;
    if (sender->interface != NULL) {
        code = edge_check_interface(sender->interface, error);
        if (code < 0)
            return code;
    }
    code = look_around(facts, error);
    if (code < 0)
        return code;
    facts->sees_programs = access("/proc/1/fd", R_OK) == 0;
    read_old_tables(facts);
    take_snapshot(facts, &facts->now);
    return 0;
}

int server_facts_watch(struct server_facts *facts, int64_t duration_ns)
{
    struct timespec time = {.tv_sec = duration_ns / NS_PER_S, .tv_nsec = duration_ns % NS_PER_S};
    int64_t start_ns = sock_now();
    int code = nanosleep(&time, NULL) < 0 ? -errno : 0;

    facts->before = facts->now;
    facts->now = (struct server_snapshot){0};
    take_snapshot(facts, &facts->now);
    facts->watched_ns = sock_now() - start_ns;
    return code;
}

void server_facts_deinit(struct server_facts *facts)
{
    release_snapshot(&facts->before);
    release_snapshot(&facts->now);
    host_deinit(&facts->host);
}

const struct server_socket *server_socket_before(const struct server_facts *facts,
                                                 const struct server_socket *socket)
{
    for (size_t i = 0; i < facts->before.sockets.count; i++)
        if (facts->before.sockets.items[i].inode == socket->inode)
            return &facts->before.sockets.items[i];
    return NULL;
}
