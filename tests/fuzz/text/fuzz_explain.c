/* SPDX-License-Identifier: MIT */
/* Any text as a pasted line: no reading outside, and what is recognised is whole and points into the text. */
#include "tests/fuzz/fuzz.h"

#include <netinet/in.h>
#include <string.h>

#include "base/macro.h"
#include "catalog/errors.h"
#include "catalog/icmp.h"
#include "catalog/paste.h"

static void check_message(uint8_t family, const struct paste_message *message)
{
    if (!message->known) {
        CHECK(message->type == 0 && message->code == 0);
        return;
    }
    CHECK(message->code == ICMP_ANY_CODE || (message->code >= 0 && message->code <= UINT8_MAX));
    CHECK(sonde_icmp_find(family, message->type, message->code < 0 ? 0 : (uint8_t)message->code) != NULL);
}

/* Nothing is told about an unrecognised text. */
static void check_nothing(const struct paste *paste)
{
    CHECK(!paste->v4.known && !paste->v6.known && paste->error == 0 && !paste->symptom && !paste->tool);
    CHECK(paste->host.length == 0 && paste->sender.family == 0 && paste->port == -1 && paste->mtu == -1);
}

static void check_kind(const struct paste *paste)
{
    switch (paste->kind) {
    case PASTE_NOTHING:
        check_nothing(paste);
        break;
    case PASTE_ICMP:
        CHECK(paste->v4.known || paste->v6.known);
        CHECK(paste->family == 0 || paste->family == 4 || paste->family == 6);
        break;
    case PASTE_ERRNO:
        CHECK(sonde_errno_find(paste->error) != NULL);
        break;
    case PASTE_SYMPTOM:
        CHECK(paste->symptom != NULL);
        break;
    }
}

static void check_places(const struct paste *paste, const char *text, size_t size)
{
    const char *host = (const char *)paste->host.data;

    if (paste->host.length > 0)
        CHECK(host >= text && host + paste->host.length <= text + size);
    CHECK(paste->port == -1 || (paste->port > 0 && paste->port <= UINT16_MAX));
    CHECK(paste->protocol == 0 || paste->protocol == IPPROTO_TCP || paste->protocol == IPPROTO_UDP);
    CHECK(paste->mtu >= -1 && paste->mtu <= UINT16_MAX);
    CHECK(paste->sender.family == 0 || paste->sender.family == 4 || paste->sender.family == 6);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t families[] = {0, 4, 6};
    struct paste paste;
    char *text = malloc(size + 1); /* of exactly that size, with the zero that ends every argument */

    CHECK(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    paste = paste_parse(text, families[size % COUNT_OF(families)]);
    check_message(4, &paste.v4);
    check_message(6, &paste.v6);
    check_kind(&paste);
    check_places(&paste, text, size);
    free(text);
    return 0;
}
