/* SPDX-License-Identifier: MIT */
/* What the parts of `sonde watch` share: the options, the engine, the loop, and the outputs that are open. */
#ifndef SONDE_CMD_WATCH_WATCHING_H
#define SONDE_CMD_WATCH_WATCHING_H

#include "cmd/command.h"
#include "detect/report.h"
#include "net/capture/drive.h"
#include "net/capture/socket_table.h"

/** Values of the options. */
struct watch_config {
    struct option_texts interfaces, files, internal, dark, allow;
    const char *detect, *learn, *write, *report, *hook, *hook_post, *metrics;
    int64_t once_ns, memory, ring, hook_rate;
    bool history, print, kernel;
};

struct watch_output;

/** One call of the command. */
struct watching {
    const struct session *session;
    const struct watch_config *config;
    struct sink *sink; /* records go there */
    bool live;         /* some capture is an interface */
    bool streams; /* findings are printed when they are raised and when they end, not at the end of it all */
    bool silent;  /* an output took over standard output: no records there */
    bool drawn;   /* a screen has the terminal until the end: findings are printed then */
    bool rows;    /* the sink shows tables only (CSV) */
    struct watch *watch;
    struct drive drive;
    struct socket_table sockets; /* of this host, when an interface is watched */
    uint64_t worst;              /* bits of 1 << enum severity of the findings so far */
    int problems;                /* captures that could not be read to their end */
    const struct watch_output *outputs[8];
    void *output_states[8];
    size_t output_count;
};

/** Something that hears of findings and packets besides the records: a file, a screen, a server. */
struct watch_output {
    const char *name;
    /**
     * Open it before the sandbox closes.
     * @param state set to what the other functions get; NULL when the options do not ask for it
     * @return 0 or an error with its context
     */
    int (*open)(struct watching *watching, void **state, struct sonde_error *error);
    void (*packets)(void *state, const struct packet *packets, size_t count); /* or NULL */
    void (*finding)(void *state, const struct finding *finding);              /* or NULL */
    /** Write what is left, close it. Returns 0 or an error with its context. */
    int (*close)(void *state, struct sonde_error *error);
    /** Say what is wrong with a capture (NULL: a counter in the kernel), because standard error is out of
     * sight; or NULL. */
    void (*problem)(void *state, const struct capture *capture, const struct sonde_error *error);
};

/** Every output; NULL ends the list. */
extern const struct watch_output *const watch_outputs[];

/** Open the captures that the options name. Returns 0 or an error with its context. */
int watching_open_captures(struct watching *watching, char **operands, size_t count,
                           struct sonde_error *error);

/** Print what was counted and found, behind what findings were printed before. */
void watching_emit(struct watching *watching);

/** Send what was counted to a sink: by type and code, by interface, the talkers, and over time when wanted.
 */
void watching_emit_tables(const struct watching *watching, struct sink *sink, bool history);

/** Print a finding. */
void watching_emit_finding(struct watching *watching, const struct finding *finding);

/** The name of an interface of the watch. */
const char *watching_interface_name(const struct watching *watching, uint16_t interface);

#endif
