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

/* Odd constants (of wyhash), so that a poor key makes a predictable hash, but not a bad one. */
#define HASH_A UINT64_C(0xa0761d6478bd642f)
#define HASH_B UINT64_C(0xe7037ed1a0b428db)
#define HASH_C UINT64_C(0x8ebc6af09c88c6e3)

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
    return hash_mix(hash_mix(low ^ key->words[0] ^ HASH_A, high ^ key->words[1] ^ HASH_B) ^ key->words[2],
                    key->words[3] ^ HASH_C);
}

/** Combine a hash with one more word; the order matters. */
static inline uint64_t hash_with(const struct hash_key *key, uint64_t hash, uint64_t word)
{
    return hash_mix(hash ^ key->words[1] ^ HASH_B, word ^ key->words[0] ^ HASH_A);
}

/** Hash octets of any length. */
static inline uint64_t hash_octets(const struct hash_key *key, const void *octets, size_t length)
{
    return XXH3_64bits_withSeed(octets, length, key->words[2]);
}

#endif
