/* SPDX-License-Identifier: MIT */
/* Names to addresses, with a bound on the time that a dead name server can cost. */
#include "net/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/sock.h"

enum { ANSWER_ADDRESSES = 32, NO_ANSWER = 1 /* beside the EAI_ codes, which are negative */ };

static const int64_t patience_ns = 2500 * NS_PER_MS;

/** What the child writes to its pipe, in one piece. */
struct answer {
    int status; /* of getaddrinfo */
    int error;  /* errno, if that is EAI_SYSTEM */
    size_t count;
    struct sonde_address addresses[ANSWER_ADDRESSES];
};

static void take_addresses(const struct addrinfo *found, struct answer *answer)
{
    for (; found != NULL && answer->count < ANSWER_ADDRESSES; found = found->ai_next) {
        struct sockaddr_storage storage = {0};

        memcpy(&storage, found->ai_addr,
               found->ai_addrlen < sizeof(storage) ? found->ai_addrlen : sizeof(storage));
        answer->addresses[answer->count] = sock_address_read(&storage);
        if (answer->addresses[answer->count].family != 0)
            answer->count++;
    }
}

static void ask(const char *name, uint8_t family, struct answer *answer)
{
    /* One socket type, or each address comes three times. */
    struct addrinfo hints = {.ai_family = family == 4   ? AF_INET
                                          : family == 6 ? AF_INET6
                                                        : AF_UNSPEC,
                             .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;

    memset(answer, 0, sizeof(*answer));
    answer->status = getaddrinfo(name, NULL, &hints, &found);
    answer->error = errno;
    if (answer->status != 0)
        return;
    take_addresses(found, answer);
    freeaddrinfo(found);
}

static void child(const char *name, uint8_t family, int fd)
{
    struct answer answer;

    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    ask(name, family, &answer);
    _exit(write(fd, &answer, sizeof(answer)) == (ssize_t)sizeof(answer) ? 0 : 1);
}

static int read_answer(int fd, struct answer *answer)
{
    int64_t deadline_ns = sock_now() + patience_ns;
    size_t length = 0;

    while (length < sizeof(*answer)) {
        struct pollfd waiting = {.fd = fd, .events = POLLIN};
        int64_t left_ns = deadline_ns - sock_now();
        int ready = left_ns > 0 ? poll(&waiting, 1, (int)(left_ns / NS_PER_MS) + 1) : 0;
        ssize_t got;

        if (ready <= 0)
            return ready == 0 ? -ETIMEDOUT : -errno;
        got = read(fd, (char *)answer + length, sizeof(*answer) - length);
        if (got <= 0)
            return got == 0 ? -EIO : -errno;
        length += (size_t)got;
    }
    return answer->count <= ANSWER_ADDRESSES ? 0 : -EIO;
}

static int run_child(const char *name, uint8_t family, struct answer *answer)
{
    int ends[2], error;
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return -errno;
    pid = fork();
    if (pid == 0)
        child(name, family, ends[1]);
    error = pid < 0 ? -errno : 0;
    close(ends[1]);
    if (pid > 0) {
        error = read_answer(ends[0], answer);
        kill(pid, SIGKILL);
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    close(ends[0]);
    return error;
}

static int explain(const char *name, uint8_t family, const struct answer *answer, struct sonde_error *error)
{
    switch (answer->status) {
    case NO_ANSWER:
        error_set(error, SONDE_E_UNRESOLVED, "no name server answers, so that %s has no address here", name);
        error_hint(error, "see /etc/resolv.conf for the name servers, and ask: sonde why udp://SERVER:53");
        break;
    case EAI_NONAME:
        error_set(error, SONDE_E_UNRESOLVED, "the name %s does not exist", name);
        error_hint(error, "check the spelling; the name server was asked and knows no such name");
        break;
    case EAI_NODATA:
    case EAI_ADDRFAMILY:
        error_set(error, SONDE_E_UNRESOLVED, "the name %s exists, but has no %saddress", name,
                  family == 4   ? "IPv4 "
                  : family == 6 ? "IPv6 "
                                : "");
        break;
    case EAI_AGAIN:
        /* glibc says the same of servers out of reach and of those that report a failure. */
        error_set(error, SONDE_E_UNRESOLVED,
                  "no name server answers for %s: each is out of reach or reports a failure", name);
        error_hint(error, "see /etc/resolv.conf for the name servers, and ask: sonde why udp://SERVER:53");
        break;
    case EAI_FAIL:
        error_set(error, SONDE_E_UNRESOLVED, "the name server fails to resolve %s", name);
        error_hint(error, "the zone or the name server is broken; ask its operator");
        break;
    case EAI_SYSTEM:
        return error_set(error, -answer->error, "cannot resolve %s: %s", name, strerror(answer->error));
    default:
        error_set(error, SONDE_E_UNRESOLVED, "cannot resolve %s: %s", name, gai_strerror(answer->status));
        break;
    }
    return SONDE_E_UNRESOLVED;
}

int resolve(const char *name, uint8_t family, struct sonde_address *list, size_t max,
            struct sonde_error *error)
{
    struct answer answer = {0};
    int failed;

    if (max > 0 && sonde_address_parse(name, &list[0]) == 0) {
        if (family == 0 || list[0].family == family)
            return 1;
        return error_set(error, SONDE_E_UNRESOLVED, "%s is no IPv%d address", name, family);
    }
    failed = run_child(name, family, &answer);
    if (failed == -ETIMEDOUT)
        answer.status = NO_ANSWER;
    else if (failed != 0)
        return error_set(error, failed, "cannot resolve %s: %s", name, strerror(-failed));
    if (answer.status == 0 && answer.count == 0)
        answer.status = EAI_NODATA;
    if (answer.status != 0)
        return explain(name, family, &answer, error);
    if (answer.count > max)
        answer.count = max;
    memcpy(list, answer.addresses, answer.count * sizeof(*list));
    return (int)answer.count;
}
