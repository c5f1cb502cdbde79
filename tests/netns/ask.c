/* SPDX-License-Identifier: MIT */
/* Asks the probes of its arguments on the real network and prints each answer as a line: the seam of probe.h
 * by hand.
 *
 * ask [-r] [-x] [-i INTERFACE] [-S SOURCE] [-W MS]
 * KIND,DESTINATION[,port=N][,ttl=N][,tos=N][,size=N][,flow=N]
 *     [,timeout=MS][,payload=TEXT][,udp][,df]...
 * -r asks through the privileged network, -x enters the sandbox first and dies on a system call that it
 * forbids. */
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "net/raw.h"
#include "net/sandbox.h"
#include "net/sockets.h"

enum { ASK_MAX = 64, COMPLAINT = 2, NOBODY = 65534 };

static const char *const reply_names[REPLY_KINDS] = {
    [REPLY_LOCAL] = "local",
    [REPLY_ROUTE] = "route",
    [REPLY_NEIGHBOUR] = "neighbour",
    [REPLY_LISTENER] = "listener",
    [REPLY_ECHO] = "echo",
    [REPLY_SYN_ACK] = "syn-ack",
    [REPLY_RESET] = "reset",
    [REPLY_DATA] = "data",
    [REPLY_ICMP] = "icmp",
    [REPLY_STREAM_OPEN] = "open",
    [REPLY_STREAM_RESET] = "stream-reset",
    [REPLY_STREAM_CLOSED] = "closed",
    [REPLY_STREAM_SILENT] = "silent",
    [REPLY_STREAM_STALLED] = "stalled",
    [REPLY_STREAM_TIMEOUT] = "timeout",
};
static const char *const route_names[] = {"unicast", "local", "none", "blackhole", "prohibit", "unreachable"};
static const char *const neighbour_names[] = {"unknown", "resolved", "pending", "failed"};
static const char *const listener_names[] = {"none", "here", "elsewhere", "full"};

/** What the command line says. */
struct ask {
    bool raw, nobody, sandbox;
    const char *interface;
    struct sonde_address source;
    int64_t patience_ns;
    size_t count;
    struct probe probes[ASK_MAX];
};

static bool set_number(struct probe *probe, const char *key, unsigned long value)
{
    if (strcmp(key, "port") == 0)
        probe->port = (uint16_t)value;
    else if (strcmp(key, "ttl") == 0)
        probe->ttl = (uint8_t)value;
    else if (strcmp(key, "tos") == 0)
        probe->tos = (uint8_t)value;
    else if (strcmp(key, "size") == 0)
        probe->size = (uint16_t)value;
    else if (strcmp(key, "flow") == 0)
        probe->flow = (enum probe_flow)value;
    else if (strcmp(key, "timeout") == 0)
        probe->timeout_ns = (int64_t)value * NS_PER_MS;
    else
        return false;
    return true;
}

static bool set_option(struct probe *probe, char *option)
{
    char *value = strchr(option, '=');

    if (value != NULL) {
        *value++ = '\0';
        if (strcmp(option, "payload") != 0)
            return set_number(probe, option, strtoul(value, NULL, 0));
        probe->payload = slice_of(value, strlen(value));
        return true;
    }
    probe->udp |= strcmp(option, "udp") == 0;
    probe->dont_fragment |= strcmp(option, "df") == 0;
    return strcmp(option, "udp") == 0 || strcmp(option, "df") == 0;
}

static bool parse_probe(char *text, uint16_t id, struct probe *probe)
{
    char *kind = strtok(text, ","), *destination = strtok(NULL, ","), *option;

    *probe = (struct probe){.id = id, .kind = PROBE_KINDS, .timeout_ns = NS_PER_S};
    for (int i = 0; i < PROBE_KINDS && kind != NULL; i++)
        if (strcmp(probe_kind_name((enum probe_kind)i), kind) == 0)
            probe->kind = (enum probe_kind)i;
    if (probe->kind == PROBE_KINDS || destination == NULL ||
        sonde_address_parse(destination, &probe->destination) != 0)
        return false;
    while ((option = strtok(NULL, ",")) != NULL)
        if (!set_option(probe, option))
            return false;
    return true;
}

static bool parse_word(char *word, struct ask *ask)
{
    char *value = strchr(word, '=');

    if (strchr(word, ',') != NULL)
        return ask->count < ASK_MAX && parse_probe(word, (uint16_t)ask->count, &ask->probes[ask->count]) &&
               ++ask->count > 0;
    ask->raw |= strcmp(word, "raw") == 0;
    ask->nobody |= strcmp(word, "nobody") == 0;
    ask->sandbox |= strcmp(word, "sandbox") == 0;
    if (value == NULL)
        return strcmp(word, "raw") == 0 || strcmp(word, "nobody") == 0 || strcmp(word, "sandbox") == 0;
    *value++ = '\0';
    if (strcmp(word, "source") == 0)
        return sonde_address_parse(value, &ask->source) == 0;
    if (strcmp(word, "interface") == 0)
        ask->interface = value;
    else if (strcmp(word, "wait") == 0)
        ask->patience_ns = atoll(value) * NS_PER_MS;
    else
        return false;
    return true;
}

static bool parse_words(int count, char **words, struct ask *ask)
{
    for (int i = 0; i < count; i++)
        if (!parse_word(words[i], ask))
            return false;
    return ask->count > 0;
}

static void print_route(const struct route *route)
{
    char gateway[SONDE_ADDRESS_TEXT], source[SONDE_ADDRESS_TEXT];

    printf(" type=%s via=%s src=%s dev=%s mtu=%u up=%d loopback=%d", route_names[route->type],
           sonde_address_format(&route->gateway, gateway), sonde_address_format(&route->source, source),
           route->interface, route->mtu, route->up, route->loopback);
}

static void print_reply(const struct reply *reply)
{
    char from[SONDE_ADDRESS_TEXT];

    printf("%u %s from=%s", reply->probe, reply_names[reply->kind], sonde_address_format(&reply->from, from));
    if (reply->kind == REPLY_ROUTE)
        print_route(&reply->route);
    else if (reply->kind == REPLY_NEIGHBOUR)
        printf(" state=%s", neighbour_names[reply->neighbour]);
    else if (reply->kind == REPLY_LISTENER)
        printf(" state=%s queue=%u backlog=%u", listener_names[reply->listener], reply->queue,
               reply->backlog);
    else if (reply->kind == REPLY_LOCAL)
        printf(" error=%s mtu=%u", strerrorname_np(reply->error), reply->mtu);
    else
        printf(" ttl=%d tos=%d", reply->ttl, reply->tos);
    if (reply->kind == REPLY_ICMP)
        printf(" icmp=%u/%u mtu=%u labels=%zu", reply->type, reply->code, reply->mtu,
               reply->extension.label_count);
    printf(" ms=%.1f\n", (double)reply->rtt_ns / (double)NS_PER_MS);
    fflush(stdout);
}

static int run(struct network *network, const struct ask *ask)
{
    int64_t deadline_ns = network->now(network) + ask->patience_ns;
    size_t open = ask->count;
    struct reply reply;
    int result = 1;

    for (size_t i = 0; i < ask->count; i++) {
        int error = network->send(network, &ask->probes[i]);

        if (error == 0)
            continue;
        printf("%zu refused error=%s\n", i, strerrorname_np(-error));
        open--;
    }
    while (open > 0 && (result = network->receive(network, deadline_ns, &reply)) > 0) {
        print_reply(&reply);
        open -= reply.kind != REPLY_STREAM_OPEN;
    }
    return result < 0 ? 1 : 0;
}

static int open_network(const struct ask *ask, struct raw_network *raw, struct sockets_network *sockets,
                        struct sonde_error *error)
{
    const struct sonde_address *destination = &ask->probes[0].destination;

    return ask->raw ? raw_init(raw, destination, ask->interface, &ask->source, NULL, error)
                    : sockets_init(sockets, destination, ask->interface, &ask->source, error);
}

int main(int argc, char **argv)
{
    static struct raw_network raw;
    static struct sockets_network sockets;
    static struct ask ask = {.patience_ns = 500 * NS_PER_MS};
    struct sonde_error error = {0};
    int status;

    if (!parse_words(argc - 1, argv + 1, &ask)) {
        fprintf(stderr, "ask: see the first lines of %s\n", __FILE__);
        return COMPLAINT;
    }
    if (ask.nobody && (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
                       setresuid(NOBODY, NOBODY, NOBODY) < 0)) {
        perror("ask: nobody");
        return COMPLAINT;
    }
    if (open_network(&ask, &raw, &sockets, &error) != 0 ||
        (ask.sandbox && sandbox_enter(SANDBOX_KILL, &error) != 0)) {
        fprintf(stderr, "ask: %s\n", error.what);
        return COMPLAINT;
    }
    status = run(ask.raw ? &raw.network : &sockets.network, &ask);
    if (ask.raw)
        raw_deinit(&raw);
    else
        sockets_deinit(&sockets);
    return status;
}
