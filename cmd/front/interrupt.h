/* SPDX-License-Identifier: MIT */
/* Ctrl-C ends the work, not the report about it. */
#ifndef SONDE_CMD_FRONT_INTERRUPT_H
#define SONDE_CMD_FRONT_INTERRUPT_H

/** From now on SIGINT, SIGTERM and SIGHUP make a waiting system call fail with EINTR instead of ending the
 * process; a second one ends it. */
void interrupt_catch(void);

/**
 * From now on the same signals make a descriptor readable, for loops that do not sleep.
 * @return the descriptor, or -errno
 */
int interrupt_descriptor(void);

/**
 * Take what came and give the signals their usual meaning again: the next one ends the process.
 * @param descriptor from interrupt_descriptor; it is closed
 */
void interrupt_release(int descriptor);

#endif
