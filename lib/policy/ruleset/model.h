/* SPDX-License-Identifier: MIT */
/* The rules of a firewall, of whatever language, as far as they can matter to ICMP. */
#ifndef SONDE_POLICY_RULESET_MODEL_H
#define SONDE_POLICY_RULESET_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

enum { RULES_NONE = UINT32_MAX /* no such table, chain or set */, RULES_IFNAME_MAX = 16 };

enum { PROTOCOL_ICMP4 = 1, PROTOCOL_ICMP6 = 58 };

/** From which language rules came. */
enum rules_origin { RULES_NFT, RULES_IPTABLES, RULES_IPTABLES_LEGACY };

/** What a condition looks at. */
enum rules_field {
    RULES_FAMILY,   /* 4 or 6 */
    RULES_PROTOCOL, /* of the layer above IP, whatever headers stand between */
    RULES_NEXTHDR,  /* the next header field of IPv6 itself, which an extension header occupies */
    RULES_TYPE,     /* of ICMP; the condition's family says of which */
    RULES_CODE,
    RULES_IIF,
    RULES_OIF,
    RULES_SOURCE,
    RULES_DESTINATION,
    RULES_STATE,     /* bits of enum rules_state; values are single bits */
    RULES_HOPLIMIT,  /* TTL of IPv4 */
    RULES_PORT,      /* source or destination of a transport protocol: never of ICMP */
    RULES_FRAGMENT,  /* a fragment that is not the first */
    RULES_LOCAL,     /* the kind of the destination; values are of enum rules_local */
    RULES_WAY_BACK,  /* 1: there is a way back to the sender by the interface it came from */
    RULES_ROUTING,   /* 1: has a routing header */
    RULES_DIRECTION, /* 0 original, 1 reply */
    RULES_LIMIT,     /* within a rate, or beyond it (negated) */
    RULES_COUNT,     /* beyond a number of connections: normally not */
    RULES_SIZE,      /* of the packet */
    RULES_OTHER,     /* not understood; `words` says what */
};

/** Connection tracking's view of a packet. */
enum rules_state {
    RULES_NEW = 1,
    RULES_ESTABLISHED = 2,
    RULES_RELATED = 4,
    RULES_INVALID = 8,
    RULES_UNTRACKED = 16,
};

/** Kinds of destination. */
enum rules_local { RULES_TO_US = 1, RULES_TO_MANY = 2, RULES_TO_ALL = 4, RULES_TO_OTHERS = 8 };

/** A value or range of a condition; which member counts follows from the field. */
struct rules_value {
    uint32_t first, last;
    struct sonde_address low, high;
    char name[RULES_IFNAME_MAX]; /* an interface, perhaps with '*' or '+' at its end */
};

/** A rate, for all packets together or for each key. */
struct rules_limit {
    double per_second; /* packets; 0: octets are limited */
    uint32_t burst;    /* packets */
    bool keyed;        /* a bucket for each source (or other key) */
    bool add;          /* the element's time is not renewed */
    bool hashlimit;    /* of iptables: when its table is full, packets are dropped */
    uint8_t bits;      /* of the source address in the key; 0: no address */
    uint8_t family;    /* of the key's address */
    int64_t timeout_s; /* of an element; 0: none */
    int64_t size;      /* elements; 0: not said */
    char *set;         /* name, or NULL */
};

/** A condition of a rule: the field is one of the values, or none of them. */
struct rules_match {
    enum rules_field field;
    uint8_t family; /* of packets that have what it looks at: 4, 6, or 0: both */
    bool negated;
    struct rules_value *values;
    size_t value_count, value_capacity;
    char *set;   /* the name of the set whose elements the values are, or NULL */
    bool opaque; /* cannot be judged */
    bool soft;   /* depends on what nobody asks about: holds for some packets */
    char *words; /* what was not understood, or NULL */
    struct rules_limit limit;
};

/** What a rule does. */
enum rules_verdict {
    RULES_CONTINUE,
    RULES_ACCEPT,
    RULES_DROP,
    RULES_REJECT,
    RULES_JUMP,
    RULES_GOTO,
    RULES_RETURN,
    RULES_QUEUE,
    RULES_TRANSLATE,
    RULES_UNKNOWN, /* an extension that may decide: cannot be judged */
};

/** A rule; an element of a verdict map or of a set of pairs is one of its own, a limb of the same rule. */
struct rules_rule {
    uint32_t chain;
    uint32_t position; /* in the chain, from 0; limbs share it */
    uint32_t line;     /* in the file; 0: unknown */
    int64_t handle;    /* 0: has none */
    struct rules_match *matches;
    size_t match_count, match_capacity;
    enum rules_verdict verdict;
    char *target;    /* the name of a chain, of RULES_JUMP and RULES_GOTO */
    uint32_t to;     /* that chain, or RULES_NONE */
    char reject[40]; /* "icmp port-unreachable", "tcp reset" */
    bool limb;       /* not the only one of its rule */
    bool counter, log, log_limited, notrack, clamps, balances;
    char *comment, *log_prefix;
};

/** A set or map. */
struct rules_set {
    uint32_t table;
    char *name;
    int64_t size, timeout_s;
    bool dynamic, meter;
    size_t elements;
};

/** A chain. */
struct rules_chain {
    uint32_t table;
    char *name;
    char hook[16]; /* "input", "prerouting", ...; empty: not a base chain */
    char type[12]; /* "filter", "nat", "route" */
    int32_t priority;
    bool drops; /* its policy */
    uint32_t line;
    uint32_t rules;       /* how many, limbs counted once */
    uint32_t first, next; /* its rules in the list of all: from first to before next */
};

/** A table. */
struct rules_table {
    char family[8]; /* "ip", "ip6", "inet", "netdev", "bridge", "arp" */
    char *name;
    enum rules_origin origin;
    bool dormant;
    uint32_t line;
};

/** All rules; zero-initialise. Rules of a chain stand together, in their order. */
struct rules {
    struct rules_table *tables;
    size_t table_count, table_capacity;
    struct rules_chain *chains;
    size_t chain_count, chain_capacity;
    struct rules_rule *items;
    size_t count, capacity;
    struct rules_set *sets;
    size_t set_count, set_capacity;
    bool flushes; /* the file begins by throwing away everybody's rules */
    uint32_t flush_line;
};

/** Append a table, a chain, a rule, a set, a condition, a value; zeroed but for what is given.
 * @return it, valid until the next one is added */
struct rules_table *rules_add_table(struct rules *rules, const char *family, const char *name,
                                    enum rules_origin origin);
/** A chain of a table. @param table its index */
struct rules_chain *rules_add_chain(struct rules *rules, uint32_t table, const char *name);
/** A rule of a chain, behind all others. */
struct rules_rule *rules_add_rule(struct rules *rules, uint32_t chain);
/** A set of a table. */
struct rules_set *rules_add_set(struct rules *rules, uint32_t table, const char *name);
/** A condition. */
struct rules_match *rules_add_match(struct rules_rule *rule, enum rules_field field);
/** A value of a condition. */
struct rules_value *rules_add_value(struct rules_match *match);
/** A number or a range of them. */
void rules_add_range(struct rules_match *match, uint32_t first, uint32_t last);
/** A prefix; nothing happens when the text is no address. @return whether it is one */
bool rules_add_prefix(struct rules_match *match, const char *address, int bits);

/** A copy of a condition, which owns what it points to. */
struct rules_match rules_copy_match(const struct rules_match *match);

/** The conditions of a rule are replaced by copies of another's. */
void rules_copy_matches(struct rules_rule *rule, const struct rules_rule *from);

/** Free the conditions of a rule and its texts. */
void rules_clear_rule(struct rules_rule *rule);

/** The index of a table by family and name, or RULES_NONE. */
uint32_t rules_find_table(const struct rules *rules, const char *family, const char *name);

/** The index of a chain of a table, or RULES_NONE. */
uint32_t rules_find_chain(const struct rules *rules, uint32_t table, const char *name);

/** The set of a table, or NULL. */
const struct rules_set *rules_find_set(const struct rules *rules, uint32_t table, const char *name);

/** Put the rules of each chain together, number them, and find where jumps lead. Importers call it last. */
void rules_arrange(struct rules *rules);

/** Whether a rule is the last of its limbs or has none. */
bool rules_is_last_limb(const struct rules *rules, uint32_t rule);

/** Free all; the model is empty afterwards. */
void rules_deinit(struct rules *rules);

#endif
