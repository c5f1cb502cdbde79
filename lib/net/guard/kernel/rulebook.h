/* SPDX-License-Identifier: MIT */
/* What the rules of a network namespace are called: handles of the kernel joined with nft's list of rules. */
#ifndef SONDE_NET_GUARD_KERNEL_RULEBOOK_H
#define SONDE_NET_GUARD_KERNEL_RULEBOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/** A chain. */
struct rulebook_chain {
    uint8_t family; /* NFPROTO_* */
    char *table, *name;
    int hook;       /* NF_INET_* of a base chain, NF_INET_INGRESS too; -1: no base chain */
    bool filter;    /* a base chain of type filter */
    unsigned hooks; /* bits 1 << NF_INET_*: from base chains of type filter at these hooks it is reached */
    bool ours;      /* of the table that traces */
    char *policy;   /* "inet/filter/input policy drop", or NULL */
    int index;      /* for whoever numbers them; -1 at first */
};

/** A rule. */
struct rulebook_rule {
    uint8_t family;
    char *table, *chain;
    uint64_t handle;
    bool rejects;  /* what the trace tells as drop is answered */
    bool foreign;  /* has parts that only iptables understands */
    char *comment; /* or NULL */
    char *name;    /* "inet/sonde_guard/v4.8 handle 12 \"sg:v4.8.0.input\"" */
    int index;     /* for whoever numbers them; -1 at first */
};

struct rulebook_slot;

/** All of them; zero-initialise. */
struct rulebook {
    struct rulebook_chain *chains;
    struct rulebook_rule *rules;
    size_t chain_count, rule_count, chain_capacity, rule_capacity;
    uint32_t *slots; /* a hash table of numbers of chains and rules */
    size_t slot_count;
    bool legacy; /* rules that leave no trace (iptables-legacy) are loaded beside */
};

/** The table in which probes are marked to be traced; its rules are in no list of names. */
#define RULEBOOK_TRACE_TABLE "sonde_trace"

/** Read the rules of the calling thread's namespace. @return 0 or as nft_list */
int rulebook_read(struct rulebook *book, struct sonde_error *error);

/** The same from the JSON of `nft -ja list ruleset`. @return 0 or SONDE_E_FORMAT */
int rulebook_parse(struct rulebook *book, const char *json, struct sonde_error *error);

/** A chain, or NULL. */
struct rulebook_chain *rulebook_chain(const struct rulebook *book, uint8_t family, const char *table,
                                      const char *name);

/** A rule, or NULL. */
struct rulebook_rule *rulebook_rule(const struct rulebook *book, uint8_t family, const char *table,
                                    uint64_t handle);

/** The NFPROTO_* of nft's word for a family. */
uint8_t rulebook_family(const char *name);

/** The word of nft for the number of a family. */
const char *rulebook_family_name(uint8_t family);

/** Free everything; it is empty afterwards. */
void rulebook_deinit(struct rulebook *book);

#endif
