/* SPDX-License-Identifier: MIT */
/* The continual review: what the counters of a policy say about its rules, and what to do about it. */
#ifndef SONDE_POLICY_REVIEW_REVIEW_H
#define SONDE_POLICY_REVIEW_REVIEW_H

#include "policy/finding.h"
#include "policy/policy.h"

enum {
    REVIEW_ENOUGH_DAYS = 30,  /* of silence say something */
    REVIEW_SELDOM_DAYS = 10,  /* what is needed once in so many days is to be noticed in REVIEW_ENOUGH_DAYS */
    REVIEW_ENDING_DAYS = 14,  /* before its end an exception is mentioned */
    REVIEW_BASELINE_DAYS = 7, /* of history, so that a day can be unusual */
};

/** What to do about a rule, the most urgent first. */
enum review_action {
    REVIEW_INVESTIGATE, /* something changed, or is dropped that must not be */
    REVIEW_REMOVE,      /* nothing needs it, or its time is over */
    REVIEW_TIGHTEN,     /* less would do */
    REVIEW_WAIT,        /* not enough data yet */
    REVIEW_KEEP,
    REVIEW_ACTION_COUNT,
};

/** What a counter of the policy showed. */
struct review_counter {
    const char *name;   /* the rule's id, a point and what became of the message: "v4.8.0.input.accept" */
    int64_t packets;    /* in the window */
    int64_t observed_s; /* of the window */
    int64_t last_hit_s; /* since 1970; INTEGER_ABSENT */
    int64_t resets, reboots;
    const int64_t *days;            /* packets in each 24 hours until now, the oldest first */
    const int64_t *observed_days_s; /* how long of each was observed */
    size_t day_count;
};

/** Two places whose rules should be the same. */
struct review_drift {
    const char *places;  /* "the kernel and what was confirmed" */
    const char *message; /* "The kernel's table is not the one that uid 0 confirmed on 2026-11-02" */
    const char *details; /* a line for each difference, or NULL */
    const char *fix;     /* a command */
    bool unknown;        /* they could not be compared; `message` says why */
};

/** All that is known. */
struct review_input {
    const struct policy *policy;
    const char *file; /* name of the policy's file, for places in it */
    const struct review_counter *counters;
    size_t counter_count;
    const struct review_drift *drifts;
    size_t drift_count;
    int64_t now_s, window_s;
    bool forwards4, forwards6; /* this machine forwards at all */
};

/** Advice about a rule: the record sonde.guard.advice/1. */
struct review_advice {
    enum review_action action;
    const char *advice; /* "investigate", "remove", "tighten", "wait", "keep" */
    const char *rule;   /* its id; belongs to the policy */
    char *place;        /* "guard.yaml:12:5"; NULL: it follows from the role */
    int64_t family, type, code;
    char *message; /* "echo-request (8/0)" */
    const char *direction, *verdict;
    int64_t tier;
    int64_t passed, blocked; /* packets in the window */
    double per_day;          /* of both, by the observed time */
    double observed_days, needed_days;
    int64_t last_seen_ns;
    int64_t resets, reboots;
    double confidence; /* 0 to 1; NAN when nothing is claimed */
    char *because;     /* one sentence */
    char *change;      /* what to change, or NULL */
    const char *owner, *reason;
};

extern const struct schema review_advice_schema;

/** A review; zero-initialise. Its texts refer to the policy of its input. */
struct review {
    struct review_advice *advices; /* the most urgent first, then in the policy's order */
    size_t advice_count;
    size_t counts[REVIEW_ACTION_COUNT];
};

/** "investigate", "remove", "tighten", "wait", "keep". */
const char *review_action_name(enum review_action action);

/**
 * Review a policy.
 * @param review filled, advice for each rule of a direction that the role filters
 * @param findings appended: G045 to G048, G036, and those of a message that must pass and is dropped now
 */
void review_make(const struct review_input *input, struct review *review, struct guard_findings *findings);

/** Free everything; it is empty afterwards. */
void review_deinit(struct review *review);

#endif
