/* SPDX-License-Identifier: MIT */
/* The columns of the likelihood table, as a list. */
#include "diagnose/test.h"

#define O(outcome) (1u << (outcome))
#define ANY                                                                                                  \
    {                                                                                                        \
        0                                                                                                    \
    }
#define USUALLY(set)                                                                                         \
    {                                                                                                        \
        .likely = (set)                                                                                      \
    }
#define RATHER(set, fifth)                                                                                   \
    {                                                                                                        \
        .likely = (set), .sometimes = (fifth)                                                                \
    }
#define SILENT_OR(set)                                                                                       \
    {                                                                                                        \
        .likely = (set) | O(ANSWER_SILENT)                                                                   \
    }

/* What this machine's kernel says is certain; what comes over a network is not. */
#define DEFINED 0.00001
#define CERTAIN 0.0005
#define NOISY   0.004
#define VAGUE   0.02

/* clang-format off */
/* name, question, outcomes, surprise, telling, usual, read, tell */
static const struct test_row rows[TESTS] = {
    [TEST_ROUTE] = {"route", ASK_ROUTE, 6, DEFINED, 0, USUALLY(O(ROUTE_IS_FINE)), read_route, tell_route},
    [TEST_LISTENER] = {"listener", ASK_LISTENER, 4, CERTAIN, 0, USUALLY(O(LISTENS_HERE) | O(LISTENS_NOT)), read_listener,
                       tell_listener},
    [TEST_NEIGHBOUR] = {"next hop", ASK_NEIGHBOUR, 3, CERTAIN, 0, USUALLY(O(NEIGHBOUR_ANSWERS)), read_neighbour,
                        tell_neighbour},
    [TEST_FIRST] = {"the port", ASK_FIRST, ANSWERS, CERTAIN, 0, ANY, read_first, tell_first},
    [TEST_BY] = {"who answers", ASK_FIRST, 4, CERTAIN, 0, ANY, read_by, tell_by},
    [TEST_WHEN] = {"when", ASK_FIRST, 2, NOISY, 0, ANY, read_when, tell_when},
    [TEST_ECHO] = {"the host", ASK_ECHO, ANSWERS, NOISY, O(ANSWER_REPLY), SILENT_OR(O(ANSWER_REPLY)), read_echo, tell_echo},
    [TEST_TCP] = {"another TCP port", ASK_TCP, ANSWERS, NOISY, 0, SILENT_OR(O(ANSWER_RESET)), read_tcp, tell_tcp},
    [TEST_UDP] = {"another UDP port", ASK_UDP, ANSWERS, NOISY, 0, SILENT_OR(O(ANSWER_PORT)), read_udp, tell_udp},
    [TEST_PATH] = {"the path", ASK_LADDER, 5, NOISY, O(PATH_LOOPS) | O(PATH_TRANSLATED), ANY, read_path, tell_path},
    [TEST_TOS] = {"TOS of the reset", ASK_TCP, 2, NOISY, 0, ANY, read_tos, tell_tos},
    [TEST_MALFORMED] = {"malformed probe", ASK_MALFORMED, 2, NOISY, 0, ANY, read_malformed, tell_malformed},
    [TEST_ACK] = {"acknowledgement", ASK_ACK, 2, NOISY, 0, ANY, read_ack, tell_ack},
    [TEST_STREAM] = {"connection", ASK_STREAM, 7, NOISY, O(STREAM_UNHEARD), ANY, read_stream, tell_stream},
    [TEST_LARGE] = {"large packets", ASK_LARGE, 3, NOISY, 0, USUALLY(O(LARGE_PASSES)), read_large, tell_large},
    [TEST_QUEUE] = {"queues", ASK_QUEUE, 4, VAGUE, O(QUEUE_LOSSY), RATHER(O(QUEUE_FLAT), O(QUEUE_STEADY)), read_queue,
                    tell_queue},
    [TEST_PROTOCOL] = {"unknown protocol", ASK_PROTOCOL, 2, NOISY, 0, ANY, read_protocol, tell_protocol},
    [TEST_AGAIN] = {"again", ASK_AGAIN, 3, VAGUE, O(AGAIN_MIXED), USUALLY(O(AGAIN_SAME)), read_again, tell_again},
    [TEST_FRAGMENT] = {"first fragment", ASK_FRAGMENT, 2, NOISY, 0, ANY, read_fragment, tell_fragment},
    [TEST_COMPARE] = {"the other host", ASK_COMPARE, 2, 0.1, 0, USUALLY(O(COMPARE_ANSWERS)), read_compare, tell_compare},
    [TEST_RAW] = {"privilege", ASK_ROUTE, 2, CERTAIN, 0, ANY, read_raw, tell_raw},
};
/* clang-format on */

const struct test_row *test_row(enum test test)
{
    return &rows[test];
}
