/* SPDX-License-Identifier: MIT */
/* A frame as a capture hands it over: octets with a time, a link type and the interface they passed. */
#ifndef SONDE_WIRE_FRAME_H
#define SONDE_WIRE_FRAME_H

#include "base/slice.h"

/** Which way a frame passed the interface, as far as the capture says so. */
enum frame_direction { FRAME_UNKNOWN, FRAME_IN, FRAME_OUT };

/** One captured frame; its octets belong to the capture and are gone with the next read. */
struct frame {
    int64_t time_ns;    /* since 1970 UTC */
    struct slice data;  /* octets captured */
    uint32_t length;    /* octets on the wire, at least data.length */
    uint16_t link;      /* LINKTYPE_* number (www.tcpdump.org/linktypes.html), of wire/link.h */
    uint16_t interface; /* number of the interface within the capture, from 0 */
    uint8_t direction;  /* enum frame_direction */
};

#endif
