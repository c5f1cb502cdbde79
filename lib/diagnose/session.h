/* SPDX-License-Identifier: MIT */
/* A diagnosis as a state machine: it decides what to ask next and when it knows enough. */
#ifndef SONDE_DIAGNOSE_SESSION_H
#define SONDE_DIAGNOSE_SESSION_H

#include "diagnose/infer.h"
#include "probe/drive.h"

enum { OUTGOING_MAX = 64, PACKETS_FAST = 25, PACKETS_DEEP = 40 };

/** How far a question has come. */
struct inquiry {
    bool started, closed;
    unsigned round;  /* rounds sent */
    int64_t sent_ns; /* when the last of them was sent */
};

/** A probe that waits to be sent. */
struct outgoing {
    struct probe probe;
    enum question question;
};

/** A diagnosis; embeds its machine. */
struct diagnosis {
    struct machine machine;
    struct evidence evidence;
    struct belief belief;
    struct inquiry inquiries[QUESTIONS];
    struct outgoing outgoing[OUTGOING_MAX];
    size_t first_outgoing, last_outgoing;
    uint16_t next_id;
    uint32_t can; /* bit per probe kind */
    unsigned budget;
    bool deep, started, done;
};

/**
 * Start a diagnosis.
 * @param subject what to diagnose; its slices must outlive the diagnosis
 * @param deep also ask what takes half a minute
 * @param network asked once what it can send
 */
void diagnosis_init(struct diagnosis *diagnosis, const struct subject *subject, bool deep,
                    struct network *network);

/** Queue a probe for a question; its id is assigned. Dropped when the packet budget is spent. */
void diagnosis_ask(struct diagnosis *diagnosis, enum question question, struct probe probe);

/** Whether this process can send such probes. */
bool diagnosis_can(const struct diagnosis *diagnosis, enum probe_kind kind);

/**
 * How long to wait for an answer that should come, in ns: some round trips, learnt from what came so far.
 * @param host whether the host is asked: then only its own answers tell how long it may take
 */
int64_t diagnosis_patience(const struct diagnosis *diagnosis, bool host);

/** A question: what it sends and when it makes sense. */
struct question_row {
    const char *name;
    enum probe_kind kind; /* must be possible */
    unsigned rounds;      /* at most */
    bool always;          /* asked whenever it is ready, whatever it promises to tell */
    bool cut;             /* need not be waited for once the verdict is clear */
    bool (*ready)(const struct diagnosis *diagnosis);
    bool (*satisfied)(const struct diagnosis *diagnosis); /* NULL: any answer satisfies */
    void (*send)(struct diagnosis *diagnosis, unsigned round);
    /** How long to wait after a round in ns, as it seems now; NULL: patience with the host. */
    int64_t (*wait)(const struct diagnosis *diagnosis, unsigned round);
};

/** The row of a question. */
const struct question_row *question_row(enum question question);

#endif
