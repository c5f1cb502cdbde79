/* SPDX-License-Identifier: MIT */
/* The record sonde.guard.verdict/1. */
#include "cmd/guard/trial/verdict.h"

#include "catalog/icmp.h"

#define ROW(member) offsetof(struct verdict_row, member)

static const struct field fields[] = {
    DIFFERENCE_FIELDS(struct verdict_row),
    {"hook", FIELD_TEXT, ROW(hook), .doc = "input, forward or output", .style = STYLE_HIDDEN},
    {"direction", FIELD_TEXT, ROW(direction), .doc = "input, forward, output, forward-in or forward-out"},
    {"shape", FIELD_TEXT, ROW(shape),
     .doc =
         "plain: unsolicited, from off the link; answer: it answers a packet of ours; link: from the link"},
    {"promised", FIELD_TEXT, ROW(promised), .doc = "What the policy says: accept, drop or reject"},
    {"verdict", FIELD_TEXT, ROW(verdict), .doc = "What the kernel does: accept, drop, reject or unseen"},
    {"rule", FIELD_TEXT, ROW(rule), .doc = "The rule that decided: family/table/chain, handle, comment"},
    {"source", FIELD_TEXT, ROW(source), .doc = "The sender, where an exception names it"},
    {"pairs", FIELD_INTEGER, ROW(pairs), .doc = "Types and codes in the group", .style = STYLE_HIDDEN},
    {0},
};

const struct schema verdict_schema = {"sonde.guard.verdict/1",
                                      "What the kernel does with a message, and which rule decides",
                                      sizeof(struct verdict_row), fields, .tabular = true};

void verdict_fill(struct verdict_row *row, const struct difference *difference, const struct matrix *rules)
{
    *row = (struct verdict_row){
        .family = difference->family,
        .type = difference->type,
        .type_last = difference->type_last,
        .code = difference->code,
        .code_last = difference->code_last,
        .pairs = (int64_t)difference->pairs,
        .name = sonde_icmp_find(difference->family, difference->type, difference->code)->name,
        .hook = hook_name(direction_hook(difference->direction)),
        .direction = direction_name(difference->direction),
        .shape = shape_name(difference->shape),
        .promised = difference->before == FATE_UNSEEN ? NULL : fate_name(difference->before),
        .verdict = fate_name(difference->after),
        .rule = difference->rule ? rules->rules[difference->rule] : NULL,
    };
    row->messages = difference_text(difference, row->messages_text);
}
