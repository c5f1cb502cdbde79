/* SPDX-License-Identifier: MIT */
/* Rules loaded in a network namespace of a child process, and listed from there. */
#include "net/guard/apply/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/guard/live/fingerprint.h"
#include "net/program/nft.h"
#include "policy/target/nft.h"

/* What the child tells in front of the list. */
struct outcome {
    int code;
    struct sonde_error error;
};

static void write_all(int fd, const void *octets, size_t length)
{
    for (size_t done = 0; done < length;) {
        ssize_t count = write(fd, (const char *)octets + done, length - done);

        if (count < 0 && errno != EINTR)
            return; /* the parent sees that something is missing */
        done += count > 0 ? (size_t)count : 0;
    }
}

static int load(const char *rules, struct text *said, struct sonde_error *error)
{
    int code;

    if (unshare(CLONE_NEWNET) < 0) {
        code = errno == EPERM ? SONDE_E_PERMISSION : -errno;
        return error_set(error, code, "cannot make a network namespace: %s", strerror(errno));
    }
    code = nft_load(rules, error);
    return code < 0 ? code : nft_list("table inet " GUARD_TABLE, NFT_JSON, said, error);
}

static _Noreturn void be_child(int fd, const char *rules)
{
    struct outcome outcome = {0};
    struct text said = {0};

    outcome.code = load(rules, &said, &outcome.error);
    write_all(fd, &outcome, sizeof(outcome));
    write_all(fd, text_get(&said), said.length);
    _exit(0);
}

static int read_all(int fd, struct outcome *outcome, struct text *said)
{
    struct text all = {0};
    char part[16384];
    ssize_t length;

    while ((length = read(fd, part, sizeof(part))) != 0) {
        if (length > 0)
            text_add_octets(&all, part, (size_t)length);
        else if (errno != EINTR)
            break;
    }
    if (all.length >= sizeof(*outcome)) {
        memcpy(outcome, all.data, sizeof(*outcome));
        text_add_octets(said, all.data + sizeof(*outcome), all.length - sizeof(*outcome));
    }
    length = all.length >= sizeof(*outcome) ? 0 : -EIO;
    text_deinit(&all);
    return (int)length;
}

static int list_elsewhere(const char *rules, struct text *said, struct sonde_error *error)
{
    struct outcome outcome = {0};
    int ends[2], code;
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return error_set(error, -errno, "cannot make a pipe: %s", strerror(errno));
    pid = fork();
    if (pid == 0)
        be_child(ends[1], rules);
    code = pid < 0 ? -errno : 0;
    close(ends[1]);
    if (code == 0)
        code = read_all(ends[0], &outcome, said);
    close(ends[0]);
    while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    if (code < 0)
        return error_set(error, code, "cannot try the rules elsewhere: %s", strerror(-code));
    if (outcome.code < 0 && error)
        *error = outcome.error;
    return outcome.code;
}

int verify_rules(const char *rules, const struct live_table *live, const char *slot,
                 struct sonde_error *error)
{
    _cleanup_text_ struct text said = {0};
    _cleanup_live_ struct live_table loaded = {0};
    int code = list_elsewhere(rules, &said, error);

    if (code == 0)
        code = live_parse(&loaded, &said, error);
    if (code < 0)
        return code;
    if (!loaded.firm[0] || fingerprint_slot(loaded.json, loaded.firm) != fingerprint_slot(live->json, slot))
        return error_set(error, SONDE_E_FORMAT,
                         "the rules for the next boot do not say the same as the rules in force");
    return 0;
}
