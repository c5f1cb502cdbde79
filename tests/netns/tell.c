/* SPDX-License-Identifier: MIT */
/* What lib/net says about this machine, for tests.
 *
 * tell resolve NAME...        addresses, or the sentence that says why there are none
 * tell growth COMMAND         the kernel's counters that grow while the command runs
 * tell rules 4|6 tcp|udp PORT the firewall rules that decide about packets to the port
 * tell sandbox refuse|kill    what works inside of it, and what does not
 * tell nobody ...             any of these without root */
#include <errno.h>
#include <grp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/resolve.h"
#include "net/sandbox.h"
#include "net/server/counters.h"
#include "net/server/rules/ruleset.h"

enum { LIST_MAX = 32, NOBODY = 65534 };

static int complain(const struct sonde_error *error)
{
    printf("%s\n%s\n", error->what, error->hint);
    return 1;
}

static int tell_names(int count, char **names)
{
    for (int i = 0; i < count; i++) {
        struct sonde_address list[LIST_MAX];
        struct sonde_error error = {0};
        char text[SONDE_ADDRESS_TEXT];
        int found = resolve(names[i], 0, list, LIST_MAX, &error);

        printf("%s:", names[i]);
        for (int k = 0; k < found; k++)
            printf(" %s", sonde_address_format(&list[k], text));
        printf("%s\n", found < 0 ? error.what : "");
    }
    return 0;
}

static int tell_growth(int count, char **words)
{
    struct counters before = {0}, after = {0};
    struct counter changes[LIST_MAX];
    struct sonde_error error = {0};
    size_t grown = 0;

    if (count != 1 || counters_read(&before, &error) != 0 || system(words[0]) < 0 ||
        counters_read(&after, &error) != 0)
        return complain(&error);
    grown = counters_growth(&before, &after, changes, LIST_MAX);
    for (size_t i = 0; i < grown && i < LIST_MAX; i++)
        printf("%s +%lld\n", changes[i].name, (long long)changes[i].value);
    counters_deinit(&before);
    counters_deinit(&after);
    return 0;
}

static int tell_rules(int count, char **words)
{
    static const char *const verdicts[] = {"accept", "drop", "reject", "queue", "translate"};
    static const char *const applies[] = {"no", "rarely", "maybe", "often", "yes"};
    struct ruleset ruleset = {0};
    struct ruleset_trace trace;
    struct sonde_error error = {0};

    if (count != 3 || ruleset_read(&ruleset, &error) != 0)
        return complain(&error);
    ruleset_trace(&ruleset,
                  &(struct ruleset_question){.family = (uint8_t)atoi(words[0]),
                                             .udp = strcmp(words[1], "udp") == 0,
                                             .port = (uint16_t)atoi(words[2])},
                  "input", &trace);
    for (size_t i = 0; i < trace.count && i < RULESET_TRACE_MAX; i++) {
        const struct ruleset_rule *rule = &trace.rules[i];

        printf("%s %s %s %s %s%s packets=%lld %s\n", rule->family, rule->table, rule->chain,
               verdicts[rule->verdict], applies[rule->applies], rule->policy ? " policy" : "",
               (long long)rule->packets, rule->comment);
    }
    printf("stopped=%s passed=%s\n", applies[trace.stopped], applies[trace.passed]);
    ruleset_deinit(&ruleset);
    return 0;
}

static void tell_call(const char *name, bool works)
{
    int error = errno;

    printf("%s %s\n", name, works ? "works" : strerrorname_np(error));
    fflush(stdout);
}

static int tell_sandbox(int count, char **words)
{
    struct sandbox_state state = {0};
    struct sonde_error error = {0};
    void *volatile memory;

    if (count != 1 ||
        sandbox_enter(strcmp(words[0], "kill") == 0 ? SANDBOX_KILL : SANDBOX_REFUSE, &error) != 0)
        return complain(&error);
    sandbox_query(&state);
    printf("capable %d no-new-privileges %d filtered %d\n", state.capable, state.no_new_privileges,
           state.filtered);
    tell_call("socket-udp", socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0) >= 0);
    tell_call("socket-tcp", socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) >= 0);
    memory = malloc(8 << 20);
    tell_call("malloc", memory != NULL);
    free(memory);
    tell_call("mmap-executable",
              mmap(NULL, 4096, PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
    tell_call("socket-packet", socket(AF_PACKET, SOCK_RAW, 0) >= 0);
    tell_call("socket-raw", socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) >= 0);
    tell_call("socket-unix", socket(AF_UNIX, SOCK_STREAM, 0) >= 0);
    tell_call("unlink", unlink("/nowhere/at/all") == 0);
    tell_call("execve", execl("/bin/true", "true", (char *)NULL) == 0);
    return 0;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(int count, char **words);
    } commands[] = {
        {"resolve", tell_names}, {"growth", tell_growth}, {"rules", tell_rules}, {"sandbox", tell_sandbox}};

    if (argc > 2 && strcmp(argv[1], "nobody") == 0) {
        if (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
            setresuid(NOBODY, NOBODY, NOBODY) < 0) {
            perror("tell: nobody");
            return 2;
        }
        argc--;
        argv++;
    }
    for (size_t i = 0; i < COUNT_OF(commands) && argc > 1; i++)
        if (strcmp(commands[i].name, argv[1]) == 0)
            return commands[i].run(argc - 2, argv + 2);
    fprintf(stderr, "tell: see the first lines of %s\n", __FILE__);
    return 2;
}
