/* SPDX-License-Identifier: MIT */
/* The demonstration: "Destination unreachable (Port unreachable)" happens, packet by packet, and why finds
 * it. */
#include "cmd/lab/demo.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/lab/decode.h"
#include "net/lab/enter.h"
#include "net/lab/instance.h"
#include "net/lab/library.h"

#define SCENARIO "udp-port-closed"

/* What the stage looks like. */
struct scene {
    const char *title, *network, *target, *teaching;
};

#define MEMBER(name) offsetof(struct scene, name)

static const struct field scene_fields[] = {
    {"title", FIELD_TEXT, MEMBER(title), .doc = "What is wrong in the network", .style = STYLE_HEADLINE},
    {"network", FIELD_TEXT, MEMBER(network), .doc = "The hosts on the way from the client to the target"},
    {"target", FIELD_TEXT, MEMBER(target), .doc = "What the client wants to reach"},
    {"teaching", FIELD_TEXT, MEMBER(teaching), .doc = "What there is to see", .style = STYLE_PARAGRAPH,
     .title = "What happens"},
    {0},
};

const struct schema demo_scene_schema = {"sonde.lab.scene/1", "The network of the demonstration",
                                         sizeof(struct scene), scene_fields};

/* What a person sees of it all. */
struct told {
    const char *summary, *error, *name, *next;
};

#undef MEMBER
#define MEMBER(name) offsetof(struct told, name)

static const struct field told_fields[] = {
    {"summary", FIELD_TEXT, MEMBER(summary), .doc = "What the program is told that sent the datagram",
     .style = STYLE_HEADLINE},
    {"error", FIELD_TEXT, MEMBER(error), .doc = "The words for the error", .style = STYLE_HIDDEN},
    {"name", FIELD_TEXT, MEMBER(name), .doc = "The name of the error", .style = STYLE_HIDDEN},
    {"next", FIELD_TEXT, MEMBER(next), .doc = "The command whose output follows",
     .title = "Why? This is what it says"},
    {0},
};

const struct schema demo_told_schema = {"sonde.lab.told/1", "What a program learns of an ICMP error",
                                        sizeof(struct told), told_fields};

static void emit(const struct session *session, const struct schema *schema, const void *record)
{
    session->sink->record(session->sink, schema, record);
}

static void emit_scene(const struct session *session, const struct scenario *scenario)
{
    _cleanup_text_ struct text network = {0};
    struct scene scene = {
        .title = scenario->title, .target = scenario->target.text, .teaching = scenario->teach};

    for (size_t i = 0; i < scenario->host_count; i++)
        text_add(&network, "%s%s", i ? " - " : "", scenario->hosts[i]);
    scene.network = text_get(&network);
    emit(session, &demo_scene_schema, &scene);
}

/* Returns whether the error and the echo reply came, each with a right checksum. */
static bool emit_packets(const struct session *session, const struct witness *witness)
{
    bool error = false, reply = false;

    for (size_t i = 0; i < witness->count; i++) {
        struct decoded decoded = {0};

        if (decode_packet(&decoded, &witness->packets[i], (int64_t)i + 1) == 0) {
            emit(session, &decode_schema, &decoded);
            error |= decoded.icmp && decoded.icmp->type == 3 && decoded.icmp->code == 3;
            reply |= decoded.icmp && decoded.icmp->type == 0;
        }
        decode_deinit(&decoded);
    }
    return error && reply;
}

static void emit_told(const struct session *session, const struct witness *witness, const char *target)
{
    _cleanup_free_ char *next = text_format("sonde why %s", target);
    _cleanup_free_ char *summary = text_format(
        "And all that the program is told that sent the datagram: \"%s\"", strerror(witness->refusal));
    const struct told told = {summary, strerror(witness->refusal), strerrorname_np(witness->refusal), next};

    emit(session, &demo_told_schema, &told);
}

/* Run `sonde why` on the client. It must find the target unreachable; its words are for the reader to judge.
 */
static int run_why(const struct session *session, const struct instance *instance, const char *target,
                   struct sonde_error *error)
{
    char program[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
    char *const command[] = {program, "why", (char *)target, session->json ? "--json" : NULL, NULL};
    int status = 0, rc;

    if (length < 0)
        return error_set(error, -errno, "the program cannot find itself: %s", sonde_error_text(-errno));
    program[length] = '\0';
    fflush(stdout);
    rc = enter_run(instance->name, "client", command, &status, error);
    if (rc == 0 && status >= 128)
        return error_set(error, -EINTR, "the demonstration was interrupted");
    if (rc == 0 && status != EXIT_HOLDS_NOT)
        return error_set(error, SONDE_E_UNSUPPORTED, "sonde why ended with %d, not with %d (unreachable)",
                         status, EXIT_HOLDS_NOT);
    return rc;
}

static int show(const struct session *session, const struct instance *instance,
                const struct scenario *scenario, struct sonde_error *error)
{
    struct sonde_address target;
    struct witness witness;
    int rc = sonde_address_parse(scenario->target.host, &target);

    if (rc < 0 || target.family != 4)
        return error_set(error, SONDE_E_FORMAT, "the scenario " SCENARIO " must have an IPv4 target");
    rc = witness_exchange(instance->name, &target, scenario->target.port, &witness, error);
    if (rc < 0)
        return rc;
    emit_scene(session, scenario);
    if (!emit_packets(session, &witness))
        return error_set(error, SONDE_E_UNSUPPORTED,
                         "the error or the echo reply did not come within two seconds");
    emit_told(session, &witness, scenario->target.text);
    return run_why(session, instance, scenario->target.text, error);
}

int demo_run(const struct session *session, const char *library)
{
    _cleanup_free_ char *name = text_format("demo-%d", (int)getpid());
    _cleanup_scenario_ struct scenario scenario = {0};
    struct sonde_error error = {0};
    struct instance instance;
    int rc = library_load(library, SCENARIO, &scenario, &error);

    enter_hold_signals();
    if (rc == 0)
        rc = instance_start(&instance, &scenario, name, &error);
    if (rc == 0) {
        rc = show(session, &instance, &scenario, &error);
        instance_end(&instance);
    }
    return rc < 0 ? complain(&error) : EXIT_HOLDS;
}
