/* SPDX-License-Identifier: MIT */
/* The table of sockets: connections over loopback are found from both ends, others are not, also in the
 * sandbox.
 */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/capture/socket_table.h"
#include "net/sandbox.h"

/* A connection to oneself. */
struct connection {
    int listener, client, server;
    struct packet_quote quote; /* as an error about a segment of the client has it */
};

static uint16_t port_of(int descriptor)
{
    struct sockaddr_in6 name = {0};
    socklen_t length = sizeof(name);

    assert_int_equal(getsockname(descriptor, (struct sockaddr *)&name, &length), 0);
    return ntohs(name.sin6_port); /* stands where that of IPv4 does */
}

static void connect_to_oneself(struct connection *connection, uint8_t family)
{
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct sockaddr *name = family == 4 ? (struct sockaddr *)&four : (struct sockaddr *)&six;
    socklen_t length = family == 4 ? sizeof(four) : sizeof(six);
    struct sonde_address self = unit_address(family == 4 ? "127.0.0.1" : "::1");

    connection->listener = socket(name->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    connection->client = socket(name->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(connection->listener, name, length) < 0)
        skip(); /* a machine without IPv6 */
    assert_int_equal(listen(connection->listener, 1), 0);
    assert_int_equal(getsockname(connection->listener, name, &length), 0);
    assert_int_equal(connect(connection->client, name, length), 0);
    connection->server = accept(connection->listener, NULL, NULL);
    assert_true(connection->server >= 0);
    connection->quote = (struct packet_quote){.family = family,
                                              .protocol = IPPROTO_TCP,
                                              .ports = true,
                                              .source_port = port_of(connection->client),
                                              .destination_port = port_of(connection->listener)};
    memcpy(connection->quote.source, self.bytes, sizeof(self.bytes));
    memcpy(connection->quote.destination, self.bytes, sizeof(self.bytes));
}

static void disconnect(struct connection *connection)
{
    close(connection->client);
    close(connection->server);
    close(connection->listener);
}

static struct packet_quote turned(struct packet_quote quote)
{
    uint16_t port = quote.source_port;

    quote.source_port = quote.destination_port;
    quote.destination_port = port;
    return quote;
}

static void check_family(uint8_t family)
{
    struct socket_table table = {0};
    struct connection connection = {0};
    struct packet_quote quote;

    connect_to_oneself(&connection, family);
    assert_int_equal(socket_table_open(&table), 0);
    assert_int_equal(socket_table_find(&table, &connection.quote), 1);
    quote = turned(connection.quote);
    assert_int_equal(socket_table_find(&table, &quote), 1);
    /* a segment that the server's port sent to nobody: only the listener is there */
    quote.destination_port ^= 1;
    assert_int_equal(socket_table_find(&table, &quote), 0);
    quote = connection.quote;
    quote.source_port ^= 1;
    assert_int_equal(socket_table_find(&table, &quote), 0);
    socket_table_close(&table);
    disconnect(&connection);
}

static void finds_connections(void **state)
{
    check_family(4);
}

static void finds_connections_of_ipv6(void **state)
{
    check_family(6);
}

static void cannot_tell(void **state)
{
    struct packet_quote quote = {.family = 4, .protocol = IPPROTO_TCP, .ports = true, .source_port = 1};
    struct sonde_address other = unit_address("192.0.2.77"), local = unit_address("fe80::1");
    struct socket_table table = {0};
    int code;

    assert_int_equal(socket_table_open(&table), 0);
    memcpy(quote.source, other.bytes, sizeof(other.bytes));
    code = socket_table_find(&table, &quote);
    assert_true(code == -EADDRNOTAVAIL || code == -ENETUNREACH);
    quote.protocol = IPPROTO_UDP;
    assert_int_equal(socket_table_find(&table, &quote), -EOPNOTSUPP);
    quote.protocol = IPPROTO_TCP;
    quote.family = 6;
    memcpy(quote.source, local.bytes, sizeof(local.bytes));
    assert_int_equal(socket_table_find(&table, &quote), -EOPNOTSUPP);
    socket_table_close(&table);
    assert_true(socket_table_find(&table, &quote) < 0);
}

static void works_in_the_sandbox(void **state)
{
    struct connection connection = {0};
    struct socket_table table = {0};
    struct sonde_error error = {0};
    int status;
    pid_t child;

    connect_to_oneself(&connection, 4);
    assert_int_equal(socket_table_open(&table), 0);
    child = fork();
    if (child == 0) {
        if (sandbox_enter(SANDBOX_KILL, &error) < 0)
            _exit(2);
        _exit(socket_table_find(&table, &connection.quote) == 1 ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    socket_table_close(&table);
    disconnect(&connection);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_connections),
        cmocka_unit_test(finds_connections_of_ipv6),
        cmocka_unit_test(cannot_tell),
        cmocka_unit_test(works_in_the_sandbox),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
