/* SPDX-License-Identifier: MIT */
/* The services and the background load of a lab: small children that answer, keep silent, or send. */
#include "net/lab/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    LISTENERS_MAX = 2,    /* one for each address family */
    CONNECTIONS_MAX = 64, /* the oldest makes room for a new one */
    BACKLOG = 64,
    DATAGRAM_MAX = 65536,
    LOAD_SIZE = 1200,
    FIRST_BURST = 64, /* datagrams: queues are full from the first moment on */
};

/* One child and its sockets. */
struct server {
    enum scenario_service kind;
    int listeners[LISTENERS_MAX], connections[CONNECTIONS_MAX];
    int filler; /* the connection that fills an accept queue, or -1 */
    size_t listener_count, connection_count;
};

static socklen_t fill_address(struct sockaddr_storage *storage, const struct sonde_address *address,
                              uint16_t port)
{
    struct sockaddr_in *in4 = (struct sockaddr_in *)storage;
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)storage;

    *storage = (struct sockaddr_storage){0};
    if (address->family == 4) {
        in4->sin_family = AF_INET;
        in4->sin_port = htons(port);
        memcpy(&in4->sin_addr, address->bytes, 4);
        return sizeof(*in4);
    }
    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons(port);
    memcpy(&in6->sin6_addr, address->bytes, 16);
    return sizeof(*in6);
}

static bool is_udp(enum scenario_service kind)
{
    return kind == SERVICE_UDP_ECHO || kind == SERVICE_UDP_SILENT;
}

static int open_listener(struct server *server, const struct sonde_address *address, uint16_t port)
{
    int type = is_udp(server->kind) ? SOCK_DGRAM : SOCK_STREAM, one = 1;
    int fd = socket(address->family == 4 ? AF_INET : AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_storage storage;
    socklen_t length = fill_address(&storage, address, port);

    if (fd < 0)
        return -errno;
    server->listeners[server->listener_count++] = fd;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (address->family == 6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
    if (bind(fd, (struct sockaddr *)&storage, length) < 0)
        return -errno;
    if (type == SOCK_STREAM && listen(fd, server->kind == SERVICE_TCP_FULL ? 0 : BACKLOG) < 0)
        return -errno;
    return 0;
}

/* A backlog of 0 has room for one connection (the kernel compares with "greater"); this is the one. */
static int fill_queue(struct server *server, const struct sonde_address *address, uint16_t port)
{
    struct sockaddr_storage storage;
    socklen_t length = fill_address(&storage, address, port);

    server->filler = socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server->filler < 0 || connect(server->filler, (struct sockaddr *)&storage, length) < 0)
        return -errno;
    return 0;
}

static int open_server(struct server *server, const struct sonde_address *address, uint16_t port)
{
    const struct sonde_address any[] = {{.family = 4}, {.family = 6}};
    size_t count = address->family ? 1 : COUNT_OF(any);
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < count; i++) {
        const struct sonde_address *where = address->family ? address : &any[i];

        rc = open_listener(server, where, port);
        if (rc == 0 && server->kind == SERVICE_TCP_FULL)
            rc = fill_queue(server, where, port);
    }
    return rc;
}

static void close_connection(struct server *server, size_t index)
{
    close(server->connections[index]);
    server->connection_count--;
    memmove(&server->connections[index], &server->connections[index + 1],
            (server->connection_count - index) * sizeof(server->connections[0]));
}

static void accept_connection(struct server *server, int listener)
{
    const struct linger abort_at_once = {.l_onoff = 1, .l_linger = 0};
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd < 0)
        return;
    if (server->kind == SERVICE_TCP_RESET) {
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &abort_at_once, sizeof(abort_at_once));
        close(fd);
        return;
    }
    if (server->connection_count == CONNECTIONS_MAX)
        close_connection(server, 0);
    server->connections[server->connection_count++] = fd;
}

static void answer_datagram(const struct server *server, int fd)
{
    static char data[DATAGRAM_MAX];
    struct sockaddr_storage from;
    socklen_t length = sizeof(from);
    ssize_t count = recvfrom(fd, data, sizeof(data), 0, (struct sockaddr *)&from, &length);

    if (count >= 0 && server->kind == SERVICE_UDP_ECHO)
        sendto(fd, data, (size_t)count, 0, (struct sockaddr *)&from, length);
}

/* Returns whether the connection goes on. A peer that does not read loses octets: this is a lab. */
static bool answer_stream(const struct server *server, int fd)
{
    char data[4096];
    ssize_t count = read(fd, data, sizeof(data));

    if (count < 0)
        return errno == EAGAIN || errno == EINTR;
    if (count > 0 && server->kind == SERVICE_TCP_ECHO)
        return write(fd, data, (size_t)count) == count;
    return count > 0;
}

static void serve_once(struct server *server)
{
    struct pollfd polls[LISTENERS_MAX + CONNECTIONS_MAX];
    size_t listeners = server->listener_count, count = listeners + server->connection_count;

    for (size_t i = 0; i < count; i++)
        polls[i] =
            (struct pollfd){.fd = i < listeners ? server->listeners[i] : server->connections[i - listeners],
                            .events = POLLIN};
    if (poll(polls, count, -1) < 0)
        return;
    /* From the last on, because closing one moves those behind it. */
    for (size_t i = count; i-- > listeners;)
        if (polls[i].revents && !answer_stream(server, polls[i].fd))
            close_connection(server, i - listeners);
    for (size_t i = 0; i < listeners; i++) {
        if (!polls[i].revents)
            continue;
        if (is_udp(server->kind))
            answer_datagram(server, polls[i].fd);
        else
            accept_connection(server, polls[i].fd);
    }
}

static void keep_only(const struct server *server)
{
    long limit = sysconf(_SC_OPEN_MAX);

    for (int fd = 3; fd < limit && fd < 1024; fd++) {
        bool ours = fd == server->filler;

        for (size_t i = 0; i < server->listener_count; i++)
            ours |= fd == server->listeners[i];
        if (!ours)
            close(fd);
    }
}

/* What the parent holds, above all the lock that says it lives, must not live on in its children. */
static pid_t fork_child(const struct server *server)
{
    pid_t parent = getpid(), pid = fork();

    if (pid != 0)
        return pid < 0 ? -errno : pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(0);
    signal(SIGPIPE, SIG_IGN);
    keep_only(server);
    return 0;
}

static void close_server(const struct server *server)
{
    for (size_t i = 0; i < server->listener_count; i++)
        close(server->listeners[i]);
    if (server->filler >= 0)
        close(server->filler);
}

int server_start(enum scenario_service kind, const struct sonde_address *address, uint16_t port)
{
    struct server server = {.kind = kind, .filler = -1};
    int rc = open_server(&server, address, port);

    if (rc == 0)
        rc = fork_child(&server);
    if (rc != 0) {
        close_server(&server);
        return rc;
    }
    /* A full queue stays full because nobody accepts. */
    for (;;) {
        if (kind == SERVICE_TCP_FULL)
            pause();
        else
            serve_once(&server);
    }
}

/* Whether it arrives does not matter: there are more. */
static void send_one(int fd)
{
    static const char data[LOAD_SIZE];

    if (send(fd, data, sizeof(data), MSG_DONTWAIT) < 0)
        return;
}

static _Noreturn void send_forever(int fd, int64_t rate)
{
    int64_t pause_ns = LOAD_SIZE * 8 * NS_PER_S / rate;
    struct timespec due;

    clock_gettime(CLOCK_MONOTONIC, &due);
    for (;;) {
        int64_t next_ns = due.tv_nsec + pause_ns;

        send_one(fd);
        due.tv_sec += next_ns / NS_PER_S;
        due.tv_nsec = next_ns % NS_PER_S;
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
    }
}

int server_start_load(const struct sonde_address *address, uint16_t port, int64_t rate)
{
    struct server server = {.filler = -1};
    struct sockaddr_storage storage;
    socklen_t length = fill_address(&storage, address, port);
    int fd = socket(storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc = 0;

    if (fd < 0)
        return -errno;
    server.listeners[server.listener_count++] = fd;
    if (connect(fd, (struct sockaddr *)&storage, length) < 0)
        rc = -errno;
    for (int i = 0; rc == 0 && i < FIRST_BURST; i++)
        send_one(fd);
    if (rc == 0)
        rc = fork_child(&server);
    if (rc != 0) {
        close(fd);
        return rc;
    }
    send_forever(fd, rate);
}
