/* SPDX-License-Identifier: MIT */
/* The records sonde.guard.confirm/1 and sonde.guard.rollback/1. */
#include "cmd/guard/deed.h"

/* A deed as a record. */
struct deed {
    const char *said, *deed, *slot, *before;
};

static const struct field fields[] = {
    {"said", FIELD_TEXT, offsetof(struct deed, said), .doc = "What was done, one sentence",
     .style = STYLE_HEADLINE},
    {"deed", FIELD_TEXT, offsetof(struct deed, deed),
     .doc = "confirmed, persisted, trial-ended, trial-was-over, previous or nothing", .style = STYLE_HIDDEN},
    {"slot", FIELD_TEXT, offsetof(struct deed, slot), .doc = "The generation of the policy in force now",
     .style = STYLE_HIDDEN},
    {"before", FIELD_TEXT, offsetof(struct deed, before), .doc = "The one that was in force before",
     .style = STYLE_HIDDEN},
    {0},
};

const struct schema guard_confirm_schema = {"sonde.guard.confirm/1", "A policy that was made firm",
                                            sizeof(struct deed), fields};
const struct schema guard_rollback_schema = {"sonde.guard.rollback/1", "A way back to an earlier policy",
                                             sizeof(struct deed), fields};

static const struct {
    const char *deed, *said;
} words[] = {
    [DEED_CONFIRMED] = {"confirmed", "The policy is confirmed: it is in force for good, and the next boot "
                                     "loads it (systemctl enable sonde-guard)."},
    [DEED_PERSISTED] = {"persisted", "The policy was in force for good already; now the next boot loads it, "
                                     "too (systemctl enable sonde-guard)."},
    [DEED_TRIAL_ENDED] = {"trial-ended", "The trial is over: what was in force before is in force again."},
    [DEED_TRIAL_WAS_OVER] = {"trial-was-over",
                             "The lease had ended already: what was in force before the trial is in force."},
    [DEED_PREVIOUS] = {"previous", "The policy before the present one is in force again, and the next boot "
                                   "loads it; the same command undoes this."},
    [DEED_NOTHING] = {"nothing",
                      "There was no policy before this one: none is in force now, and the guard lets "
                      "everything pass; the same command undoes this."},
};

void deed_emit(const struct session *session, const struct schema *schema, const struct guard_done *done)
{
    const struct deed deed = {
        .said = words[done->deed].said,
        .deed = words[done->deed].deed,
        .slot = done->slot[0] ? done->slot : NULL,
        .before = done->before[0] ? done->before : NULL,
    };

    session->sink->record(session->sink, schema, &deed);
}
