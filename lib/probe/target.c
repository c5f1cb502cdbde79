/* SPDX-License-Identifier: MIT */
/* What people type as a target: host, host and port, or a URL. */
#include "probe/target.h"

#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "catalog/services.h"

enum { SCHEME_MAX = 32, PORT_MAX = 65535 };

static int parse_port(const char *text, struct target *target, struct sonde_error *error)
{
    char *end;
    unsigned long port = strtoul(text, &end, 10);
    const char *protocol = *end == '/' ? end + 1 : "tcp";

    if (!isdigit((unsigned char)*text) || (*end && *end != '/'))
        return error_set(error, SONDE_E_USAGE, "'%s' is not a port number", text);
    if (port < 1 || port > PORT_MAX)
        return error_set(error, SONDE_E_USAGE, "port %.8s is out of range: ports run from 1 to 65535", text);
    if (*end == '/' && !strcmp(protocol, "udp"))
        target->udp = true;
    else if (*end == '/' && strcmp(protocol, "tcp"))
        return error_set(error, SONDE_E_USAGE, "'%s' is neither tcp nor udp", protocol);
    target->port = (uint16_t)port;
    return 0;
}

static int copy_host(const char *text, size_t length, struct target *target, struct sonde_error *error)
{
    if (length == 0)
        return error_set(error, SONDE_E_USAGE, "the target has no host");
    if (length >= sizeof(target->host))
        return error_set(error, SONDE_E_USAGE, "the host name is longer than 255 characters");
    memcpy(target->host, text, length);
    target->host[length] = '\0';
    for (const char *at = target->host; *at; at++)
        if (isspace((unsigned char)*at) || iscntrl((unsigned char)*at))
            return error_set(error, SONDE_E_USAGE, "the host name '%s' contains a space", target->host);
    return 0;
}

/* An address, with or without a zone behind it (RFC 4007 11). */
static bool is_address(const char *text)
{
    struct sonde_address address;
    char bare[SONDE_ADDRESS_TEXT];

    if (strcspn(text, "%") >= sizeof(bare))
        return false;
    snprintf(bare, sizeof(bare), "%.*s", (int)strcspn(text, "%"), text);
    return sonde_address_parse(bare, &address) == 0;
}

static int parse_bracketed(const char *text, struct target *target, struct sonde_error *error)
{
    const char *close = strchr(text, ']');
    int code;

    if (!close)
        return error_set(error, SONDE_E_USAGE, "'%s' has no closing bracket", text);
    code = copy_host(text + 1, (size_t)(close - text - 1), target, error);
    if (code < 0)
        return code;
    if (!is_address(target->host))
        return error_set(error, SONDE_E_USAGE, "'%s' is not an IPv6 address", target->host);
    if (close[1] == ':')
        return parse_port(close + 2, target, error);
    return close[1] ? error_set(error, SONDE_E_USAGE, "'%s' after the address is not a port", close + 1) : 0;
}

/* An IPv6 address without brackets has several colons and no port. */
static int parse_authority(const char *text, struct target *target, struct sonde_error *error)
{
    const char *colon = strchr(text, ':');
    int code;

    if (*text == '[')
        return parse_bracketed(text, target, error);
    if (!colon || is_address(text))
        return copy_host(text, strlen(text), target, error);
    if (strchr(colon + 1, ':'))
        return error_set(error, SONDE_E_USAGE,
                         "'%s' is not an address; an IPv6 address with a port is written "
                         "[ADDRESS]:PORT",
                         text);
    code = copy_host(text, (size_t)(colon - text), target, error);
    return code < 0 ? code : parse_port(colon + 1, target, error);
}

/* The scheme gives protocol and port; what the URL says itself wins. */
static int apply_scheme(const char *scheme, struct target *target, bool *port_needed,
                        struct sonde_error *error)
{
    const struct service *service;

    *port_needed = !strcmp(scheme, "tcp") || !strcmp(scheme, "udp");
    if (*port_needed) {
        target->udp = !strcmp(scheme, "udp");
        return 0;
    }
    service = service_find_scheme(scheme);
    if (!service) {
        error_set(error, SONDE_E_USAGE, "'%s://' is no scheme that has a well-known port", scheme);
        error_hint(error, "Write tcp://HOST:PORT or udp://HOST:PORT");
        return SONDE_E_USAGE;
    }
    target->udp = service->protocol == IPPROTO_UDP;
    target->port = service->port;
    return 0;
}

/* What stands before "@" and after the first "/" of a URL has nothing to do with the network. */
static void isolate_authority(const char *rest, char *authority, size_t capacity)
{
    const char *at;

    snprintf(authority, capacity, "%.*s", (int)strcspn(rest, "/?#"), rest);
    at = strrchr(authority, '@');
    if (at)
        memmove(authority, at + 1, strlen(at + 1) + 1);
}

int target_parse(const char *text, struct target *target, struct sonde_error *error)
{
    const char *separator = strstr(text, "://");
    char scheme[SCHEME_MAX], authority[2 * TARGET_HOST_MAX];
    bool port_needed = false, udp;
    int code;

    *target = (struct target){0};
    if (!separator)
        return parse_authority(text, target, error);
    snprintf(scheme, sizeof(scheme), "%.*s", (int)(separator - text), text);
    code = apply_scheme(scheme, target, &port_needed, error);
    if (code < 0)
        return code;
    udp = target->udp;
    isolate_authority(separator + 3, authority, sizeof(authority));
    code = parse_authority(authority, target, error);
    target->udp = udp;
    if (code == 0 && port_needed && !target->port)
        return error_set(error, SONDE_E_USAGE, "'%s' has no port: write %s://HOST:PORT", text, scheme);
    return code;
}
