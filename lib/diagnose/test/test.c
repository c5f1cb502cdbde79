/* SPDX-License-Identifier: MIT */
/* The columns of the likelihood table, as a list. */
#include "diagnose/test.h"

#define ONLY(outcome) (1u << (outcome))

/* What this machine's kernel says is certain; what comes over a network is not. */
#define CERTAIN 0.0005
#define NOISY   0.004

static const struct test_row rows[TESTS] = {
    [TEST_ROUTE] = {"route", ASK_ROUTE, 6, CERTAIN, ONLY(ROUTE_IS_FINE), read_route, tell_route},
    [TEST_LISTENER] = {"listener", ASK_LISTENER, 4, CERTAIN, ONLY(LISTENS_NOT) | ONLY(LISTENS_HERE),
                       read_listener, tell_listener},
    [TEST_NEIGHBOUR] = {"next hop", ASK_NEIGHBOUR, 3, CERTAIN, ONLY(NEIGHBOUR_ANSWERS), read_neighbour,
                        tell_neighbour},
    [TEST_FIRST] = {"the port", ASK_FIRST, ANSWERS, CERTAIN, 0, read_first, tell_first},
    [TEST_BY] = {"who answers", ASK_FIRST, 4, CERTAIN, 0, read_by, tell_by},
    [TEST_WHEN] = {"when", ASK_FIRST, 2, NOISY, 0, read_when, tell_when},
    [TEST_ECHO] = {"the host", ASK_ECHO, ANSWERS, NOISY, ONLY(ANSWER_REPLY) | ONLY(ANSWER_SILENT), read_echo,
                   tell_echo},
    [TEST_TCP] = {"another TCP port", ASK_TCP, ANSWERS, NOISY, ONLY(ANSWER_RESET) | ONLY(ANSWER_SILENT),
                  read_tcp, tell_tcp},
    [TEST_UDP] = {"another UDP port", ASK_UDP, ANSWERS, NOISY, ONLY(ANSWER_PORT) | ONLY(ANSWER_SILENT),
                  read_udp, tell_udp},
    [TEST_PATH] = {"the path", ASK_LADDER, 5, NOISY, 0, read_path, tell_path},
    [TEST_TOS] = {"TOS of the reset", ASK_TCP, 2, NOISY, 0, read_tos, tell_tos},
    [TEST_MALFORMED] = {"malformed probe", ASK_MALFORMED, 2, NOISY, 0, read_malformed, tell_malformed},
    [TEST_ACK] = {"acknowledgement", ASK_ACK, 2, NOISY, 0, read_ack, tell_ack},
    [TEST_STREAM] = {"connection", ASK_STREAM, 6, NOISY, 0, read_stream, tell_stream},
    [TEST_LARGE] = {"large packets", ASK_LARGE, 3, NOISY, ONLY(LARGE_PASSES), read_large, tell_large},
    [TEST_QUEUE] = {"queues", ASK_QUEUE, 3, 0.01, ONLY(QUEUE_FLAT) | ONLY(QUEUE_STEADY), read_queue,
                    tell_queue},
    [TEST_PROTOCOL] = {"unknown protocol", ASK_PROTOCOL, 2, NOISY, 0, read_protocol, tell_protocol},
    [TEST_AGAIN] = {"again", ASK_AGAIN, 2, NOISY, ONLY(AGAIN_SAME), read_again, tell_again},
    [TEST_FRAGMENT] = {"first fragment", ASK_FRAGMENT, 2, NOISY, 0, read_fragment, tell_fragment},
    [TEST_COMPARE] = {"the other host", ASK_COMPARE, 2, 0.1, ONLY(COMPARE_ANSWERS), read_compare,
                      tell_compare},
};

const struct test_row *test_row(enum test test)
{
    return &rows[test];
}
