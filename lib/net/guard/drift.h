/* SPDX-License-Identifier: MIT */
/* Whether two states of the policy's table say the same, and where they do not. */
#ifndef SONDE_NET_GUARD_DRIFT_H
#define SONDE_NET_GUARD_DRIFT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"
#include "base/text.h"

enum { GUARD_DIGEST_MAX = 33 /* octets of a digest in hexadecimal, with its zero */ };

/** A table in a form that can be compared: without handles, counts, the elements of sets that the kernel
 * fills, the names of slots, and without chains that no packet can reach. Zero-initialise. */
struct guard_form {
    char **lines; /* "rule input sg:v4.8.0.input {...}", sorted but for the rules of a chain */
    size_t count, capacity;
    bool leased; /* a policy is on trial: the lease has not ended */
    char digest[GUARD_DIGEST_MAX];
};

/**
 * Bring a table into its form.
 * @param json what `nft -j list table` printed
 * @return 0, or SONDE_E_FORMAT
 */
int guard_form_parse(struct guard_form *form, struct slice json, struct sonde_error *error);

/**
 * The form of rules that are loaded into a network namespace of their own, where no packet is.
 * @param rules as nft(8) reads them from a file; they make table inet sonde_guard
 * @return 0; SONDE_E_FORMAT when they cannot be loaded; SONDE_E_PERMISSION; SONDE_E_UNSUPPORTED; -errno
 */
int guard_form_load(struct guard_form *form, const char *rules, struct sonde_error *error);

/**
 * Append how a table differs from what it should be, a line each: "gone: rule sg:v4.8.0.input of chain
 * input".
 * @param most lines, then "and N more"
 * @return how many differences there are
 */
size_t guard_form_compare(const struct guard_form *should, const struct guard_form *is, size_t most,
                          struct text *text);

/** Free everything; it is empty afterwards. */
void guard_form_deinit(struct guard_form *form);

#endif
