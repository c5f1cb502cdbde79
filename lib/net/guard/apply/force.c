/* SPDX-License-Identifier: MIT */
/* Putting a policy in force under a lease: old and new side by side in one table, the kernel choosing. */
#include "net/guard/apply/force.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "net/guard/apply/early.h"
#include "net/guard/apply/lock.h"
#include "net/guard/apply/steps.h"
#include "net/guard/live/fingerprint.h"
#include "net/program/nft.h"
#include "policy/target/nft.h"

/* The rules of others, and when they were so. */
struct others {
    uint32_t generation;
    uint64_t fingerprint;
};

static int read_generation(uint32_t *generation, struct sonde_error *error)
{
    int code = nft_generation(generation);

    if (code == 0)
        return 0;
    if (code == -EPERM) {
        error_set(error, SONDE_E_PERMISSION, "the rules of nftables are for root (CAP_NET_ADMIN) only");
        error_hint(error, "Run the same command with sudo");
        return SONDE_E_PERMISSION;
    }
    return error_set(error, code, "cannot ask the kernel for the generation of its rules: %s",
                     sonde_error_text(code));
}

/* The generation first: whatever changes while the rest is read is seen later. */
static int read_others(struct others *others, struct sonde_error *error)
{
    int code = read_generation(&others->generation, error);

    return code == 0 ? fingerprint_others(&others->fingerprint, error) : code;
}

static int refuse_changed(const char *since, struct sonde_error *error)
{
    error_set(error, SONDE_E_BUSY, "somebody changed other rules of nftables %s; nothing was changed here",
              since);
    error_hint(error, "Look at them (nft list ruleset), plan again, and apply what the new plan allows");
    return SONDE_E_BUSY;
}

/* Whether the rules of others are still those that were read. Every change raises the generation, also ours
 * and those of programs that only add to sets, so only then it is looked closer. */
static int check_others(const struct others *before, uint32_t ours, struct sonde_error *error)
{
    struct others now;
    int code = read_generation(&now.generation, error);

    if (code < 0 || now.generation == before->generation + ours)
        return code;
    code = fingerprint_others(&now.fingerprint, error);
    if (code == 0 && now.fingerprint != before->fingerprint)
        code = refuse_changed("just now", error);
    return code;
}

static int refuse_second(const struct live_table *table, struct sonde_error *error)
{
    error_set(error, SONDE_E_BUSY, "a policy is on trial for another %lld.%lld s; nothing was changed",
              (long long)table->left_ms / 1000, (long long)table->left_ms % 1000 / 100);
    error_hint(error, "Run first: sonde guard confirm, or: sonde guard rollback");
    return SONDE_E_BUSY;
}

/* What is to be loaded. Slots that an earlier trial left behind go with it. */
static void compose(const struct guard_order *order, const struct live_table *table,
                    const struct trial *trial, struct text *rules)
{
    const char *keep[] = {table->firm};
    const struct nft_slot old = live_slot(table, trial->old);
    const struct nft_slot slot = {trial->slot, nft_add_slot(rules, order->policy, trial->slot, order->now_s)};

    nft_add_lease(rules, &slot, &old, order->lease_ms);
    live_remove_slots(table, keep, COUNT_OF(keep), rules);
}

/* Write the trial down, load, and look whether somebody else was quicker. */
static int load(const struct guard_order *order, const struct trial *trial, const char *rules,
                const struct others *others, struct early *early, struct sonde_error *error)
{
    int code = trial_save(trial, order->folders.state, error);

    if (code < 0) {
        error_hint(error, "Nothing was changed");
        return code;
    }
    code = check_others(others, 0, error);
    if (code == 0)
        code = early_prepare(early, order->early, order->early_count, order->policy, order->now_s, error);
    if (code == 0)
        code = nft_load(rules, error);
    if (code < 0) {
        trial_forget(order->folders.state);
        return code;
    }
    code = check_others(others, 1, error);
    if (code == 0)
        code = early_try(early, order->lease_ms * NS_PER_MS, error);
    if (code < 0)
        steps_withdraw(&order->folders, trial, NULL);
    return code;
}

static int put_locked(const struct guard_order *order, struct trial *trial, struct sonde_error *error)
{
    _cleanup_live_ struct live_table table = {0};
    _cleanup_text_ struct text rules = {0};
    struct others others = {0};
    struct early early = {0};
    int code = read_others(&others, error);

    if (code == 0 && order->planned_others && *order->planned_others != others.fingerprint)
        code = refuse_changed("since this was planned", error);
    if (code == 0)
        code = live_read(&table, error);
    if (code < 0)
        return code;
    if (live_on_trial(&table))
        return refuse_second(&table, error);
    live_next_slot(&table, trial->slot);
    memcpy(trial->old, table.firm, sizeof(trial->old));
    trial->file = text_format("%s", order->file);
    trial->applied_s = order->now_s;
    trial->lease_ms = order->lease_ms;
    text_add_octets(&trial->policy, order->text->data, order->text->length);
    trial_begin(trial);
    compose(order, &table, trial, &rules);
    code = load(order, trial, text_get(&rules), &others, &early, error);
    early_deinit(&early);
    if (code < 0)
        early_withdraw();
    return code;
}

static int refuse_interface(const char *name, const struct policy_rule *rule, const char *file,
                            struct sonde_error *error)
{
    if (rule)
        error_set(error, SONDE_E_NOT_FOUND, "%s:%u:%u: there is no interface %s; nothing was changed", file,
                  rule->place.line, rule->place.column, name);
    else
        error_set(error, SONDE_E_NOT_FOUND, "%s: there is no interface %s to be outside; nothing was changed",
                  file, name);
    error_hint(error, "They are shown by: ip link. If it comes later, add --absent-interfaces");
    return SONDE_E_NOT_FOUND;
}

/* A rule for an interface that is misspelt never matches anything, and nobody would see it. */
static int check_interfaces(const struct guard_order *order, struct sonde_error *error)
{
    const struct policy *policy = order->policy;

    for (size_t i = 0; i < policy->outside_count; i++)
        if (!if_nametoindex(policy->outside[i]))
            return refuse_interface(policy->outside[i], NULL, order->file, error);
    for (size_t i = 0; i < policy->rule_count; i++)
        if (policy->rules[i].interface[0] && !if_nametoindex(policy->rules[i].interface))
            return refuse_interface(policy->rules[i].interface, &policy->rules[i], order->file, error);
    return 0;
}

int guard_put(const struct guard_order *order, struct trial *trial, struct sonde_error *error)
{
    int lock, code = order->absent_interfaces ? 0 : check_interfaces(order, error);

    if (code < 0)
        return code;
    lock = lock_take(order->folders.state, NS_PER_S, error);
    if (lock < 0)
        return lock;
    code = put_locked(order, trial, error);
    lock_release(lock);
    return code;
}

int guard_look(const struct trial *trial, enum trial_fate *fate, int64_t *left_ms, struct sonde_error *error)
{
    _cleanup_live_ struct live_table table = {0};
    int code = live_read(&table, error);

    *left_ms = table.left_ms;
    if (strcmp(table.firm, trial->slot) == 0)
        *fate = TRIAL_CONFIRMED;
    else if (strcmp(table.leased, trial->slot) != 0)
        *fate = TRIAL_WITHDRAWN;
    else
        *fate = table.left_ms > 0 ? TRIAL_RUNS : TRIAL_ENDED;
    return code;
}

/* Slots get their numbers anew when there was no table: what another process put on trial is its own. */
static bool is_noted(const struct guard_folders *folders, const struct trial *trial)
{
    _cleanup_trial_ struct trial noted = {0};

    return trial_load(&noted, folders->state, NULL) == 0 && noted.process == trial->process &&
           noted.applied_s == trial->applied_s && strcmp(noted.slot, trial->slot) == 0;
}

int guard_withdraw(const struct guard_folders *folders, const struct trial *trial, struct sonde_error *error)
{
    int lock = lock_take(folders->state, NS_PER_S, error), code;

    if (lock < 0)
        return lock;
    code = is_noted(folders, trial) ? steps_withdraw(folders, trial, error) : 0;
    lock_release(lock);
    return code;
}
