/* SPDX-License-Identifier: MIT */
/* The policy file that `guard init` writes: the advice of the catalog for a role, a comment on each line. */
#ifndef SONDE_POLICY_TEMPLATE_H
#define SONDE_POLICY_TEMPLATE_H

#include "base/text.h"
#include "policy/policy.h"

/**
 * Append a policy file for a role; policy_read understands it.
 * @param outside names of the interfaces of an edge that lead to the Internet
 */
void policy_add_template(struct text *text, enum policy_role role, const char *const *outside,
                         size_t outside_count);

#endif
