/* SPDX-License-Identifier: MIT */
/* Which packets the user wants to see: of a type, with a name, of an address. */
#ifndef SONDE_CMD_WATCH_SCREEN_FILTER_H
#define SONDE_CMD_WATCH_SCREEN_FILTER_H

#include "detect/profile.h"
#include "wire/packet.h"

enum { FILTER_TEXT = 64 };

/** What a filter looks at. */
enum filter_kind {
    FILTER_NOTHING, /* everything passes */
    FILTER_TYPE,    /* one type and code of one family */
    FILTER_NUMBER,  /* a type, perhaps with a code, of both families */
    FILTER_NAME,    /* a part of the name of the type */
    FILTER_ADDRESS, /* source, destination, or those of the quoted packet */
};

/** A filter; zero-initialise it. */
struct filter {
    enum filter_kind kind;
    uint8_t family, type, code;
    bool any_code;
    struct prefix prefix;
    char text[FILTER_TEXT]; /* for people */
    uint8_t named[2]
                 [65536]; /* FILTER_NAME by family and type << 8 | code: 0 not looked at, 1 passes, 2 not */
};

/** Let pass only what a text says: "echo", "3/4", "192.0.2.1", "2001:db8::/32"; an empty one: everything. */
void filter_parse(struct filter *filter, const char *text);

/** Let pass only one type and code. */
void filter_by_type(struct filter *filter, uint8_t family, uint8_t type, uint8_t code);

/** Whether a type and code passes, as far as they matter: an address lets all types pass. */
bool filter_passes_type(struct filter *filter, uint8_t family, uint8_t type, uint8_t code);

/** Whether a packet passes. */
bool filter_passes(struct filter *filter, const struct packet *packet);

#endif
