/* SPDX-License-Identifier: MIT */
/* sonde guard init: write the policy that the catalog advises for a role, a comment on each line. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd/guard/guard.h"
#include "policy/file/value.h"
#include "policy/template.h"

struct config {
    int role;
    struct option_texts outside;
    const char *output;
};

/* An edge, and nothing else, says which interfaces lead to the Internet. */
static int check(const struct config *config, struct sonde_error *error)
{
    if (config->role == ROLE_EDGE && config->outside.count == 0) {
        error_set(error, SONDE_E_USAGE, "an edge must say which interfaces lead to the Internet");
        error_hint(error, "Add --outside eth0; `ip route show default` names the usual one");
        return error->code;
    }
    if (config->role != ROLE_EDGE && config->outside.count > 0)
        return error_set(error, SONDE_E_USAGE, "only an edge has an outside; this is a %s",
                         policy_role_name((enum policy_role)config->role));
    for (size_t i = 0; i < config->outside.count; i++)
        if (!value_is_interface(config->outside.items[i]))
            return error_set(error, SONDE_E_USAGE, "'%.40s' cannot be an interface's name",
                             config->outside.items[i]);
    return 0;
}

/* Into a new file; one that is there may be somebody's work. */
static int write_file(const char *path, const struct text *text, struct sonde_error *error)
{
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    FILE *file = descriptor >= 0 ? fdopen(descriptor, "w") : NULL;
    int code;

    if (file == NULL) {
        code = error_set(error, -errno, "%s: %s", path, sonde_error_text(-errno));
        if (error->code == -EEXIST)
            error_hint(error, "It stays as it is; name another file, or remove it first");
        if (descriptor >= 0)
            close(descriptor);
        return code;
    }
    fwrite(text->data, 1, text->length, file);
    code = fflush(file) == 0 && fsync(descriptor) == 0 ? 0 : -errno;
    if (fclose(file) != 0 && code == 0)
        code = -errno;
    if (code < 0) {
        error_set(error, code, "%s: %s", path, sonde_error_text(code));
        unlink(path); /* half a policy is none */
    }
    return code;
}

static int run(const struct session *session, const void *settings, char **operands, size_t count)
{
    const struct config *config = settings;
    _cleanup_text_ struct text text = {0};
    struct sonde_error error = {0};

    (void)operands;
    (void)count;
    if (session->json) {
        error_set(&error, SONDE_E_USAGE, "a policy is a YAML file");
        error_hint(&error, "`sonde guard export json FILE` writes one as JSON");
        return complain(&error);
    }
    if (check(config, &error) < 0)
        return complain(&error);
    policy_add_template(&text, (enum policy_role)config->role, config->outside.items, config->outside.count);
    if (config->output == NULL || strcmp(config->output, "-") == 0)
        fwrite(text.data, 1, text.length, stdout);
    else if (write_file(config->output, &text, &error) < 0)
        return complain(&error);
    else
        fprintf(stderr, "sonde: wrote %s. Next: sonde guard rehearse %s\n", config->output, config->output);
    return EXIT_HOLDS;
}

static const struct option_row options[] = {
    {"role", 'r', OPTION_CHOICE, offsetof(struct config, role), "ROLE",
     "what the machine is; host unless it is said", .choices = "host|router|edge"},
    {"outside", 0, OPTION_TEXTS, offsetof(struct config, outside), "INTERFACE",
     "of an edge: an interface that leads to the Internet; may be given again"},
    {"output", 'o', OPTION_TEXT, offsetof(struct config, output), "FILE",
     "write to a new file instead of standard output"},
    {0},
};

const struct command command_guard_init = {
    .name = "guard init",
    .summary = "write a policy for a role, with a comment for each message saying why",
    .details = "The policy lets pass what the catalog advises (RFC 4890 and others; `sonde explain` shows it "
               "message by message) and drops the rest. An existing file is never overwritten.",
    .options = options,
    .config_size = sizeof(struct config),
    .run = run,
};
