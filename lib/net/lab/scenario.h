/* SPDX-License-Identifier: MIT */
/* A scenario: a small network, one fault in it, and what a diagnosis should find. */
#ifndef SONDE_NET_LAB_SCENARIO_H
#define SONDE_NET_LAB_SCENARIO_H

#include <stdbool.h>

#include "base/address.h"
#include "base/error.h"
#include "base/slice.h"

enum {
    SCENARIO_HOSTS_MAX = 16,
    SCENARIO_NAME_MAX = 16, /* octets of a host or interface name with its zero (IFNAMSIZ) */
    SCENARIO_STEPS_MAX = 256,
    SCENARIO_FILE_MAX = 64 * 1024, /* octets of one file */
};

/** What a step does to a host. */
enum scenario_verb {
    STEP_LINK,    /* a cable: `interface` of `host` to `peer_interface` of `peer` */
    STEP_BRIDGE,  /* a bridge without ports, an interface that leads nowhere */
    STEP_PORT,    /* `interface` becomes a port of the bridge `peer_interface` */
    STEP_ADDRESS, /* `prefix` on `interface` */
    STEP_ROUTE,   /* `prefix` through `address` or `interface`, or refused as `route` says */
    STEP_UNROUTE, /* take the route to `prefix` away */
    STEP_SYSCTL,  /* `word` becomes `text` */
    STEP_MTU,     /* of `interface`: `octets` */
    STEP_DOWN,    /* `interface` */
    STEP_NOARP,   /* `interface` answers no ARP */
    STEP_SLOW,    /* `interface` sends at `rate` and queues `octets` */
    STEP_LOAD,    /* datagrams to `address` and `port` at `rate` */
    STEP_SERVICE, /* `service` on `port` of `address` (family 0: all) */
    STEP_FILTER,  /* nft rule `text` in the hook `word` */
    STEP_NAT,     /* nft rule `text` in the prerouting hook of type nat */
    STEP_NAME,    /* `word` resolves to `address` on all hosts */
};

/** The services that a host can offer. */
enum scenario_service {
    SERVICE_TCP_ECHO,
    SERVICE_TCP_SILENT,
    SERVICE_TCP_RESET,
    SERVICE_TCP_FULL,
    SERVICE_UDP_ECHO,
    SERVICE_UDP_SILENT
};

/** Whether a route leads somewhere, or how it refuses. */
enum scenario_route {
    SCENARIO_VIA,
    SCENARIO_LOCAL, /* the host answers for all of it */
    SCENARIO_BLACKHOLE,
    SCENARIO_PROHIBIT,
    SCENARIO_UNREACHABLE
};

/** An address with the length of its network part. */
struct scenario_prefix {
    struct sonde_address address; /* family 0: the default route of the gateway's family */
    uint8_t length;               /* bits */
};

/** One step of building the network. Which members count depends on the verb. */
struct scenario_step {
    enum scenario_verb verb;
    bool fault;         /* part of what is wrong, not of the healthy network */
    uint8_t host, peer; /* indices of `hosts` */
    char interface[SCENARIO_NAME_MAX], peer_interface[SCENARIO_NAME_MAX];
    struct scenario_prefix prefix;
    struct sonde_address address;
    enum scenario_route route;
    enum scenario_service service;
    int64_t rate;    /* bits a second */
    uint32_t octets; /* of an MTU or a queue */
    uint16_t port;
    const char *word, *text;   /* owned by the scenario */
    const char *file, *source; /* where it stands, and the whole statement; owned by the scenario */
    unsigned line;
};

/** What is asked for: "udp://10.0.3.10:5301". */
struct scenario_target {
    const char *text;
    const char *host; /* address without brackets, or name */
    bool udp;
    uint16_t port;
};

/** One diagnosis that is right. */
struct scenario_expect {
    const char *cause; /* a word of the diagnosis vocabulary */
    const char *at;    /* "local", "target", a host's name, or NULL when the place cannot be told */
};

/** A scenario; zero-initialise it. */
struct scenario {
    const char *name, *title;
    const char *teach; /* paragraphs, separated by an empty line */
    struct scenario_target target;
    struct scenario_expect *expects;
    size_t expect_count;
    char hosts[SCENARIO_HOSTS_MAX][SCENARIO_NAME_MAX];
    size_t host_count;
    struct scenario_step *steps;
    size_t step_count;
    char **strings; /* everything that the texts above point to */
    size_t string_count;
};

/** How the parser gets at the files that a scenario extends. */
struct scenario_reader {
    /**
     * Read a file of the library.
     * @param text set to its heap copy, which the caller frees
     * @return 0 or an error with its context
     */
    int (*read)(const struct scenario_reader *reader, const char *file, char **text, size_t *length,
                struct sonde_error *error);
    const void *context;
};

/**
 * Read a scenario. The format is described in sonde-lab(1).
 * @param name of the scenario, for people
 * @param file its name in messages
 * @param reader for the files that it extends
 * @param error says file:line:column and what is wrong there
 * @return 0, or SONDE_E_FORMAT, or what the reader returned; scenario is then empty
 */
int scenario_parse(struct scenario *scenario, const char *name, const char *file, struct slice text,
                   const struct scenario_reader *reader, struct sonde_error *error);

/** Free what a scenario holds; it is empty afterwards. */
void scenario_deinit(struct scenario *scenario);

/**
 * The index of a host.
 * @return -1 when there is no such host
 */
int scenario_find_host(const struct scenario *scenario, const char *name);

/** The word for a service: "tcp-echo". */
const char *scenario_service_name(enum scenario_service service);

#define _cleanup_scenario_ CLEANUP(scenario_deinit)

#endif
