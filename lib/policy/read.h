/* SPDX-License-Identifier: MIT */
/* A policy file (YAML) becomes a policy; what is wrong in it is said with line and column. */
#ifndef SONDE_POLICY_READ_H
#define SONDE_POLICY_READ_H

#include "base/error.h"
#include "base/slice.h"
#include "policy/policy.h"

enum { POLICY_PROBLEMS_MAX = 32 };

/** Something wrong in a policy file. */
struct policy_problem {
    struct policy_place place;
    char message[240]; /* "there is no type 'echo-rquest'; did you mean 'echo-request'?" */
};

/** All that was found wrong in a file, in its order. */
struct policy_problems {
    struct policy_problem items[POLICY_PROBLEMS_MAX];
    size_t count; /* of all, perhaps more than fit */
};

/**
 * Read a policy.
 * @param file the text of the file
 * @param name of the file, for messages
 * @param policy zero-initialised; filled as far as it could be understood
 * @param problems filled; it refuses to block path MTU discovery or neighbour discovery without an override
 * @param error "guard.yaml:12:5: there is no type ...", the first of the problems
 * @return 0 or SONDE_E_FORMAT
 */
int policy_read(struct slice file, const char *name, struct policy *policy, struct policy_problems *problems,
                struct sonde_error *error);

#endif
