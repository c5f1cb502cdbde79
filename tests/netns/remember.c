/* SPDX-License-Identifier: MIT */
/* Writes looks of our own making into a ledger of guard: remember LEDGER, with a look on each line of the
 * standard input: seconds since 1970, the boot's id, then NAME=PACKETS for each counter. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/macro.h"
#include "store/ledger.h"

enum { COUNTS = 512 };

static int add_look(struct ledger *ledger, char *line, struct sonde_error *error)
{
    static struct ledger_count counts[COUNTS];
    struct ledger_look look = {.counts = counts};
    char *rest = line, *word = strsep(&rest, " ");

    look.time_s = strtoll(word, NULL, 10);
    look.boot = strsep(&rest, " ");
    while (rest && look.count < COUNTS) {
        struct ledger_count *count = &counts[look.count++];

        count->name = strsep(&rest, "=");
        count->packets = rest ? strtoll(rest, &rest, 10) : 0;
        count->bytes = count->packets * 84;
        count->identity = 1;
        rest = rest && *rest == ' ' ? rest + 1 : NULL;
    }
    return ledger_add_look(ledger, &look, error);
}

int main(int argc, char **argv)
{
    struct sonde_error error = {0};
    struct ledger *ledger = argc == 2 ? ledger_open(argv[1], true, &error) : NULL;
    _cleanup_free_ char *line = NULL;
    size_t size = 0;
    int code = ledger ? 0 : -1;

    while (code == 0 && getline(&line, &size, stdin) > 0) {
        line[strcspn(line, "\n")] = '\0';
        code = add_look(ledger, line, &error);
    }
    ledger_close(ledger);
    if (code < 0)
        fprintf(stderr, "remember: %s\n", error.what);
    return code < 0;
}
