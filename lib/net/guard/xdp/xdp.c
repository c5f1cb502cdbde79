/* SPDX-License-Identifier: MIT */
/* The early filter: loads the program of bpf/guard.bpf.c, fills its maps, attaches and pins it. */
#include "net/guard/xdp/xdp.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/if_link.h>

#include "base/macro.h"
#include "base/text.h"
#include "net/guard/xdp/compile.h"
#include "net/sock.h"
#include <guard.skel.h>

/* What is held: by descriptor, and pinned by name. */
enum part { CONTROL, VERDICTS, LIMITS, TOTALS, COUNTS, PROGRAM, LINK, PARTS };

static const char *const names[PARTS] = {
    [CONTROL] = "control", [VERDICTS] = "verdicts", [LIMITS] = "limits", [TOTALS] = "totals",
    [COUNTS] = "counts",   [PROGRAM] = "program",   [LINK] = "link"};

struct guard_xdp {
    char interface[IF_NAMESIZE];
    unsigned index;
    int parts[PARTS]; /* -1: none */
};

static const uint32_t zero = 0;

static int refuse(const char *interface, int code, struct sonde_error *error)
{
    if (code == -EPERM) {
        error_set(error, SONDE_E_PERMISSION, "cannot filter at %s by XDP: that is for root only", interface);
        error_hint(error, "Run the same command with sudo");
        return SONDE_E_PERMISSION;
    }
    if (code == -ENOSYS || code == -EINVAL || code == -EOPNOTSUPP)
        return error_set(error, SONDE_E_UNSUPPORTED, "this kernel cannot filter at %s by XDP: %s", interface,
                         strerror(-code));
    return error_set(error, code, "cannot filter at %s by XDP: %s", interface, strerror(-code));
}

static int check_ethernet(const char *interface, struct sonde_error *error)
{
    struct ifreq request = {0};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), code;

    strncpy(request.ifr_name, interface, sizeof(request.ifr_name) - 1);
    code = ioctl(fd, SIOCGIFHWADDR, &request) < 0 ? -errno : 0;
    close(fd);
    if (code < 0)
        return refuse(interface, code, error);
    if (request.ifr_hwaddr.sa_family != ARPHRD_ETHER && request.ifr_hwaddr.sa_family != ARPHRD_LOOPBACK)
        return error_set(error, SONDE_E_UNSUPPORTED, "%s is no Ethernet, which the XDP filter needs",
                         interface);
    return 0;
}

/* A BPF file system takes no dots in names, interfaces take no colons. */
static char *pin_of(const struct guard_xdp *xdp, const char *folder, enum part part)
{
    char name[IF_NAMESIZE];

    snprintf(name, sizeof(name), "%s", xdp->interface);
    for (char *at = name; *at; at++)
        if (*at == '.')
            *at = ':';
    return text_format("%s/%s%s%s", folder, name, part < PARTS ? "/" : "", part < PARTS ? names[part] : "");
}

static void close_parts(struct guard_xdp *xdp)
{
    for (int part = 0; part < PARTS; part++) {
        if (xdp->parts[part] >= 0)
            close(xdp->parts[part]);
        xdp->parts[part] = -1;
    }
}

/* All that is pinned, or nothing of it. A link whose interface is gone, or another one now, is none. */
static bool open_pinned(struct guard_xdp *xdp, const char *folder)
{
    struct bpf_link_info info = {0};
    uint32_t length = sizeof(info);

    for (int part = 0; part < PARTS; part++) {
        _cleanup_free_ char *path = pin_of(xdp, folder, (enum part)part);

        xdp->parts[part] = bpf_obj_get(path);
    }
    if (xdp->parts[LINK] >= 0 && bpf_obj_get_info_by_fd(xdp->parts[LINK], &info, &length) == 0 &&
        info.xdp.ifindex == xdp->index) {
        for (int part = 0; part < PARTS; part++)
            if (xdp->parts[part] < 0)
                return false;
        return true;
    }
    return false;
}

static int keep_parts(struct guard_xdp *xdp, const struct guard *skeleton)
{
    const int fds[] = {[CONTROL] = bpf_map__fd(skeleton->maps.control),
                       [VERDICTS] = bpf_map__fd(skeleton->maps.verdicts),
                       [LIMITS] = bpf_map__fd(skeleton->maps.limits),
                       [TOTALS] = bpf_map__fd(skeleton->maps.totals),
                       [COUNTS] = bpf_map__fd(skeleton->maps.counts),
                       [PROGRAM] = bpf_program__fd(skeleton->progs.guard_early)};

    for (size_t part = 0; part < COUNT_OF(fds); part++) {
        xdp->parts[part] = dup(fds[part]);
        if (xdp->parts[part] < 0)
            return -errno;
    }
    return guard_xdp_settle(xdp, XDP_SLOT_NOTHING);
}

static int load(struct guard_xdp *xdp)
{
    libbpf_print_fn_t print = libbpf_set_print(NULL); /* it would write to standard error */
    struct guard *skeleton = guard__open();
    int code = skeleton ? guard__load(skeleton) : -errno;

    if (code == 0)
        code = keep_parts(xdp, skeleton);
    guard__destroy(skeleton);
    libbpf_set_print(print);
    return code;
}

int guard_xdp_open(const char *interface, const char *folder, struct guard_xdp **opened,
                   struct sonde_error *error)
{
    struct guard_xdp *xdp = calloc(1, sizeof(*xdp));
    int code;

    if (!xdp)
        return error_set(error, -ENOMEM, "no memory for the XDP filter");
    for (int part = 0; part < PARTS; part++)
        xdp->parts[part] = -1;
    strncpy(xdp->interface, interface, sizeof(xdp->interface) - 1);
    xdp->index = if_nametoindex(interface);
    if (xdp->index == 0) {
        code = error_set(error, SONDE_E_NOT_FOUND, "there is no interface %s", interface);
        error_hint(error, "They are shown by: ip link");
    } else {
        code = check_ethernet(interface, error);
    }
    if (code == 0 && !(folder && open_pinned(xdp, folder))) {
        close_parts(xdp);
        code = load(xdp);
        if (code < 0)
            code = refuse(interface, code, error);
    }
    if (code < 0)
        guard_xdp_close(xdp);
    else
        *opened = xdp;
    return code;
}

static int read_control(const struct guard_xdp *xdp, struct guard_xdp_control *control)
{
    return bpf_map_lookup_elem(xdp->parts[CONTROL], &zero, control) < 0 ? -errno : 0;
}

enum guard_xdp_slot guard_xdp_firm(const struct guard_xdp *xdp)
{
    struct guard_xdp_control control = {.firm = GUARD_XDP_NOTHING};

    read_control(xdp, &control);
    return (enum guard_xdp_slot)control.firm;
}

static int write_slot(struct guard_xdp *xdp, unsigned slot, const struct xdp_tables *tables)
{
    static const uint64_t full_ns = 0;

    for (uint32_t i = 0; i < GUARD_XDP_ROWS; i++) {
        uint32_t key = slot * GUARD_XDP_ROWS + i;

        if (bpf_map_update_elem(xdp->parts[VERDICTS], &key, &tables->rows[i], BPF_ANY) < 0)
            return -errno;
    }
    for (uint32_t i = 0; i < GUARD_XDP_LIMITS; i++) {
        uint32_t key = slot * GUARD_XDP_LIMITS + i;

        if (bpf_map_update_elem(xdp->parts[LIMITS], &key, &tables->limits[i], BPF_ANY) < 0 ||
            bpf_map_update_elem(xdp->parts[TOTALS], &key, &full_ns, BPF_ANY) < 0)
            return -errno;
    }
    return 0;
}

int guard_xdp_fill(struct guard_xdp *xdp, const struct policy *policy, int64_t now_s)
{
    unsigned slot = guard_xdp_firm(xdp) == XDP_SLOT_A ? XDP_SLOT_B : XDP_SLOT_A;
    struct xdp_tables *tables = calloc(1, sizeof(*tables));
    int code;

    if (!tables)
        return -ENOMEM;
    xdp_compile(policy, xdp->interface, now_s, tables);
    code = write_slot(xdp, slot, tables);
    free(tables);
    return code < 0 ? code : (int)slot;
}

int guard_xdp_attach(struct guard_xdp *xdp, struct sonde_error *error)
{
    if (xdp->parts[LINK] >= 0)
        return 0;
    xdp->parts[LINK] = bpf_link_create(xdp->parts[PROGRAM], (int)xdp->index, BPF_XDP, NULL);
    if (xdp->parts[LINK] >= 0)
        return 0;
    if (errno == EBUSY || errno == EEXIST)
        return error_set(error, SONDE_E_BUSY, "another XDP program is at %s already; see: ip link show %s",
                         xdp->interface, xdp->interface);
    return refuse(xdp->interface, -errno, error);
}

static int write_control(struct guard_xdp *xdp, const struct guard_xdp_control *control)
{
    return bpf_map_update_elem(xdp->parts[CONTROL], &zero, control, BPF_ANY) < 0 ? -errno : 0;
}

int guard_xdp_try(struct guard_xdp *xdp, enum guard_xdp_slot slot, int64_t lease_ns)
{
    const struct guard_xdp_control control = {(unsigned long long)(sock_now() + lease_ns), slot,
                                              guard_xdp_firm(xdp)};

    return write_control(xdp, &control);
}

int guard_xdp_keep_trial(struct guard_xdp *xdp)
{
    struct guard_xdp_control control;
    int code = read_control(xdp, &control);

    return code == 0 ? guard_xdp_settle(xdp, (enum guard_xdp_slot)control.trial) : code;
}

int guard_xdp_settle(struct guard_xdp *xdp, enum guard_xdp_slot slot)
{
    const struct guard_xdp_control control = {0, slot, slot};

    return write_control(xdp, &control);
}

int guard_xdp_pin(struct guard_xdp *xdp, const char *folder, struct sonde_error *error)
{
    _cleanup_free_ char *own = pin_of(xdp, folder, PARTS);

    if (mkdir(own, 0700) < 0 && errno != EEXIST)
        return error_set(error, -errno, "cannot make %s: %s", own, strerror(errno));
    for (int part = 0; part < PARTS; part++) {
        _cleanup_free_ char *path = pin_of(xdp, folder, (enum part)part);
        int code;

        unlink(path); /* of another link, which ends with it */
        if (bpf_obj_pin(xdp->parts[part], path) == 0)
            continue;
        code = -errno;
        guard_xdp_unpin(xdp, folder);
        error_set(error, code, "cannot pin the XDP filter at %s: %s", path, strerror(-code));
        return code;
    }
    return 0;
}

void guard_xdp_unpin(struct guard_xdp *xdp, const char *folder)
{
    _cleanup_free_ char *own = pin_of(xdp, folder, PARTS);

    for (int part = 0; part < PARTS; part++) {
        _cleanup_free_ char *path = pin_of(xdp, folder, (enum part)part);

        unlink(path);
    }
    rmdir(own);
}

static int read_row(struct guard_xdp *xdp, uint32_t row, struct guard_xdp_counts *processors, size_t count,
                    const struct guard_xdp_count *first, guard_xdp_visit *visit, void *context)
{
    struct guard_xdp_count told = *first;

    if (bpf_map_lookup_elem(xdp->parts[COUNTS], &row, processors) < 0)
        return -errno;
    for (unsigned code = 0; code < GUARD_XDP_CODES; code++) {
        told.code = (uint8_t)code;
        told.packets = 0;
        for (size_t i = 0; i < count; i++)
            told.packets += processors[i].codes[code];
        if (told.packets > 0)
            visit(context, &told);
    }
    return 0;
}

int guard_xdp_read(struct guard_xdp *xdp, guard_xdp_visit *visit, void *context)
{
    int processors = libbpf_num_possible_cpus(), code = 0;
    struct guard_xdp_counts *counts;

    if (processors < 0)
        return processors;
    counts = calloc((size_t)processors, sizeof(*counts));
    if (!counts)
        return -ENOMEM;
    for (uint32_t row = 0; row < GUARD_XDP_ROWS && code == 0; row++) {
        const struct guard_xdp_count first = {.family = row < GUARD_XDP_TYPES ? 4 : 6,
                                              .type = (uint8_t)(row % GUARD_XDP_TYPES)};

        code = read_row(xdp, row, counts, (size_t)processors, &first, visit, context);
    }
    free(counts);
    return code;
}

int guard_xdp_program(const struct guard_xdp *xdp)
{
    return xdp->parts[PROGRAM];
}

struct guard_xdp *guard_xdp_close(struct guard_xdp *xdp)
{
    if (xdp)
        close_parts(xdp);
    free(xdp);
    return NULL;
}
