/* SPDX-License-Identifier: MIT */
/* Asking the kernel of a server about its own ports: no packet is sent. */
#ifndef SONDE_NET_SERVER_SERVER_H
#define SONDE_NET_SERVER_SERVER_H

#include "net/server/report.h"

enum { SERVER_REPORTS_MAX = 2 /* for one question: IPv4 and IPv6, if they differ */ };

/**
 * Read what is asked: "8443", "8443/tcp", "53/udp", "192.0.2.1:8443", "[2001:db8::1]:53/udp". Without a word,
 * it is TCP.
 * @return 0 or SONDE_E_USAGE
 */
int server_question_parse(const char *text, struct server_question *question, struct sonde_error *error);

/**
 * Answer a question. One report if IPv4 and IPv6 are alike or only one is in question, else one for each.
 * @param reports filled with heap objects; free them with server_report_free
 * @return how many, or SONDE_E_NOT_FOUND when the address is not one of this machine
 */
int server_ask(const struct server_facts *facts, const struct server_question *question,
               struct server_report *reports[SERVER_REPORTS_MAX], struct sonde_error *error);

/**
 * The ports on which anything waits, each once, TCP first.
 * @param questions, max filled with at most as many; each asks about all addresses
 * @return how many there are, perhaps more than max
 */
size_t server_list(const struct server_facts *facts, struct server_question *questions, size_t max);

#endif
