/* SPDX-License-Identifier: MIT */
/* A scratch namespace with rules in it, into which messages are sent and in which they are followed. */
#ifndef SONDE_NET_GUARD_KERNEL_STAGE_H
#define SONDE_NET_GUARD_KERNEL_STAGE_H

#include "net/guard/kernel/follow.h"
#include "net/guard/kernel/send.h"
#include "net/guard/rehearse.h"

/** A stage; zero-initialise. */
struct stage {
    const struct rehearsal *rehearsal;
    struct scratch *scratch;
    struct message_map map;
    struct rulebook book;
    struct trace trace;
    struct sender sender;
    struct rehearsal_result result; /* sent, traced, lost */
    size_t batch;                   /* messages at once, so that their events find room */
    int64_t events;                 /* heard so far */
    uint16_t round;                 /* of the last sending */
    bool one_round;                 /* all further messages come from the same far hosts */
    follow_step *step;              /* NULL: nobody wants to know each step */
    void *context;
};

/**
 * Load the rules into a scratch namespace and get ready; the calling thread is in `inner` afterwards.
 * @return as rehearse
 */
int stage_open(struct stage *stage, const struct rehearsal *rehearsal, struct scratch *scratch,
               struct sonde_error *error);

/**
 * Send messages of one direction and shape and follow them. What the trace loses is sent again; what cannot
 * be followed in the end counts as lost and stays unseen.
 * @param messages their rounds are set
 * @param outcomes filled
 * @return 0 or -errno
 */
int stage_play(struct stage *stage, struct message *messages, size_t count, struct outcome *outcomes);

/** What opens the flows of answers in a direction so that the rules let it pass; OPENER_UDP if none does. */
enum opener stage_opener(struct stage *stage, uint8_t family, enum direction direction);

/** The fate of an outcome, and the rule that decided as a name or NULL. */
enum fate stage_fate(const struct stage *stage, const struct outcome *outcome, const char **rule);

/** Leave the stage; does nothing to a closed one. */
void stage_close(struct stage *stage);

/** Two namespaces for a rehearsal, the second for another thread or NULL, furnished and with forwarding on.
 * @return as scratch_open */
int stage_build(const struct rehearsal *rehearsal, struct scratch *first, struct scratch *second,
                struct sonde_error *error);

#endif
