/* SPDX-License-Identifier: MIT */
/* A small web server in the caller's loop: one page, made anew for each request. */
#include "net/web.h"

#include <errno.h>
#include <microhttpd.h>
#include <string.h>
#include <unistd.h>

#include "net/sock.h"

enum { CONNECTIONS_MAX = 16, IDLE_S = 10, BACKLOG = 16 };

struct web {
    struct MHD_Daemon *daemon;
    const struct web_page *page;
    int listener;
};

static enum MHD_Result answer_text(struct MHD_Connection *connection, unsigned status, const char *type,
                                   struct text *text)
{
    size_t length = text->length;
    struct MHD_Response *response =
        MHD_create_response_from_buffer(length, (void *)text_take(text), MHD_RESPMEM_MUST_FREE);
    enum MHD_Result result;

    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *path,
                              const char *method, const char *version, const char *body, size_t *body_size,
                              void **state)
{
    const struct web *web = context;
    struct text text = {0};

    (void)version;
    (void)body;
    (void)state;
    if (*body_size) { /* nobody has anything to tell us */
        *body_size = 0;
        return MHD_YES;
    }
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0) {
        text_add(&text, "only GET\n");
        return answer_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "text/plain", &text);
    }
    if (strcmp(path, web->page->path) != 0) {
        text_add(&text, "see %s\n", web->page->path);
        return answer_text(connection, MHD_HTTP_NOT_FOUND, "text/plain", &text);
    }
    web->page->write(web->page->context, &text);
    return answer_text(connection, MHD_HTTP_OK, web->page->type, &text);
}

/* "[::1]:9100" */
static int parse(const char *text, struct sonde_address *address, uint16_t *port)
{
    const char *colon = strrchr(text, ':');
    bool bracketed = text[0] == '[';
    char host[SONDE_ADDRESS_TEXT] = "", *end;
    unsigned long number;
    size_t length;

    if (!colon || colon[1] < '0' || colon[1] > '9')
        return -EINVAL;
    number = strtoul(colon + 1, &end, 10);
    length = (size_t)(colon - text);
    if (*end || number == 0 || number > UINT16_MAX || (bracketed && text[length - 1] != ']'))
        return -EINVAL;
    *port = (uint16_t)number;
    text += bracketed;
    length -= bracketed ? 2 : 0;
    if (length >= sizeof(host) || (bracketed && length == 0))
        return -EINVAL;
    memcpy(host, text, length);
    return sonde_address_parse(length ? host : "::", address);
}

static int listen_at(const struct sonde_address *address, uint16_t port)
{
    struct sockaddr_storage storage;
    struct sock_binding none = {0};
    socklen_t length = sock_address(address, port, &none, &storage);
    int fd = socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), yes = 1, code;

    if (fd < 0)
        return -errno;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    if (bind(fd, (struct sockaddr *)&storage, length) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    code = -errno;
    close(fd);
    return code;
}

int web_open(const char *text, const struct web_page *page, struct web **made, struct sonde_error *error)
{
    struct sonde_address address;
    struct web *web;
    uint16_t port;
    int fd;

    if (parse(text, &address, &port) < 0)
        return error_set(error, SONDE_E_USAGE, "'%s' is no address and port such as 127.0.0.1:9100", text);
    fd = listen_at(&address, port);
    if (fd < 0)
        return error_set(error, fd, "cannot listen on %s: %s", text, strerror(-fd));
    web = calloc(1, sizeof(*web));
    if (web) {
        *web = (struct web){.page = page, .listener = fd};
        web->daemon = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, answer, web, MHD_OPTION_LISTEN_SOCKET,
                                       fd, MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX,
                                       MHD_OPTION_CONNECTION_TIMEOUT, IDLE_S, MHD_OPTION_END);
    }
    if (!web || !web->daemon) {
        free(web);
        close(fd);
        return error_set(error, -ENOMEM, "the web server cannot start on %s", text);
    }
    *made = web;
    return 0;
}

int web_descriptor(const struct web *web)
{
    return MHD_get_daemon_info(web->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

void web_serve(struct web *web)
{
    MHD_run(web->daemon);
}

void web_close(struct web *web)
{
    if (web)
        MHD_stop_daemon(web->daemon); /* closes the listener */
    free(web);
}
