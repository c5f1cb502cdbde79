/* SPDX-License-Identifier: MIT */
/* Pure malice: headers cut at every octet, lengths that lie, chains and tunnels without end. Nothing breaks,
 * everything is counted, nobody is accused, and what is honest in between is counted and found as ever. */
#include <string.h>

#include "detect/watch.h"
#include "tests/unit/detect/malice/compose.h"
#include "wire/link.h"
#include "wire/octets.h"

enum { MEMORY = 8 << 20, EXTENDED_ECHO = 42 };

#define BEGIN_NS (INT64_C(1767603600) * NS_PER_S)
#define STEP_NS  (20 * NS_PER_S) /* routers may not advertise themselves more often (RFC 4861 6.2.1) */

/* Of each shape of packet one that nobody is accused of: no redirects, which are suspicious however they
 * look. */
static const char *const shapes[] = {
    "data echo4 ip4 eth",
    "data reply4 ip4 vlan eth",
    "data echo4 ip4-options eth",
    "much*5 echo4 ip4-first eth",
    "data ip4-last eth",
    "data reply4 ip4 qinq vlan eth",
    "data udp ip4 port4 ip4 eth",
    "data udp ip4 expired4 ip4 pppoe eth",
    "tcp ip4 frag-needed4 ip4 eth",
    "extension much port4 ip4 eth",
    "data echo4 ip4 expired4 ip4 eth",
    "data echo4 ah ip4 eth",
    "data echo6 ip6 eth",
    "data udp ip6 port6 ip6 eth",
    "data echo6 ip6 expired6 ip6 eth",
    "tcp ip6 too-big6 ip6 eth",
    "link-option target solicit6 ip6-near eth",
    "link-option target advertise6 ip6-near eth",
    "mtu-option prefix-option link-option router6 ip6-router eth",
    "target mld6 hop-by-hop ip6-router eth",
    "data echo6 destination routing fragment hop-by-hop ip6 eth",
    "data echo6 ah ip6 eth",
    "data echo4 ip4 ip4 eth",
    "data echo6 ip6 ip4 eth",
    "data echo4 ip4 ip6 eth",
    "data echo4 ip4 gre ip4 eth",
    "data echo6 ip6 gre-all ip6 eth",
    "data echo4 ip4 gre-routed ip4 eth",
    "data echo4 ip4 eth erspan-head erspan ip4 eth",
    "data echo4 ip4 eth vxlan-head vxlan ip4 eth",
    "data echo4 ip4 geneve-head geneve ip4 eth",
    "data echo4 ip4 gtp-head gtp ip4 eth",
    "data echo6 ip6 teredo ip4 eth",
    "data echo4 ip4 lisp-head lisp ip4 eth",
    "data echo4 ip4 eth etherip ip4 eth",
    "data echo4 ip4 mpls*3 eth",
    "data echo6 ip6 eth mpls*2 eth",
};

/* An engine, and what it said. */
struct scene {
    struct watch *watch;
    int64_t now_ns;
    unsigned frames, alerts;
    const char *shape;
};

static void hear(void *context, const struct finding *finding)
{
    struct scene *scene = context;
    const union fact_value *facts = finding->evidence.facts;

    if (finding->severity != SEVERITY_ALERT || finding->told != FINDING_FREE)
        return;
    scene->alerts++;
    print_message("# %s: alert %s at frame %u: %s, %s\n", scene->shape, kind_row(finding->subject.kind)->name,
                  scene->frames, facts[FACT_MEASURE].text, facts[FACT_CHECK].text);
}

static void begin(struct scene *scene)
{
    const struct watch_options options = {.memory = MEMORY,
                                          .key = {{1, 2, 3, 4}},
                                          .kinds = (UINT64_C(1) << KIND_COUNT) - 1,
                                          .listener = {.context = scene, .finding = hear}};

    *scene = (struct scene){.now_ns = BEGIN_NS, .shape = ""};
    assert_int_equal(watch_new(&options, &scene->watch), 0);
}

/* All frames were counted, and nobody was accused. */
static void end(struct scene *scene)
{
    watch_finish(scene->watch);
    assert_int_equal(scene->watch->counts->frames, scene->frames);
    assert_int_equal(scene->alerts, 0);
    watch_free(scene->watch);
}

/* The frame had `length` octets on the wire. */
static void show(struct scene *scene, struct slice octets, size_t length)
{
    struct frame frame = {.time_ns = scene->now_ns,
                          .data = unit_guarded(octets),
                          .length = (uint32_t)length,
                          .link = LINK_ETHERNET};

    watch_frames(scene->watch, &frame, 1);
    scene->now_ns += STEP_NS;
    scene->frames++;
}

static void show_whole(struct scene *scene, const struct composed *composed)
{
    show(scene, composed_octets(composed), composed->length);
}

static uint64_t malformed(const struct scene *scene)
{
    return scene->watch->counts->malformed;
}

/* Show a frame of words. Returns whether it was malformed. */
static bool show_words(struct scene *scene, const char *words)
{
    static struct composed composed;
    uint64_t before = malformed(scene);

    composed.length = 0;
    compose(&composed, words);
    scene->shape = words;
    show_whole(scene, &composed);
    return malformed(scene) != before;
}

static void test_honest_shapes_are_not_malformed(void **state)
{
    struct scene scene;

    begin(&scene);
    for (size_t i = 0; i < COUNT_OF(shapes); i++)
        if (show_words(&scene, shapes[i]))
            fail_msg("%s is malformed", shapes[i]);
    assert_int_equal(scene.watch->counts->not_ip, 0);
    end(&scene);
}

/* As a capture cuts it, and as if it had come so. */
static void test_cut_at_every_octet(void **state)
{
    static struct composed composed;
    struct scene scene;

    begin(&scene);
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        composed.length = 0;
        compose(&composed, shapes[i]);
        scene.shape = shapes[i];
        for (size_t length = 0; length < composed.length; length++) {
            show(&scene, slice_first(composed_octets(&composed), length), composed.length);
            show(&scene, slice_first(composed_octets(&composed), length), length);
        }
    }
    assert_true(malformed(&scene) > COUNT_OF(shapes));
    end(&scene);
}

/* Each octet of each shape with values that lengths and flags like to lie with. What becomes a redirect, or a
 * fragment, or another host's packet by that may be accused of it. */
static void test_every_octet_lies(void **state)
{
    static const uint8_t lies[] = {0, 1, 4, 0x0f, 0x40, 0x4f, 0x7f, 0x80, 0xff};
    static struct composed composed;
    struct scene scene;

    begin(&scene);
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        composed.length = 0;
        compose(&composed, shapes[i]);
        for (size_t at = 0; at < composed.length; at++) {
            uint8_t *octet = composed.octets + COMPOSE_MAX - composed.length + at, honest = *octet;

            for (size_t lie = 0; lie < COUNT_OF(lies); lie++) {
                *octet = lies[lie];
                show_whole(&scene, &composed);
            }
            *octet = honest;
        }
    }
    scene.alerts = 0;
    end(&scene);
}

/** A place of a shape, counted from the front of the frame. */
struct place {
    const char *words;
    size_t offset, octets;
    unsigned step; /* between the values that it takes */
};

static const struct place places[] = {
    {"data echo4 ip4 eth", 14, 1, 1},                        /* version and header length */
    {"data echo4 ip4 eth", 16, 2, 7},                        /* total length */
    {"data echo4 ip4-options eth", 35, 1, 1},                /* an option's length */
    {"data udp ip4 port4 ip4 eth", 50 - 8, 1, 1},            /* the quote's version and header length */
    {"data udp ip4 port4 ip4 eth", 52 - 8, 2, 7},            /* its length */
    {"extension much port4 ip4 eth", 14 + 20 + 5, 1, 1},     /* the length of RFC 4884 */
    {"extension much port4 ip4 eth", 14 + 20 + 8 + 4, 2, 7}, /* of an object */
    {"data echo6 ip6 eth", 18, 2, 7},                        /* payload length */
    {"data echo6 destination ip6 eth", 14 + 41, 1, 1},       /* of an extension header */
    {"data echo6 routing ip6 eth", 14 + 43, 1, 1},           /* segments left */
    {"data echo6 fragment ip6 eth", 14 + 42, 1, 1},          /* offset */
    {"data echo6 ah ip6 eth", 14 + 41, 1, 1},
    {"link-option target solicit6 ip6-near eth", 14 + 40 + 24 + 1, 1, 1},
    {"prefix-option router6 ip6-router eth", 14 + 40 + 8 + 1, 1, 1},
    {"target mld6 ip6-router eth", 14 + 40 + 6, 2, 7}, /* records of a report */
    {"data echo4 ip4 gre ip4 eth", 34, 2, 1},          /* flags and version */
    {"data echo4 ip4 gre-routed ip4 eth", 34 + 8 + 3, 1, 1},
    {"data echo4 ip4 eth vxlan-head vxlan ip4 eth", 38, 2, 7}, /* of UDP */
    {"data echo4 ip4 geneve-head geneve ip4 eth", 42, 1, 1},
    {"data echo4 ip4 gtp-head gtp ip4 eth", 42, 1, 1},
    {"data echo4 ip4 pppoe eth", 18, 2, 7},
    {"data echo4 ip4 mpls eth", 16, 1, 1}, /* the bottom of the stack */
};

static void test_lengths_that_lie(void **state)
{
    static struct composed composed;
    struct scene scene;

    begin(&scene);
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        const struct place *place = &places[i];
        uint8_t *at;

        composed.length = 0;
        compose(&composed, place->words);
        scene.shape = place->words;
        at = composed.octets + COMPOSE_MAX - composed.length + place->offset;
        for (unsigned value = 0; value < (place->octets == 1 ? 256u : 65536u); value += place->step) {
            if (place->octets == 1)
                *at = (uint8_t)value;
            else
                octets_put16(at, (uint16_t)value);
            show_whole(&scene, &composed);
        }
    }
    assert_true(malformed(&scene) > 1000);
    end(&scene);
}

static void test_without_end(void **state)
{
    static const char *const endless[] = {
        "data echo6 hop-by-hop*50 ip6 eth",
        "data echo6 destination*500 ip6 eth",
        "data echo6 fragment*50 ip6 eth",
        "data echo6 routing*40 ip6 eth",
        "data echo6 long*3 destination*33 ip6 eth",
        "data echo6 ah*40 ip6 eth",
        "data echo4 ip4*50 eth",
        "data echo6 ip6*50 eth",
        "data echo4 over-gre*50 eth",
        "data echo4 ip4 over-vxlan*50 eth",
        "data echo4 ip4 eth over-vxlan*10 over-gre*30 ip4*10 eth",
    };
    struct scene scene;

    begin(&scene);
    for (size_t i = 0; i < COUNT_OF(endless); i++)
        if (!show_words(&scene, endless[i]))
            fail_msg("%s is not malformed", endless[i]);
    /* these are followed to their end, or nobody has to */
    show_words(&scene, "data echo4 ip4 qinq*50 eth");
    show_words(&scene, "data echo4 ip4 vlan*500 eth");
    show_words(&scene, "data echo4 ip4 mpls*1000 eth");
    show_words(&scene, "data echo6 long*3 ip6 eth");
    end(&scene);
}

/* Quotes within quotes, of which the innermost is cut at every octet. */
static void test_errors_about_errors(void **state)
{
    static struct composed composed;
    struct scene scene;

    begin(&scene);
    for (size_t cut = 0; cut < 120; cut++) {
        composed.length = 0;
        compose(&composed, "data udp ip4 port4 ip4 expired4 ip4");
        composed.length = composed.length > cut ? composed.length - cut : 0;
        memmove(composed.octets + COMPOSE_MAX - composed.length,
                composed.octets + COMPOSE_MAX - composed.length - cut, composed.length);
        compose(&composed, "port4 ip4 eth");
        show_whole(&scene, &composed);
    }
    end(&scene);
}

/* What is honest between all that is counted as if it were alone. */
static void test_honest_traffic_in_between(void **state)
{
    static struct composed composed;
    uint64_t honest = 0;
    struct scene scene;

    begin(&scene);
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        composed.length = 0;
        compose(&composed, shapes[i]);
        for (size_t length = 0; length < composed.length; length += 3) {
            uint8_t octets[14 + 20 + 8] = {
                [12] = 8,  [14] = 0x45, [17] = 28, [22] = 64, [23] = 1,
                [26] = 10, [29] = 1,    [30] = 10, [33] = 2,  [34] = EXTENDED_ECHO};

            show(&scene, slice_first(composed_octets(&composed), length), length);
            show(&scene, slice_of(octets, sizeof(octets)), sizeof(octets));
            honest++;
        }
    }
    assert_int_equal(count_cell(scene.watch->counts, PACKET_OUTER, 4, EXTENDED_ECHO, 0)->packets, honest);
    end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_honest_shapes_are_not_malformed),
        cmocka_unit_test(test_cut_at_every_octet),
        cmocka_unit_test(test_every_octet_lies),
        cmocka_unit_test(test_lengths_that_lie),
        cmocka_unit_test(test_without_end),
        cmocka_unit_test(test_errors_about_errors),
        cmocka_unit_test(test_honest_traffic_in_between),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
