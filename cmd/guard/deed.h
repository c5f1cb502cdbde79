/* SPDX-License-Identifier: MIT */
/* What confirm and rollback say they did. */
#ifndef SONDE_CMD_GUARD_DEED_H
#define SONDE_CMD_GUARD_DEED_H

#include "cmd/command.h"
#include "net/guard/apply/force.h"

extern const struct schema guard_confirm_schema, guard_rollback_schema;

/** Emit the record of a deed. @param schema one of the two above */
void deed_emit(const struct session *session, const struct schema *schema, const struct guard_done *done);

#endif
