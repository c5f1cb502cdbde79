/* SPDX-License-Identifier: MIT */
/* Counting in the kernel: loads the program of bpf/count.bpf.c, puts it at an interface, reads its memory. */
#include "net/capture/kernel.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include "bpf/count.h"
#include "net/capture/permission.h"
#include <count.skel.h>

enum {
    TCX_INGRESS = 46, /* BPF_TCX_INGRESS and so on: of Linux 6.6, which the headers may not know */
    TCX_EGRESS = 47,
    TCX_FIRST = 1 << 3, /* BPF_F_BEFORE, and no other program named */
};

struct kernel_counter {
    enum kernel_count_hook hook;
    int links[COUNT_DIRECTIONS]; /* which hold the programs at the interface, or a socket; -1: none */
    int rows;                    /* map of the rare types */
    size_t processor_count;
    const struct count_processor *processors; /* shared with the program */
};

/** An interface to count at. */
struct place {
    const char *name;
    unsigned int number;
    unsigned int link_header; /* octets */
};

static const uint8_t families[COUNT_FAMILIES] = {[COUNT_ICMP4] = 4, [COUNT_ICMP6] = 6};
static const uint8_t directions[COUNT_DIRECTIONS] = {[COUNT_IN] = FRAME_IN, [COUNT_OUT] = FRAME_OUT};

static int refuse(const struct place *place, enum kernel_count_hook hook, int code, struct sonde_error *error)
{
    switch (-code) {
    case EPERM:
        return permission_error(error, place->name, "cap_bpf,cap_net_admin,cap_net_raw");
    case ENOSYS:
    case EINVAL:
    case EACCES:
    case EOPNOTSUPP:
        return error_set(error, SONDE_E_UNSUPPORTED, "this kernel cannot count at %s %s", place->name,
                         hook == KERNEL_COUNT_TCX ? "by tcx, which Linux 6.6 brought"
                                                  : "at a packet socket, which needs Linux 5.5");
    default:
        return error_set(error, code, "cannot count at %s in the kernel: %s", place->name, strerror(-code));
    }
}

/* How many octets stand before the network header on this kind of interface, or an error. */
static int read_link_header(struct place *place, struct sonde_error *error)
{
    struct ifreq request = {0};
    int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), status;

    strncpy(request.ifr_name, place->name, sizeof(request.ifr_name) - 1);
    status = ioctl(descriptor, SIOCGIFHWADDR, &request) < 0 ? -errno : 0;
    close(descriptor);
    if (status < 0)
        return error_set(error, status, "cannot look at interface %s: %s", place->name, strerror(-status));
    switch (request.ifr_hwaddr.sa_family) {
    case ARPHRD_ETHER:
    case ARPHRD_LOOPBACK:
        place->link_header = ETH_HLEN;
        return 0;
    case ARPHRD_NONE:
    case ARPHRD_RAWIP:
    case ARPHRD_PPP:
    case ARPHRD_TUNNEL:
    case ARPHRD_TUNNEL6:
    case ARPHRD_SIT:
        place->link_header = 0;
        return 0;
    default:
        return error_set(error, SONDE_E_UNSUPPORTED,
                         "cannot count at %s in the kernel: only Ethernet and bare IP are looked into",
                         place->name);
    }
}

static int find_place(const char *name, struct place *place, struct sonde_error *error)
{
    *place = (struct place){.name = name, .number = if_nametoindex(name)};
    if (place->number == 0) {
        error_set(error, SONDE_E_NOT_FOUND, "there is no interface %s", name);
        error_hint(error, "They are shown by: ip link");
        return SONDE_E_NOT_FOUND;
    }
    return read_link_header(place, error);
}

static int link_to(const struct place *place, const struct bpf_program *program, int type, int *link)
{
    LIBBPF_OPTS(bpf_link_create_opts, options, .flags = TCX_FIRST);

    *link =
        bpf_link_create(bpf_program__fd(program), (int)place->number, (enum bpf_attach_type)type, &options);
    return *link < 0 ? *link : 0;
}

/* Until it is bound the socket is given nothing, and from then on its program keeps nothing. */
static int open_socket(const struct place *place, const struct bpf_program *program, int *link)
{
    struct sockaddr_ll address = {
        .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = (int)place->number};
    int number = bpf_program__fd(program);

    *link = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (*link < 0 || setsockopt(*link, SOL_SOCKET, SO_ATTACH_BPF, &number, sizeof(number)) < 0 ||
        bind(*link, (const struct sockaddr *)&address, sizeof(address)) < 0)
        return -errno;
    return 0;
}

static int attach(struct kernel_counter *counter, const struct place *place, const struct count *skeleton)
{
    int code;

    if (counter->hook == KERNEL_COUNT_SOCKET)
        return open_socket(place, skeleton->progs.count_both, &counter->links[COUNT_IN]);
    code = link_to(place, skeleton->progs.count_in, TCX_INGRESS, &counter->links[COUNT_IN]);
    return code < 0 ? code
                    : link_to(place, skeleton->progs.count_out, TCX_EGRESS, &counter->links[COUNT_OUT]);
}

/* What is needed after the skeleton is gone. */
static int keep(struct kernel_counter *counter, const struct count *skeleton)
{
    void *memory = mmap(NULL, counter->processor_count * sizeof(struct count_processor), PROT_READ,
                        MAP_SHARED, bpf_map__fd(skeleton->maps.processors), 0);

    if (memory == MAP_FAILED)
        return -errno;
    counter->processors = memory;
    counter->rows = dup(bpf_map__fd(skeleton->maps.rows));
    return counter->rows < 0 ? -errno : 0;
}

static int fill(struct kernel_counter *counter, const struct place *place, struct count *skeleton)
{
    bool both = counter->hook == KERNEL_COUNT_SOCKET;
    int code;

    skeleton->rodata->link_header = place->link_header;
    bpf_program__set_autoload(skeleton->progs.count_in, !both);
    bpf_program__set_autoload(skeleton->progs.count_out, !both);
    bpf_program__set_autoload(skeleton->progs.count_both, both);
    code = bpf_map__set_max_entries(skeleton->maps.processors, (uint32_t)counter->processor_count);
    if (code == 0)
        code = count__load(skeleton);
    if (code == 0)
        code = keep(counter, skeleton);
    return code == 0 ? attach(counter, place, skeleton) : code;
}

static int start(struct kernel_counter *counter, const struct place *place)
{
    libbpf_print_fn_t print = libbpf_set_print(NULL); /* it would write to standard error */
    struct count *skeleton = NULL;
    int code = libbpf_num_possible_cpus();

    if (code > 0) {
        counter->processor_count = (size_t)code;
        skeleton = count__open();
        code = skeleton ? fill(counter, place, skeleton) : -errno;
    }
    count__destroy(skeleton);
    libbpf_set_print(print);
    return code;
}

static int open_at(const struct place *place, enum kernel_count_hook hook, struct kernel_counter **counter,
                   struct sonde_error *error)
{
    struct kernel_counter *opened = malloc(sizeof(*opened));
    int code;

    if (!opened)
        return error_set(error, -ENOMEM, "no memory to count at %s", place->name);
    *opened = (struct kernel_counter){.hook = hook, .links = {-1, -1}, .rows = -1};
    code = start(opened, place);
    if (code < 0) {
        kernel_count_close(opened);
        return refuse(place, hook, code, error);
    }
    *counter = opened;
    return 0;
}

int kernel_count_open(const char *name, enum kernel_count_hook hook, struct kernel_counter **counter,
                      struct sonde_error *error)
{
    struct place place;
    int code = find_place(name, &place, error);

    if (code < 0)
        return code;
    if (hook != KERNEL_COUNT_BEST)
        return open_at(&place, hook, counter, error);
    code = open_at(&place, KERNEL_COUNT_TCX, counter, error);
    return code == SONDE_E_UNSUPPORTED ? open_at(&place, KERNEL_COUNT_SOCKET, counter, error) : code;
}

enum kernel_count_hook kernel_count_hook(const struct kernel_counter *counter)
{
    return counter->hook;
}

/* The program writes while we read. */
static uint64_t look(const unsigned long long *at)
{
    return __atomic_load_n(at, __ATOMIC_RELAXED);
}

/** A reading, and who is told. */
struct reading {
    const struct kernel_counter *counter;
    kernel_count_visit *visit;
    void *context;
};

static void tell(const struct reading *reading, struct kernel_count *count)
{
    if (count->packets > 0)
        reading->visit(reading->context, count);
}

/* The common codes of a type: the sum of all processors. */
static void read_common(const struct reading *reading, unsigned int direction, unsigned int family,
                        struct kernel_count count)
{
    for (unsigned int code = 0; code < COUNT_COMMON_CODES; code++) {
        unsigned int number = count_common_of(count.type, code);

        count.code = (uint8_t)code;
        count.packets = count.bytes = 0;
        for (size_t i = 0; i < reading->counter->processor_count && number < COUNT_COMMON; i++) {
            const struct count_cell *cell =
                &reading->counter->processors[i].common[direction][family][number];

            count.packets += look(&cell->packets);
            count.bytes += look(&cell->octets);
        }
        tell(reading, &count);
    }
}

static bool is_rare_seen(const struct kernel_counter *counter, unsigned int number)
{
    bool seen = false;

    for (size_t i = 0; i < counter->processor_count && !seen; i++)
        seen = __atomic_load_n(&counter->processors[i].rare[number], __ATOMIC_RELAXED);
    return seen;
}

/* The codes of a type that are not common. Its page is mapped for this look only: all of them would be 4 MiB
 * of ours. */
static int read_rare(const struct reading *reading, unsigned int number, struct kernel_count count)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), length = sizeof(struct count_row);
    size_t offset = number * length, before = offset % page;
    uint8_t *memory;
    const struct count_row *row;

    memory =
        mmap(NULL, before + length, PROT_READ, MAP_SHARED, reading->counter->rows, (off_t)(offset - before));
    if (memory == MAP_FAILED)
        return -errno;
    row = (const struct count_row *)(memory + before);
    for (unsigned int code = 0; code < COUNT_CODES; code++) {
        count.code = (uint8_t)code;
        count.packets = look(&row->codes[code].packets);
        count.bytes = look(&row->codes[code].octets);
        tell(reading, &count);
    }
    munmap(memory, before + length);
    return 0;
}

/* All codes of all types of a family. */
static int read_family(const struct reading *reading, unsigned int direction, unsigned int family)
{
    struct kernel_count count = {.family = families[family], .direction = directions[direction]};
    int status = 0;

    for (unsigned int type = 0; type < COUNT_TYPES; type++) {
        unsigned int number = count_row_of(direction, family, type);
        int code = 0;

        count.type = (uint8_t)type;
        read_common(reading, direction, family, count);
        if (is_rare_seen(reading->counter, number))
            code = read_rare(reading, number, count);
        if (code < 0)
            status = code;
    }
    return status;
}

static void sum_up(const struct kernel_counter *counter, unsigned int direction,
                   struct kernel_count_tally *sum)
{
    for (size_t i = 0; i < counter->processor_count; i++) {
        const struct count_tally *tally = &counter->processors[i].tallies[direction];

        sum->frames += look(&tally->frames);
        sum->bytes += look(&tally->octets);
        sum->icmp += look(&tally->icmp);
        sum->fragments += look(&tally->fragments);
        sum->malformed += look(&tally->malformed);
        sum->other += look(&tally->other);
    }
}

int kernel_count_read(struct kernel_counter *counter, kernel_count_visit *visit, void *context,
                      struct kernel_count_totals *totals)
{
    struct reading reading = {.counter = counter, .visit = visit, .context = context};
    int status = 0;

    if (totals) {
        *totals = (struct kernel_count_totals){0};
        sum_up(counter, COUNT_IN, &totals->in);
        sum_up(counter, COUNT_OUT, &totals->out);
    }
    for (unsigned int direction = 0; direction < COUNT_DIRECTIONS && visit; direction++) {
        for (unsigned int family = 0; family < COUNT_FAMILIES; family++) {
            int code = read_family(&reading, direction, family);

            if (code < 0)
                status = code;
        }
    }
    return status;
}

struct kernel_counter *kernel_count_close(struct kernel_counter *counter)
{
    if (!counter)
        return NULL;
    for (size_t i = 0; i < COUNT_OF(counter->links); i++)
        if (counter->links[i] >= 0)
            close(counter->links[i]);
    if (counter->rows >= 0)
        close(counter->rows);
    if (counter->processors)
        munmap((void *)counter->processors, counter->processor_count * sizeof(*counter->processors));
    free(counter);
    return NULL;
}
