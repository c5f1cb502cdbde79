/* SPDX-License-Identifier: MIT */
/* The one list of errors, and the context that makes an error useful to a person. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    int code;
    const char *text;
} texts[] = {
    {SONDE_E_USAGE, "cannot be understood"},         {SONDE_E_PERMISSION, "not permitted"},
    {SONDE_E_UNRESOLVED, "the name has no address"}, {SONDE_E_UNSUPPORTED, "not supported here"},
    {SONDE_E_FORMAT, "not of the expected format"},  {SONDE_E_NOT_FOUND, "does not exist"},
    {SONDE_E_BUSY, "in use by somebody else"},
};

SONDE_API const char *sonde_error_text(int code)
{
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (texts[i].code == code)
            return texts[i].text;
    return code < 0 ? strerror(-code) : "no error";
}

int error_set(struct sonde_error *error, int code, const char *what, ...)
{
    va_list arguments;

    if (!error)
        return code;
    error->code = code;
    error->hint[0] = '\0';
    va_start(arguments, what);
    vsnprintf(error->what, sizeof(error->what), what, arguments);
    va_end(arguments);
    return code;
}

void error_hint(struct sonde_error *error, const char *hint, ...)
{
    va_list arguments;

    if (!error)
        return;
    va_start(arguments, hint);
    vsnprintf(error->hint, sizeof(error->hint), hint, arguments);
    va_end(arguments);
}
