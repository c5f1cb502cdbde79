/* SPDX-License-Identifier: MIT */
/* The early filters of a network namespace, found by their pins. */
#include "net/guard/apply/early.h"

#include <dirent.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#define BPF_FOLDER "/sys/fs/bpf"

/* Interfaces of different namespaces have the same names; a pin knows only names. */
static int find_folder(struct early *early)
{
    struct stat namespace;

    if (stat("/proc/self/ns/net", &namespace) < 0)
        return -errno;
    snprintf(early->folder, sizeof(early->folder), BPF_FOLDER "/sonde/%llu",
             (unsigned long long)namespace.st_ino);
    return 0;
}

static int make_folder(const struct early *early, struct sonde_error *error)
{
    struct statfs system;

    if (statfs(BPF_FOLDER, &system) < 0 || system.f_type != BPF_FS_MAGIC) {
        error_set(error, SONDE_E_UNSUPPORTED,
                  "no BPF file system is at " BPF_FOLDER ", where XDP filters are kept");
        error_hint(error, "Run: mount -t bpf bpf " BPF_FOLDER);
        return SONDE_E_UNSUPPORTED;
    }
    if ((mkdir(BPF_FOLDER "/sonde", 0700) < 0 && errno != EEXIST) ||
        (mkdir(early->folder, 0700) < 0 && errno != EEXIST))
        return error_set(error, -errno, "cannot make %s: %s", early->folder, strerror(errno));
    return 0;
}

/* A filter is there already, or takes its place at the end. */
static int add(struct early *early, const char *interface, struct sonde_error *error)
{
    if (early->count == EARLY_MAX)
        return error_set(error, -E2BIG, "there are more than %d interfaces with XDP filters", EARLY_MAX);
    early->slots[early->count] = XDP_SLOT_NOTHING;
    return guard_xdp_open(interface, early->folder, &early->filters[early->count], error);
}

/* Those that are pinned. One whose interface is gone ended with it; its pins are in nobody's way. */
static void add_pinned(struct early *early, char names[EARLY_MAX][IF_NAMESIZE])
{
    DIR *folder = opendir(early->folder);
    struct dirent *entry;

    while (folder && early->count < EARLY_MAX && (entry = readdir(folder))) {
        char *name = names[early->count];

        if (entry->d_name[0] == '.')
            continue;
        snprintf(name, IF_NAMESIZE, "%.*s", IF_NAMESIZE - 1, entry->d_name);
        for (char *at = name; *at; at++)
            if (*at == ':')
                *at = '.';
        if (if_nametoindex(name) && add(early, name, NULL) == 0)
            early->count++;
    }
    if (folder)
        closedir(folder);
}

static int find_all(struct early *early, char names[EARLY_MAX][IF_NAMESIZE])
{
    int code = find_folder(early);

    if (code == 0)
        add_pinned(early, names);
    return code;
}

/* Fill, attach and pin one; what it decides by now stays. */
static int prepare_one(struct early *early, size_t at, const struct policy *policy, int64_t now_s,
                       struct sonde_error *error)
{
    int code = guard_xdp_fill(early->filters[at], policy, now_s);

    if (code < 0)
        return error_set(error, code, "cannot fill the XDP filter: %s", strerror(-code));
    early->slots[at] = code;
    code = guard_xdp_attach(early->filters[at], error);
    return code == 0 ? guard_xdp_pin(early->filters[at], early->folder, error) : code;
}

static size_t find(char names[EARLY_MAX][IF_NAMESIZE], size_t count, const char *interface)
{
    size_t at = 0;

    while (at < count && strcmp(names[at], interface) != 0)
        at++;
    return at;
}

int early_prepare(struct early *early, const char *const *interfaces, size_t count,
                  const struct policy *policy, int64_t now_s, struct sonde_error *error)
{
    char names[EARLY_MAX][IF_NAMESIZE];
    int code = find_all(early, names);

    if (code == 0 && count > 0)
        code = make_folder(early, error);
    for (size_t i = 0; i < count && code == 0; i++) {
        size_t at = find(names, early->count, interfaces[i]);

        if (at == early->count) {
            code = add(early, interfaces[i], error);
            if (code == 0)
                snprintf(names[early->count++], IF_NAMESIZE, "%.*s", IF_NAMESIZE - 1, interfaces[i]);
        }
        if (code == 0)
            code = prepare_one(early, at, policy, now_s, error);
    }
    return code;
}

int early_try(struct early *early, int64_t lease_ns, struct sonde_error *error)
{
    int code = 0;

    for (size_t i = 0; i < early->count && code == 0; i++)
        code = guard_xdp_try(early->filters[i], (enum guard_xdp_slot)early->slots[i], lease_ns);
    return code < 0 ? error_set(error, code, "cannot begin the trial of the XDP filter: %s", strerror(-code))
                    : 0;
}

/* One that lets everything pass is of no use: without a pin it ends with this process. */
static void unpin_idle(struct early *early)
{
    for (size_t i = 0; i < early->count; i++)
        if (guard_xdp_firm(early->filters[i]) == XDP_SLOT_NOTHING)
            guard_xdp_unpin(early->filters[i], early->folder);
    rmdir(early->folder);
}

int early_keep(struct sonde_error *error)
{
    char names[EARLY_MAX][IF_NAMESIZE];
    struct early early = {0};
    int code = find_all(&early, names);

    for (size_t i = 0; i < early.count && code == 0; i++)
        code = guard_xdp_keep_trial(early.filters[i]);
    unpin_idle(&early);
    early_deinit(&early);
    return code < 0 ? error_set(error, code, "the XDP filter cannot be kept: %s", strerror(-code)) : 0;
}

void early_withdraw(void)
{
    char names[EARLY_MAX][IF_NAMESIZE];
    struct early early = {0};

    find_all(&early, names);
    for (size_t i = 0; i < early.count; i++)
        guard_xdp_settle(early.filters[i], guard_xdp_firm(early.filters[i]));
    unpin_idle(&early);
    early_deinit(&early);
}

void early_remove(void)
{
    char names[EARLY_MAX][IF_NAMESIZE];
    struct early early = {0};

    find_all(&early, names);
    for (size_t i = 0; i < early.count; i++)
        guard_xdp_settle(early.filters[i], XDP_SLOT_NOTHING);
    unpin_idle(&early);
    early_deinit(&early);
}

void early_deinit(struct early *early)
{
    for (size_t i = 0; i < early->count; i++)
        early->filters[i] = guard_xdp_close(early->filters[i]);
    early->count = 0;
}
