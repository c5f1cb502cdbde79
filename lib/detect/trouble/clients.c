/* SPDX-License-Identifier: MIT */
/* Hosts whose packets failed, to tell one that scans from those that want something. */
#include "detect/trouble/clients.h"

#include "detect/trouble/quoted.h"

enum {
    MINUTE_S = 60,
    FEW = 12,    /* so many services may fail for one client without a suspicion */
    MANY = 40,   /* classes: so many cannot be wanted by one client in a minute */
    RETRIES = 3, /* times that a scanner asks again */
};

/* The one whose minute began first; one that is yet to begin, because the watch began anew, did so long ago.
 */
static struct client *oldest(struct client *set, uint32_t now_s)
{
    struct client *victim = set;

    for (int way = 1; way < CLIENTS_WAYS; way++)
        if (!set[way].tag || (victim->tag && now_s - set[way].since_s > now_s - victim->since_s))
            victim = set + way;
    return victim;
}

static struct client *find(struct clients *clients, uint64_t hash, uint32_t now_s)
{
    struct client *set = clients->rows + (hash % CLIENTS_SETS) * CLIENTS_WAYS, *victim;
    uint32_t tag = (uint32_t)(hash >> 32) | 1;

    for (int way = 0; way < CLIENTS_WAYS; way++)
        if (set[way].tag == tag)
            return set + way;
    victim = oldest(set, now_s);
    *victim = (struct client){.tag = tag, .since_s = now_s};
    return victim;
}

bool clients_scan(struct clients *clients, uint64_t client_hash, uint64_t service, uint32_t now_s)
{
    struct client *client = find(clients, client_hash, now_s);
    uint64_t bit = UINT64_C(1) << (service >> 58);
    int classes;

    if (quoted_age(now_s, client->since_s) > MINUTE_S)
        *client = (struct client){.tag = client->tag, .since_s = now_s};
    if (client->scans)
        return true;
    if (client->services & bit)
        client->repeats += client->repeats < UINT16_MAX;
    else
        client->classes++;
    client->services |= bit;
    classes = client->classes;
    client->scans = classes >= MANY;
    return client->scans || (classes >= FEW && client->repeats <= RETRIES * classes);
}
