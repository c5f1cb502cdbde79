/* SPDX-License-Identifier: MIT */
/* The numbers and words of which evidence is made. */
#include "detect/fact.h"

#define FACT_FIELD(identifier, name, type, unit, doc)                                                        \
    {name, type, FACT_##identifier * sizeof(union fact_value), unit, doc},

static const struct field fields[] = {FACTS(FACT_FIELD){0}};

const struct schema evidence_schema = {"evidence", "The numbers behind a finding; those that apply are there",
                                       sizeof(struct evidence), fields};

void evidence_clear(struct evidence *evidence)
{
    *evidence = (struct evidence){0};
    for (size_t i = 0; i < FACT_COUNT; i++)
        if (fields[i].type == FIELD_INTEGER)
            evidence->facts[i].integer = INTEGER_ABSENT;
        else if (fields[i].type == FIELD_REAL)
            evidence->facts[i].real = NAN;
}

void evidence_number(struct evidence *evidence, enum fact fact, double value)
{
    if (fields[fact].type == FIELD_INTEGER)
        evidence->facts[fact].integer = (int64_t)value;
    else
        evidence->facts[fact].real = value;
}

void evidence_text(struct evidence *evidence, enum fact fact, const char *text)
{
    evidence->facts[fact].text = text;
}

void evidence_address(struct evidence *evidence, enum fact fact, struct sonde_address address)
{
    evidence->facts[fact].address = address;
}
