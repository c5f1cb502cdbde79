/* SPDX-License-Identifier: MIT */
/* Findings: what detectors say, kept in a table of fixed size, with the packets that prove it. */
#ifndef SONDE_DETECT_FINDING_H
#define SONDE_DETECT_FINDING_H

#include <stdbool.h>

#include "base/distinct.h"
#include "base/hash.h"
#include "detect/fact.h"
#include "detect/kind.h"
#include "wire/packet.h"

enum {
    FINDINGS_MAX = 448,       /* findings that are remembered */
    FINDINGS_PER_KIND = 72,   /* then further ones of the kind are summed up in one */
    FINDING_SAMPLES = 5,      /* packets kept for each */
    FINDING_SAMPLE_MAX = 192, /* octets kept of a packet */
    FINDING_WORDS = 160,      /* octets for text that a detector composes */
};

/** A packet kept as proof. */
struct finding_sample {
    int64_t time_ns;
    uint32_t length;   /* octets on the wire */
    uint16_t captured; /* octets below */
    uint16_t link, interface;
    uint8_t octets[FINDING_SAMPLE_MAX];
};

/** What a finding is about; the same subject is the same finding. */
struct finding_subject {
    enum finding_kind kind;
    struct sonde_address source, target; /* family 0: none, or many */
    uint8_t source_bits, target_bits;    /* length of the prefix; 0: the whole address */
};

/** Where a finding stands. */
enum finding_state { FINDING_FREE, FINDING_OPEN, FINDING_ENDED };

/** One finding. Detectors change severity, confidence and the members below the line; the rest is kept here.
 */
struct finding {
    enum finding_state state;
    uint32_t id;            /* from 1, in the order of being raised */
    uint32_t incident;      /* findings with a common source or target at about the same time share it */
    struct distinct merged; /* other subjects summed up in this one because there were too many */
    struct finding_subject subject;
    int64_t first_ns, last_ns; /* of the watch */
    int64_t shift_ns;          /* by so much they are later than the capture says */
    uint64_t packets;
    size_t sample_count;
    struct finding_sample samples[FINDING_SAMPLES];
    uint8_t told; /* enum finding_state that listeners know of */
    /* -- */
    int64_t patience_ns; /* how long it stays open when nothing is added, if that is longer than usual */
    enum severity severity;
    double confidence; /* 0 to 1 */
    uint32_t excluded; /* a bit for each enum innocent */
    struct evidence evidence;
    char words[FINDING_WORDS]; /* for facts of FIELD_TEXT that are composed */
};

/** All findings; zero-initialise it, then set the key. */
struct findings {
    struct hash_key key;
    struct finding rows[FINDINGS_MAX];
    uint64_t subjects[FINDINGS_MAX]; /* hashes of the subjects of open findings; 0: ended */
    size_t count;                    /* rows in use, in the order of being raised */
    uint32_t next_id, incidents;     /* handed out so far */
    uint32_t of_kind[KIND_COUNT];    /* open ones */
    uint64_t raised[KIND_COUNT];
    int64_t shift_ns;    /* of the watch */
    uint64_t suppressed; /* raised while the table was full of findings */
};

/**
 * Find or make the finding about a subject, and count a packet for it.
 * @param packet what gave the reason, or NULL (then only the time counts); kept as a sample if there is room
 * @param now_ns the time of the watch
 * @param fresh set to whether it is new, so that its evidence is empty; may be NULL
 * @return the finding; NULL when the table is full
 */
struct finding *finding_raise(struct findings *findings, const struct finding_subject *subject,
                              const struct packet *packet, int64_t now_ns, bool *fresh);

/**
 * Say how grave a finding is. It never becomes less grave than it was; listeners hear of it again when it
 * becomes an alert.
 * @param fresh whether it is new, as finding_raise said
 */
void finding_grade(struct finding *finding, bool fresh, enum severity severity, double confidence);

/** End the findings that nothing was added to for so long. */
void findings_expire(struct findings *findings, int64_t now_ns, int64_t quiet_ns);

#endif
