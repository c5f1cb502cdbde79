/* SPDX-License-Identifier: MIT */
/* What rehearse, plan and trace are given: a policy, or rules of nft or iptables; and the machine around it.
 */
#ifndef SONDE_CMD_GUARD_TRIAL_CANDIDATE_H
#define SONDE_CMD_GUARD_TRIAL_CANDIDATE_H

#include "net/guard/kernel/machine.h"
#include "net/guard/rehearse.h"
#include "policy/policy.h"

/** A candidate; zero-initialise. */
struct candidate {
    const char *file;
    bool is_policy;
    struct policy policy;
    struct text content;                  /* of the file */
    struct text nft;                      /* for nft */
    const char *iptables[IPTABLES_COUNT]; /* for iptables_restore; NULL */
};

/** The stage for a rehearsal: which interfaces, whose rules. */
struct scene {
    struct machine machine; /* zeroed: a rehearsal without the machine's own rules */
    const char *interface, *other;
    const char *names[SCRATCH_INTERFACES_MAX + 1];
    const char *outside[SCRATCH_INTERFACES_MAX + 1];
    const char *rules[4];
    unsigned directions;
    struct rehearsal_limit *limits; /* that a policy promises */
    size_t limit_count;
    struct rehearsal_source *sources; /* that its exceptions name */
    size_t source_count;
    struct text untried; /* rules of the policy that ask for another interface, a line each */
    int64_t now_s;
};

/**
 * Read a policy or rules; complains.
 * @param path "-" is standard input
 * @return 0 or an exit code
 */
int candidate_read(struct candidate *candidate, const char *path);

/** Free it. */
void candidate_deinit(struct candidate *candidate);

/**
 * Look at the machine and choose interfaces; complains.
 * @param policy whose role and outside say what is rehearsed; NULL: rules without a policy
 * @param alone leave the machine's own rules out
 * @param interface what the user insists on, or NULL
 * @return 0 or an exit code
 */
int scene_set(struct scene *scene, const struct policy *policy, bool alone, const char *interface);

/** A rehearsal of the machine with a candidate in place of our own table. */
struct rehearsal scene_with(struct scene *scene, const struct candidate *candidate);

/** A rehearsal of the machine as it is. */
struct rehearsal scene_now(struct scene *scene);

/** Fill a matrix with what a policy promises on the interfaces of a scene, and list limits and sources. */
void scene_promise(struct scene *scene, const struct policy *policy, struct matrix *promise);

/** Free it. */
void scene_deinit(struct scene *scene);

#endif
