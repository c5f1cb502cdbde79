/* SPDX-License-Identifier: MIT */
/* YAML by libyaml's events into a tree of nodes with places. */
#include "policy/file/tree.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "base/list.h"
#include "base/macro.h"

/* A reading under way. */
struct reading {
    yaml_parser_t parser;
    struct slice file;
    struct policy_problems *problems;
    size_t nodes, depth;
};

static void *need(void *memory)
{
    if (memory == NULL)
        abort(); /* as base/text.c: nothing sensible is left to do */
    return memory;
}

void problem_add(struct policy_problems *problems, struct policy_place place, const char *message, ...)
{
    va_list arguments;

    if (problems->count < POLICY_PROBLEMS_MAX) {
        struct policy_problem *problem = &problems->items[problems->count];

        problem->place = place;
        va_start(arguments, message);
        vsnprintf(problem->message, sizeof(problem->message), message, arguments);
        va_end(arguments);
    }
    problems->count++;
}

const char *tree_kind_name(enum tree_kind kind)
{
    return kind == TREE_SCALAR ? "a word" : kind == TREE_LIST ? "a list" : "a map";
}

struct tree_node *tree_free(struct tree_node *node)
{
    if (node == NULL)
        return NULL;
    for (size_t i = 0; i < node->count; i++) /* at most TREE_DEPTH_MAX deep */
        tree_free(node->children[i]);
    free(node->children);
    free(node->text);
    free(node);
    return NULL;
}

const struct tree_node *tree_find(const struct tree_node *map, const char *key)
{
    for (size_t i = 0; i + 1 < map->count; i += 2)
        if (strcmp(map->children[i]->text, key) == 0)
            return map->children[i + 1];
    return NULL;
}

static struct policy_place place_of(yaml_mark_t mark)
{
    return (struct policy_place){(uint32_t)mark.line + 1, (uint32_t)mark.column + 1};
}

static void add_child(struct tree_node *parent, struct tree_node *child)
{
    parent->children =
        list_grown(parent->children, parent->count, &parent->capacity, sizeof(struct tree_node *));
    parent->children[parent->count++] = child;
}

/* What libyaml says, in words for people who did not mean to learn YAML. */
static void add_syntax_problem(struct reading *reading)
{
    const yaml_parser_t *parser = &reading->parser;
    yaml_mark_t mark = parser->problem_mark;

    if (parser->error == YAML_READER_ERROR) {
        problem_add(reading->problems, (struct policy_place){(uint32_t)parser->mark.line + 1, 1},
                    "this is no text in UTF-8: octet %zu of the file is the first that is not",
                    parser->problem_offset + 1);
        return;
    }
    if (mark.index < reading->file.length && reading->file.data[mark.index] == '\t')
        problem_add(reading->problems, place_of(mark), "a tab: YAML is indented with spaces");
    else if (parser->context != NULL)
        problem_add(reading->problems, place_of(mark), "no YAML: %s %s", parser->problem, parser->context);
    else
        problem_add(reading->problems, place_of(mark), "no YAML: %s",
                    parser->problem != NULL ? parser->problem : "it cannot be parsed");
}

/* The next event. Returns whether there is one. */
static bool next(struct reading *reading, yaml_event_t *event)
{
    if (yaml_parser_parse(&reading->parser, event))
        return true;
    add_syntax_problem(reading);
    return false;
}

static struct tree_node *read_node(struct reading *reading, const yaml_event_t *event);

/* A key must be a word that its map does not have yet. */
static bool check_key(struct reading *reading, const struct tree_node *map, const struct tree_node *key)
{
    if (key->kind != TREE_SCALAR) {
        problem_add(reading->problems, key->place, "a key must be a word, not %s", tree_kind_name(key->kind));
        return false;
    }
    for (size_t i = 0; i + 1 < map->count; i += 2)
        if (strcmp(map->children[i]->text, key->text) == 0) {
            problem_add(reading->problems, key->place,
                        "'%.60s' stands here a second time; the first is in line %u", key->text,
                        map->children[i]->place.line);
            return true;
        }
    return true;
}

/* The nodes up to the end of a list or map. Returns whether they could be read. */
static bool read_children(struct reading *reading, struct tree_node *node, yaml_event_type_t end)
{
    for (;;) {
        struct tree_node *child;
        yaml_event_t event;

        if (!next(reading, &event))
            return false;
        if (event.type == end) {
            yaml_event_delete(&event);
            return true;
        }
        child = read_node(reading, &event);
        yaml_event_delete(&event);
        if (child == NULL)
            return false;
        if (node->kind == TREE_MAP && node->count % 2 == 0 && !check_key(reading, node, child)) {
            tree_free(child);
            return false;
        }
        add_child(node, child);
    }
}

/* Anchors and tags name what is elsewhere; a policy says everything where it stands. */
static bool is_plain(const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return event->data.scalar.anchor == NULL && event->data.scalar.tag == NULL;
    case YAML_SEQUENCE_START_EVENT:
        return event->data.sequence_start.anchor == NULL && event->data.sequence_start.tag == NULL;
    case YAML_MAPPING_START_EVENT:
        return event->data.mapping_start.anchor == NULL && event->data.mapping_start.tag == NULL;
    default:
        return false;
    }
}

static struct tree_node *refuse(struct reading *reading, const yaml_event_t *event, const char *why)
{
    problem_add(reading->problems, place_of(event->start_mark), "%s", why);
    return NULL;
}

/* A node that begins with an event. Returns NULL after a problem. */
static struct tree_node *read_node(struct reading *reading, const yaml_event_t *event)
{
    struct tree_node *node;
    bool read = true;

    if (!is_plain(event))
        return refuse(reading, event,
                      "anchors (&), aliases (*) and tags (!) are not for policies: write it out");
    if (++reading->nodes > TREE_NODES_MAX)
        return refuse(reading, event, "more than 65536 words: this is no policy");
    if (event->type == YAML_SCALAR_EVENT && memchr(event->data.scalar.value, 0, event->data.scalar.length))
        return refuse(reading, event, "a word with a zero octet");
    if (reading->depth == TREE_DEPTH_MAX)
        return refuse(reading, event, "nested deeper than any policy needs");
    node = need(calloc(1, sizeof(*node)));
    node->place = place_of(event->start_mark);
    reading->depth++;
    if (event->type == YAML_SCALAR_EVENT) {
        node->text = need(strdup((const char *)event->data.scalar.value));
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        node->kind = TREE_LIST;
        read = read_children(reading, node, YAML_SEQUENCE_END_EVENT);
    } else {
        node->kind = TREE_MAP;
        read = read_children(reading, node, YAML_MAPPING_END_EVENT);
    }
    reading->depth--;
    return read ? node : tree_free(node);
}

/* The one document of a file. */
static struct tree_node *read_document(struct reading *reading)
{
    struct tree_node *root = NULL;
    yaml_event_type_t type;
    yaml_event_t event;

    do {
        if (!next(reading, &event))
            return tree_free(root);
        type = event.type;
        if (type == YAML_DOCUMENT_START_EVENT && root != NULL) {
            refuse(reading, &event, "a second document (---): a policy is one");
            type = YAML_STREAM_END_EVENT;
        } else if (root == NULL && type != YAML_STREAM_START_EVENT && type != YAML_DOCUMENT_START_EVENT &&
                   type != YAML_DOCUMENT_END_EVENT && type != YAML_STREAM_END_EVENT) {
            root = read_node(reading, &event);
            type = root != NULL ? type : YAML_STREAM_END_EVENT;
        }
        yaml_event_delete(&event);
    } while (type != YAML_STREAM_END_EVENT);
    return root;
}

struct tree_node *tree_read(struct slice file, struct policy_problems *problems)
{
    struct reading reading = {.file = file, .problems = problems};
    struct tree_node *root;

    if (file.length > TREE_FILE_MAX) {
        problem_add(problems, (struct policy_place){1, 1}, "%zu octets; a policy has at most %d", file.length,
                    TREE_FILE_MAX);
        return NULL;
    }
    if (!yaml_parser_initialize(&reading.parser))
        abort(); /* as base/text.c: only memory can be missing */
    yaml_parser_set_encoding(&reading.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reading.parser, file.length > 0 ? file.data : (const uint8_t *)"",
                                 file.length);
    root = read_document(&reading);
    yaml_parser_delete(&reading.parser);
    return root;
}
