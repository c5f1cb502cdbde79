/* SPDX-License-Identifier: MIT */
/* Inside the catalog: the parts of the ICMP tables, and the words their rows are written with. */
#ifndef SONDE_CATALOG_TABLES_H
#define SONDE_CATALOG_TABLES_H

#include "base/macro.h"
#include "catalog/icmp.h"

/** A run of rows in order of type and code; the parts of a family follow each other without a gap. */
struct icmp_part {
    const struct sonde_icmp_entry *rows;
    size_t count;
};

extern const struct icmp_part icmp4_living, icmp4_rare;
extern const struct icmp_part icmp6_errors, icmp6_living, icmp6_rare;

#define CODE(family, type, code)         family, type, type, code, code
#define CODES(family, type, first, last) family, type, type, first, last
#define TYPE(family, type)               family, type, type, ICMP_ANY_CODE, ICMP_ANY_CODE
#define TYPES(family, first, last)       family, first, last, ICMP_ANY_CODE, ICMP_ANY_CODE

/* In the order of struct icmp_filtering: host in and out, router itself, transit, edge in and out. */
#define FILTER(host_in, host_out, self, transit, in, out)                                                    \
    {                                                                                                        \
        ADVISE_##host_in, ADVISE_##host_out, ADVISE_##self, ADVISE_##transit, ADVISE_##in, ADVISE_##out      \
    }
#define DROP_EVERYWHERE FILTER(DROP, DROP, DROP, DROP, DROP, DROP)

/* What can be said of every code that its type does not assign. */
#define NO_SUCH_CODE                                                                                         \
    .says = "Nothing that a standard defines: this code of the type is not assigned.",                       \
    .sender = "Nobody who follows a standard; testers, scanners and broken or home-made stacks.",            \
    .causes = "a scanner or a fuzzer; a tunnel that hides data in ICMP; a damaged or badly crafted packet",  \
    .action = "Capture one (tcpdump -vvX icmp or icmp6), look at the sender and at the quoted packet."

/* What can be said of types that were retired (RFC 6918) and mean nothing to any current system. */
#define RETIRED                                                                                              \
    .causes = "a scanner that tries every type; a tunnel; very old equipment",                               \
    .action = "Find the sender: nothing needs this message any more.", .filter = DROP_EVERYWHERE, .tier = 5, \
    .filter_reason = "Nothing breaks when it is dropped."

/* The row for the codes that a type with few codes does not assign. */
#define OTHER_CODES(family, type, name, title, reference)                                                    \
    {                                                                                                        \
        TYPE(family, type), name, title, ICMP_UNASSIGNED, NO_SUCH_CODE,                                      \
            .filter = DROP_EVERYWHERE, .tier = 5,                                                            \
            .filter_reason = "Nothing breaks when the codes that are not assigned are dropped.",             \
            .rfc = reference                                                                                 \
    }

#endif
