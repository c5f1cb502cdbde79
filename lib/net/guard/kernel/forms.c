/* SPDX-License-Identifier: MIT */
/* The same messages in other forms: a policy speaks of types and codes, so nothing else may make a
 * difference. */
#include "net/guard/kernel/forms.h"

#include <stdlib.h>

#include "base/macro.h"
#include "catalog/icmp.h"

enum {
    NAMES_MAX = SEND_BATCH_MAX,
    BEYOND = 24,       /* packets over a burst: more than refill while they are sent */
    BURST_MAX = 20000, /* a larger one is not tried */
};

/* A crowd first: what a set has no room for shows itself then. */
static const struct {
    enum variant variant;
    unsigned times;
    bool only4;
    const char *name;
} forms[] = {
    {VARIANT_CROWD, 8, false, "from one of several sources"},
    {VARIANT_DF, 1, true, "with DF set"},
    {VARIANT_LARGE, 1, false, "of 1,300 octets"},
    {VARIANT_FRAGMENTS, 1, false, "in two fragments"},
};

static size_t list_named(uint8_t family, enum direction direction, enum variant variant,
                         struct message messages[NAMES_MAX])
{
    const struct sonde_icmp_entry *row;
    size_t count = 0;

    for (size_t i = 0; (row = sonde_icmp_row(family, i)) != NULL && count < NAMES_MAX; i++)
        if (row->type == row->type_last && row->code != ICMP_ANY_CODE)
            messages[count++] = (struct message){.family = family,
                                                 .type = row->type,
                                                 .code = (uint8_t)row->code,
                                                 .direction = direction,
                                                 .variant = variant};
    return count;
}

int forms_play(struct stage *stage, uint8_t family, enum direction direction, forms_listener *listener,
               void *context)
{
    struct message messages[NAMES_MAX];
    struct outcome outcomes[NAMES_MAX];

    for (size_t form = 0; form < COUNT_OF(forms); form++) {
        size_t count = list_named(family, direction, forms[form].variant, messages);

        if (forms[form].only4 && family != 4)
            continue;
        for (unsigned time = 0; time < forms[form].times; time++) {
            int result = stage_play(stage, messages, count, outcomes);

            if (result < 0)
                return result;
            for (size_t i = 0; i < count; i++)
                listener(context, &messages[i], &outcomes[i], forms[form].name);
        }
    }
    return 0;
}

int forms_try_limit(struct stage *stage, struct rehearsal_limit *limit)
{
    size_t count = limit->burst + BEYOND, passed = 0;
    struct message *messages;
    struct outcome *outcomes;
    int result;

    if (limit->burst > BURST_MAX)
        return 0;
    messages = calloc(count, sizeof(*messages));
    outcomes = calloc(count, sizeof(*outcomes));
    if (!messages || !outcomes)
        abort(); /* as base/text.c */
    for (size_t i = 0; i < count; i++)
        messages[i] = (struct message){
            .family = limit->family, .type = limit->type, .code = limit->code, .direction = limit->direction};
    stage->round++;
    stage->one_round = true;
    result = stage_play(stage, messages, count, outcomes);
    stage->one_round = false;
    for (size_t i = 0; i < count; i++)
        passed += outcome_fate(&outcomes[i], &stage->book) == FATE_ACCEPT;
    limit->tried = result == 0;
    limit->held = passed < count;
    free(messages);
    free(outcomes);
    return result;
}
