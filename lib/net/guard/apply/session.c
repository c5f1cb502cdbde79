/* SPDX-License-Identifier: MIT */
/* From which connection somebody works, as the processes above this one tell. */
#include "net/guard/apply/session.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/slice.h"
#include "base/text.h"
#include "net/guard/apply/folder.h"

enum { DEPTH_MAX = 64 };

/* Fields of /proc/PID/stat. */
enum { FIELD_PARENT = 4, FIELD_SESSION = 6, FIELD_TERMINAL = 7, FIELD_STARTED = 22 };

/* What /proc/PID/stat says (proc(5)). */
struct process {
    int parent, session, terminal;
    unsigned long long started;
};

/* Where a field begins, counted as proc(5) does; the second is a name in parentheses that may hold anything.
 */
static const char *find_field(const char *stat, int number)
{
    const char *at = strrchr(stat, ')');

    for (int field = 2; at && field < number; field++) {
        at = strchr(at, ' ');
        at = at ? at + 1 : NULL;
    }
    return at ? at : "";
}

static bool read_process(int pid, struct process *process)
{
    _cleanup_free_ char *folder = text_format("/proc/%d", pid);
    _cleanup_text_ struct text stat = {0};
    const char *last;

    if (folder_read(folder, "stat", &stat, NULL) < 0)
        return false;
    last = find_field(text_get(&stat), FIELD_STARTED);
    if (!*last)
        return false;
    *process = (struct process){
        .parent = (int)strtol(find_field(text_get(&stat), FIELD_PARENT), NULL, 10),
        .session = (int)strtol(find_field(text_get(&stat), FIELD_SESSION), NULL, 10),
        .terminal = (int)strtol(find_field(text_get(&stat), FIELD_TERMINAL), NULL, 10),
        .started = strtoull(last, NULL, 10),
    };
    return true;
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
    unsigned long number;

    if (folder_read("/proc/self", "sessionid", &text, NULL) < 0 || text.length == 0)
        return false;
    number = strtoul(text_get(&text), NULL, 10);
    snprintf(login, SESSION_MAX, "login %lu", number);
    return number != UINT32_MAX; /* nobody logged in, as far as the audit system knows */
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
