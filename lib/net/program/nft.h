/* SPDX-License-Identifier: MIT */
/* Loading and listing nftables' rules through the nft command, in the caller's network namespace. */
#ifndef SONDE_NET_PROGRAM_NFT_H
#define SONDE_NET_PROGRAM_NFT_H

#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

/** How rules are listed. */
enum nft_form {
    NFT_JSON,    /* libnftables-json(5), with handles */
    NFT_FILE,    /* as a file that can be loaded again, without what was counted */
    NFT_HANDLES, /* for people, with handles and counters */
};

/**
 * Load rules in one transaction: all of it or nothing.
 * @param rules as nft(8) reads them from a file
 * @return 0; SONDE_E_UNSUPPORTED without nft; SONDE_E_PERMISSION; SONDE_E_FORMAT with what nft said
 */
int nft_load(const char *rules, struct sonde_error *error);

/**
 * List rules.
 * @param what "ruleset" or "table inet sonde_guard"
 * @param text appended
 * @return 0; SONDE_E_NOT_FOUND when there is no such table; otherwise as nft_load
 */
int nft_list(const char *what, enum nft_form form, struct text *text, struct sonde_error *error);

/**
 * The generation of the namespace's rules; it rises with each change that anybody makes (NFT_MSG_GETGEN).
 * @return 0 or -errno
 */
int nft_generation(uint32_t *generation);

#endif
