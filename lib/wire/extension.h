/* SPDX-License-Identifier: MIT */
/* Extension objects of ICMP errors: MPLS labels and interface information. */
#ifndef SONDE_WIRE_EXTENSION_H
#define SONDE_WIRE_EXTENSION_H

#include <stdbool.h>

#include "base/address.h"
#include "base/slice.h"

enum {
    EXTENSION_LABELS_MAX = 8,
    EXTENSION_NAME_MAX = 64, /* octets of an interface name with its zero (RFC 5837 4.3) */
};

/** Which interface an RFC 5837 object describes (its role bits). */
enum extension_role { EXTENSION_INCOMING, EXTENSION_SUB_IP, EXTENSION_OUTGOING, EXTENSION_NEXT_HOP };

/** One MPLS label stack entry (RFC 4950). */
struct extension_label {
    uint32_t label;
    uint8_t traffic_class, ttl;
};

/** What the objects said; zero where nothing was said. */
struct extension {
    struct extension_label labels[EXTENSION_LABELS_MAX];
    size_t label_count;
    bool interface; /* an RFC 5837 object was there; of several the incoming one wins */
    enum extension_role role;
    uint32_t index, mtu;
    struct sonde_address address;
    char name[EXTENSION_NAME_MAX]; /* printable ASCII; other octets become '?' */
};

/**
 * Read an extension structure (RFC 4884 7, RFC 4950, RFC 5837 4). Unknown objects are skipped.
 * @param data the structure with its header
 * @return 0, or -EBADMSG when version, checksum or an object length is wrong; extension then holds nothing
 */
int extension_parse(struct slice data, struct extension *extension);

#endif
