/* SPDX-License-Identifier: MIT */
/* What a person pastes or types about an error: which message, errno or symptom it speaks of, and about whom.
 */
#ifndef SONDE_CATALOG_PASTE_H
#define SONDE_CATALOG_PASTE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/slice.h"
#include "catalog/symptoms.h"

/** What a text speaks of. */
enum paste_kind { PASTE_NOTHING, PASTE_ICMP, PASTE_ERRNO, PASTE_SYMPTOM };

/** An ICMP message of one family. */
struct paste_message {
    bool known;
    uint8_t type;
    int16_t code; /* ICMP_ANY_CODE: the text names the type only */
};

/** What was recognised in a text. */
struct paste {
    enum paste_kind kind;
    uint8_t family;                      /* 4, 6, or 0 when the text does not tell */
    struct paste_message v4, v6;         /* of PASTE_ICMP; both when the text does not tell the family */
    int error;                           /* of PASTE_ERRNO */
    const struct symptom_entry *symptom; /* of PASTE_SYMPTOM */
    const char *tool;                    /* whose output it looks like: "ping"; NULL for what people type */
    const char *correction;      /* a sentence that puts a misunderstanding or an ambiguity right, or NULL */
    struct sonde_address sender; /* who sent the ICMP message; family 0: the text does not tell */
    struct slice host;           /* the target, inside the text; empty: the text does not tell */
    uint8_t protocol;            /* IPPROTO_TCP, IPPROTO_UDP or 0 */
    int32_t port;                /* of the target, or -1 */
    int32_t mtu;                 /* octets, or -1 */
};

/**
 * Recognise what a text speaks of: "3/3", "6 1/4", "port-unreachable", "EHOSTUNREACH", a line of ping,
 * traceroute, mtr, nmap, curl, ssh, tcpdump, a firewall's log ...
 * @param text one line or a few; the result points into it. The first 2048 octets count.
 * @param family 4 or 6 when the caller knows it, otherwise 0
 * @return what was recognised; kind PASTE_NOTHING when nothing was
 */
struct paste paste_parse(const char *text, uint8_t family);

#endif
