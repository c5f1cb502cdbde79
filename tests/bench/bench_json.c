/* SPDX-License-Identifier: MIT */
/* How fast a record becomes a line of JSON. */
#include "base/address.h"
#include "out/json.h"
#include "tests/bench/bench.h"

/** A small record, like the answer to one probe. */
struct answer {
    const char *name;
    struct sonde_address address;
    int64_t sequence, rtt_ns, time_ns;
    double loss;
};

#define ANSWER(member) offsetof(struct answer, member)

static const struct schema schema = {
    "sonde.bench/1",
    "a small record",
    sizeof(struct answer),
    (const struct field[]){
        {"name", FIELD_TEXT, ANSWER(name)},
        {"address", FIELD_ADDRESS, ANSWER(address)},
        {"sequence", FIELD_INTEGER, ANSWER(sequence)},
        {"rtt_ns", FIELD_INTEGER, ANSWER(rtt_ns)},
        {"time", FIELD_TIME, ANSWER(time_ns)},
        {"loss_ratio", FIELD_REAL, ANSWER(loss)},
        {0},
    },
};

static void render(void *context)
{
    struct text text = {0};

    json_add_record(&text, &schema, context);
    text_deinit(&text);
}

int main(void)
{
    struct answer answer = {"www.example.net", {4, {192, 0, 2, 7}}, 42, 1234567, 1700000000123456789, 0.125};

    bench("records as JSON", render, &answer);
    return 0;
}
