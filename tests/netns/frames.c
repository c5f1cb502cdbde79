/* SPDX-License-Identifier: MIT */
/* Prints what a capture hands over, a line per frame: the seam of capture.h by hand.
 *
 * frames [ring=KIB] [nobody] [sandbox] [nap=MS] [wait=MS] [quiet] INTERFACE|nflog:GROUP
 * nobody gives up root before opening, sandbox confines after it; nap sleeps before the first read, wait is
 * how long to listen. The first line is "ready", the last one tells the statistics and the time each frame
 * took. */
#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/macro.h"
#include "net/capture/capture.h"
#include "net/sandbox.h"

enum { NOBODY = 65534, COMPLAINT = 2, SHOWN = 64 /* octets of a frame */, MOMENT_MS = 150 };

/** What the command line says. */
struct request {
    const char *name;
    size_t ring;
    int64_t nap_ns, wait_ns, count;
    bool nobody, sandbox, quiet;
};

static int64_t now(clockid_t clock)
{
    struct timespec time;

    clock_gettime(clock, &time);
    return time.tv_sec * NS_PER_S + time.tv_nsec;
}

static void parse_word(const char *word, struct request *request)
{
    const char *value = strchr(word, '=');
    int64_t number = value ? strtoll(value + 1, NULL, 10) : 0;

    if (strncmp(word, "ring=", 5) == 0)
        request->ring = (size_t)number << 10;
    else if (strncmp(word, "nap=", 4) == 0)
        request->nap_ns = number * NS_PER_MS;
    else if (strncmp(word, "wait=", 5) == 0)
        request->wait_ns = number * NS_PER_MS;
    else if (strncmp(word, "count=", 6) == 0)
        request->count = number;
    else if (strcmp(word, "nobody") == 0)
        request->nobody = true;
    else if (strcmp(word, "sandbox") == 0)
        request->sandbox = true;
    else if (strcmp(word, "quiet") == 0)
        request->quiet = true;
    else
        request->name = word;
}

static void print_frame(const struct frame *frame)
{
    static const char *const directions[] = {"unknown", "in", "out"};
    int64_t age_ns = now(CLOCK_REALTIME) - frame->time_ns;

    printf("%s if=%u link=%u length=%u captured=%zu %s ", directions[frame->direction], frame->interface,
           frame->link, frame->length, frame->data.length,
           age_ns >= 0 && age_ns < NS_PER_S ? "now" : "stale");
    for (size_t i = 0; i < frame->data.length && i < SHOWN; i++)
        printf("%02x", frame->data.data[i]);
    printf("\n");
}

/* Touches what a reader of headers would touch, so that the time of a frame is honest. */
static uint64_t look_at(const struct frame *frame)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < frame->data.length && i < SHOWN; i += 8)
        sum += frame->data.data[i];
    return sum;
}

static void print_state(const struct capture *capture, bool *absent)
{
    if (*absent && !capture->absent)
        printf("back\n");
    *absent = capture->absent;
    fflush(stdout);
}

static int listen(struct capture *capture, const struct request *request, uint64_t *sum)
{
    int64_t end_ns = now(CLOCK_MONOTONIC) + request->wait_ns;
    struct frame frames[CAPTURE_BATCH];
    struct sonde_error error = {0};
    int64_t left = request->count;
    bool absent = false;

    for (;;) {
        int count = capture->read(capture, frames, &error);

        if (count == -ENETDOWN)
            printf("%s\n", error.what);
        else if (count < 0)
            return count;
        for (int i = 0; i < count; i++)
            *sum += look_at(&frames[i]);
        for (int i = 0; i < count && !request->quiet; i++)
            print_frame(&frames[i]);
        if (left > 0 && count > 0 && (left -= count) <= 0)
            end_ns = now(CLOCK_MONOTONIC) + MOMENT_MS * NS_PER_MS;
        if (count > 0)
            continue;
        print_state(capture, &absent);
        if (now(CLOCK_MONOTONIC) >= end_ns)
            return 0;
        poll(&(struct pollfd){capture->descriptor, POLLIN, 0}, 1,
             (int)((end_ns - now(CLOCK_MONOTONIC)) / NS_PER_MS) + 1);
    }
}

static void print_end(struct capture *capture, int64_t spent_ns, uint64_t sum)
{
    struct capture_statistics statistics;

    capture->statistics(capture, &statistics);
    printf("frames=%lu dropped=%lu frozen=%lu\n", statistics.frames, statistics.dropped_by_kernel,
           statistics.frozen);
    fprintf(stderr, "%.1f ns of CPU per frame (%lu)\n",
            (double)spent_ns / (double)(statistics.frames + !statistics.frames), sum % 10);
}

static bool become_nobody(void)
{
    return setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
           setresuid(NOBODY, NOBODY, NOBODY) == 0;
}

static int open_capture(const struct request *request, struct capture **capture, struct sonde_error *error)
{
    int code;

    if (request->nobody && !become_nobody()) {
        error_set(error, -EPERM, "cannot become nobody");
        return -EPERM;
    }
    code = strncmp(request->name, "nflog:", 6) == 0
               ? capture_open_nflog((uint16_t)strtoul(request->name + 6, NULL, 10), 7, capture, error)
               : capture_open_ring(request->name, request->ring, 7, capture, error);
    if (code == 0 && request->sandbox)
        code = sandbox_enter(SANDBOX_KILL, error);
    return code;
}

int main(int argc, char **argv)
{
    struct request request = {.name = "", .ring = 1 << 20, .wait_ns = 10 * NS_PER_S};
    struct capture *capture = NULL;
    struct sonde_error error = {0};
    int64_t begin_ns;
    uint64_t sum = 0;
    int code;

    for (int i = 1; i < argc; i++)
        parse_word(argv[i], &request);
    code = open_capture(&request, &capture, &error);
    if (code < 0) {
        printf("%s %s\n%s\n",
               code == SONDE_E_PERMISSION  ? "permission:"
               : code == SONDE_E_NOT_FOUND ? "not found:"
                                           : "error:",
               error.what, error.hint);
        return COMPLAINT;
    }
    printf("ready\n");
    fflush(stdout);
    if (request.nap_ns > 0)
        poll(NULL, 0, (int)(request.nap_ns / NS_PER_MS));
    begin_ns = now(CLOCK_PROCESS_CPUTIME_ID);
    code = listen(capture, &request, &sum);
    print_end(capture, now(CLOCK_PROCESS_CPUTIME_ID) - begin_ns, sum);
    capture->free(capture);
    return code < 0 ? COMPLAINT : 0;
}
