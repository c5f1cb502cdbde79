/* SPDX-License-Identifier: MIT */
/* The words of a policy file: messages, rates, dates, prefixes. */
#ifndef SONDE_POLICY_FILE_VALUE_H
#define SONDE_POLICY_FILE_VALUE_H

#include <stdbool.h>

#include "base/address.h"
#include "policy/policy.h"

/** The messages that a line names. */
struct message_range {
    uint8_t family;
    uint8_t type, type_last;
    int16_t code, code_last; /* POLICY_ANY_CODE */
};

/**
 * Read what a line is about: "echo-request", "8", "44-252", "3/4", "3/0-5", "3/" and an asterisk.
 * @param range its family is set by the caller
 * @param why at least 160 octets; filled when it cannot be understood
 * @return whether it could be understood
 */
bool value_messages(const char *text, struct message_range *range, char why[160]);

/** Read "10/second burst 20" (burst: as many packets as the rate has, at least 5, unless it is said); second,
 * minute or hour.
 * @param rest what follows, or NULL when nothing may
 * @return whether it could be understood */
bool value_rate(const char *text, struct policy_rate *rate, const char **rest);

/** Read "2027-03-31". @param end_s the end of that day (UTC), seconds since 1970 @return whether it is a day
 */
bool value_date(const char *text, int64_t *end_s);

/** Read "192.0.2.0/24", "2001:db8::/32", or an address alone.
 * @param why at least 160 octets; filled when it cannot be understood
 * @return whether it could be understood */
bool value_prefix(const char *text, struct sonde_address *address, uint8_t *length, char why[160]);

/** Whether a name can be that of an interface. */
bool value_is_interface(const char *name);

#endif
