/* SPDX-License-Identifier: MIT */
/* Prints one of the files that tools/update-generated keeps: completion, options of a manual, a JSON Schema.
 */
#include <stdio.h>
#include <string.h>

#include "cmd/commands.h"
#include "out/schema.h"
#include "tools/generate/generate.h"

/* A schema that is looked for by its name among the records of all commands. */
struct wanted {
    const char *name;
    const struct schema *found;
};

static void look_for(const struct command *command, void *data)
{
    struct wanted *wanted = data;

    for (const struct schema *const *schema = command->records; schema && *schema; schema++)
        if (!strcmp((*schema)->name, wanted->name))
            wanted->found = *schema;
}

static int print_schema(struct text *text, const char *name)
{
    struct wanted wanted = {name, NULL};

    command_visit(look_for, &wanted);
    if (!wanted.found)
        return -1;
    schema_add_document(text, wanted.found);
    return 0;
}

static void add_schemas(const struct command *command, void *text)
{
    for (const struct schema *const *schema = command->records; schema && *schema; schema++)
        text_add(text, "schema %s\n", (*schema)->name);
}

/* The names that can be printed, one a line: "manual NAME" and "schema NAME". */
static int print_list(struct text *text, const char *name)
{
    for (const struct command *const *command = commands; *command; command++)
        text_add(text, "manual %s\n", (*command)->name);
    command_visit(add_schemas, text);
    return 0;
}

static int print_manual(struct text *text, const char *name)
{
    char *words[] = {(char *)name};
    size_t used;
    const struct command *command = command_find(words, 1, &used);

    if (!command)
        return -1;
    generate_manual_options(text, command);
    return 0;
}

static int print_completion(struct text *text, const char *name)
{
    generate_completion(text);
    return 0;
}

static const struct {
    const char *kind;
    int (*print)(struct text *text, const char *name);
} kinds[] = {
    {"list", print_list},
    {"manual", print_manual},
    {"schema", print_schema},
    {"completion", print_completion},
};

int main(int argc, char **argv)
{
    _cleanup_text_ struct text text = {0};

    for (size_t i = 0; argc > 1 && i < COUNT_OF(kinds); i++)
        if (!strcmp(argv[1], kinds[i].kind) && kinds[i].print(&text, argc > 2 ? argv[2] : "") == 0) {
            fputs(text_get(&text), stdout);
            return fflush(stdout) ? 1 : 0;
        }
    fprintf(stderr, "usage: sonde-generate list|completion|manual COMMAND|schema NAME\n");
    return 2;
}
