/* SPDX-License-Identifier: MIT */
/* Rules of every kind of firewall, loaded by their own programs, whose complaints are passed on. */
#include "net/guard/kernel/load.h"

#include <string.h>

#include "base/text.h"
#include "net/program/nft.h"

enum { LINES_AT_ONCE = 200 };

/* Whether the braces of a line are closed in it: then it is a statement of its own. */
static bool is_whole(const char *line, size_t length)
{
    int depth = 0;

    for (size_t i = 0; i < length; i++)
        depth += (line[i] == '{') - (line[i] == '}');
    return depth == 0 && (length == 0 || line[length - 1] != '\\');
}

/* A transaction of nft 1.0.6 must fit into the default send buffer of an ordinary user. Nobody but us sees a
 * scratch namespace half loaded, so statements may go in groups. */
static int load_in_parts(const char *rules, struct sonde_error *error)
{
    int result = 0;

    while (*rules && result == 0) {
        _cleanup_text_ struct text part = {0};

        for (size_t lines = 0; *rules && lines < LINES_AT_ONCE; lines++) {
            size_t length = strcspn(rules, "\n");

            if (!is_whole(rules, length)) {
                error_set(error, SONDE_E_PERMISSION,
                          "these rules are too many for an ordinary user to load at once");
                error_hint(error, "Run the same command with sudo");
                return SONDE_E_PERMISSION;
            }
            text_add(&part, "%.*s\n", (int)length, rules);
            rules += length + (rules[length] == '\n');
        }
        result = nft_load(text_get(&part), error);
    }
    return result;
}

static int load_nft(const char *rules, struct sonde_error *error)
{
    struct sonde_error said = {0};
    int result = nft_load(rules, &said);

    if (result < 0 && strstr(said.what, "Message too long"))
        return load_in_parts(rules, error);
    if (result < 0 && error)
        *error = said;
    return result;
}

int load_rules(const struct rehearsal *rehearsal, struct sonde_error *error)
{
    int result = 0;

    for (int which = 0; which < IPTABLES_COUNT && result == 0; which++)
        if (rehearsal->iptables[which])
            result = iptables_restore((enum iptables)which, rehearsal->iptables[which], error);
    for (const char *const *rules = rehearsal->rules; rules && *rules && result == 0; rules++)
        result = **rules ? load_nft(*rules, error) : 0;
    return result;
}
