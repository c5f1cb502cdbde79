/* SPDX-License-Identifier: MIT */
/* What the files that ask questions share: the probes they are made of, and the ladders. */
#ifndef SONDE_DIAGNOSE_ASK_H
#define SONDE_DIAGNOSE_ASK_H

#include "diagnose/session.h"

/** The outcome of a test so far. */
int ask_outcome(const struct diagnosis *diagnosis, enum test test);

/** A probe of a kind and flow to the target, its port included. */
struct probe ask_probe_to(const struct diagnosis *diagnosis, enum probe_kind kind, enum probe_flow flow);

/** The probe that everything is about: what a client of the service would send. */
struct probe ask_first_probe(const struct diagnosis *diagnosis);

/** A full-sized probe that the host answers. */
struct probe ask_large_probe(const struct diagnosis *diagnosis);

/** Whether the packets leave this machine. */
bool ask_on_wire(const struct diagnosis *diagnosis);

/** Whether nothing at all was heard of the host. */
bool ladder_is_mute(const struct diagnosis *diagnosis);

/** Whether ASK_LADDER makes sense now: the distance is known or known to be unknown. */
bool ladder_ready(const struct diagnosis *diagnosis);

/** Whether every router up to the host, or to who refuses, was heard. */
bool ladder_satisfied(const struct diagnosis *diagnosis);

/** Send the next rungs: all at first, then those that kept silent, then further ones. */
void ladder_send(struct diagnosis *diagnosis, unsigned round);

/** Whether ASK_REFERENCE makes sense: the ladder ended early, or nobody knows how long it should be. */
bool ladder_reference_ready(const struct diagnosis *diagnosis);

/** Ask behind the end of the ladder, in a way that a filter on the port spares. */
void ladder_reference_send(struct diagnosis *diagnosis, unsigned round);

/** Whether ASK_LARGE_LADDER makes sense: large packets vanish, and not in a queue. */
bool ladder_large_ready(const struct diagnosis *diagnosis);

/** Whether the hop at which large packets vanish is found. */
bool ladder_large_satisfied(const struct diagnosis *diagnosis);

/** Send one large probe to the middle of the hops that are left. */
void ladder_large_send(struct diagnosis *diagnosis, unsigned round);

#endif
