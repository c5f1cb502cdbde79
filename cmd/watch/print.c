/* SPDX-License-Identifier: MIT */
/* The option --print: one line a packet on standard output, findings among them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/watch/line.h"
#include "cmd/watch/outputs.h"

enum { BUFFER = 64 * 1024 };

struct printer {
    struct line_writer *lines;
    bool live; /* somebody waits for each line */
    int error; /* 0, or -errno of the first failure */
    size_t used;
    char buffer[BUFFER + LINE_MAX_OCTETS];
};

static void flush(struct printer *printer)
{
    size_t done = 0;

    while (done < printer->used && !printer->error) {
        ssize_t written = write(STDOUT_FILENO, printer->buffer + done, printer->used - done);

        if (written < 0 && errno != EINTR)
            printer->error = -errno;
        done += written > 0 ? (size_t)written : 0;
    }
    printer->used = 0;
}

static int open_printer(struct watching *watching, void **state, struct sonde_error *error)
{
    struct printer *printer;

    if (!watching->config->print)
        return 0;
    if (watching->session->json || watching->session->csv)
        return error_set(error, SONDE_E_USAGE, "--print is text: --json and --csv exclude it");
    printer = calloc(1, sizeof(*printer));
    if (printer)
        printer->lines = line_writer_new();
    if (!printer || !printer->lines) {
        free(printer);
        return error_set(error, -ENOMEM, "no memory to print packets");
    }
    printer->live = watching->live;
    watching->silent = true;
    *state = printer;
    return 0;
}

static void print_packets(void *state, const struct packet *packets, size_t count)
{
    struct printer *printer = state;

    for (size_t i = 0; i < count; i++) {
        printer->used += line_write(printer->lines, &packets[i], printer->buffer + printer->used);
        if (printer->used >= BUFFER)
            flush(printer);
    }
    if (printer->live)
        flush(printer);
}

static void print_finding(void *state, const struct finding *finding)
{
    struct printer *printer = state;
    struct watch_finding record;
    int written;

    if (finding->told != FINDING_FREE)
        return;
    flush(printer);
    watch_finding_init(&record, finding);
    written = snprintf(printer->buffer, LINE_MAX_OCTETS, "# %s %s: %s\n", record.severity, record.kind,
                       record.summary);
    printer->used = written < LINE_MAX_OCTETS ? (size_t)written : LINE_MAX_OCTETS - 1;
    watch_finding_deinit(&record);
}

static int close_printer(void *state, struct sonde_error *error)
{
    struct printer *printer = state;
    int code;

    flush(printer);
    code = printer->error;
    free(printer->lines);
    free(printer);
    return code < 0 ? error_set(error, code, "standard output cannot be written: %s", strerror(-code)) : 0;
}

const struct watch_output print_output = {"print", open_printer, print_packets, print_finding, close_printer};
