/* SPDX-License-Identifier: MIT */
/* The services and the background load of a lab: small children that answer, keep silent, or send. */
#ifndef SONDE_NET_LAB_SERVER_H
#define SONDE_NET_LAB_SERVER_H

#include "net/lab/scenario.h"

/**
 * Open a service in the caller's network namespace and leave it to a child that ends with the caller. When
 * this returns, the service is reachable.
 * @param address where it is bound; family 0: all addresses of both families
 * @return the child's process number, or -errno
 */
int server_start(enum scenario_service kind, const struct sonde_address *address, uint16_t port);

/**
 * Send datagrams of 1200 octets from the caller's network namespace until the caller ends,
 * the first 64 at once, so that a queue on the way is full when this returns.
 * @param rate bits a second, IP and UDP headers not counted
 * @return the child's process number, or -errno
 */
int server_start_load(const struct sonde_address *address, uint16_t port, int64_t rate);

#endif
