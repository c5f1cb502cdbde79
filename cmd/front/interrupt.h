/* SPDX-License-Identifier: MIT */
/* Ctrl-C ends the work, not the report about it. */
#ifndef SONDE_CMD_FRONT_INTERRUPT_H
#define SONDE_CMD_FRONT_INTERRUPT_H

/** From now on SIGINT, SIGTERM and SIGHUP make a waiting system call fail with EINTR instead of ending the
 * process; a second one ends it. */
void interrupt_catch(void);

#endif
