/* SPDX-License-Identifier: MIT */
/* Files that are either whole or not there, whatever happens to the machine meanwhile. */
#ifndef SONDE_NET_GUARD_APPLY_FOLDER_H
#define SONDE_NET_GUARD_APPLY_FOLDER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/slice.h"
#include "base/text.h"

enum { FOLDER_FILE_MAX = 16 << 20 /* octets that are read of a file */ };

/**
 * Make a folder, and those above it, unless they are there.
 * @return 0, SONDE_E_PERMISSION or -errno
 */
int folder_make(const char *folder, mode_t mode, struct sonde_error *error);

/**
 * Read a file.
 * @param text appended
 * @return 0, SONDE_E_NOT_FOUND (no sentence is made of it), SONDE_E_PERMISSION or -errno
 */
int folder_read(const char *folder, const char *name, struct text *text, struct sonde_error *error);

/**
 * Write the next version of a file beside it, as NAME.new, down to the disk. Nothing else changes; a version
 * that could not be written whole is removed.
 * @return 0, SONDE_E_PERMISSION or -errno (-ENOSPC)
 */
int folder_prepare(const char *folder, const char *name, struct slice data, mode_t mode,
                   struct sonde_error *error);

/** Put the prepared version in the file's place. @return 0 or -errno */
int folder_commit(const char *folder, const char *name, struct sonde_error *error);

/** Prepare and commit in one. @return as those */
int folder_write(const char *folder, const char *name, struct slice data, mode_t mode,
                 struct sonde_error *error);

/** Forget a prepared version. */
void folder_discard(const char *folder, const char *name);

/** Give a file another name, which replaces the one that has it. @return 0, also when there is none; -errno
 */
int folder_rename(const char *folder, const char *name, const char *to, struct sonde_error *error);

/** Give a file a second name in place of whatever has it; without the file, remove that. @return 0 or -errno
 */
int folder_keep(const char *folder, const char *name, const char *as, struct sonde_error *error);

/** Remove a file if it is there. @return 0 or -errno */
int folder_remove(const char *folder, const char *name, struct sonde_error *error);

/** Whether there is such a file. */
bool folder_has(const char *folder, const char *name);

#endif
