/* SPDX-License-Identifier: MIT */
/* Writes a capture of invented ICMP traffic to standard output: always the same for the same words.
 *
 * gen_capture [packets=N] [sources=N] [targets=N] [seed=N] [mix=attack|few|calm]
 * attack: sweeps, forged sources, backscatter, errors and some TCP and UDP, a packet every 1.5 us; few: the
 * same among 256 addresses; calm: a network whose hosts ping each other and are answered, a packet each ms.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/macro.h"
#include "wire/icmp.h"
#include "wire/ip.h"
#include "wire/octets.h"

enum {
    LINK = 14,
    FRAME_MAX = 192,
    BODY_MAX = 64,
    SWEEPERS = 64,
    ROUTERS = 4,
    SHARES = 1000, /* of all kinds of a mix together */
    FEW = 256,
    NEIGHBORS = 40, /* that are there in a calm network */
};

#define BEGIN_NS (INT64_C(1700000000) * NS_PER_S)

/** Who sends or receives. */
enum role { STRANGER, INSIDE, SWEEPER, ROUTER, ASKED /* whom a sweeper asks next, or who was pinged */ };

/** One kind of packet in a mix. */
struct kind {
    uint16_t share;
    uint8_t family, protocol, type, code;
    uint8_t body;   /* octets behind the first 8 */
    uint8_t quotes; /* protocol of the quoted packet, which the target had sent to a stranger */
    uint8_t source, target;
};

/** A mix of kinds, whose shares add up to SHARES. */
struct mix {
    const char *name;
    const struct kind *kinds;
    uint64_t sources, targets; /* by default */
    int64_t step_ns;           /* between two packets, on average */
    bool answers;              /* each ping is followed by its answer */
};

/** What the command line says. */
struct order {
    const struct mix *mix;
    uint64_t packets, sources, targets, seed;
};

/** What is between two packets. */
struct state {
    const struct order *order;
    uint64_t seed, sent;
    int64_t now_ns;
    uint32_t asked[SWEEPERS]; /* how many each of them asked */
    struct ip_header ip;      /* of the last packet, and its message */
    struct icmp_message message;
    uint8_t body[BODY_MAX];
    bool unanswered;
};

#define ICMP4(share, type, code, body, quotes, source, target)                                               \
    {                                                                                                        \
        share, 4, IPPROTO_ICMP, type, code, body, quotes, source, target                                     \
    }
#define ICMP6(share, type, code, body, quotes, source, target)                                               \
    {                                                                                                        \
        share, 6, IPPROTO_ICMPV6, type, code, body, quotes, source, target                                   \
    }

static const struct kind attack[] = {
    ICMP4(480, 8, 0, 56, 0, SWEEPER, ASKED),
    ICMP4(50, 8, 0, 56, 0, STRANGER, INSIDE),
    ICMP4(110, 0, 0, 56, 0, INSIDE, SWEEPER),
    ICMP4(18, 3, 0, 28, IPPROTO_TCP, ROUTER, INSIDE),
    ICMP4(18, 3, 1, 28, IPPROTO_UDP, ROUTER, INSIDE),
    ICMP4(72, 3, 3, 28, IPPROTO_UDP, STRANGER, INSIDE),
    ICMP4(18, 3, 4, 28, IPPROTO_TCP, ROUTER, INSIDE),
    ICMP4(18, 3, 9, 28, IPPROTO_TCP, STRANGER, INSIDE),
    ICMP4(18, 3, 10, 28, IPPROTO_TCP, STRANGER, INSIDE),
    ICMP4(18, 3, 13, 28, IPPROTO_TCP, ROUTER, INSIDE),
    ICMP4(80, 11, 0, 28, IPPROTO_UDP, STRANGER, INSIDE),
    ICMP4(5, 5, 1, 28, IPPROTO_TCP, ROUTER, INSIDE),
    ICMP4(5, 13, 0, 12, 0, STRANGER, INSIDE),
    ICMP6(15, 128, 0, 56, 0, STRANGER, INSIDE),
    ICMP6(10, 129, 0, 56, 0, INSIDE, STRANGER),
    ICMP6(10, 135, 0, 16, 0, STRANGER, INSIDE),
    ICMP6(5, 136, 0, 16, 0, INSIDE, STRANGER),
    ICMP6(5, 1, 4, 48, IPPROTO_UDP, STRANGER, INSIDE),
    ICMP6(5, 2, 0, 48, IPPROTO_UDP, ROUTER, INSIDE),
    {20, 4, IPPROTO_UDP, 0, 0, 20, 0, STRANGER, INSIDE},
    {20, 4, IPPROTO_TCP, 0, 0, 12, 0, STRANGER, INSIDE},
};
static const struct kind calm[] = {
    ICMP4(650, 8, 0, 56, 0, INSIDE, ASKED),
    ICMP4(4, 3, 3, 28, IPPROTO_UDP, INSIDE, INSIDE),
    ICMP4(4, 11, 0, 28, IPPROTO_UDP, ROUTER, INSIDE),
    ICMP6(100, 128, 0, 56, 0, INSIDE, ASKED),
    ICMP6(21, 135, 0, 16, 0, INSIDE, INSIDE),
    ICMP6(21, 136, 0, 16, 0, INSIDE, INSIDE),
    {100, 4, IPPROTO_UDP, 0, 0, 20, 0, INSIDE, ROUTER},
    {100, 4, IPPROTO_TCP, 0, 0, 12, 0, INSIDE, INSIDE},
};
static const struct mix mixes[] = {
    {"attack", attack, 1 << 24, 1 << 16, 3 * NS_PER_US / 2, false},
    {"few", attack, FEW, FEW, 3 * NS_PER_US / 2, false},
    {"calm", calm, NEIGHBORS, NEIGHBORS, NS_PER_MS, true},
};

/* xorshift64 */
static uint32_t draw(struct state *state)
{
    state->seed ^= state->seed << 13;
    state->seed ^= state->seed >> 7;
    state->seed ^= state->seed << 17;
    return (uint32_t)(state->seed >> 32);
}

/* The n-th host of a role: 11.0.0.0/8, 10.0.0.0/8, 198.51.100.0/24, or the same below 2001:db8::/96. */
static struct sonde_address host(enum role role, uint8_t family, uint32_t number)
{
    static const uint8_t prefix[] = {0x20, 0x01, 0x0d, 0xb8};
    struct sonde_address address = {.family = family};
    static const uint32_t bases[] = {
        [STRANGER] = 0x0b000000, [INSIDE] = 0x0a000000, [SWEEPER] = 0xc6336400, [ROUTER] = 0xc0000201};

    if (family == 6)
        memcpy(address.bytes, prefix, sizeof(prefix));
    octets_put32(address.bytes + (family == 6 ? 12 : 0), bases[role] + number);
    return address;
}

static struct sonde_address choose(struct state *state, enum role role, uint8_t family)
{
    const struct order *order = state->order;
    uint64_t hosts[] = {
        [STRANGER] = order->sources, [INSIDE] = order->targets, [SWEEPER] = SWEEPERS, [ROUTER] = ROUTERS};

    return host(role, family, draw(state) % (uint32_t)hosts[role]);
}

/* A sweeper asks one address after the other; a host of a calm network always asks the same one. */
static struct sonde_address choose_asked(struct state *state, const struct sonde_address *asker)
{
    uint32_t number = asker->bytes[asker->family == 6 ? 15 : 3];

    if (!state->order->mix->answers)
        number = number * 1024 + state->asked[number % SWEEPERS]++;
    else
        number = number * 7 + 1;
    return host(INSIDE, asker->family, number % (uint32_t)state->order->targets);
}

static void fill_body(struct state *state, const struct kind *kind)
{
    struct ip_header quoted = {.family = kind->family, .protocol = kind->quotes, .ttl = 1};
    uint8_t transport[8];

    for (uint8_t i = 0; i < kind->body; i++)
        state->body[i] = i;
    if (kind->protocol == IPPROTO_ICMPV6 && kind->type >= 135)
        memcpy(state->body, (kind->type == 135 ? &state->ip.destination : &state->ip.source)->bytes, 16);
    if (!kind->quotes)
        return;
    quoted.source = state->ip.destination;
    quoted.destination = choose(state, STRANGER, kind->family);
    octets_put16(transport, (uint16_t)(40000 + draw(state) % 8192));
    octets_put16(transport + 2, kind->type == 11 ? (uint16_t)(33434 + draw(state) % 64) : 443);
    octets_put32(transport + 4, kind->quotes == IPPROTO_UDP ? 0x00280000 : draw(state));
    ip_build(&quoted, slice_of(transport, sizeof(transport)), state->body, sizeof(state->body));
}

/* Choose the next packet. */
static void step(struct state *state)
{
    const struct kind *kind = state->order->mix->kinds;
    int share = (int)(draw(state) % SHARES);

    while ((share -= kind->share) >= 0)
        kind++;
    state->ip = (struct ip_header){.family = kind->family, .protocol = kind->protocol, .ttl = 57};
    if (kind->protocol == IPPROTO_ICMPV6 && kind->type >= 135)
        state->ip.ttl = 255; /* RFC 4861 7.1 */
    state->ip.source = choose(state, kind->source, kind->family);
    state->ip.destination = kind->target == ASKED ? choose_asked(state, &state->ip.source)
                                                  : choose(state, kind->target, kind->family);
    fill_body(state, kind);
    state->message = (struct icmp_message){.family = kind->family,
                                           .type = kind->type,
                                           .code = kind->code,
                                           .id = (uint16_t)draw(state),
                                           .sequence = (uint16_t)state->sent,
                                           .mtu = 1400,
                                           .body = {state->body, kind->body}};
    state->unanswered = state->order->mix->answers && kind->target == ASKED;
}

/* Turn the last packet, a ping, into its answer. */
static void answer(struct state *state)
{
    struct sonde_address asker = state->ip.source;

    state->ip.source = state->ip.destination;
    state->ip.destination = asker;
    state->message.type = state->ip.family == 4 ? 0 : 129;
    state->unanswered = false;
}

static size_t build_payload(const struct state *state, uint8_t *buffer)
{
    const struct ip_header *ip = &state->ip;
    const struct slice *body = &state->message.body;

    if (ip->protocol == IPPROTO_ICMP || ip->protocol == IPPROTO_ICMPV6)
        return icmp_build(&state->message, &ip->source, &ip->destination, buffer, FRAME_MAX);
    memset(buffer, 0, 8 + body->length);
    octets_put16(buffer, state->message.id | 1024);
    octets_put16(buffer + 2, 443);
    if (ip->protocol == IPPROTO_UDP)
        octets_put16(buffer + 4, (uint16_t)(8 + body->length));
    else
        octets_put16(buffer + 12, 0x5002); /* 20 octets, SYN */
    return 8 + body->length;
}

static void write_frame(const struct state *state, FILE *out)
{
    uint8_t frame[FRAME_MAX] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2}, payload[FRAME_MAX];
    size_t length;
    uint32_t record[4];

    octets_put16(frame + LINK - 2, state->ip.family == 4 ? 0x0800 : 0x86dd);
    length = LINK + ip_build(&state->ip, slice_of(payload, build_payload(state, payload)), frame + LINK,
                             FRAME_MAX - LINK);
    record[0] = (uint32_t)(state->now_ns / NS_PER_S);
    record[1] = (uint32_t)(state->now_ns % NS_PER_S);
    record[2] = record[3] = (uint32_t)length;
    fwrite(record, sizeof(record), 1, out);
    fwrite(frame, length, 1, out);
}

static int write_capture(const struct order *order, FILE *out)
{
    static char buffer[1 << 18];
    const uint32_t head[6] = {0xa1b23c4d, 4 << 16 | 2, 0, 0, 262144, 1}; /* in ns, of this byte order */
    struct state state = {.order = order, .seed = order->seed, .now_ns = BEGIN_NS};

    setvbuf(out, buffer, _IOFBF, sizeof(buffer));
    fwrite(head, sizeof(head), 1, out);
    for (; state.sent < order->packets && !ferror(out); state.sent++) {
        if (state.unanswered)
            answer(&state);
        else
            step(&state);
        state.now_ns += 1 + draw(&state) % (uint32_t)(2 * order->mix->step_ns);
        write_frame(&state, out);
    }
    return fflush(out) || ferror(out) ? -EIO : 0;
}

static const struct mix *find_mix(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(mixes); i++)
        if (strcmp(mixes[i].name, name) == 0)
            return &mixes[i];
    return NULL;
}

static int parse_words(int count, char **words, struct order *order)
{
    const struct {
        const char *name;
        uint64_t *value;
    } options[] = {{"packets", &order->packets},
                   {"sources", &order->sources},
                   {"targets", &order->targets},
                   {"seed", &order->seed}};

    for (int i = 0; i < count; i++) {
        size_t length = strcspn(words[i], "="), option = 0;
        const char *value = words[i] + length + (words[i][length] == '=');

        if (length == 3 && strncmp(words[i], "mix", length) == 0) {
            order->mix = find_mix(value);
            continue;
        }
        while (option < COUNT_OF(options) && (strlen(options[option].name) != length ||
                                              strncmp(options[option].name, words[i], length) != 0))
            option++;
        if (option == COUNT_OF(options))
            return -EINVAL;
        *options[option].value = strtoull(value, NULL, 10);
    }
    return order->mix && order->packets && order->seed ? 0 : -EINVAL;
}

int main(int argc, char **argv)
{
    struct order order = {.mix = &mixes[0], .packets = 1000000, .seed = 42};
    int code = parse_words(argc - 1, argv + 1, &order);

    if (code == 0) {
        order.sources = order.sources ? order.sources : order.mix->sources;
        order.targets = order.targets ? order.targets : order.mix->targets;
        code = write_capture(&order, stdout);
    }
    if (code < 0)
        fprintf(stderr, "gen_capture: %s\n", strerror(-code));
    return code < 0;
}
