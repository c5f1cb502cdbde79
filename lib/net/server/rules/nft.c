/* SPDX-License-Identifier: MIT */
/* Listing this machine's firewall rules with the nft command, which is not linked for its licence. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "net/server/rules/ruleset.h"
#include "net/sock.h"

enum { OUTPUT_MAX = 64 << 20 /* octets; a larger answer is cut and then no JSON */ };

static const int64_t patience_ns = 5 * NS_PER_S;

/* Never by PATH: this may run with privileges. */
static const char *const places[] = {"/usr/sbin/nft", "/sbin/nft", "/usr/bin/nft", "/usr/local/sbin/nft"};

static const char *find_nft(void)
{
    for (size_t i = 0; i < COUNT_OF(places); i++)
        if (access(places[i], X_OK) == 0)
            return places[i];
    return NULL;
}

static int start(const char *program, bool json, int output, pid_t *pid)
{
    char name[] = "nft", json_option[] = "-j", handles[] = "-a", list[] = "list", what[] = "ruleset";
    char *arguments[] = {name, json ? json_option : handles, list, what, NULL}, *environment[] = {NULL};
    posix_spawn_file_actions_t actions;
    int error = posix_spawn_file_actions_init(&actions);

    if (error != 0)
        return -error;
    error = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    if (error == 0)
        error = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (error == 0)
        error = posix_spawn(pid, program, &actions, NULL, arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    return -error;
}

static int read_all(int fd, struct text *output)
{
    int64_t deadline_ns = sock_now() + patience_ns;
    char part[16384];

    for (;;) {
        struct pollfd waiting = {.fd = fd, .events = POLLIN};
        int64_t left_ns = deadline_ns - sock_now();
        int ready = left_ns > 0 ? poll(&waiting, 1, (int)(left_ns / NS_PER_MS) + 1) : 0;
        ssize_t length;

        if (ready <= 0)
            return ready == 0 ? -ETIMEDOUT : -errno;
        length = read(fd, part, sizeof(part));
        if (length <= 0)
            return length == 0 ? 0 : -errno;
        if (output->length < OUTPUT_MAX)
            text_add_octets(output, part, (size_t)length);
    }
}

/* Run nft; its exit status, or -errno. */
static int run(const char *program, bool json, struct text *output)
{
    int ends[2] = {-1, -1}, error, status = 0;
    pid_t pid = -1;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    error = start(program, json, ends[1], &pid);
    close(ends[1]);
    if (error == 0 && pid > 0) {
        error = read_all(ends[0], output);
        if (error != 0)
            kill(pid, SIGKILL);
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            continue;
    }
    close(ends[0]);
    if (error != 0)
        return error;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -EIO;
}

int ruleset_read(struct ruleset *ruleset, struct sonde_error *error)
{
    struct text _cleanup_text_ output = {0}, words = {0};
    const char *program = find_nft();
    int status;

    if (program == NULL) {
        error_set(error, SONDE_E_UNSUPPORTED, "the firewall rules cannot be listed without the nft command");
        error_hint(error, "apt install nftables");
        return SONDE_E_UNSUPPORTED;
    }
    status = run(program, true, &output);
    if (status < 0)
        return error_set(error, status, "%s does not list the firewall rules: %s", program,
                         strerror(-status));
    if (status > 0) {
        error_set(error, SONDE_E_PERMISSION, "the firewall rules may be read only with CAP_NET_ADMIN");
        error_hint(error, "run the same command with sudo");
        return SONDE_E_PERMISSION;
    }
    status = ruleset_parse(ruleset, text_get(&output), output.length, error);
    /* Without it the verdicts are the same but for some of iptables' own matches. */
    if (status == 0 && run(program, false, &words) == 0)
        ruleset->text = text_take(&words);
    return status;
}

int ruleset_parse(struct ruleset *ruleset, const char *text, size_t length, struct sonde_error *error)
{
    json_error_t where;
    json_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES, &where);

    if (root == NULL)
        return error_set(error, SONDE_E_FORMAT, "nft wrote no JSON: %s (line %d)", where.text, where.line);
    if (!json_is_array(json_object_get(root, "nftables"))) {
        json_decref(root);
        return error_set(error, SONDE_E_FORMAT, "what nft wrote holds no ruleset");
    }
    ruleset_deinit(ruleset);
    ruleset->root = root;
    return 0;
}

void ruleset_deinit(struct ruleset *ruleset)
{
    json_decref(ruleset->root);
    ruleset->root = NULL;
    free(ruleset->text);
    ruleset->text = NULL;
}
