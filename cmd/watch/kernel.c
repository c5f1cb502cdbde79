/* SPDX-License-Identifier: MIT */
/* The option --kernel: the kernel counts, nothing is copied, and the totals are fetched now and then. */
#include "net/capture/kernel.h"

#include <errno.h>
#include <string.h>

#include "cmd/watch/outputs.h"
#include "net/capture/presence.h"

#define FETCH_NS (500 * NS_PER_MS)

/** An interface at which the kernel counts. */
struct place {
    const char *name;
    struct kernel_counter *counter;
    struct presence presence;
    int index;   /* a later interface of the same name has another one, and is not counted */
    bool absent; /* it is down, gone or replaced */
    bool replaced;
};

struct kernel_counts {
    struct watching *watching;
    struct place places[DRIVE_CAPTURES_MAX];
    size_t count;
    uint16_t fetching; /* the number of the interface that is being read */
    int error;         /* the first -errno of reading */
};

static void add_count(void *context, const struct kernel_count *count)
{
    const struct kernel_counts *kernel = context;
    struct counts *counts = kernel->watching->watch->counts;
    const struct breakdown cell = {kernel->fetching,
                                   count->direction,
                                   PACKET_OUTER,
                                   count->family,
                                   count->type,
                                   count->code,
                                   {count->packets, count->bytes}};

    count_add(counts, &cell);
}

static void add_totals(struct counts *counts, const struct kernel_count_tally *tally)
{
    counts->frames += tally->frames;
    counts->packets += tally->icmp + tally->fragments;
    counts->malformed += tally->malformed;
    counts->fragments += tally->fragments;
}

static void tell(const struct kernel_counts *kernel, const struct place *place, int index)
{
    const struct drive *drive = &kernel->watching->drive;
    struct sonde_error error = {0};

    if (!place->absent)
        error_set(&error, 0, "%s is back", place->name);
    else if (index)
        error_set(&error, -ENODEV, "there is another %s now, which is not counted; start again", place->name);
    else
        error_set(&error, -ENETDOWN, "%s is down or gone; its counts stay", place->name);
    if (drive->problem)
        drive->problem(drive->context, NULL, &error);
}

/* Programs in the kernel end with their interface, without a word; for a new one there are no rights any
 * more. */
static void look_after(struct kernel_counts *kernel, struct place *place)
{
    bool absent;
    int index;

    if (presence_ask(&place->presence) < 0)
        return;
    index = presence_read(&place->presence);
    absent = index != place->index;
    if (absent == place->absent && !(index && absent && !place->replaced))
        return;
    place->absent = absent;
    place->replaced = index && absent;
    tell(kernel, place, index);
}

static void fetch(void *context)
{
    struct kernel_counts *kernel = context;
    struct counts *counts = kernel->watching->watch->counts;

    memset(counts, 0, sizeof(*counts));
    for (size_t i = 0; i < kernel->count; i++) {
        struct kernel_count_totals totals;
        int code;

        kernel->fetching = (uint16_t)i;
        look_after(kernel, &kernel->places[i]);
        code = kernel_count_read(kernel->places[i].counter, add_count, kernel, &totals);
        kernel->error = kernel->error ? kernel->error : code;
        add_totals(counts, &totals.in);
        add_totals(counts, &totals.out);
    }
}

static int close_kernel(void *state, struct sonde_error *error)
{
    struct kernel_counts *kernel = state;
    int code;

    if (kernel->watching->watch)
        fetch(kernel);
    code = kernel->error;
    for (size_t i = 0; i < kernel->count; i++) {
        presence_deinit(&kernel->places[i].presence);
        kernel_count_close(kernel->places[i].counter);
    }
    free(kernel);
    return code < 0
               ? error_set(error, code, "counts of the kernel could not be read: %s", sonde_error_text(code))
               : 0;
}

static int open_place(struct place *place, const char *name, struct sonde_error *error)
{
    int code;

    if (strcmp(name, "any") == 0 || strchr(name, ':')) {
        error_set(error, SONDE_E_USAGE, "--kernel counts at single interfaces, and %s is none", name);
        error_hint(error, "Name each with -i");
        return SONDE_E_USAGE;
    }
    code = kernel_count_open(name, KERNEL_COUNT_BEST, &place->counter, error);
    if (code < 0)
        return code;
    place->name = name;
    place->index = (int)if_nametoindex(name);
    code = presence_init(&place->presence, name);
    if (code == 0)
        return 0;
    presence_deinit(&place->presence);
    kernel_count_close(place->counter);
    return error_set(error, code, "cannot hear of changes of %s: %s", name, strerror(-code));
}

static int open_places(struct kernel_counts *kernel, const struct option_texts *interfaces,
                       struct sonde_error *error)
{
    int code = 0;

    if (interfaces->count > DRIVE_CAPTURES_MAX)
        return error_set(error, SONDE_E_USAGE, "more than %d interfaces at once", DRIVE_CAPTURES_MAX);
    for (size_t i = 0; i < interfaces->count && code == 0; i++) {
        code = open_place(&kernel->places[i], interfaces->items[i], error);
        kernel->count += code == 0;
    }
    return code;
}

static int open_kernel(struct watching *watching, void **state, struct sonde_error *error)
{
    const struct watch_config *config = watching->config;
    struct kernel_counts *kernel;
    int code;

    if (!config->kernel)
        return 0;
    if (config->print || config->write || config->hook || config->hook_post || config->learn)
        return error_set(error, SONDE_E_USAGE,
                         "--kernel only counts: --print, --write, --hook, --hook-post and "
                         "--learn exclude it");
    if (strcmp(config->detect, "all") != 0 && strcmp(config->detect, "none") != 0)
        return error_set(error, SONDE_E_USAGE, "--kernel only counts: it finds no %s", config->detect);
    kernel = calloc(1, sizeof(*kernel));
    if (!kernel)
        return error_set(error, -ENOMEM, "no memory for --kernel");
    kernel->watching = watching;
    code = open_places(kernel, &config->interfaces, error);
    if (code < 0) {
        close_kernel(kernel, NULL);
        return code;
    }
    watching->drive.waits = true;
    watching->drive.ticks[watching->drive.tick_count++] = (struct drive_tick){FETCH_NS, fetch, kernel};
    *state = kernel;
    return 0;
}

const struct watch_output kernel_output = {"kernel", open_kernel, NULL, NULL, close_kernel};
