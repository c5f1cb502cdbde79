/* SPDX-License-Identifier: MIT */
/* From which connection somebody works, as the processes above this one tell. */
#include "net/guard/apply/session.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/slice.h"
#include "base/text.h"
#include "net/guard/apply/folder.h"

enum { DEPTH_MAX = 64, TEXT_MAX = 64, NO_AUDIT = -1 /* (uint32_t)-1: nobody logged in */ };

/* What /proc/PID/stat says (proc(5)). */
struct process {
    int parent, session, terminal;
    unsigned long long started;
};

static bool read_process(int pid, struct process *process)
{
    _cleanup_free_ char *folder = text_format("/proc/%d", pid);
    _cleanup_text_ struct text stat = {0};
    const char *after;

    if (folder_read(folder, "stat", &stat, NULL) < 0)
        return false;
    after = strrchr(text_get(&stat), ')'); /* the name before it may hold anything */
    return after &&
           sscanf(after, ") %*c %d %*d %d %d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
                  &process->parent, &process->session, &process->terminal, &process->started) == 4;
}

static bool read_ssh(int pid, char ssh[SESSION_MAX])
{
    static const char name[] = "SSH_CONNECTION=";
    _cleanup_free_ char *folder = text_format("/proc/%d", pid);
    _cleanup_text_ struct text environment = {0};
    const char *at, *end;

    if (folder_read(folder, "environ", &environment, NULL) < 0)
        return false;
    at = text_get(&environment);
    end = at + environment.length;
    for (; at < end; at += strlen(at) + 1)
        if (strncmp(at, name, sizeof(name) - 1) == 0) {
            snprintf(ssh, SESSION_MAX, "%s", at + sizeof(name) - 1);
            return true;
        }
    return false;
}

static bool read_audit(char login[SESSION_MAX])
{
    _cleanup_text_ struct text text = {0};
    unsigned number;

    if (folder_read("/proc/self", "sessionid", &text, NULL) < 0 ||
        sscanf(text_get(&text), "%u", &number) != 1 || number == (unsigned)NO_AUDIT)
        return false;
    snprintf(login, SESSION_MAX, "login %u", number);
    return true;
}

static void name_login(int session, char login[SESSION_MAX])
{
    struct process leader = {0};

    read_process(session, &leader); /* without one its number must do */
    snprintf(login, SESSION_MAX, "session %d since %llu", session, leader.started);
}

void session_read(struct session_of *session)
{
    int outermost = (int)getsid(0), pid = (int)getpid();
    struct process process;

    *session = (struct session_of){0};
    for (int depth = 0; depth < DEPTH_MAX && pid > 1 && read_process(pid, &process); depth++) {
        if (!session->ssh[0])
            read_ssh(pid, session->ssh);
        if (process.terminal != 0)
            outermost = process.session;
        pid = process.parent;
    }
    if (!read_audit(session->login))
        name_login(outermost, session->login);
}

bool session_same(const struct session_of *one, const struct session_of *other)
{
    if (one->ssh[0] || other->ssh[0])
        return strcmp(one->ssh, other->ssh) == 0;
    return strcmp(one->login, other->login) == 0;
}
