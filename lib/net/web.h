/* SPDX-License-Identifier: MIT */
/* A small web server in the caller's loop: one page, made anew for each request. */
#ifndef SONDE_NET_WEB_H
#define SONDE_NET_WEB_H

#include "base/error.h"
#include "base/text.h"

struct web;

/** What is served. */
struct web_page {
    const char *path; /* "/metrics" */
    const char *type; /* "text/plain; version=0.0.4" */
    /** Append the page as it is now. */
    void (*write)(void *context, struct text *text);
    void *context;
};

/**
 * Listen.
 * @param text "127.0.0.1:9100", "[::1]:9100" or ":9100" for all addresses
 * @param page must live as long as the server
 * @return 0, SONDE_E_USAGE for a text that is no address with a port, or an error with its context
 */
int web_open(const char *text, const struct web_page *page, struct web **made, struct sonde_error *error);

/** A descriptor that is readable when web_serve has something to do. */
int web_descriptor(const struct web *web);

/** Answer what came; never waits. To be called now and then also without input, so that idle visitors are
 * sent away. */
void web_serve(struct web *web);

/** Close it. Takes NULL. */
void web_close(struct web *web);

#endif
