/* SPDX-License-Identifier: MIT */
/* Whether the packet that an error quotes was really sent, and what a finding says about it. */
#ifndef SONDE_DETECT_TRUST_QUOTE_H
#define SONDE_DETECT_TRUST_QUOTE_H

#include "detect/watch.h"

/** What can be said of a quoted packet. */
enum quote_verdict {
    QUOTE_UNKNOWN,  /* nothing: this place may not see it, or has forgotten */
    QUOTE_SENT,     /* it belongs to a flow that passed */
    QUOTE_UNSEEN,   /* its flow never passed, although its sender's packets do */
    QUOTE_OUTSIDE,  /* the flow passed, but this TCP sequence number is none that it could have sent */
    QUOTE_FOREIGN,  /* its sender is not who got the error */
    QUOTE_OF_ERROR, /* it is itself an ICMP error, about which nobody may complain (RFC 1122 3.2.2) */
};

/** A quote, judged. */
struct quote_judgement {
    enum quote_verdict verdict;
    const char *check;  /* what speaks against it, as a sentence; NULL: nothing */
    const char *socket; /* what this host's socket table says, or NULL when it was not asked */
    bool has_no_socket; /* ... is that there is none */
};

/** How often the socket table may still be asked; zero-initialise it. */
struct quote_budget {
    uint32_t now_s, asked;
};

/** Judge the quote of an error; sighting->quote is there. */
struct quote_judgement quote_judge(const struct watch *watch, const struct sighting *sighting,
                                   struct quote_budget *budget);

/** State what the quote says, and what is known of its flow. */
void quote_describe(struct finding *finding, const struct sighting *sighting,
                    const struct quote_judgement *judgement);

/** A word that names a quoted flow, with the addresses in the order of the quote. */
uint64_t quote_hash(const struct watch *watch, const struct packet_quote *quote);

#endif
