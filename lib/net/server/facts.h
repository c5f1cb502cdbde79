/* SPDX-License-Identifier: MIT */
/* All that the kernel says about packets to a port of this machine, taken down at one moment or at two. */
#ifndef SONDE_NET_SERVER_FACTS_H
#define SONDE_NET_SERVER_FACTS_H

#include "net/server/counters.h"
#include "net/server/host.h"
#include "net/server/rules/ruleset.h"
#include "net/server/sockets.h"
#include "probe/probe.h"

/** Whose packets are asked about; all zero is anybody's. */
struct server_sender {
    struct sonde_address address; /* family 0: anybody */
    const char *interface;        /* where they arrive; NULL: anywhere but the loopback interface */
};

/** What changes while one watches. */
struct server_snapshot {
    struct counters counters;
    struct server_sockets sockets;
    struct ruleset rules;
};

/** The facts; zero-initialise. */
struct server_facts {
    struct server_sender sender;
    struct host host;
    struct server_snapshot before; /* only if `watched_ns` is not 0 */
    struct server_snapshot now;
    int64_t watched_ns;              /* between the two */
    struct sonde_error rules_error;  /* why the rules are not known; code 0: they are */
    struct sonde_error others_error; /* why the sockets or counters are not known */
    char old_tables[64];             /* tables of the old iptables, which nft does not list; or empty */
    bool sees_programs;              /* may look into the processes of others */
    struct route way_back;           /* to the sender, if there is one in particular */
};

/**
 * Look at the kernel. Whatever cannot be seen is noted and is no error.
 * @param sender copied; its string must outlive the facts
 * @return 0; SONDE_E_NOT_FOUND for an interface that does not exist; -errno without rtnetlink
 */
int server_facts_read(struct server_facts *facts, const struct server_sender *sender,
                      struct sonde_error *error);

/**
 * Wait and look again, for what changes meanwhile.
 * @return 0, or -EINTR when interrupted; the facts then cover the time until then
 */
int server_facts_watch(struct server_facts *facts, int64_t duration_ns);

/** Free what the facts hold. */
void server_facts_deinit(struct server_facts *facts);

/** The socket of an earlier snapshot that is the same, or NULL. */
const struct server_socket *server_socket_before(const struct server_facts *facts,
                                                 const struct server_socket *socket);

#endif
