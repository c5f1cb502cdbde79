/* SPDX-License-Identifier: MIT */
/* The policy on trial, as two files in the state folder: its text, and what else is known. */
#include "net/guard/apply/trial.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "net/guard/apply/folder.h"

#define FACTS_FILE  "trial.json"
#define POLICY_FILE "trial.yaml"

static void read_boot(char boot[40])
{
    _cleanup_text_ struct text text = {0};

    if (folder_read("/proc/sys/kernel/random", "boot_id", &text, NULL) == 0)
        snprintf(boot, 40, "%.*s", (int)strcspn(text_get(&text), "\n"), text_get(&text));
}

void trial_begin(struct trial *trial)
{
    trial->process = (int)getpid();
    session_read(&trial->session);
    read_boot(trial->boot);
}

int trial_save(const struct trial *trial, const char *folder, struct sonde_error *error)
{
    json_t *json =
        json_pack("{ss ss ss ss sI sI si ss ss ss}", "schema", "sonde.guard.trial/1", "slot", trial->slot,
                  "old", trial->old, "file", trial->file, "applied_s", (json_int_t)trial->applied_s,
                  "lease_ms", (json_int_t)trial->lease_ms, "process", trial->process, "ssh",
                  trial->session.ssh, "login", trial->session.login, "boot", trial->boot);
    _cleanup_free_ char *facts = json ? json_dumps(json, JSON_INDENT(1)) : NULL;
    int code;

    json_decref(json);
    if (!facts)
        return error_set(error, SONDE_E_FORMAT, "the name of the policy's file is no text");
    code = folder_write(folder, POLICY_FILE, slice_of(trial->policy.data, trial->policy.length), 0600, error);
    if (code == 0)
        code = folder_write(folder, FACTS_FILE, slice_of(facts, strlen(facts)), 0600, error);
    if (code < 0)
        trial_forget(folder);
    return code;
}

static void take(const json_t *json, const char *member, char *to, size_t capacity)
{
    snprintf(to, capacity, "%s", json_member(json, member));
}

static void take_facts(const json_t *json, struct trial *trial)
{
    take(json, "slot", trial->slot, sizeof(trial->slot));
    take(json, "old", trial->old, sizeof(trial->old));
    take(json, "ssh", trial->session.ssh, sizeof(trial->session.ssh));
    take(json, "login", trial->session.login, sizeof(trial->session.login));
    take(json, "boot", trial->boot, sizeof(trial->boot));
    trial->file = text_format("%s", json_member(json, "file"));
    trial->applied_s = json_integer_value(json_object_get(json, "applied_s"));
    trial->lease_ms = json_integer_value(json_object_get(json, "lease_ms"));
    trial->process = (int)json_integer_value(json_object_get(json, "process"));
}

int trial_load(struct trial *trial, const char *folder, struct sonde_error *error)
{
    _cleanup_text_ struct text facts = {0};
    char boot[40] = "";
    json_t *json;
    int code = folder_read(folder, FACTS_FILE, &facts, error);

    if (code == 0)
        code = folder_read(folder, POLICY_FILE, &trial->policy, error);
    if (code < 0)
        return code;
    json = json_loadb(text_get(&facts), facts.length, 0, NULL);
    if (!json)
        return error_set(error, SONDE_E_FORMAT, "%s/" FACTS_FILE " is damaged", folder);
    take_facts(json, trial);
    json_decref(json);
    read_boot(boot);
    return strcmp(boot, trial->boot) == 0 ? 0 : SONDE_E_NOT_FOUND;
}

void trial_forget(const char *folder)
{
    folder_remove(folder, FACTS_FILE, NULL);
    folder_remove(folder, POLICY_FILE, NULL);
}

void trial_deinit(struct trial *trial)
{
    free(trial->file);
    text_deinit(&trial->policy);
    *trial = (struct trial){0};
}
