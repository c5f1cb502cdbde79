/* SPDX-License-Identifier: MIT */
/* The one list of errors, and the context that makes an error useful to a person. */
#ifndef SONDE_BASE_ERROR_H
#define SONDE_BASE_ERROR_H

#include "base/macro.h"

/** Errors of sonde; system errors are -errno. A network outcome (closed, filtered, lost) is never an error.
 */
enum sonde_error_code {
    SONDE_E_USAGE = -1000, /* what was asked cannot be understood */
    SONDE_E_PERMISSION,    /* the caller may not do it; the hint names the command that would allow it */
    SONDE_E_UNRESOLVED,    /* a name has no address */
    SONDE_E_UNSUPPORTED,   /* this machine or this privilege level lacks a feature */
    SONDE_E_FORMAT,        /* a file is not of the expected format */
    SONDE_E_NOT_FOUND,     /* a named thing does not exist */
    SONDE_E_BUSY,          /* somebody else holds it */
};

/** What failed and what to do about it. */
struct sonde_error {
    int code;       /* 0, -errno or SONDE_E_* */
    char what[240]; /* one sentence: what failed and why */
    char hint[240]; /* what to do, or empty */
};

/**
 * The fixed text of an error code.
 * @param code -errno or SONDE_E_*
 * @return a constant phrase without context
 */
const char *sonde_error_text(int code);

/**
 * Record an error with its context; does nothing if error is NULL.
 * @param error where to write, or NULL
 * @param code -errno or SONDE_E_*
 * @param what printf format of the sentence
 * @return code, so that `return error_set(...)` reads well
 */
int error_set(struct sonde_error *error, int code, const char *what, ...) FORMAT(3, 4);

/**
 * Add what to do about a recorded error; does nothing if error is NULL.
 * @param hint printf format of the hint
 */
void error_hint(struct sonde_error *error, const char *hint, ...) FORMAT(2, 3);

#endif
