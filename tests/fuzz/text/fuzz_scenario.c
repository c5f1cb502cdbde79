/* SPDX-License-Identifier: MIT */
/* Any octets as a scenario, and as the file that a scenario extends: a mistake has a place, and what is
 * accepted is whole. */
/* fuzz-sources: lib/net/lab/scenario.c lib/net/lab/grammar.c */
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

#include "net/lab/scenario.h"

/* Every file that is asked for is the input itself, so it may extend itself. */
static int read_input(const struct scenario_reader *reader, const char *file, char **text, size_t *length,
                      struct sonde_error *error)
{
    const struct slice *input = reader->context;

    CHECK(!strchr(file, '/') && file[0] != '.');
    if (strcmp(file, "none") == 0)
        return -ENOENT;
    *text = malloc(input->length + 1);
    CHECK(*text);
    memcpy(*text, input->data, input->length);
    *length = input->length;
    return 0;
}

static void check_step(const struct scenario *scenario, const struct scenario_step *step)
{
    CHECK(step->host < scenario->host_count && step->peer < scenario->host_count);
    CHECK(strlen(step->interface) < SCENARIO_NAME_MAX && strlen(step->peer_interface) < SCENARIO_NAME_MAX);
    CHECK(step->prefix.length <= address_length(step->prefix.address.family) * 8);
    CHECK(step->source && step->file && step->line > 0);
    CHECK(step->verb != STEP_SYSCTL || (strncmp(step->word, "net.", 4) == 0 && !strstr(step->word, "..")));
    CHECK(step->verb != STEP_FILTER || (step->word && step->text && !strchr(step->text, '\n')));
    CHECK(step->verb != STEP_NAT || (step->text && !strchr(step->text, '\n')));
    CHECK((step->verb != STEP_LOAD && step->verb != STEP_SLOW) || step->rate > 0);
}

static void check_scenario(const struct scenario *scenario)
{
    CHECK(scenario->title && scenario->teach && scenario->target.host && scenario->target.port > 0);
    CHECK(scenario->expect_count > 0 && scenario_find_host(scenario, "client") >= 0);
    CHECK(scenario->host_count <= SCENARIO_HOSTS_MAX && scenario->step_count <= SCENARIO_STEPS_MAX);
    for (size_t i = 0; i < scenario->step_count; i++)
        check_step(scenario, &scenario->steps[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct slice input = slice_of(data, size);
    const struct scenario_reader reader = {.read = read_input, .context = &input};
    struct sonde_error error = {0};
    struct scenario scenario;
    int rc = scenario_parse(&scenario, "fuzz", "f", input, &reader, &error);

    if (rc == 0) {
        check_scenario(&scenario);
    } else {
        CHECK(rc == SONDE_E_FORMAT && error.code == rc && strchr(error.what, ':'));
        CHECK(scenario.string_count == 0);
    }
    scenario_deinit(&scenario);
    return 0;
}
