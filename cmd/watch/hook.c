/* SPDX-License-Identifier: MIT */
/* The options --hook and --hook-post: a program is run, or JSON is sent, when a finding is raised. */
#include "net/program/hook.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "cmd/watch/outputs.h"
#include "out/json.h"

#define PATIENCE_NS (30 * NS_PER_S)

enum { MOST_ARGUMENTS = 12 };

static int start(struct watching *watching, char *const *argv, void **state, struct sonde_error *error)
{
    struct hook_options options = {argv, watching->config->hook_rate, PATIENCE_NS};
    struct hook *hook = calloc(1, sizeof(*hook));
    int code = hook ? hook_start(hook, &options, error) : error_set(error, -ENOMEM, "no memory for a hook");

    if (code < 0)
        free(hook);
    else
        *state = hook;
    return code;
}

static int open_command(struct watching *watching, void **state, struct sonde_error *error)
{
    char *const argv[] = {"sh", "-c", (char *)watching->config->hook, NULL};

    return watching->config->hook ? start(watching, argv, state, error) : 0;
}

static int open_post(struct watching *watching, void **state, struct sonde_error *error)
{
    const char *url = watching->config->hook_post;
    char *const argv[MOST_ARGUMENTS] = {"curl",
                                        "--silent",
                                        "--fail",
                                        "--max-time",
                                        "20",
                                        "--header",
                                        "Content-Type: application/json",
                                        "--data-binary",
                                        "@-",
                                        (char *)url,
                                        NULL};

    if (!url)
        return 0;
    if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
        return error_set(error, SONDE_E_USAGE, "--hook-post wants a URL with http:// or https://, not '%s'",
                         url);
    return start(watching, argv, state, error);
}

static void tell(void *state, const struct finding *finding)
{
    struct watch_finding record;
    _cleanup_text_ struct text text = {0};

    if (finding->told != FINDING_FREE)
        return;
    watch_finding_init(&record, finding);
    json_add_record(&text, &watch_finding_schema, &record);
    hook_tell(state, text_get(&text));
    watch_finding_deinit(&record);
}

static int stop(void *state, struct sonde_error *error)
{
    struct hook *hook = state;
    uint64_t lost = hook->lost, skipped;
    int code = hook_stop(hook, &skipped);
    struct sonde_error note = {0};

    free(hook);
    if (skipped) {
        error_set(&note, 0, "%" PRIu64 " findings were more than --hook-rate lets through", skipped);
        complain(&note);
    }
    if (code < 0)
        return error_set(error, code,
                         "a hook failed: it could not be run, took too long or did not end with 0");
    if (lost)
        return error_set(error, -EAGAIN, "%" PRIu64 " findings were too many for the hook", lost);
    return 0;
}

const struct watch_output hook_output = {"hook", open_command, NULL, tell, stop};
const struct watch_output post_output = {"hook-post", open_post, NULL, tell, stop};
