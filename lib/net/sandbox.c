/* SPDX-License-Identifier: MIT */
/* What a diagnosis gives up once its sockets are open: every capability, and every system call it does not
 * need. */
#include "net/sandbox.h"

#include <cap-ng.h>
#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/sockios.h> /* SIOCOUTQ */

/** System calls that are allowed whatever their arguments. */
static const int calls_always[] = {
    /* what is open already */
    SCMP_SYS(read),
    SCMP_SYS(readv),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(close),
    SCMP_SYS(lseek),
    SCMP_SYS(fstat),
    SCMP_SYS(newfstatat), /* fstat() of glibc 2.33 and later */
    SCMP_SYS(fcntl),
    SCMP_SYS(fsync),
    /* sockets */
    SCMP_SYS(connect),
    SCMP_SYS(bind),
    SCMP_SYS(getsockname),
    SCMP_SYS(getpeername),
    SCMP_SYS(setsockopt),
    SCMP_SYS(getsockopt),
    SCMP_SYS(sendto),
    SCMP_SYS(sendmsg),
    SCMP_SYS(sendmmsg),
    SCMP_SYS(recvfrom),
    SCMP_SYS(recvmsg),
    SCMP_SYS(recvmmsg),
    SCMP_SYS(shutdown),
    SCMP_SYS(accept4), /* of a socket that listens already */
    /* waiting */
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(epoll_create1),
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_pwait2),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    /* memory, but for mmap and mprotect (below) */
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    /* signals and the end */
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(futex),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
    /* looking at oneself */
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getrandom),
    SCMP_SYS(capget),
};

/** What the run-time of AddressSanitizer needs besides, above all to look for leaks at the end. */
static const int calls_of_sanitizer[] = {
    SCMP_SYS(clone),
    SCMP_SYS(ptrace),
    SCMP_SYS(wait4),
    SCMP_SYS(prctl),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(openat),
    SCMP_SYS(open),
    SCMP_SYS(readlink),
    SCMP_SYS(getdents),
    SCMP_SYS(getdents64),
    SCMP_SYS(getppid),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(getrlimit),
    SCMP_SYS(prlimit64),
    SCMP_SYS(pipe2),
    SCMP_SYS(kill),
    SCMP_SYS(tgkill),
    SCMP_SYS(arch_prctl),
    SCMP_SYS(rt_sigpending),
};

/** A system call that is allowed with certain arguments only. */
struct condition {
    int call;
    unsigned int count;
    struct scmp_arg_cmp arguments[2];
};

enum { TYPE_MASK = 0xf /* the rest of a socket type is flags */ };

#define SOCKET_OF(family, type)                                                                              \
    {                                                                                                        \
        SCMP_SYS(socket), 2,                                                                                 \
        {                                                                                                    \
            {0, SCMP_CMP_EQ, family, 0},                                                                     \
            {                                                                                                \
                1, SCMP_CMP_MASKED_EQ, TYPE_MASK, type                                                       \
            }                                                                                                \
        }                                                                                                    \
    }
#define IF_EQUAL(call, number, value)                                                                        \
    {                                                                                                        \
        SCMP_SYS(call), 1,                                                                                   \
        {                                                                                                    \
            {                                                                                                \
                number, SCMP_CMP_EQ, value, 0                                                                \
            }                                                                                                \
        }                                                                                                    \
    }
#define UNLESS_EXECUTABLE(call)                                                                              \
    {                                                                                                        \
        SCMP_SYS(call), 1,                                                                                   \
        {                                                                                                    \
            {                                                                                                \
                2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0                                                          \
            }                                                                                                \
        }                                                                                                    \
    }

static const struct condition conditions[] = {
    SOCKET_OF(AF_INET, SOCK_STREAM),
    SOCKET_OF(AF_INET, SOCK_DGRAM),
    SOCKET_OF(AF_INET6, SOCK_STREAM),
    SOCKET_OF(AF_INET6, SOCK_DGRAM),
    IF_EQUAL(ioctl, 1, SIOCOUTQ),
    IF_EQUAL(ioctl, 1, FIONREAD),
    IF_EQUAL(ioctl, 1, TCGETS),
    IF_EQUAL(ioctl, 1, TIOCGWINSZ),
    /* a terminal gets the modes back that it had, and Ctrl-Z stops the programs of this job */
    IF_EQUAL(ioctl, 1, TCSETS),
    IF_EQUAL(ioctl, 1, TCSETSW),
    IF_EQUAL(ioctl, 1, TCSETSF),
    IF_EQUAL(ioctl, 1, TCFLSH),
    {SCMP_SYS(kill), 2, {{0, SCMP_CMP_EQ, 0, 0}, {1, SCMP_CMP_EQ, SIGTSTP, 0}}},
    /* a thread of this process, never a process */
    {SCMP_SYS(clone), 1, {{0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD}}},
    IF_EQUAL(prctl, 0, PR_GET_NO_NEW_PRIVS),
    IF_EQUAL(prctl, 0, PR_GET_SECCOMP),
    UNLESS_EXECUTABLE(mmap),
    UNLESS_EXECUTABLE(mprotect),
};

/* Part of the run-time of AddressSanitizer; absent in a build without it. */
extern void __asan_init(void) __attribute__((weak));

static int allow_all(scmp_filter_ctx filter, const int *calls, size_t count)
{
    int error = 0;

    for (size_t i = 0; i < count && error == 0; i++)
        error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
    return error;
}

static int fill_filter(scmp_filter_ctx filter)
{
    int error = allow_all(filter, calls_always, COUNT_OF(calls_always));

    if (error == 0 && __asan_init != NULL)
        error = allow_all(filter, calls_of_sanitizer, COUNT_OF(calls_of_sanitizer));
    if (error == 0) /* its arguments cannot be seen; libc then falls back to clone */
        error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    for (size_t i = 0; i < COUNT_OF(conditions) && error == 0; i++) {
        const struct condition *condition = &conditions[i];

        error = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, condition->call, condition->count,
                                       condition->arguments);
        /* The sanitizer's list may allow the call as a whole already. */
        if (error == -EEXIST)
            error = 0;
    }
    return error;
}

static int filter_calls(enum sandbox_answer answer)
{
    scmp_filter_ctx filter =
        seccomp_init(answer == SANDBOX_KILL ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_ERRNO(EPERM));
    int error;

    if (filter == NULL)
        return -ENOMEM;
    error = fill_filter(filter);
    if (error == 0)
        error = seccomp_load(filter);
    seccomp_release(filter);
    return error;
}

static int drop_capabilities(void)
{
    if (capng_get_caps_process() != 0)
        return -EPERM;
    capng_clear(CAPNG_SELECT_ALL);
    /* Only a process with CAP_SETPCAP may empty its bounding set; without it there is no_new_privs. */
    (void)capng_apply(CAPNG_SELECT_BOUNDS);
    capng_clear(CAPNG_SELECT_ALL);
    (void)capng_apply(CAPNG_SELECT_AMBIENT);
    return capng_apply(CAPNG_SELECT_CAPS) == 0 ? 0 : -EPERM;
}

int sandbox_enter(enum sandbox_answer answer, struct sonde_error *error)
{
    int failed = drop_capabilities();

    if (failed != 0)
        return error_set(error, failed, "cannot drop the capabilities of this process");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return error_set(error, -errno, "cannot renounce new privileges: %s", strerror(errno));
    failed = filter_calls(answer);
    if (failed != 0)
        return error_set(error, failed, "cannot restrict the system calls of this process: %s",
                         strerror(-failed));
    return 0;
}

int sandbox_query(struct sandbox_state *state)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {0};
    int no_new_privileges = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), mode = prctl(PR_GET_SECCOMP, 0, 0, 0, 0);

    if (syscall(SYS_capget, &header, sets) < 0)
        return -errno;
    memset(state, 0, sizeof(*state));
    for (size_t i = 0; i < COUNT_OF(sets); i++)
        state->capable |= (sets[i].effective | sets[i].permitted | sets[i].inheritable) != 0;
    state->no_new_privileges = no_new_privileges == 1;
    state->filtered = mode == 2; /* SECCOMP_MODE_FILTER */
    return 0;
}
