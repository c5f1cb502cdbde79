/* SPDX-License-Identifier: MIT */
/* What a file of rules is written in. */
#include <ctype.h>
#include <string.h>

#include "base/macro.h"
#include "policy/ruleset/import.h"

static bool begins(struct slice line, const char *word)
{
    size_t length = strlen(word);

    return line.length >= length && memcmp(line.data, word, length) == 0 &&
           (line.length == length || !isalnum(line.data[length]) ||
            !isalnum((unsigned char)word[length - 1]));
}

static bool holds(struct slice file, const char *words)
{
    return memmem(file.data, file.length, words, strlen(words)) != NULL;
}

/* The file of ip6tables-save speaks of ICMPv6 or of addresses with "::"; its first comment names the tool. */
static enum rules_language family_of(struct slice file)
{
    static const char *const signs[] = {"ip6tables", "ipv6-icmp", "icmpv6", "icmp6", "::", "fe80:", "ufw6-"};

    if (holds(slice_first(file, 200), "by iptables"))
        return LANGUAGE_IPTABLES;
    for (size_t i = 0; i < COUNT_OF(signs); i++)
        if (holds(file, signs[i]))
            return LANGUAGE_IP6TABLES;
    return LANGUAGE_IPTABLES;
}

static enum rules_language language_of(struct slice line)
{
    static const struct {
        const char *word;
        enum rules_language language;
    } words[] = {
        {"table", LANGUAGE_NFT},          {"add", LANGUAGE_NFT},        {"flush", LANGUAGE_NFT},
        {"create", LANGUAGE_NFT},         {"delete", LANGUAGE_NFT},     {"define", LANGUAGE_NFT},
        {"include", LANGUAGE_NFT},        {"destroy", LANGUAGE_NFT},    {"role:", LANGUAGE_POLICY},
        {"ipv4:", LANGUAGE_POLICY},       {"ipv6:", LANGUAGE_POLICY},   {"defaults:", LANGUAGE_POLICY},
        {"---", LANGUAGE_POLICY},         {"limits:", LANGUAGE_POLICY}, {"outside:", LANGUAGE_POLICY},
        {"exceptions:", LANGUAGE_POLICY},
    };

    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (begins(line, words[i].word))
            return words[i].language;
    return line.length > 1 && line.data[0] == '*' && isalpha(line.data[1]) ? LANGUAGE_IPTABLES
                                                                           : LANGUAGE_UNKNOWN;
}

enum rules_language rules_detect(struct slice file)
{
    struct slice rest = file;

    while (rest.length > 0) {
        const uint8_t *end = memchr(rest.data, '\n', rest.length);
        struct slice line = slice_first(rest, end ? (size_t)(end - rest.data) : rest.length);
        enum rules_language language;

        rest = slice_skip(rest, line.length + 1);
        if (begins(line, "#!") && holds(line, "nft"))
            return LANGUAGE_NFT;
        while (line.length > 0 && isspace(line.data[0]))
            line = slice_skip(line, 1);
        if (line.length == 0 || line.data[0] == '#')
            continue;
        language = language_of(line);
        return language == LANGUAGE_IPTABLES ? family_of(file) : language;
    }
    return LANGUAGE_UNKNOWN;
}
