/* SPDX-License-Identifier: MIT */
/* What the records of watch are made of. */
#include "detect/report.h"

#define MEMBER(name) offsetof(struct watch_count, name)

static const struct field count_fields[] = {
    {"family", FIELD_INTEGER, MEMBER(family), .doc = "4 or 6", .title = "IP"},
    {"type", FIELD_INTEGER, MEMBER(type), .doc = "ICMP type"},
    {"code", FIELD_INTEGER, MEMBER(code), .doc = "ICMP code"},
    {"name", FIELD_TEXT, MEMBER(name), .doc = "Name of the type and code, see sonde-explain(1)"},
    {"layer", FIELD_TEXT, MEMBER(layer),
     .doc = "outer: as the network carries it; inner: inside of a tunnel (GRE, VXLAN, ...)"},
    {"packets", FIELD_INTEGER, MEMBER(packets), .doc = "Messages counted"},
    {"bytes", FIELD_INTEGER, MEMBER(bytes), .doc = "Octets of their IP packets"},
    {0},
};

const struct schema watch_count_schema = {"sonde.watch.count/1",
                                          "How many messages of one type and code were seen",
                                          sizeof(struct watch_count), count_fields, true};

#undef MEMBER
#define MEMBER(name) offsetof(struct watch_interface_count, name)

static const struct field interface_fields[] = {
    {"interface", FIELD_TEXT, MEMBER(interface), .doc = "Name of the interface"},
    {"direction", FIELD_TEXT, MEMBER(direction), .doc = "in or out; absent when the capture does not say"},
    {"family", FIELD_INTEGER, MEMBER(count.family), .doc = "4 or 6", .title = "IP"},
    {"type", FIELD_INTEGER, MEMBER(count.type), .doc = "ICMP type"},
    {"code", FIELD_INTEGER, MEMBER(count.code), .doc = "ICMP code"},
    {"name", FIELD_TEXT, MEMBER(count.name), .doc = "Name of the type and code"},
    {"layer", FIELD_TEXT, MEMBER(count.layer), .doc = "outer or inner"},
    {"packets", FIELD_INTEGER, MEMBER(count.packets), .doc = "Messages counted"},
    {"bytes", FIELD_INTEGER, MEMBER(count.bytes), .doc = "Octets of their IP packets"},
    {0},
};

const struct schema watch_interface_schema = {"sonde.watch.interface/1",
                                              "How many messages passed an interface in a direction",
                                              sizeof(struct watch_interface_count), interface_fields, true};

#undef MEMBER
#define MEMBER(name) offsetof(struct watch_talker, name)

static const struct field talker_fields[] = {
    {"role", FIELD_TEXT, MEMBER(role), .doc = "sender or receiver"},
    {"address", FIELD_ADDRESS, MEMBER(address), .doc = "Who; senders of IPv6 are taken together by /64"},
    {"prefix", FIELD_INTEGER, MEMBER(prefix), .doc = "Length of the prefix; absent for a whole address"},
    {"packets", FIELD_INTEGER, MEMBER(packets), .doc = "ICMP messages"},
    {"first_seen", FIELD_TIME, MEMBER(first_ns), .doc = "When it was first seen"},
    {"last_seen", FIELD_TIME, MEMBER(last_ns), .doc = "When it was last seen"},
    {0},
};

const struct schema watch_talker_schema = {"sonde.watch.talker/1", "A host that sends or receives much ICMP",
                                           sizeof(struct watch_talker), talker_fields, true};

#undef MEMBER
#define MEMBER(name) offsetof(struct watch_complaint, name)

static const struct field complaint_fields[] = {
    {"target", FIELD_ADDRESS, MEMBER(target), .doc = "Destination of the packets that errors quote",
     .title = "Errors about"},
    {"protocol", FIELD_INTEGER, MEMBER(protocol), .doc = "IP protocol number of these packets"},
    {"port", FIELD_INTEGER, MEMBER(port), .doc = "Destination port of these packets"},
    {"service", FIELD_TEXT, MEMBER(service), .doc = "Name of the service of that port"},
    {"family", FIELD_INTEGER, MEMBER(family), .doc = "4 or 6", .title = "IP"},
    {"type", FIELD_INTEGER, MEMBER(type), .doc = "ICMP type of the last error"},
    {"code", FIELD_INTEGER, MEMBER(code), .doc = "ICMP code of the last error"},
    {"name", FIELD_TEXT, MEMBER(name), .doc = "Its name"},
    {"packets", FIELD_INTEGER, MEMBER(packets), .doc = "Errors"},
    {"last_seen", FIELD_TIME, MEMBER(last_ns), .doc = "When the last one was seen"},
    {0},
};

const struct schema watch_complaint_schema = {
    "sonde.watch.complaint/1", "A destination that many ICMP errors quote, and the service wanted there",
    sizeof(struct watch_complaint), complaint_fields, true};

#undef MEMBER
#define MEMBER(name) offsetof(struct watch_step, name)

static const struct field history_fields[] = {
    {"family", FIELD_INTEGER, MEMBER(family), .doc = "4 or 6; absent for all types that are not listed"},
    {"type", FIELD_INTEGER, MEMBER(type), .doc = "ICMP type"},
    {"code", FIELD_INTEGER, MEMBER(code), .doc = "ICMP code"},
    {"name", FIELD_TEXT, MEMBER(name), .doc = "Name of the type and code"},
    {"start_ns", FIELD_INTEGER, MEMBER(start_ns), "ns", "Beginning of the step, since 1970"},
    {"step_ns", FIELD_INTEGER, MEMBER(step_ns), "ns", "Length of the step"},
    {"packets", FIELD_INTEGER, MEMBER(packets), .doc = "Messages in the step"},
    {0},
};

const struct schema watch_history_schema = {"sonde.watch.history/1",
                                            "How many messages of a type a step of time had",
                                            sizeof(struct watch_step), history_fields, true};

#undef MEMBER
#define MEMBER(name) offsetof(struct watch_finding, name)

/* What a table shows of a finding comes first. */
#define FINDING_FIELDS                                                                                       \
    {"id", FIELD_INTEGER, MEMBER(id), .doc = "Number of the finding", .style = STYLE_HIDDEN},                \
        {"incident", FIELD_INTEGER, MEMBER(incident), .doc = "Findings of one incident share this number"},  \
        {"kind", FIELD_TEXT, MEMBER(kind), .doc = "What was found"},                                         \
        {"severity", FIELD_TEXT, MEMBER(severity),                                                           \
         .doc = "info: context; warning: something is broken or odd; alert: an attack"},                     \
        {"state", FIELD_TEXT, MEMBER(state), .doc = "open or ended", .style = STYLE_HIDDEN},                 \
        {"first_ns",           FIELD_INTEGER, MEMBER(first_ns), "ns", "First packet, since 1970",            \
         .style = STYLE_HIDDEN},                                                                             \
        {"last_ns", FIELD_INTEGER, MEMBER(last_ns), "ns", "Last packet, since 1970", .style = STYLE_HIDDEN}, \
        {"first_seen", FIELD_TIME, MEMBER(first_ns), .doc = "The same as time"},                             \
        {"last_seen", FIELD_TIME, MEMBER(last_ns), .doc = "The same as time"},                               \
        {"source", FIELD_ADDRESS, MEMBER(source), .doc = "Who does it; absent for many"},                    \
        {"source_prefix", FIELD_INTEGER, MEMBER(source_bits), .doc = "Length, when the source is a prefix"}, \
        {"target", FIELD_ADDRESS, MEMBER(target), .doc = "Whom it concerns; absent for many"},               \
        {"target_prefix", FIELD_INTEGER, MEMBER(target_bits), .doc = "Length, when the target is a prefix"}, \
        {"packets", FIELD_INTEGER, MEMBER(packets), .doc = "Packets that belong to it"},                     \
        {"merged", FIELD_INTEGER, MEMBER(merged), .doc = "Further subjects that were too many to list"},     \
        {"confidence", FIELD_REAL, MEMBER(confidence), "ratio", "How sure this is"},                         \
    {                                                                                                        \
        "samples", FIELD_INTEGER, MEMBER(samples), .doc = "Packets kept as proof, see --write",              \
                                                   .style = STYLE_HIDDEN                                     \
    }

static const struct field finding_fields[] = {
    {"summary", FIELD_TEXT, MEMBER(summary), .doc = "The finding in one sentence", .style = STYLE_HEADLINE},
    FINDING_FIELDS,
    {"evidence", FIELD_OBJECT, MEMBER(evidence), .doc = "The numbers that prove it", .of = &evidence_schema},
    {"excluded", FIELD_LIST, offsetof(struct watch_finding, excluded),
     .doc = "Why the innocent explanations do not hold", .style = STYLE_BULLETS},
    {"advice", FIELD_TEXT, MEMBER(advice), .doc = "What to do", .style = STYLE_PARAGRAPH},
    {"next", FIELD_TEXT, MEMBER(next), .doc = "The next command to run"},
    {"guard", FIELD_TEXT, MEMBER(guard), .doc = "A rule for a guard policy that helps"},
    {0},
};

const struct schema watch_finding_schema = {"sonde.watch.finding/1",
                                            "Something that is wrong or worth to know",
                                            sizeof(struct watch_finding), finding_fields};

static const struct field finding_row_fields[] = {
    FINDING_FIELDS,
    {"summary", FIELD_TEXT, MEMBER(summary), .doc = "The finding in one sentence", .style = STYLE_HIDDEN},
    {0},
};

const struct schema watch_finding_row_schema = {"sonde.watch.finding-row/1", "A finding as a row of a table",
                                                sizeof(struct watch_finding), finding_row_fields, true};

#undef MEMBER
#define MEMBER(name) offsetof(struct watch_summary, name)

static const struct field summary_fields[] = {
    {"packets", FIELD_INTEGER, MEMBER(packets), .doc = "IP packets, those inside of tunnels too"},
    {"icmp_packets", FIELD_INTEGER, MEMBER(icmp_packets), .doc = "ICMP packets among them",
     .title = "ICMP packets"},
    {"malformed", FIELD_INTEGER, MEMBER(malformed), .doc = "Frames with a header that is cut or lies"},
    {"dropped_by_kernel", FIELD_INTEGER, MEMBER(dropped_by_kernel),
     .doc = "Packets lost before they could be read"},
    {"elapsed_ns", FIELD_INTEGER, MEMBER(elapsed_ns), "ns", "From the first to the last packet",
     .title = "Elapsed"},
    {"frames", FIELD_INTEGER, MEMBER(frames), .doc = "Frames read"},
    {"fragments", FIELD_INTEGER, MEMBER(fragments),
     .doc = "Later fragments of ICMP packets: they have no type"},
    {"not_ip", FIELD_INTEGER, MEMBER(not_ip), .doc = "Frames without IP", .title = "Frames without IP"},
    {"late", FIELD_INTEGER, MEMBER(late), .doc = "Packets more than ten seconds older than one before them",
     .style = STYLE_HIDDEN},
    {"from", FIELD_TIME, MEMBER(first_ns), .doc = "Time of the first packet"},
    {"to", FIELD_TIME, MEMBER(last_ns), .doc = "Time of the last packet"},
    {"findings", FIELD_INTEGER, MEMBER(findings), .doc = "Findings raised"},
    {"alerts", FIELD_INTEGER, MEMBER(alerts), .doc = "Attacks among them"},
    {"warnings", FIELD_INTEGER, MEMBER(warnings), .doc = "Warnings among them"},
    {"suppressed", FIELD_INTEGER, MEMBER(suppressed), .doc = "Findings that found no room",
     .style = STYLE_HIDDEN},
    {"sources", FIELD_INTEGER, MEMBER(sources), .doc = "Senders remembered", .style = STYLE_HIDDEN},
    {"source_evictions", FIELD_INTEGER, MEMBER(source_evictions), .doc = "Senders forgotten for lack of room",
     .style = STYLE_HIDDEN},
    {"targets", FIELD_INTEGER, MEMBER(targets), .doc = "Receivers remembered", .style = STYLE_HIDDEN},
    {"target_evictions", FIELD_INTEGER, MEMBER(target_evictions),
     .doc = "Receivers forgotten for lack of room", .style = STYLE_HIDDEN},
    {"scan_evictions", FIELD_INTEGER, MEMBER(scan_evictions),
     .doc = "Possible scanners forgotten for lack of room", .style = STYLE_HIDDEN},
    {"echo_evictions", FIELD_INTEGER, MEMBER(echo_evictions),
     .doc = "Echo requests forgotten before a reply could come", .style = STYLE_HIDDEN},
    {"flow_evictions", FIELD_INTEGER, MEMBER(flow_evictions), .doc = "Flows forgotten for lack of room",
     .style = STYLE_HIDDEN},
    {"not_broken_down", FIELD_INTEGER, MEMBER(not_broken_down),
     .doc = "Messages counted in all, but not by interface for lack of room", .style = STYLE_HIDDEN},
    {"memory_octets", FIELD_INTEGER, MEMBER(memory_octets), "octets", "Memory of all tables",
     .style = STYLE_HIDDEN},
    {0},
};

const struct schema watch_summary_schema = {"sonde.watch.summary/1", "What was read, and what was lost",
                                            sizeof(struct watch_summary), summary_fields};
