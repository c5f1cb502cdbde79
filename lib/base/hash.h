/* SPDX-License-Identifier: MIT */
/* The fast keyed hash of tables on the packet path: a stranger who does not know the key cannot aim at a
 * slot. */
#ifndef SONDE_BASE_HASH_H
#define SONDE_BASE_HASH_H

#include <stdint.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/** A secret drawn from the kernel's random numbers by the caller. */
struct hash_key {
    uint64_t words[4];
};

/** Mix two words into one: the folded 128-bit product, as XXH3 does. */
static inline uint64_t hash_mix(uint64_t a, uint64_t b)
{
    __uint128_t product = (__uint128_t)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/** Hash 16 octets, such as an address with zeros behind it. */
static inline uint64_t hash_address(const struct hash_key *key, const uint8_t octets[16])
{
    uint64_t low, high;

    memcpy(&low, octets, sizeof(low));
    memcpy(&high, octets + 8, sizeof(high));
    return hash_mix(hash_mix(low ^ key->words[0], high ^ key->words[1]) ^ key->words[2], key->words[3] | 1);
}

/** Combine a hash with one more word; the order matters. */
static inline uint64_t hash_with(const struct hash_key *key, uint64_t hash, uint64_t word)
{
    return hash_mix(hash ^ key->words[1], word ^ key->words[0]);
}

/** Hash octets of any length. */
static inline uint64_t hash_octets(const struct hash_key *key, const void *octets, size_t length)
{
    return XXH3_64bits_withSeed(octets, length, key->words[2]);
}

#endif
