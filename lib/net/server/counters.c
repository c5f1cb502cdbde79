/* SPDX-License-Identifier: MIT */
/* The kernel's counters of a network namespace, before and after. */
#include "net/server/counters.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Of the thread, since a thread may have entered a namespace of its own. */
static const char *const files[] = {
    "/proc/thread-self/net/snmp",
    "/proc/thread-self/net/netstat",
    "/proc/thread-self/net/snmp6",
};

/** A word of a line. */
struct word {
    const char *start;
    size_t length;
};

/* The next word before the end of the line; an empty one at the end. */
static struct word next_word(const char **at)
{
    struct word word;

    *at += strspn(*at, " \t");
    word.start = *at;
    word.length = strcspn(*at, " \t\n");
    *at += word.length;
    return word;
}

static const char *next_line(const char *at)
{
    at += strcspn(at, "\n");
    return *at == '\n' ? at + 1 : at;
}

static int add(struct counters *counters, struct word group, struct word name, struct word value)
{
    struct counter *counter;

    if (counters->count == counters->capacity) {
        size_t capacity = counters->capacity * 2 + 64;
        struct counter *items = realloc(counters->items, capacity * sizeof(*items));

        if (items == NULL)
            return -ENOMEM;
        counters->items = items;
        counters->capacity = capacity;
    }
    counter = &counters->items[counters->count++];
    snprintf(counter->name, sizeof(counter->name), "%.*s%.*s", (int)group.length, group.start,
             (int)name.length, name.start);
    counter->value = strtoll(value.start, NULL, 10);
    return 0;
}

/* "Udp: InDatagrams NoPorts" above "Udp: 7 1". */
static int parse_pair(struct counters *counters, const char *names, const char *values)
{
    struct word group = next_word(&names), same = next_word(&values);
    int error = 0;

    if (group.length != same.length || memcmp(group.start, same.start, group.length) != 0)
        return 0;
    group.length--; /* the colon */
    while (error == 0) {
        struct word name = next_word(&names), value = next_word(&values);

        if (name.length == 0 || value.length == 0)
            break;
        error = add(counters, group, name, value);
    }
    return error;
}

int counters_parse(struct counters *counters, const char *text)
{
    int error = 0;

    while (error == 0 && *text != '\0') {
        const char *at = text, *following = next_line(text);
        struct word first = next_word(&at), second = next_word(&at);

        if (first.length > 0 && first.start[first.length - 1] == ':') {
            error = parse_pair(counters, text, following);
            text = next_line(following);
            continue;
        }
        if (first.length > 0 && second.length > 0)
            error = add(counters, (struct word){first.start, 0}, first, second);
        text = following;
    }
    return error;
}

static int read_file(struct counters *counters, const char *path)
{
    struct text _cleanup_text_ text = {0};
    FILE *file = fopen(path, "re");
    char part[4096];
    size_t length;

    if (file == NULL)
        return -errno;
    while ((length = fread(part, 1, sizeof(part), file)) > 0)
        text_add_octets(&text, part, length);
    fclose(file);
    return counters_parse(counters, text_get(&text));
}

int counters_read(struct counters *counters, struct sonde_error *error)
{
    for (size_t i = 0; i < COUNT_OF(files); i++)
        if (read_file(counters, files[i]) == -ENOMEM)
            return error_set(error, -ENOMEM, "not enough memory for the kernel's counters");
    if (counters->count > 0)
        return 0;
    error_set(error, SONDE_E_UNSUPPORTED, "the kernel's network counters cannot be read");
    error_hint(error, "mount -t proc proc /proc");
    return SONDE_E_UNSUPPORTED;
}

void counters_deinit(struct counters *counters)
{
    free(counters->items);
    *counters = (struct counters){0};
}

int64_t counters_get(const struct counters *counters, const char *name)
{
    for (size_t i = 0; i < counters->count; i++)
        if (strcmp(counters->items[i].name, name) == 0)
            return counters->items[i].value;
    return -1;
}

size_t counters_growth(const struct counters *before, const struct counters *after, struct counter *changes,
                       size_t max)
{
    size_t count = 0;

    for (size_t i = 0; i < after->count; i++) {
        const struct counter *counter = &after->items[i];
        /* The order is the same unless a module was loaded in between. */
        bool aligned = i < before->count && strcmp(before->items[i].name, counter->name) == 0;
        int64_t old = aligned ? before->items[i].value : counters_get(before, counter->name);

        if (old < 0)
            old = 0;
        if (counter->value <= old)
            continue;
        if (count < max) {
            changes[count] = *counter;
            changes[count].value = counter->value - old;
        }
        count++;
    }
    return count;
}
