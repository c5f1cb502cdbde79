/* SPDX-License-Identifier: MIT */
/* One packet sent through rules in a scratch namespace. */
#include "net/guard/kernel/single.h"

#include <errno.h>

static int play(struct stage *stage, const struct message *message, enum fate *fate, struct text *rule,
                struct sonde_error *error)
{
    struct message sent = *message;
    struct outcome outcome;
    const char *name = NULL;
    int result = stage_play(stage, &sent, 1, &outcome);

    if (result == 0 && stage->result.lost > 0)
        result = -ENOBUFS;
    if (result < 0)
        return error_set(error, result, "the packet cannot be followed: %s", sonde_error_text(result));
    *fate = stage_fate(stage, &outcome, &name);
    text_add(rule, "%s", name ? name : "");
    return 0;
}

int single_play(const struct rehearsal *rehearsal, const struct message *message, follow_step *step,
                void *context, enum fate *fate, struct text *rule, struct sonde_error *error)
{
    struct scratch scratch = {0};
    struct stage stage = {.step = step, .context = context};
    int result = stage_build(rehearsal, &scratch, NULL, error);

    if (result == 0)
        result = stage_open(&stage, rehearsal, &scratch, error);
    if (result == 0)
        result = play(&stage, message, fate, rule, error);
    stage_close(&stage);
    scratch_close(&scratch);
    return result;
}
