/* SPDX-License-Identifier: MIT */
/* Where scenario files are: finding, listing and loading them. */
#include "net/lab/library.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

#define SUFFIX  ".scenario"
#define NETWORK "base.network" /* every library has it: the sign that a folder is one */

/* Where a scenario's files are looked for, in this order. */
struct shelf {
    const char *own, *library;
};

char *library_find(const char *given, struct sonde_error *error)
{
    char program[PATH_MAX], *slash;
    ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
    _cleanup_free_ char *source = NULL, *moved = NULL;
    const char *candidates[3];

    program[length > 0 ? length : 0] = '\0';
    slash = strrchr(program, '/');
    source = text_format("%.*s/../scenarios", slash ? (int)(slash - program) : 0, program);
    moved = text_format("%.*s/../share/sonde/scenarios", slash ? (int)(slash - program) : 0, program);
    candidates[0] = given ? given : source;
    candidates[1] = SONDE_DATADIR "/scenarios";
    candidates[2] = moved;
    for (size_t i = 0; i < (given ? 1 : COUNT_OF(candidates)); i++) {
        _cleanup_free_ char *base = text_format("%s/" NETWORK, candidates[i]);

        if (access(base, R_OK) == 0)
            return text_format("%s", candidates[i]);
    }
    error_set(error, SONDE_E_NOT_FOUND, "there are no scenarios in %s%s", candidates[0],
              given ? "" : " or in " SONDE_DATADIR "/scenarios");
    error_hint(error, "Name their folder: SONDE_SCENARIOS=FOLDER sonde lab ...");
    return NULL;
}

static int is_scenario(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);

    return entry->d_name[0] != '.' && length > strlen(SUFFIX) &&
           strcmp(entry->d_name + length - strlen(SUFFIX), SUFFIX) == 0;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int library_list(const char *folder, struct library_names *names, struct sonde_error *error)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, is_scenario, NULL);

    *names = (struct library_names){0};
    if (count < 0)
        return error_set(error, -errno, "%s cannot be read: %s", folder, sonde_error_text(-errno));
    names->items = calloc((size_t)count + 1, sizeof(*names->items));
    if (!names->items)
        abort();
    for (int i = 0; i < count; i++) {
        names->items[names->count++] =
            text_format("%.*s", (int)(strlen(entries[i]->d_name) - strlen(SUFFIX)), entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    qsort(names->items, names->count, sizeof(*names->items), compare);
    return 0;
}

void library_names_deinit(struct library_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i]);
    free(names->items);
    *names = (struct library_names){0};
}

static int read_whole(const char *path, char **text, size_t *length, struct sonde_error *error)
{
    FILE *file = fopen(path, "re");
    int rc = 0;

    if (!file)
        return error_set(error, -errno, "%s cannot be read: %s", path, sonde_error_text(-errno));
    *text = malloc(SCENARIO_FILE_MAX + 1);
    if (!*text)
        abort();
    *length = fread(*text, 1, SCENARIO_FILE_MAX + 1, file);
    if (ferror(file))
        rc = error_set(error, -EIO, "%s cannot be read", path);
    else if (*length > SCENARIO_FILE_MAX)
        rc = error_set(error, SONDE_E_FORMAT, "%s is larger than %d octets", path, SCENARIO_FILE_MAX);
    fclose(file);
    if (rc < 0) {
        free(*text);
        *text = NULL;
    }
    return rc;
}

static int read_from_shelf(const struct scenario_reader *reader, const char *file, char **text,
                           size_t *length, struct sonde_error *error)
{
    const struct shelf *shelf = reader->context;
    const char *folders[] = {shelf->own, shelf->library};
    int rc = -ENOENT;

    for (size_t i = 0; rc == -ENOENT && i < COUNT_OF(folders); i++) {
        _cleanup_free_ char *path = folders[i] ? text_format("%s/%s", folders[i], file) : NULL;

        if (path)
            rc = read_whole(path, text, length, error);
    }
    return rc;
}

/* A name must not lead out of the library, and becomes a part of other names. */
static bool is_name(const char *name)
{
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

    return length > 0 && length <= 48 && name[length] == '\0';
}

static int load_file(const struct shelf *shelf, const char *folder, const char *name,
                     struct scenario *scenario, struct sonde_error *error)
{
    const struct scenario_reader reader = {.read = read_from_shelf, .context = shelf};
    _cleanup_free_ char *path = text_format("%s/%s%s", folder, name, SUFFIX), *text = NULL;
    size_t length;
    int rc;

    if (!is_name(name) || access(path, F_OK) < 0) {
        error_set(error, SONDE_E_NOT_FOUND, "there is no scenario \"%.60s\"", name);
        error_hint(error, "The names are shown by: sonde lab list");
        return SONDE_E_NOT_FOUND;
    }
    rc = read_whole(path, &text, &length, error);
    return rc < 0 ? rc : scenario_parse(scenario, name, path, slice_of(text, length), &reader, error);
}

int library_load(const char *folder, const char *name, struct scenario *scenario, struct sonde_error *error)
{
    const char *slash = strrchr(name, '/');
    _cleanup_free_ char *own = NULL, *base = NULL;
    struct shelf shelf = {.library = folder};

    *scenario = (struct scenario){0};
    if (!slash)
        return load_file(&shelf, folder, name, scenario, error);
    own = text_format("%.*s", (int)(slash - name), name);
    base = text_format("%s", slash + 1);
    if (strlen(base) > strlen(SUFFIX) && strcmp(base + strlen(base) - strlen(SUFFIX), SUFFIX) == 0)
        base[strlen(base) - strlen(SUFFIX)] = '\0';
    shelf.own = *own ? own : "/";
    return load_file(&shelf, shelf.own, base, scenario, error);
}
