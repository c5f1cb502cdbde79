/* SPDX-License-Identifier: MIT */
/* Diagnosing targets on the real network: the public face of the library. */
#ifndef SONDE_NET_WHY_H
#define SONDE_NET_WHY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/error.h"
#include "diagnose/report.h"

/** How to diagnose; all zero is the default. */
struct sonde_why_options {
    bool deep;                   /* also ask what takes half a minute */
    uint8_t family;              /* 4 or 6 to use only that; 0 for both */
    const char *interface;       /* send through it; NULL: the kernel's choice */
    struct sonde_address source; /* send from it; family 0: the kernel's choice */
    const char *compare;         /* another host to compare with, or NULL */
    const char *pcap;            /* write the packets to this file, or NULL */
};

/** Several diagnoses that run side by side; opaque. */
struct sonde_why;

/**
 * Begin.
 * @param options copied; its strings must outlive the call to sonde_why_free
 * @param why filled with a heap object on success; free it with sonde_why_free
 * @return 0; SONDE_E_USAGE for an interface that does not exist; -errno when the capture file cannot be
 * written
 */
int sonde_why_new(const struct sonde_why_options *options, struct sonde_why **why, struct sonde_error *error);

/**
 * Add a target: resolve its name and open what is needed to diagnose each of its addresses.
 * A name without an address is no error: it gets a report that says so.
 * @param target HOST, ADDRESS, HOST:PORT, [V6]:PORT, tcp://..., udp://..., or another URL
 * @return 0; SONDE_E_USAGE when the target cannot be understood; -errno when no socket can be opened
 */
int sonde_why_add(struct sonde_why *why, const char *target, struct sonde_error *error);

/**
 * Diagnose all targets that were added, side by side. Needs no privilege and no file any more.
 * @return 0, or -EINTR when interrupted; the reports then say what was found so far
 */
int sonde_why_run(struct sonde_why *why);

/** Count the targets. @return how many were added */
size_t sonde_why_count(const struct sonde_why *why);

/**
 * The report of a target, after sonde_why_run.
 * @param index in the order of sonde_why_add, below sonde_why_count
 * @return the report; it belongs to `why`
 */
const struct sonde_why_report *sonde_why_report(const struct sonde_why *why, size_t index);

/**
 * Close and free everything, reports included.
 * @param why may be NULL
 * @return NULL
 */
struct sonde_why *sonde_why_free(struct sonde_why *why);

#endif
