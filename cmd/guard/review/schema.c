/* SPDX-License-Identifier: MIT */
/* What the records of a review are made of, besides advice and findings. */
#include "cmd/guard/review/content.h"

#define MEMBER(name) offsetof(struct review_summary, name)

static const struct field summary_fields[] = {
    {"verdict", FIELD_TEXT, MEMBER(verdict), .doc = "All of it in one sentence", .style = STYLE_HEADLINE},
    {"policy", FIELD_TEXT, MEMBER(policy), .doc = "The policy's file"},
    {"role", FIELD_TEXT, MEMBER(role), .doc = "host, router or edge", .style = STYLE_HIDDEN},
    {"confirmed", FIELD_TEXT, MEMBER(confirmed),
     .doc = "When the policy in force was confirmed, and by whom"},
    {"trial", FIELD_TEXT, MEMBER(trial), .doc = "That a policy is on trial now"},
    {"since", FIELD_TIME, MEMBER(since_ns), .doc = "Begin of the window"},
    {"until", FIELD_TIME, MEMBER(until_ns), .doc = "End of the window"},
    {"days", FIELD_REAL, MEMBER(days), "days", "From the first look in the window to the last",
     .title = "Days looked at"},
    {"looks", FIELD_INTEGER, MEMBER(looks), .doc = "Looks at the counters in the window"},
    {"longest_gap_s", FIELD_INTEGER, MEMBER(longest_gap_s), "s", "Longest time between two of them",
     .title = "Longest gap"},
    {"boots", FIELD_INTEGER, MEMBER(boots), .doc = "Different boots that were looked at"},
    {"resets", FIELD_INTEGER, MEMBER(resets), .doc = "Times that a counter was reset or made anew, at most"},
    {"advice", FIELD_TEXT, MEMBER(advice), .doc = "The next five numbers as words"},
    {"investigate", FIELD_INTEGER, MEMBER(investigate), "rules",
     "Something changed, or is dropped that must pass", .style = STYLE_HIDDEN},
    {"remove", FIELD_INTEGER, MEMBER(remove), "rules", "Nothing needs them, or their time is over",
     .style = STYLE_HIDDEN},
    {"tighten", FIELD_INTEGER, MEMBER(tighten), "rules", "Less would do", .style = STYLE_HIDDEN},
    {"wait", FIELD_INTEGER, MEMBER(wait), "rules", "Not enough data yet", .style = STYLE_HIDDEN},
    {"keep", FIELD_INTEGER, MEMBER(keep), "rules", "As they should be", .style = STYLE_HIDDEN},
    {0},
};

const struct schema review_summary_schema = {"sonde.guard.review/1",
                                             "What a review of the policy in force comes to",
                                             sizeof(struct review_summary), summary_fields};

#undef MEMBER
#define MEMBER(name) offsetof(struct content_series, name)

static const struct field message_fields[] = {
    {"message", FIELD_TEXT, MEMBER(name), .doc = "Family, name, type and code"},
    {"fate", FIELD_TEXT, MEMBER(fate), .doc = "passed or blocked"},
    {"packets", FIELD_INTEGER, MEMBER(packets), .doc = "Packets in the window"},
    {0},
};

const struct schema content_message_schema = {"message",
                                              "How many messages of a type and code passed or were blocked",
                                              sizeof(struct content_series), message_fields, true};

#undef MEMBER
#define MEMBER(name) offsetof(struct content_step, name)

static const struct field step_fields[] = {
    {"time", FIELD_TIME, MEMBER(time_ns), .doc = "Begin of the step"},
    {"message", FIELD_TEXT, MEMBER(message), .doc = "Family, name, type and code"},
    {"fate", FIELD_TEXT, MEMBER(fate), .doc = "passed or blocked"},
    {"packets", FIELD_INTEGER, MEMBER(packets), .doc = "Packets in the step"},
    {0},
};

static const struct schema step_schema = {"step", "Messages of a type and code in a step of time",
                                          sizeof(struct content_step), step_fields};

#undef MEMBER
#define MEMBER(name) offsetof(struct content_event, name)

static const struct field event_fields[] = {
    {"first", FIELD_TIME, MEMBER(first_ns), .doc = "When it happened first", .title = "When"},
    {"last", FIELD_TIME, MEMBER(last_ns), .doc = "When it happened last", .title = "Until"},
    {"times", FIELD_INTEGER, MEMBER(times), .doc = "How often it was found"},
    {"kind", FIELD_TEXT, MEMBER(kind), .doc = "apply, confirm, rollback or drift", .title = "What"},
    {"text", FIELD_TEXT, MEMBER(text), .doc = "More about it", .title = "Details"},
    {0},
};

const struct schema content_event_schema = {"event", "Something that happened to the policy",
                                            sizeof(struct content_event), event_fields, true};

#undef MEMBER
#define MEMBER(name) offsetof(struct review_advice, name)

static const struct field advice_fields[] = {
    {"rule", FIELD_TEXT, MEMBER(rule)},
    {"message", FIELD_TEXT, MEMBER(message)},
    {"verdict", FIELD_TEXT, MEMBER(verdict)},
    {"passed", FIELD_INTEGER, MEMBER(passed)},
    {"blocked", FIELD_INTEGER, MEMBER(blocked)},
    {"observed_days", FIELD_REAL, MEMBER(observed_days), .title = "Days observed"},
    {"last_seen", FIELD_TIME, MEMBER(last_seen_ns), .title = "Last seen"},
    {"confidence", FIELD_REAL, MEMBER(confidence), "ratio"},
    {"because", FIELD_TEXT, MEMBER(because)},
    {"change", FIELD_TEXT, MEMBER(change)},
    {"owner", FIELD_TEXT, MEMBER(owner)},
    {"place", FIELD_TEXT, MEMBER(place)},
    {0},
};

const struct schema content_advice_schema = {"advice", "Advice in a document", sizeof(struct review_advice),
                                             advice_fields, true};

#undef MEMBER
#define MEMBER(name) offsetof(struct review_report, name)

static const struct field report_fields[] = {
    {"verdict", FIELD_TEXT, MEMBER(verdict), .doc = "All of it in one sentence", .style = STYLE_HEADLINE},
    {"version", FIELD_TEXT, MEMBER(version), .doc = "Of the program"},
    {"summary", FIELD_OBJECT, MEMBER(summary), .doc = "What the review comes to",
     .of = &review_summary_schema},
    {"findings", FIELD_LIST, MEMBER(findings), .doc = "What is wrong", .of = &guard_finding_schema},
    {"advices", FIELD_LIST, MEMBER(advices), .doc = "What to do about each rule",
     .of = &review_advice_schema},
    {"messages", FIELD_LIST, MEMBER(messages), .doc = "Messages by type and code, the most first",
     .of = &content_message_schema},
    {"history", FIELD_LIST, MEMBER(history), .doc = "The same over time; steps without packets are left out",
     .of = &step_schema},
    {"events", FIELD_LIST, MEMBER(events), .doc = "What happened to the policy, the latest first",
     .of = &content_event_schema},
    {0},
};

const struct schema review_report_schema = {"sonde.guard.report/1",
                                            "Everything that a review says, as --report writes it",
                                            sizeof(struct review_report), report_fields};
