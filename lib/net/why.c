/* SPDX-License-Identifier: MIT */
/* Diagnosing targets on the real network: the public face of the library. */
#include "net/why.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>

#include "base/macro.h"
#include "base/text.h"
#include "catalog/services.h"
#include "diagnose/session.h"
#include "net/edge.h"
#include "net/resolve.h"
#include "probe/target.h"

enum {
    COMPARE_MAX = 8,
    ADDRESSES_MAX = 4,     /* of one name that are diagnosed */
    CONTROL_FIRST = 33000, /* control ports are drawn from where hardly anything listens */
    CONTROL_COUNT = 28000,
};

/* The diagnosis of one address. */
struct job {
    struct edge edge;
    struct diagnosis diagnosis;
};

/* What was asked for: a name with its addresses. */
struct request {
    char *name; /* as typed */
    struct target target;
    struct job *jobs[ADDRESSES_MAX];
    size_t count;
    struct sonde_why_report
        *reports[ADDRESSES_MAX]; /* one a job; a single one for a name without an address */
    size_t report_count, chosen;
};

struct sonde_why {
    struct sonde_why_options options;
    struct sonde_address compare[COMPARE_MAX]; /* of --compare */
    int compare_count;
    struct pcap_writer pcap;
    struct request *requests;
    size_t count;
};

SONDE_API int sonde_why_new(const struct sonde_why_options *options, struct sonde_why **why,
                            struct sonde_error *error)
{
    struct sonde_why *made = calloc(1, sizeof(*made));
    int code = 0;

    if (!made)
        return error_set(error, -ENOMEM, "out of memory");
    made->options = *options;
    if (options->interface)
        code = edge_check_interface(options->interface, error);
    if (code == 0 && options->compare)
        made->compare_count = resolve(options->compare, options->family, made->compare, COMPARE_MAX, error);
    if (made->compare_count < 0)
        code = made->compare_count;
    if (code >= 0 && options->pcap)
        code = pcap_writer_init(&made->pcap, options->pcap, error);
    if (code < 0) {
        sonde_why_free(made);
        return code;
    }
    *why = made;
    return 0;
}

static uint16_t control_port(uint16_t avoid)
{
    uint16_t drawn = 0, port;

    if (getrandom(&drawn, sizeof(drawn), 0) != (ssize_t)sizeof(drawn))
        drawn = 4711;
    port = (uint16_t)(CONTROL_FIRST + drawn % CONTROL_COUNT);
    return port == avoid ? port + 1 : port;
}

/* The address of the other host that is reached in the same way. */
static struct sonde_address compare_of(const struct sonde_why *why, uint8_t family)
{
    for (int i = 0; i < why->compare_count; i++)
        if (why->compare[i].family == family)
            return why->compare[i];
    return (struct sonde_address){0};
}

static struct subject subject_of(const struct sonde_why *why, const struct target *target,
                                 const struct sonde_address *address)
{
    uint8_t protocol = target->udp ? IPPROTO_UDP : IPPROTO_TCP;
    const struct service *service = target->port ? service_find(protocol, target->port) : NULL;

    return (struct subject){
        .address = *address,
        .port = target->port,
        .udp = target->udp,
        .request = target->port ? service_request(protocol, target->port) : (struct slice){0},
        .greets = service && service->greets,
        .compare = compare_of(why, address->family),
        .control_ports = {control_port(target->port), control_port(target->port)},
    };
}

/* "fe80::1%eth0": what stands behind the percent sign is the interface (RFC 4007 11). */
static const char *split_zone(struct target *target)
{
    char *percent = strchr(target->host, '%');

    if (!percent)
        return NULL;
    *percent = '\0';
    return percent + 1;
}

static int check_zone(const struct sonde_address *address, const char *interface, struct sonde_error *error)
{
    char text[SONDE_ADDRESS_TEXT];

    if (interface || !address_is_link_local(address))
        return 0;
    error_set(error, SONDE_E_USAGE, "%s is a link-local address, which needs an interface",
              sonde_address_format(address, text));
    error_hint(error, "Write [%s%%DEVICE]:PORT, or give -I DEVICE", text);
    return SONDE_E_USAGE;
}

static int add_job(struct sonde_why *why, struct request *request, const struct sonde_address *address,
                   const char *zone, struct sonde_error *error)
{
    struct job *job = calloc(1, sizeof(*job));
    struct subject subject = subject_of(why, &request->target, address);
    struct sonde_why_options options = why->options;
    int code;

    if (!job)
        return error_set(error, -ENOMEM, "out of memory");
    if (zone)
        options.interface = zone;
    code = check_zone(address, options.interface, error);
    if (code == 0)
        code = edge_init(&job->edge, address, &options, why->pcap.file ? &why->pcap : NULL, error);
    if (code < 0) {
        free(job);
        return code;
    }
    diagnosis_init(&job->diagnosis, &subject, why->options.deep, job->edge.network);
    request->jobs[request->count++] = job;
    return 0;
}

static struct request *add_request(struct sonde_why *why)
{
    struct request *grown = realloc(why->requests, (why->count + 1) * sizeof(*grown));

    if (!grown)
        return NULL;
    why->requests = grown;
    memset(&grown[why->count], 0, sizeof(*grown));
    return &grown[why->count];
}

static void free_request(struct request *request)
{
    for (size_t i = 0; i < request->count; i++) {
        edge_deinit(&request->jobs[i]->edge);
        free(request->jobs[i]);
    }
    for (size_t i = 0; i < request->report_count; i++)
        sonde_why_report_free(request->reports[i]);
    free(request->name);
}

SONDE_API int sonde_why_add(struct sonde_why *why, const char *target, struct sonde_error *error)
{
    struct sonde_address addresses[ADDRESSES_MAX];
    struct sonde_error unresolved = {0};
    struct request *request = add_request(why);
    const char *zone;
    int count, code;

    if (!request)
        return error_set(error, -ENOMEM, "out of memory");
    code = target_parse(target, &request->target, error);
    if (code < 0)
        return code;
    request->name = text_format("%s", request->target.host);
    zone = split_zone(&request->target);
    if (zone)
        code = edge_check_interface(zone, error);
    if (code < 0) {
        free_request(request);
        return code;
    }
    count = resolve(request->target.host, why->options.family, addresses, ADDRESSES_MAX, &unresolved);
    if (count == SONDE_E_UNRESOLVED)
        request->reports[request->report_count++] =
            report_unresolved(request->name, request->target.udp, request->target.port, unresolved.what);
    else if (count < 0)
        code = error_set(error, count, "%s", unresolved.what);
    for (int i = 0; i < count && code == 0; i++)
        code = add_job(why, request, &addresses[i], zone, error);
    if (code < 0) {
        free_request(request);
        return code;
    }
    why->count++;
    return 0;
}

/* One address alone needs no turns: its network can wait for the answer itself. */
static struct job *only_job(struct sonde_why *why)
{
    struct job *only = NULL;

    for (size_t i = 0; i < why->count; i++)
        for (size_t j = 0; j < why->requests[i].count; j++) {
            if (only)
                return NULL;
            only = why->requests[i].jobs[j];
        }
    return only;
}

static int run_jobs(struct sonde_why *why)
{
    struct turn *turns = NULL;
    size_t count = 0;
    int code;

    for (size_t i = 0; i < why->count; i++)
        count += why->requests[i].count;
    turns = calloc(count + 1, sizeof(*turns));
    if (!turns)
        return -ENOMEM;
    count = 0;
    for (size_t i = 0; i < why->count; i++)
        for (size_t j = 0; j < why->requests[i].count; j++)
            turns[count++] = (struct turn){&why->requests[i].jobs[j]->diagnosis.machine,
                                           &why->requests[i].jobs[j]->edge, 0, false};
    code = edge_drive_all(turns, count);
    free(turns);
    return code;
}

static void conclude(struct request *request)
{
    struct sonde_address address;
    bool literal = sonde_address_parse(request->target.host, &address) == 0;

    for (size_t i = 0; i < request->count; i++)
        request->reports[request->report_count++] =
            report_new(&request->jobs[i]->diagnosis, literal ? NULL : request->name);
    request->chosen = report_join(request->reports, request->report_count);
}

SONDE_API int sonde_why_run(struct sonde_why *why)
{
    struct job *only = only_job(why);
    int code = only ? drive(&only->diagnosis.machine, only->edge.network) : run_jobs(why);

    for (size_t i = 0; i < why->count; i++)
        conclude(&why->requests[i]);
    return code;
}

SONDE_API size_t sonde_why_count(const struct sonde_why *why)
{
    return why->count;
}

SONDE_API const struct sonde_why_report *sonde_why_report(const struct sonde_why *why, size_t index)
{
    const struct request *request = &why->requests[index];

    return request->reports[request->chosen];
}

SONDE_API struct sonde_why *sonde_why_free(struct sonde_why *why)
{
    if (!why)
        return NULL;
    for (size_t i = 0; i < why->count; i++)
        free_request(&why->requests[i]);
    free(why->requests);
    pcap_writer_deinit(&why->pcap);
    free(why);
    return NULL;
}
