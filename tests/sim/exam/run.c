/* SPDX-License-Identifier: MIT */
/* One diagnosis on one simulated network. */
#include <netinet/in.h>
#include <stdlib.h>

#include "base/macro.h"
#include "catalog/services.h"
#include "diagnose/session.h"
#include "tests/sim/exam/exam.h"

enum { CONTROL_FIRST = 33000, CONTROL_LAST = 60999 };

#define SOON_NS (2 * NS_PER_S) /* failed address resolution takes longer and counts as silence */

static struct subject subject_of(struct sim *sim, const struct exam_scenario *scenario,
                                 const struct exam_plan *plan)
{
    const struct service *service = scenario->protocol ? service_find(scenario->protocol, plan->port) : NULL;
    struct subject subject = {
        .address = sim->target,
        .port = scenario->protocol ? plan->port : 0,
        .udp = scenario->protocol == IPPROTO_UDP,
        .greets = service && service->greets,
    };

    if (scenario->protocol)
        subject.request = service_request(scenario->protocol, plan->port);
    for (size_t i = 0; i < COUNT_OF(subject.control_ports); i++)
        subject.control_ports[i] = (uint16_t)sim_random_between(&sim->random, CONTROL_FIRST, CONTROL_LAST);
    return subject;
}

static bool was_answered(const struct evidence *evidence)
{
    const struct reply *reply = evidence_first(evidence, ASK_FIRST, NULL);

    return reply && reply->rtt_ns < SOON_NS;
}

void exam_run(const struct exam_scenario *scenario, uint8_t family, uint64_t seed,
              const struct exam_options *options, struct exam_result *result,
              void (*watch)(const struct diagnosis *diagnosis, const struct sonde_why_report *report))
{
    struct sim *sim = calloc(1, sizeof(*sim));
    struct diagnosis *diagnosis = calloc(1, sizeof(*diagnosis));
    struct sonde_why_report *report;
    struct exam_plan plan;
    struct subject subject;
    int64_t start_ns;

    if (!sim || !diagnosis)
        abort();
    exam_prepare(sim, scenario, family, seed, options, &plan);
    subject = subject_of(sim, scenario, &plan);
    start_ns = sim->now_ns;
    diagnosis_init(diagnosis, &subject, options->deep, &sim->network);
    if (drive(&diagnosis->machine, &sim->network) != 0)
        abort(); /* this network never breaks */
    report = report_new(diagnosis, NULL);
    exam_judge(scenario, sim, &plan, options->deep, report, result);
    result->answered = was_answered(&diagnosis->evidence);
    result->packets = sim->probes_sent;
    result->elapsed_ns = sim->now_ns - start_ns;
    if (watch)
        watch(diagnosis, report);
    sonde_why_report_free(report);
    sim_deinit(sim);
    free(diagnosis);
    free(sim);
}
