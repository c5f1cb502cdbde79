/* SPDX-License-Identifier: MIT */
/* What the record of advice is made of. */
#include "policy/review/review.h"

#define MEMBER(name) offsetof(struct review_advice, name)

static const struct field fields[] = {
    {"advice", FIELD_TEXT, MEMBER(advice),
     .doc = "investigate: something changed, or is dropped that must pass; remove: nothing needs the rule; "
            "tighten: less would do; wait: not enough data yet; keep"},
    {"rule", FIELD_TEXT, MEMBER(rule), .doc = "Id of the policy's rule, see sonde guard explain"},
    {"place", FIELD_TEXT, MEMBER(place),
     .doc = "Where the policy says so; absent when it follows from the role", .style = STYLE_HIDDEN},
    {"family", FIELD_INTEGER, MEMBER(family), .doc = "4 or 6", .style = STYLE_HIDDEN},
    {"type", FIELD_INTEGER, MEMBER(type), .doc = "ICMP type, of a range the first", .style = STYLE_HIDDEN},
    {"code", FIELD_INTEGER, MEMBER(code), .doc = "ICMP code; absent for all that no other rule names",
     .style = STYLE_HIDDEN},
    {"message", FIELD_TEXT, MEMBER(message), .doc = "Name, type and code"},
    {"direction", FIELD_TEXT, MEMBER(direction), .doc = "input, forward, output, forward-in or forward-out",
     .style = STYLE_HIDDEN},
    {"verdict", FIELD_TEXT, MEMBER(verdict), .doc = "What the policy says", .style = STYLE_HIDDEN},
    {"tier", FIELD_INTEGER, MEMBER(tier),
     .doc = "1: must not be dropped, 2: should not, 3 and 4: the site's choice, 5: drop",
     .style = STYLE_HIDDEN},
    {"passed", FIELD_INTEGER, MEMBER(passed), "packets", "Packets that passed in the window",
     .style = STYLE_HIDDEN},
    {"blocked", FIELD_INTEGER, MEMBER(blocked), "packets", "Packets that were dropped in the window",
     .style = STYLE_HIDDEN},
    {"per_day", FIELD_REAL, MEMBER(per_day), "packets", "Both, in a day that was observed as a whole",
     .style = STYLE_HIDDEN},
    {"observed_days", FIELD_REAL, MEMBER(observed_days), "days",
     "Time of the window for which it is known what was counted: not between the last look before a reset or "
     "reboot and the first one after it",
     .title = "days"},
    {"needed_days", FIELD_REAL, MEMBER(needed_days), "days",
     "Observed time from which on silence says something", .style = STYLE_HIDDEN},
    {"last_seen", FIELD_TIME, MEMBER(last_seen_ns),
     .doc = "Look that found the last packet; absent for never", .style = STYLE_HIDDEN, .title = "last seen"},
    {"resets", FIELD_INTEGER, MEMBER(resets), .doc = "Times that the counters were reset in the window",
     .style = STYLE_HIDDEN},
    {"reboots", FIELD_INTEGER, MEMBER(reboots), .doc = "Times that the machine started again in the window",
     .style = STYLE_HIDDEN},
    {"confidence", FIELD_REAL, MEMBER(confidence), "ratio",
     "How sure this is; absent when nothing is claimed. Of silence: how probably something that is needed "
     "once "
     "in 10 days would have been seen. Of a change: at least, whatever the distribution (Chebyshev)"},
    {"because", FIELD_TEXT, MEMBER(because), .doc = "Why, in one sentence"},
    {"change", FIELD_TEXT, MEMBER(change), .doc = "What to change", .style = STYLE_HIDDEN},
    {"owner", FIELD_TEXT, MEMBER(owner), .doc = "Who answers for an exception", .style = STYLE_HIDDEN},
    {"reason", FIELD_TEXT, MEMBER(reason), .doc = "Why the policy says so", .style = STYLE_HIDDEN},
    {0},
};

const struct schema review_advice_schema = {
    "sonde.guard.advice/1", "What to do about a rule of the policy, and the numbers behind it",
    sizeof(struct review_advice), fields, true};
