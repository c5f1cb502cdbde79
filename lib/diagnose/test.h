/* SPDX-License-Identifier: MIT */
/* The columns of the likelihood table: what can be tested, and how its outcome is read from the evidence. */
#ifndef SONDE_DIAGNOSE_TEST_H
#define SONDE_DIAGNOSE_TEST_H

#include "base/text.h"
#include "diagnose/evidence.h"

/** The columns. */
enum test {
    TEST_ROUTE,
    TEST_LISTENER,
    TEST_NEIGHBOUR,
    TEST_FIRST,
    TEST_BY,
    TEST_WHEN,
    TEST_ECHO,
    TEST_TCP,
    TEST_UDP,
    TEST_PATH,
    TEST_TOS,
    TEST_MALFORMED,
    TEST_ACK,
    TEST_STREAM,
    TEST_LARGE,
    TEST_QUEUE,
    TEST_PROTOCOL,
    TEST_AGAIN,
    TEST_FRAGMENT,
    TEST_COMPARE,
    TEST_RAW,
    TESTS
};

/* Outcomes. TEST_FIRST, TEST_ECHO, TEST_TCP and TEST_UDP have those of enum answer. */
enum {
    ROUTE_IS_FINE,
    ROUTE_IS_MISSING,
    ROUTE_DISCARDS,
    ROUTE_PROHIBITS,
    ROUTE_REFUSES,
    ROUTE_INTERFACE_DOWN
};
enum { LISTENS_NOT, LISTENS_HERE, LISTENS_ELSEWHERE, LISTENS_FULL };
enum { NEIGHBOUR_ANSWERS, NEIGHBOUR_GATEWAY_DEAD, NEIGHBOUR_TARGET_DEAD };
enum { BY_TARGET, BY_ROUTER, BY_SELF, BY_FARTHER };
enum { PROMPT, LATE };
enum { PATH_WHOLE, PATH_SHORT, PATH_NOWHERE, PATH_LOOPS, PATH_TRANSLATED };
enum { TOS_COPIED, TOS_ZERO };
enum { MALFORMED_SILENT, MALFORMED_ANSWERED };
enum { ACK_RESET, ACK_SILENT };
enum {
    STREAM_REPLY,
    STREAM_CLOSED,
    STREAM_RESET,
    STREAM_SILENT,
    STREAM_STALLED,
    STREAM_NOT_OPENED,
    STREAM_UNHEARD /* not opened, although requests made by hand are answered before and after it */
};
enum { LARGE_PASSES, LARGE_REPORTED, LARGE_LOST };
enum { QUEUE_FLAT, QUEUE_STEADY, QUEUE_UNSTEADY, QUEUE_LOSSY };
enum { PROTOCOL_ANSWERED, PROTOCOL_SILENT };
enum { AGAIN_SAME, AGAIN_FEW, AGAIN_MIXED };
enum { FRAGMENT_LINGERED, FRAGMENT_GONE };
enum { COMPARE_ANSWERS, COMPARE_FAILS };
enum { RAW_DENIED, RAW_GRANTED };

enum { OUTCOME_UNKNOWN = -1, OUTCOMES_MAX = 16 };

/** What a cause would make a test show, as sets of outcomes. */
struct cell {
    uint16_t likely;    /* what one expects */
    uint16_t sometimes; /* what happens in one case of five */
    uint16_t may;       /* what happens now and then */
};

/** A column. */
struct test_row {
    const char *name;
    enum question question; /* whose answers it is read from */
    int outcomes;           /* how many there are */
    double surprise;        /* probability of an outcome that a cause neither expects nor allows for */
    uint16_t telling;       /* outcomes that hardly ever come about without a cause that expects them */
    struct cell usual;      /* what to expect where a cause says nothing of its own; empty: anything */
    int (*read)(const struct evidence *evidence); /* an outcome, or OUTCOME_UNKNOWN */
    /** Say what was seen, as a sentence for people. */
    void (*tell)(const struct evidence *evidence, int outcome, struct text *sentence);
};

/** The row of a test. */
const struct test_row *test_row(enum test test);

int read_route(const struct evidence *evidence);     /**< TEST_ROUTE */
int read_listener(const struct evidence *evidence);  /**< TEST_LISTENER */
int read_neighbour(const struct evidence *evidence); /**< TEST_NEIGHBOUR */
int read_first(const struct evidence *evidence);     /**< TEST_FIRST */
int read_by(const struct evidence *evidence);        /**< TEST_BY */
int read_when(const struct evidence *evidence);      /**< TEST_WHEN */
int read_echo(const struct evidence *evidence);      /**< TEST_ECHO */
int read_tcp(const struct evidence *evidence);       /**< TEST_TCP */
int read_udp(const struct evidence *evidence);       /**< TEST_UDP */
int read_path(const struct evidence *evidence);      /**< TEST_PATH */
int read_tos(const struct evidence *evidence);       /**< TEST_TOS */
int read_malformed(const struct evidence *evidence); /**< TEST_MALFORMED */
int read_ack(const struct evidence *evidence);       /**< TEST_ACK */
int read_stream(const struct evidence *evidence);    /**< TEST_STREAM */
int read_large(const struct evidence *evidence);     /**< TEST_LARGE */
int read_queue(const struct evidence *evidence);     /**< TEST_QUEUE */
int read_protocol(const struct evidence *evidence);  /**< TEST_PROTOCOL */
int read_again(const struct evidence *evidence);     /**< TEST_AGAIN */
int read_fragment(const struct evidence *evidence);  /**< TEST_FRAGMENT */
int read_compare(const struct evidence *evidence);   /**< TEST_COMPARE */
int read_raw(const struct evidence *evidence);       /**< TEST_RAW */

#define TELL(name) void tell_##name(const struct evidence *evidence, int outcome, struct text *sentence)
TELL(route);     /**< TEST_ROUTE in words */
TELL(listener);  /**< TEST_LISTENER in words */
TELL(neighbour); /**< TEST_NEIGHBOUR in words */
TELL(first);     /**< TEST_FIRST in words */
TELL(by);        /**< TEST_BY in words */
TELL(when);      /**< TEST_WHEN in words */
TELL(echo);      /**< TEST_ECHO in words */
TELL(tcp);       /**< TEST_TCP in words */
TELL(udp);       /**< TEST_UDP in words */
TELL(path);      /**< TEST_PATH in words */
TELL(tos);       /**< TEST_TOS in words */
TELL(malformed); /**< TEST_MALFORMED in words */
TELL(ack);       /**< TEST_ACK in words */
TELL(stream);    /**< TEST_STREAM in words */
TELL(large);     /**< TEST_LARGE in words */
TELL(queue);     /**< TEST_QUEUE in words */
TELL(protocol);  /**< TEST_PROTOCOL in words */
TELL(again);     /**< TEST_AGAIN in words */
TELL(fragment);  /**< TEST_FRAGMENT in words */
TELL(compare);   /**< TEST_COMPARE in words */
TELL(raw);       /**< TEST_RAW in words: nothing, the report lists what could not be looked at */

/** Where round trips become longer, for TEST_QUEUE. */
struct queue_step {
    int before,
        after; /* the hop with the last short round trip (0: this machine), the first heard behind it */
    int64_t height_ns;
};

/** The longest step of the round trips along the path. */
struct queue_step queue_step(const struct evidence *evidence);

/** What became of the packets to the host, of kinds that it answers. */
struct queue_traffic {
    unsigned sent, lost, train; /* train: how many of them were sent to measure */
    int64_t least_ns, most_ns;  /* round trips; least_ns INT64_MAX without any */
};

/** Count the packets to the host. */
struct queue_traffic queue_traffic(const struct evidence *evidence);

/** Whether packets to the host, but not to its port in question, get lost about as often as `lost` of `sent`.
 */
bool queue_loses_as_much(const struct evidence *evidence, unsigned lost, unsigned sent);

/** Whether the delay begins at one place of the path, as that of a queue does. */
bool queue_stands(const struct evidence *evidence);

/** How long an answer of the host may take before it counts as lost, in ns. */
int64_t queue_patience(const struct evidence *evidence);

/** The shortest round trip to the host in ns; 0 without any. */
int64_t queue_delay(const struct evidence *evidence);

/** Between which hops full-sized packets vanish. */
struct large_span {
    int passes, lost; /* the last hop that answers them (0: none), the first that does not */
};

/** The span that the ladder of large packets has left, out of the whole path. */
struct large_span large_span(const struct evidence *evidence);

/** The size in octets of the largest full-sized probe that was sent, 0 if none. */
unsigned large_size(const struct evidence *evidence);

#endif
