/* SPDX-License-Identifier: MIT */
/* A small YAML file as a tree of nodes, each with its place; what a policy never needs is refused. */
#ifndef SONDE_POLICY_FILE_TREE_H
#define SONDE_POLICY_FILE_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "policy/read.h"

enum {
    TREE_FILE_MAX = 1024 * 1024, /* octets: a policy is short */
    TREE_NODES_MAX = 65536,
    TREE_DEPTH_MAX = 8, /* a policy needs five */
};

/** What a node is. */
enum tree_kind { TREE_SCALAR, TREE_LIST, TREE_MAP };

/** A node. The children of a map are keys, each followed by its value. */
struct tree_node {
    enum tree_kind kind;
    struct policy_place place;
    char *text; /* of a scalar, without zeros in it */
    struct tree_node **children;
    size_t count, capacity;
};

/** Record a problem; those beyond the array are only counted. */
void problem_add(struct policy_problems *problems, struct policy_place place, const char *message, ...)
    FORMAT(3, 4);

/**
 * Read a file. Anchors, aliases, tags, several documents, repeated keys, and keys that are no words are
 * problems, so that what one sees in the file is all that there is.
 * @param problems what is wrong is added
 * @return the root, or NULL when the file has none or is no YAML
 */
struct tree_node *tree_read(struct slice file, struct policy_problems *problems);

/** Free a node and all below; takes NULL. Returns NULL. */
struct tree_node *tree_free(struct tree_node *node);

/** The value of a key of a map, or NULL. */
const struct tree_node *tree_find(const struct tree_node *map, const char *key);

/** "a word", "a list" or "a map", for messages. */
const char *tree_kind_name(enum tree_kind kind);

#endif
