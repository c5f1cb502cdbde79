/* SPDX-License-Identifier: MIT */
/* Pings a host all the time, to see when its rules let nothing pass, and for how long; prints "ready" first.
 * For namespaces of one's own only.
 *
 * blackout ADDRESS INTERVAL_US count N: sends N; prints "sent N lost N".
 *
 * blackout ADDRESS INTERVAL_US gap MS: until a gap of lost pings has come and gone; prints "gap NS", from the
 * first that was lost to the next that was not. "gap 0": none came within MS; "gap -1": it did not end. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/macro.h"
#include "net/guard/apply/probe/echo.h"
#include "net/sock.h"
#include "wire/icmp.h"

enum {
    SEQUENCES = 65536,
    SETTLED = 20,  /* pings in a row that came back: the gap is over */
    LATE_MS = 500, /* a ping that is not back then is lost, on a busy machine */
    REPLY_AT = 20, /* octets of the IP header that a raw socket shows */
};

/** All pings, by sequence number. */
struct pings {
    int fd;
    struct echo echo;
    int64_t sent_ns[SEQUENCES];
    bool back[SEQUENCES];
    int sent;
};

static void hear(struct pings *pings)
{
    uint8_t packet[1500];
    struct reply reply = {0};
    ssize_t length;

    (void)sock_pending_error(pings->fd);
    while ((length = sock_receive(pings->fd, packet, sizeof(packet), &reply)) > REPLY_AT + 8) {
        const uint8_t *message = packet + REPLY_AT;

        if (message[0] == ICMP4_ECHO_REPLY && (message[4] << 8 | message[5]) == pings->echo.id)
            pings->back[message[6] << 8 | message[7]] = true;
    }
}

static void nap_until(struct pings *pings, int64_t until_ns)
{
    int64_t left_ns = until_ns - sock_now();

    if (left_ns > 0) {
        struct timespec nap = {left_ns / NS_PER_S, left_ns % NS_PER_S};

        nanosleep(&nap, NULL);
    }
    hear(pings);
}

static void send_one(struct pings *pings)
{
    pings->sent_ns[pings->sent] = sock_now();
    if (echo_send(pings->fd, &pings->echo, (uint16_t)pings->sent) == 0)
        pings->sent++;
}

static int count(struct pings *pings, int64_t interval_ns, int number)
{
    int64_t next_ns = sock_now();
    int lost = 0;

    while (pings->sent < number && pings->sent < SEQUENCES) {
        send_one(pings);
        next_ns += interval_ns;
        nap_until(pings, next_ns);
    }
    nap_until(pings, sock_now() + 2 * LATE_MS * NS_PER_MS);
    for (int i = 0; i < pings->sent; i++)
        lost += !pings->back[i];
    printf("sent %d lost %d\n", pings->sent, lost);
    return 0;
}

/* The first ping that is lost for sure, or -1. */
static int first_lost(const struct pings *pings, int from, int64_t now_ns)
{
    for (int i = from; i < pings->sent && now_ns - pings->sent_ns[i] > LATE_MS * NS_PER_MS; i++)
        if (!pings->back[i])
            return i;
    return -1;
}

/* The ping that begins the last row of pings that came back, behind one that was lost; -1: none yet. */
static int first_settled(const struct pings *pings, int lost)
{
    int row = 0;

    for (int i = lost + 1; i < pings->sent; i++) {
        row = pings->back[i] ? row + 1 : 0;
        if (row == SETTLED)
            return i - SETTLED + 1;
    }
    return -1;
}

static int gap(struct pings *pings, int64_t interval_ns, int64_t patience_ms)
{
    int64_t end_ns = sock_now() + patience_ms * NS_PER_MS, next_ns = sock_now();
    int lost = -1, settled = -1;

    while (sock_now() < end_ns && pings->sent < SEQUENCES && settled < 0) {
        send_one(pings);
        next_ns += interval_ns;
        nap_until(pings, next_ns);
        if (lost < 0)
            lost = first_lost(pings, 0, sock_now());
        else
            settled = first_settled(pings, lost);
    }
    if (lost < 0)
        puts("gap 0");
    else if (settled < 0)
        puts("gap -1");
    else
        printf("gap %lld\n", (long long)(pings->sent_ns[settled] - pings->sent_ns[lost]));
    return 0;
}

int main(int argc, char **argv)
{
    static struct pings pings = {.echo = {.id = 4711}};
    int64_t interval_ns;

    if (argc != 5 || sonde_address_parse(argv[1], &pings.echo.address) < 0 || pings.echo.address.family != 4)
        return 2;
    pings.fd = echo_open(&pings.echo);
    if (pings.fd < 0)
        return 3;
    interval_ns = atoll(argv[2]) * NS_PER_US;
    puts("ready");
    fflush(stdout);
    return strcmp(argv[3], "count") == 0 ? count(&pings, interval_ns, atoi(argv[4]))
                                         : gap(&pings, interval_ns, atoll(argv[4]));
}
