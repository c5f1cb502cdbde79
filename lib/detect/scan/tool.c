/* SPDX-License-Identifier: MIT */
/* Which program an echo request looks like: lengths and payloads as zmap 2.1.1, masscan 1.3.2, nmap 7.93,
 * fping 5.1 and others send them; the older ones as Snort's community rules (sids 465 to 483) describe them.
 */
#include "detect/scan/tool.h"

#include <string.h>

#include "base/macro.h"
#include "wire/octets.h"

enum {
    HEADER = 8,
    ANY = -1,
    ZMAP_ID = 54321,
    TTL_FULL = 190, /* what is left at least of the 255 that raw sockets of scanners send with */
};

/* How the payload looks. */
enum look {
    LOOK_ANY,
    LOOK_ZERO,
    LOOK_HOLDS,
    LOOK_IP_ID, /* it is the IP identification that tells */
};

/* What all packets of a program have in common. */
struct tool {
    const char *name;
    enum tool_use use;
    int32_t payload; /* octets */
    int32_t id, sequence;
    uint8_t ttl_low, ttl_high; /* of what is left of it; 0: any */
    enum look look;
    uint16_t offset; /* where it holds these octets, or from where it is zero; or the IP identification */
    const char *octets;
    uint8_t octet_count;
};

static const struct tool tools[] = {
    {"zmap", TOOL_SCANS, ANY, ANY, ANY, 0, 0, LOOK_IP_ID, ZMAP_ID, NULL, 0},
    {"zmap", TOOL_SCANS, 12, ANY, 0, TTL_FULL, 0, LOOK_ZERO, 0, NULL, 0},
    {"zmap", TOOL_SCANS, 20, ANY, ANY, TTL_FULL, 0, LOOK_ZERO, 0, NULL, 0},
    {"masscan", TOOL_SCANS, 48, ANY, ANY, TTL_FULL, 0, LOOK_HOLDS, 0, "\x08\x09\x0a\x0b\x0c\x0d", 6},
    {"icmpenum", TOOL_SCANS, 0, 666, 0, 0, 0, LOOK_ANY, 0, NULL, 0},
    {"nmap", TOOL_SCANS, 0, ANY, 0, 0, 0, LOOK_ANY, 0, NULL, 0},
    {"smurf scanner", TOOL_SCANS, 4, 0, 0, 0, 0, LOOK_ANY, 0, NULL, 0},
    {"SuperScan", TOOL_SCANS, 8, ANY, ANY, 0, 0, LOOK_ZERO, 0, NULL, 0},
    {"Nemesis", TOOL_SCANS, 20, 0, 0, 0, 0, LOOK_ZERO, 0, NULL, 0},
    {"ISC dhcpd or dnsmasq", TOOL_LEASES, 20, ANY, 0, 0, 64, LOOK_ZERO, 0, NULL, 0},
    {"fping", TOOL_PINGS, 56, ANY, ANY, 0, 0, LOOK_ZERO, 0, NULL, 0},
    {"BusyBox ping", TOOL_PINGS, 56, ANY, ANY, 0, 0, LOOK_ZERO, 4, NULL, 0},
    {"macOS or BSD ping", TOOL_PINGS, 56, ANY, ANY, 0, 0, LOOK_HOLDS, 8, "\x08\x09\x0a\x0b\x0c\x0d", 6},
    {"Windows ping", TOOL_PINGS, ANY, ANY, ANY, 0, 0, LOOK_HOLDS, 0, "abcdefghijklmnopqrstuvwa", 24},
    {"ISS Pinger", TOOL_SCANS, ANY, ANY, ANY, 0, 0, LOOK_HOLDS, 0, "ISSPNGRQ", 8},
    {"WhatsUp Gold", TOOL_PINGS, ANY, ANY, ANY, 0, 0, LOOK_HOLDS, 0, "WhatsUp - A Netw", 16},
    {"CyberKit or Nachi worm", TOOL_SCANS, 64, ANY, ANY, 0, 0, LOOK_HOLDS, 0,
     "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa", 8},
    {"RIPE Atlas", TOOL_PINGS, ANY, ANY, ANY, 0, 0, LOOK_HOLDS, 0, "http://atlas.ripe.net", 21},
    {"Cisco ping", TOOL_PINGS, ANY, ANY, ANY, 0, 0, LOOK_HOLDS, 8, "\xab\xcd\xab\xcd\xab\xcd", 6},
    {"Linux ping", TOOL_PINGS, ANY, ANY, ANY, 0, 0, LOOK_HOLDS, 16, "\x10\x11\x12\x13\x14\x15", 6},
};

static bool is_zero(const uint8_t *octets, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (octets[i])
            return false;
    return true;
}

static bool looks(const struct tool *tool, const struct packet *packet)
{
    const uint8_t *payload = packet->octets + HEADER;
    size_t available = packet->available - HEADER;

    switch (tool->look) {
    case LOOK_ZERO:
        return available > tool->offset && is_zero(payload + tool->offset, available - tool->offset);
    case LOOK_HOLDS:
        return available >= (size_t)tool->offset + tool->octet_count &&
               !memcmp(payload + tool->offset, tool->octets, tool->octet_count);
    case LOOK_IP_ID:
        return packet->family == 4 && packet->ip_id == tool->offset;
    case LOOK_ANY:
        break;
    }
    return true;
}

static bool fits(const struct tool *tool, const struct packet *packet)
{
    return (tool->payload == ANY || (uint32_t)tool->payload == packet->length - HEADER) &&
           (tool->id == ANY || tool->id == octets_get16(packet->octets + 4)) &&
           (tool->sequence == ANY || tool->sequence == octets_get16(packet->octets + 6)) &&
           packet->ttl >= tool->ttl_low && (tool->ttl_high == 0 || packet->ttl <= tool->ttl_high) &&
           looks(tool, packet);
}

uint8_t tool_guess(const struct packet *packet)
{
    if (packet->class != PACKET_ECHO_REQUEST || packet->length < HEADER || packet->available < HEADER)
        return 0;
    for (size_t i = 0; i < COUNT_OF(tools); i++)
        if (fits(&tools[i], packet))
            return (uint8_t)(i + 1);
    return 0;
}

const char *tool_name(uint8_t tool)
{
    return tool ? tools[tool - 1].name : NULL;
}

enum tool_use tool_use(uint8_t tool)
{
    return tool ? tools[tool - 1].use : TOOL_PINGS;
}
