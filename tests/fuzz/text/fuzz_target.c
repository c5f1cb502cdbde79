/* SPDX-License-Identifier: MIT */
/* Fuzz the targets that people type. */
#include <string.h>

#include "probe/target.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sonde_error error = {0};
    struct target target;
    char *text = strndup((const char *)data, size);

    if (!text)
        return 0;
    if (target_parse(text, &target, &error) == 0)
        CHECK(target.host[0] != '\0');
    else
        CHECK(error.what[0] != '\0');
    free(text);
    return 0;
}
