/* SPDX-License-Identifier: MIT */
/* One packet sent through rules in a scratch namespace, and each of its steps. */
#ifndef SONDE_NET_GUARD_KERNEL_SINGLE_H
#define SONDE_NET_GUARD_KERNEL_SINGLE_H

#include "net/guard/kernel/stage.h"

/**
 * Load the rules, send the message, follow it.
 * @param step hears of each rule that matched and of each end by policy, in their order
 * @param fate of the message; FATE_UNSEEN when the kernel dropped it before or between the rules
 * @param rule appended the name of what decided
 * @return as rehearse
 */
int single_play(const struct rehearsal *rehearsal, const struct message *message, follow_step *step,
                void *context, enum fate *fate, struct text *rule, struct sonde_error *error);

#endif
