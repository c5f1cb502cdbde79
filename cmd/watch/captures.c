/* SPDX-License-Identifier: MIT */
/* Which captures the options name. */
#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "cmd/front/values.h"
#include "cmd/watch/watching.h"

#define NFLOG "nflog:"

static int open_interface(struct watching *watching, const char *name, struct sonde_error *error)
{
    struct drive *drive = &watching->drive;
    uint16_t number = (uint16_t)drive->capture_count;
    int64_t group;

    watching->live = true;
    if (strncmp(name, NFLOG, strlen(NFLOG)) != 0)
        return capture_open_ring(name, (size_t)watching->config->ring, number,
                                 &drive->captures[drive->capture_count], error);
    if (value_number(name + strlen(NFLOG), &group) < 0 || group < 0 || group > UINT16_MAX)
        return error_set(error, SONDE_E_USAGE, "'%s' is no NFLOG group such as nflog:5 (0 to 65535)", name);
    return capture_open_nflog((uint16_t)group, number, &drive->captures[drive->capture_count], error);
}

static int add_interface(struct watching *watching, const char *name, struct sonde_error *error)
{
    int code;

    if (watching->drive.capture_count == DRIVE_CAPTURES_MAX)
        return error_set(error, SONDE_E_USAGE, "more than %d captures at once", DRIVE_CAPTURES_MAX);
    code = open_interface(watching, name, error);
    watching->drive.capture_count += code == 0;
    return code;
}

/* The same packets are to be counted once, and each interface is to have a name of its own. */
static int check_names(const struct option_texts *interfaces, struct sonde_error *error)
{
    for (size_t i = 0; i < interfaces->count; i++)
        for (size_t k = 0; k < interfaces->count; k++) {
            const char *one = interfaces->items[i], *other = interfaces->items[k];

            if (i < k && strcmp(one, other) == 0)
                return error_set(error, SONDE_E_USAGE, "-i %s is there twice", one);
            if (i != k && strcmp(one, "any") == 0 && strncmp(other, NFLOG, strlen(NFLOG)) != 0)
                return error_set(error, SONDE_E_USAGE, "-i any is all interfaces, %s among them", other);
        }
    return 0;
}

static int add_file(struct watching *watching, const char *path, struct sonde_error *error)
{
    struct drive *drive = &watching->drive;
    int code;

    if (drive->capture_count == DRIVE_CAPTURES_MAX)
        return error_set(error, SONDE_E_USAGE, "more than %d captures at once", DRIVE_CAPTURES_MAX);
    code = capture_open_file(path, &drive->captures[drive->capture_count], error);
    if (code == -ENOENT && if_nametoindex(path))
        error_hint(error, "The interface of that name is watched by: sonde watch -i %s", path);
    drive->capture_count += code == 0;
    return code;
}

int watching_open_captures(struct watching *watching, char **operands, size_t count,
                           struct sonde_error *error)
{
    const struct watch_config *config = watching->config;
    int code = check_names(&config->interfaces, error);

    if (code < 0)
        return code;
    if (config->interfaces.count + config->files.count + count == 0) {
        error_set(error, SONDE_E_USAGE, "nothing to watch");
        error_hint(error,
                   "Name interfaces with -i (any for all), a capture file with -r, or - for standard input");
        return SONDE_E_USAGE;
    }
    if (config->kernel && config->files.count + count)
        return error_set(error, SONDE_E_USAGE, "--kernel counts at interfaces; a file has to be read");
    if (config->kernel) {
        watching->live = true;
        return 0;
    }
    if (config->interfaces.count && config->files.count + count)
        return error_set(error, SONDE_E_USAGE, "interfaces and files exclude each other");
    for (size_t i = 0; i < config->interfaces.count && code == 0; i++)
        code = add_interface(watching, config->interfaces.items[i], error);
    for (size_t i = 0; i < config->files.count && code == 0; i++)
        code = add_file(watching, config->files.items[i], error);
    for (size_t i = 0; i < count && code == 0; i++)
        code = add_file(watching, operands[i], error);
    return code;
}

const char *watching_interface_name(const struct watching *watching, uint16_t interface)
{
    const struct drive *drive = &watching->drive;
    const struct capture *capture;

    if (watching->config->kernel)
        return watching->config->interfaces.items[interface];
    capture = drive->captures[watching->live && interface < drive->capture_count ? interface : 0];
    return capture->interface_name ? capture->interface_name(capture, interface) : capture->name;
}
