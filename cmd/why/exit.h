/* SPDX-License-Identifier: MIT */
/* Exit codes of several answers: the worst one counts. */
#ifndef SONDE_CMD_WHY_EXIT_H
#define SONDE_CMD_WHY_EXIT_H

/** The worse of two exit codes: holds, cannot tell, holds not, no permission, usage, interrupted. */
int exit_worse(int a, int b);

/** The exit code of a state: "reachable", "degraded", "unreachable" or "unknown". */
int exit_of_state(const char *state);

#endif
