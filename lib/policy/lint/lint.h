/* SPDX-License-Identifier: MIT */
/* The reviewer: what is wrong with rules about ICMP, and the packet that proves it. */
#ifndef SONDE_POLICY_LINT_LINT_H
#define SONDE_POLICY_LINT_LINT_H

#include "base/slice.h"
#include "policy/finding.h"
#include "policy/policy.h"
#include "policy/ruleset/model.h"

/** A sysctl of the machine. */
struct lint_sysctl {
    const char *name; /* "net.ipv4.conf.all.accept_redirects" */
    int64_t value;
};

/** An interface of the machine. */
struct lint_interface {
    const char *name;
    bool up, loopback, xdp, tc, default_route4, default_route6;
    uint32_t mtu;
};

/** The machine on which rules run. */
struct lint_host {
    const struct lint_sysctl *sysctls;
    size_t sysctl_count;
    const struct lint_interface *interfaces;
    size_t interface_count;
    bool forwards4, forwards6;
    const char *unread; /* a line for each thing that could not be read; or NULL */
};

/** What is reviewed. */
struct lint_subject {
    const struct rules *rules;
    const char *file;             /* its name; NULL: the rules of the running kernel */
    struct slice text;            /* of the file */
    const struct lint_host *host; /* NULL: unknown, the rules are for some other machine */
    bool here;                    /* interfaces of `host` are those on which the file will be loaded */
    enum policy_role role;
    uint8_t family; /* the only one of interest; 0: both */
};

/** Review rules; findings are added in the order of their subjects. */
void lint_rules(const struct lint_subject *subject, struct guard_findings *findings);

/** Review the sysctls, programs and links of a machine, together with its rules. */
void lint_machine(const struct lint_subject *subject, struct guard_findings *findings);

/**
 * Review a policy.
 * @param file name and text of the file, for places and fixes
 * @param now_s seconds since 1970, for expiry
 */
void lint_policy(const struct policy *policy, const char *file, struct slice text, int64_t now_s,
                 struct guard_findings *findings);

/** The role that rules look like: an edge translates addresses, a router forwards.
 * @param host or NULL
 * @param why set to what says so, a phrase */
enum policy_role lint_guess_role(const struct rules *rules, const struct lint_host *host, const char **why);

/** Errors before warnings before notes, otherwise in the order of ids. */
void lint_sort(struct guard_findings *findings);

#endif
