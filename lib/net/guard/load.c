/* SPDX-License-Identifier: MIT */
/* Rules of nft, judged by what the kernel makes of it: loaded in a network namespace that ends at once. */
#include "net/guard/load.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/macro.h"
#include "net/lab/rtnl.h"
#include "net/program/nft.h"

/** What the child says first; the JSON follows. */
struct answer {
    int result;
    struct sonde_error error;
};

static bool put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : write(fd, text, strlen(text));

    if (fd >= 0)
        close(fd);
    return length == (ssize_t)strlen(text);
}

/* A network namespace; without the right to make one, in a user namespace in which the caller is root. */
static int enter(struct sonde_error *error)
{
    char map[64];
    uid_t user = geteuid();
    gid_t group = getegid();

    if (unshare(CLONE_NEWNET) == 0)
        return 0;
    if (errno == EPERM && unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0) {
        (void)put("/proc/self/setgroups", "deny");
        snprintf(map, sizeof(map), "0 %u 1", user);
        if (put("/proc/self/uid_map", map)) {
            snprintf(map, sizeof(map), "0 %u 1", group);
            if (put("/proc/self/gid_map", map))
                return 0;
        }
    }
    error_set(error, SONDE_E_PERMISSION,
              "rules can only be judged by loading them in a network namespace, which is not allowed: %s",
              strerror(errno));
    error_hint(error, "Run the same command with sudo");
    return SONDE_E_PERMISSION;
}

static int load(const char *rules, const char *const *devices, struct text *json, struct sonde_error *error)
{
    int result = enter(error);

    for (; result == 0 && *devices; devices++) {
        int made = strcmp(*devices, "lo") == 0 ? 0 : rtnl_add_bridge(*devices);

        if (made < 0 && made != -EEXIST)
            result = error_set(error, made, "no interface %s for a trial can be made: %s", *devices,
                               strerror(-made));
    }
    if (result == 0)
        result = nft_load(rules, error);
    return result == 0 ? nft_list("ruleset", NFT_JSON, json, error) : result;
}

static bool send_all(int fd, const void *data, size_t length)
{
    for (size_t done = 0; done < length;) {
        ssize_t count = write(fd, (const char *)data + done, length - done);

        if (count < 0 && errno != EINTR)
            return false;
        done += count > 0 ? (size_t)count : 0;
    }
    return true;
}

static void be_child(int fd, const char *rules, const char *const *devices)
{
    struct answer answer = {0};
    struct text json = {0};

    answer.result = load(rules, devices, &json, &answer.error);
    (void)(send_all(fd, &answer, sizeof(answer)) && send_all(fd, text_get(&json), json.length));
    _exit(0);
}

static int listen_to(int fd, struct text *json, struct sonde_error *error)
{
    struct answer answer;
    struct text said = {0};
    char part[16384];
    ssize_t count;

    while ((count = read(fd, part, sizeof(part))) > 0 || (count < 0 && errno == EINTR))
        if (count > 0)
            text_add_octets(&said, part, (size_t)count);
    if (said.length < sizeof(answer)) {
        text_deinit(&said);
        return error_set(error, -EIO, "the trial of the rules ended without a word");
    }
    memcpy(&answer, said.data, sizeof(answer));
    text_add_octets(json, said.data + sizeof(answer), said.length - sizeof(answer));
    text_deinit(&said);
    if (answer.result < 0 && error)
        *error = answer.error;
    return answer.result;
}

int load_in_scratch(const char *rules, const char *const *devices, struct text *json,
                    struct sonde_error *error)
{
    int ends[2], result, status;
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return error_set(error, -errno, "there is no pipe to a trial: %s", strerror(errno));
    pid = fork();
    if (pid == 0) {
        close(ends[0]);
        be_child(ends[1], rules, devices);
    }
    close(ends[1]);
    result = pid < 0 ? error_set(error, -errno, "there is no process for a trial: %s", strerror(errno))
                     : listen_to(ends[0], json, error);
    close(ends[0]);
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return result;
}
