/* SPDX-License-Identifier: MIT */
/* The words a verdict is made of: causes, states and places. */
#ifndef SONDE_DIAGNOSE_CAUSE_H
#define SONDE_DIAGNOSE_CAUSE_H

/** Why a port cannot be reached, or that it can. */
enum cause {
    CAUSE_OPEN,
    CAUSE_OPEN_OR_SILENT,
    CAUSE_PORT_CLOSED,
    CAUSE_BOUND_ELSEWHERE,
    CAUSE_BACKLOG_FULL,
    CAUSE_SERVICE_SILENT,
    CAUSE_SERVICE_RESETS,
    CAUSE_HOST_DOWN,
    CAUSE_FIREWALL_DROP,
    CAUSE_FIREWALL_REJECT,
    CAUSE_SYN_FILTERED,
    CAUSE_SOURCE_BANNED,
    CAUSE_CONNECTION_RATE_LIMITED,
    CAUSE_ICMP_FILTERED,
    CAUSE_ICMP_RATE_LIMITED,
    CAUSE_NO_ROUTE,
    CAUSE_ROUTE_BLACKHOLE,
    CAUSE_ROUTE_PROHIBITED,
    CAUSE_ROUTE_UNREACHABLE,
    CAUSE_ROUTING_LOOP,
    CAUSE_RETURN_PATH_LOST,
    CAUSE_GATEWAY_DOWN,
    CAUSE_INTERFACE_DOWN,
    CAUSE_MTU_BLACK_HOLE,
    CAUSE_MTU_LIMITED,
    CAUSE_CONGESTION,
    CAUSE_NAT_BACKEND_DOWN,
    CAUSE_NAT_BACKEND_CLOSED,
    CAUSE_NAME_UNRESOLVED,
    CAUSES
};

/** Whether the target can be used. */
enum state { STATE_REACHABLE, STATE_DEGRADED, STATE_UNREACHABLE, STATE_UNKNOWN };

/** Where the device to blame stands. */
enum where { WHERE_UNKNOWN, WHERE_LOCAL, WHERE_PATH, WHERE_TARGET };

/** What is always true of a cause. */
struct cause_row {
    const char *name;     /* the word of the contract */
    enum state state;     /* what the target is if this is the cause */
    const char *sentence; /* the verdict for people; %T target, %P place */
    const char *next[2];  /* what to do, by whom; %T target, %P place, %Q address:port; NULL ends */
    const char *decide;   /* the one test that would settle it when it cannot be told apart from here */
};

/** The row of a cause. */
const struct cause_row *cause_row(enum cause cause);

/** "reachable", "degraded", "unreachable" or "unknown". */
const char *state_name(enum state state);

/** "local", "path" or "target"; NULL for WHERE_UNKNOWN. */
const char *where_name(enum where where);

#endif
