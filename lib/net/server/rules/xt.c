/* SPDX-License-Identifier: MIT */
/* Conditions of iptables rules, which nft names in its JSON and spells out only in its text. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "net/server/rules/condition.h"

/** What each match of iptables(8) looks like in the text of nft. */
static const struct {
    const char *name, *words;
    enum subject subject;
} matches[] = {
    {"conntrack", "ct state ", SUBJECT_STATE},
    {"state", "ct state ", SUBJECT_STATE},
    {"multiport", " dport ", SUBJECT_PORT},
    {"tcp", " dport ", SUBJECT_PORT},
    {"udp", " dport ", SUBJECT_PORT},
    {"addrtype", "fib daddr type ", SUBJECT_DESTINATION_TYPE},
    {"pkttype", "pkttype ", SUBJECT_PACKET_TYPE},
};

/* "22", "1000-2000" or "related" as nft's JSON would have it. */
static json_t *read_value(const char *word, size_t length)
{
    unsigned long long low, high;
    char text[64], *end;

    if (length == 0 || length >= sizeof(text))
        return json_null();
    memcpy(text, word, length);
    text[length] = '\0';
    if (!isdigit((unsigned char)text[0]))
        return json_string(text);
    low = strtoull(text, &end, 10);
    high = *end == '-' ? strtoull(end + 1, NULL, 10) : low;
    return json_pack("{s:[I,I]}", "range", (json_int_t)low, (json_int_t)high);
}

/* "{ 1, 2 }", "new,related" or "local" as a list; it ends with the brace or, without one, with the word. */
static json_t *read_list(const char *at)
{
    bool braced = *at == '{';
    size_t left = strcspn(at, braced ? "}" : " ");
    json_t *list = json_array();

    at += braced;
    left -= braced;
    while (left > 0) {
        size_t length;

        while (left > 0 && (*at == ' ' || *at == ',')) {
            at++;
            left--;
        }
        length = strcspn(at, " ,}");
        if (length > left)
            length = left;
        if (length > 0)
            json_array_append_new(list, read_value(at, length));
        at += length;
        left -= length;
    }
    return list;
}

enum truth condition_xt(const struct scope *scope, const char *name, const char *text)
{
    enum truth truth = TRUTH_MAYBE;

    if (strcmp(name, "comment") == 0)
        return TRUTH_YES;
    for (size_t i = 0; i < COUNT_OF(matches); i++) {
        const char *found = strstr(text, matches[i].words);
        bool inverted;
        json_t *list;

        if (strcmp(matches[i].name, name) != 0 || found == NULL)
            continue;
        found += strlen(matches[i].words);
        inverted = strncmp(found, "!=", 2) == 0 || *found == '!';
        found += strspn(found, "!= ");
        list = read_list(found);
        truth = condition_holds(scope, matches[i].subject, list);
        json_decref(list);
        return inverted ? truth_not(truth) : truth;
    }
    return truth;
}
