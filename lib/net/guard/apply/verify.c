/* SPDX-License-Identifier: MIT */
/* Rules loaded where they harm nobody, and compared with those in force. */
#include "net/guard/apply/verify.h"

#include "net/guard/live/fingerprint.h"
#include "net/guard/load.h"

int verify_rules(const char *rules, const struct live_table *live, const char *slot,
                 struct sonde_error *error)
{
    _cleanup_text_ struct text said = {0};
    _cleanup_live_ struct live_table loaded = {0};
    static const char *const no_devices[] = {NULL};
    int code = load_in_scratch(rules, no_devices, &said, error);

    if (code == 0)
        code = live_parse(&loaded, &said, error);
    if (code < 0)
        return code;
    if (!loaded.firm[0] || fingerprint_slot(&loaded, loaded.firm) != fingerprint_slot(live, slot))
        return error_set(error, SONDE_E_FORMAT,
                         "the rules for the next boot do not say the same as the rules in force");
    return 0;
}
