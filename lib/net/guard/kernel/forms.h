/* SPDX-License-Identifier: MIT */
/* The same messages in other forms, and limits put to the test. */
#ifndef SONDE_NET_GUARD_KERNEL_FORMS_H
#define SONDE_NET_GUARD_KERNEL_FORMS_H

#include "net/guard/kernel/stage.h"

/** Hears what became of a message in a form. @param form "in two fragments" */
typedef void forms_listener(void *context, const struct message *message, const struct outcome *outcome,
                            const char *form);

/** Send every message of a family that has a name, plain, in a direction, in each form.
 * @return 0 or -errno */
int forms_play(struct stage *stage, uint8_t family, enum direction direction, forms_listener *listener,
               void *context);

/** Put a limit to the test. @return 0 or -errno */
int forms_try_limit(struct stage *stage, struct rehearsal_limit *limit);

#endif
