/* SPDX-License-Identifier: MIT */
/* Examining the diagnosis on simulated networks: scenarios with their truth, and marks for what was said. */
#ifndef SONDE_TESTS_SIM_EXAM_H
#define SONDE_TESTS_SIM_EXAM_H

#include "diagnose/report.h"
#include "diagnose/session.h"
#include "tests/sim/network/sim.h"

enum {
    EXAM_ANSWERS_MAX = 6,
    EXAM_RULES_MAX = 2,
    EXAM_ROUTERS_MAX = 7, /* so that the target is at most eight hops away */
    EXAM_TEXT_MAX = 256,
};

/** Which router is at fault. */
enum exam_range { FAULT_NONE, FAULT_ANY, FAULT_FIRST, FAULT_NOT_LAST, FAULT_NOT_FIRST };

/** A node by its part in the scenario. */
enum exam_role { ROLE_CLIENT, ROLE_FAULT, ROLE_SERVER };

/** Which families a scenario is played in. */
enum exam_families { FAMILIES_BOTH, FAMILIES_4, FAMILIES_6 };

/** Where the target is. */
enum exam_target { TARGET_SERVER, TARGET_OWN_ADDRESS, TARGET_LOOPBACK };

/** What a TCP port is translated to. */
enum exam_nat { NAT_NONE, NAT_DEAD, NAT_CLOSED_AT_TARGET, NAT_CLOSED_NEAR };

/** A filter rule of a scenario. */
struct exam_rule {
    bool used;
    enum exam_role role;
    enum sim_hook hook;
    uint8_t protocol;
    bool port; /* the target's port only */
    bool syn_only;
    enum sim_icmp icmp;
    bool from_client, from_target, to_target;
    enum sim_verdict verdict;
    enum sim_reject reject;
    unsigned burst;
    int64_t every_ns;
    bool exhausted; /* the burst of a limit was used up just before */
};

/**
 * One situation and its truth; zero members are healthy. An answer is "cause@place,place" with the places of
 * the exam: local, target, fault, next (what follows the fault), next-target (next, if it is the target),
 * previous, last and gateway (routers), anywhere.
 */
struct exam_scenario {
    const char *name;
    uint8_t protocol; /* IPPROTO_TCP, IPPROTO_UDP, or 0 for the host itself */
    enum sim_service_kind service;
    const char
        *accept[EXAM_ANSWERS_MAX]; /* exact: the truth, and what looks exactly the same from the client */
    const char *deep[EXAM_ANSWERS_MAX];     /* replaces accept under --deep where slow probes tell more */
    const char *tolerate[EXAM_ANSWERS_MAX]; /* causes that are true but not the whole story */
    bool healthy;
    enum exam_target target;
    enum exam_families families;
    enum exam_range fault;
    struct exam_rule rules[EXAM_RULES_MAX];
    struct {
        enum route_type route;
        bool whole_net, back, no_return, mute_errors, twin;
    } router; /* the one at fault */
    struct {
        bool mute, no_return, echo_off, down, incomplete;
        unsigned ratelimit_ms;
        bool spent; /* the allowance for errors was used up just before */
    } server;
    struct {
        bool small, hole; /* MTU */
        double load;
    } link; /* behind the router at fault */
    enum exam_nat nat;
    struct sim_local local;
    bool gateway_down;
};

/** What varies beside the scenario. */
struct exam_options {
    bool deep, unprivileged, hostile;
    bool loss, bleach, limits; /* disturbances that are not the fault */
};

/** The numbers of one topology. */
struct exam_plan {
    int routers, fault;
    uint16_t port;
};

/** How good an answer is; the exam's marks. */
enum exam_mark {
    MARK_EXACT,
    MARK_PARTIAL,
    MARK_UNKNOWN,
    MARK_MISS,
    MARK_WRONG,
    MARK_BLAMED,
    MARK_INVALID,
    MARKS
};

/** One diagnosis and its mark. */
struct exam_result {
    enum exam_mark mark;
    double confidence;
    char said[EXAM_TEXT_MAX];  /* "cause@where hop 2 10.1.2.3" */
    char right[EXAM_TEXT_MAX]; /* the accepted answers and what their places mean */
    bool answered;             /* the target's port or somebody for it answered soon */
    unsigned packets;          /* probes that the diagnosis sent */
    int64_t elapsed_ns;
};

/** All scenarios. */
const struct exam_scenario *exam_scenarios(size_t *count);

/** Whether a scenario is played in a family. */
bool exam_plays(const struct exam_scenario *scenario, uint8_t family);

/** Build the scenario's network for a seed, and break it. */
void exam_prepare(struct sim *sim, const struct exam_scenario *scenario, uint8_t family, uint64_t seed,
                  const struct exam_options *options, struct exam_plan *plan);

/** Mark a report. */
void exam_judge(const struct exam_scenario *scenario, const struct sim *sim, const struct exam_plan *plan,
                bool deep, const struct sonde_why_report *report, struct exam_result *result);

/** Diagnose one scenario. `watch` (may be NULL) sees the finished diagnosis and its report. */
void exam_run(const struct exam_scenario *scenario, uint8_t family, uint64_t seed,
              const struct exam_options *options, struct exam_result *result,
              void (*watch)(const struct diagnosis *diagnosis, const struct sonde_why_report *report));

/** A word for a mark. */
const char *exam_mark_name(enum exam_mark mark);

/** Whether a mark is a wrong answer at a confidence of 0.8 or more. */
bool exam_is_confidently_wrong(const struct exam_result *result);

#endif
