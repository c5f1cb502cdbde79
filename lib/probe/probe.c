/* SPDX-License-Identifier: MIT */
/* What the kinds of probes are called, and which of them cost a packet. */
#include "probe/probe.h"

static const struct {
    const char *name;
    bool local;
} kinds[PROBE_KINDS] = {
    [PROBE_ROUTE] = {"route", true},          [PROBE_NEIGHBOUR] = {"neighbour", true},
    [PROBE_LISTENER] = {"listener", true},    [PROBE_ECHO] = {"echo", false},
    [PROBE_TCP_SYN] = {"tcp-syn", false},     [PROBE_TCP_ACK] = {"tcp-ack", false},
    [PROBE_TCP_SHORT] = {"tcp-short", false}, [PROBE_UDP] = {"udp", false},
    [PROBE_UDP_LYING] = {"udp-lying", false}, [PROBE_PROTOCOL] = {"protocol", false},
    [PROBE_STREAM] = {"stream", false},
};

bool probe_is_local(enum probe_kind kind)
{
    return (unsigned)kind < PROBE_KINDS && kinds[kind].local;
}

const char *probe_kind_name(enum probe_kind kind)
{
    return (unsigned)kind < PROBE_KINDS ? kinds[kind].name : "unknown";
}
