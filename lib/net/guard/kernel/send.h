/* SPDX-License-Identifier: MIT */
/* Sends messages into the scratch namespace: as frames from outside, or as this host itself. */
#ifndef SONDE_NET_GUARD_KERNEL_SEND_H
#define SONDE_NET_GUARD_KERNEL_SEND_H

#include "net/guard/kernel/message.h"
#include "net/guard/scratch.h"

enum { SEND_BATCH_MAX = 256 };

/** A sender; zero-initialise. */
struct sender {
    const struct scratch *scratch;
    struct message_map map;
    bool whole;                     /* frames are traced from their arrival on */
    int frames;                     /* AF_PACKET in the outer namespace */
    int raw4, raw6;                 /* whole packets out of the inner one, marked to be traced */
    struct message_packet *packets; /* room for a batch */
    uint8_t (*headers)[14];
};

/** Open; the calling thread is in the inner namespace before and after. @return 0 or -errno with context */
int sender_open(struct sender *sender, const struct scratch *scratch, const struct message_map *map,
                struct sonde_error *error);

/** Send messages of one direction, then the mark that ends a batch where frames are sent.
 * @param count at most SEND_BATCH_MAX / 2
 * @return whether the mark was sent (else everything is done when this returns), or -errno */
int sender_send(struct sender *sender, const struct message *messages, size_t count);

/** Send the openers of messages of one direction the other way, then the mark. @return as sender_send */
int sender_open_flows(struct sender *sender, const struct message *messages, size_t count);

/** Close; does nothing to a closed one. */
void sender_close(struct sender *sender);

#endif
