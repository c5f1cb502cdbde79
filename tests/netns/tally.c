/* SPDX-License-Identifier: MIT */
/* Counts at an interface in the kernel, with no rights left: the seam of net/capture/kernel.h by hand.
 *
 * tally INTERFACE best|tcx|socket
 * It says where the program stands, then prints all counts for each line that it reads, until there are no
 * more. A count is: DIRECTION FAMILY TYPE CODE PACKETS BYTES; the totals are: DIRECTION frames bytes icmp
 * fragments malformed other. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "net/capture/kernel.h"
#include "net/sandbox.h"

static const char *const hooks[] = {
    [KERNEL_COUNT_BEST] = "best", [KERNEL_COUNT_TCX] = "tcx", [KERNEL_COUNT_SOCKET] = "socket"};

static void print_count(void *context, const struct kernel_count *count)
{
    printf("%s %u %u %u %" PRIu64 " %" PRIu64 "\n", count->direction == FRAME_IN ? "in" : "out",
           count->family, count->type, count->code, count->packets, count->bytes);
}

static void print_tally(const char *direction, const struct kernel_count_tally *tally)
{
    printf("%s frames=%" PRIu64 " bytes=%" PRIu64 " icmp=%" PRIu64 " fragments=%" PRIu64 " malformed=%" PRIu64
           " other=%" PRIu64 "\n",
           direction, tally->frames, tally->bytes, tally->icmp, tally->fragments, tally->malformed,
           tally->other);
}

static int print_all(struct kernel_counter *counter)
{
    struct kernel_count_totals totals;
    int code = kernel_count_read(counter, print_count, NULL, &totals);

    print_tally("in", &totals.in);
    print_tally("out", &totals.out);
    printf("done %d\n", code);
    return fflush(stdout);
}

static int complain(const struct sonde_error *error)
{
    fprintf(stderr, "%d %s; %s\n", error->code, error->what, error->hint);
    return 1;
}

int main(int argc, char **argv)
{
    enum kernel_count_hook hook = KERNEL_COUNT_BEST;
    struct kernel_counter *counter;
    struct sonde_error error;
    char line[16];

    if (argc != 3)
        return 2;
    while (strcmp(argv[2], hooks[hook]) != 0)
        if (++hook > KERNEL_COUNT_SOCKET)
            return 2;
    if (kernel_count_open(argv[1], hook, &counter, &error) < 0 || sandbox_enter(SANDBOX_KILL, &error) < 0)
        return complain(&error);
    printf("%s\n", hooks[kernel_count_hook(counter)]);
    fflush(stdout);
    while (fgets(line, sizeof(line), stdin))
        print_all(counter);
    kernel_count_close(counter);
    return 0;
}
