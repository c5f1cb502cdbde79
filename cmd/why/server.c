/* SPDX-License-Identifier: MIT */
/* sonde why --from-server: what this machine does with packets to its own ports. */
#include "cmd/why/server.h"

#include <errno.h>
#include <string.h>

#include "cmd/front/interrupt.h"
#include "cmd/why/exit.h"
#include "net/sandbox.h"
#include "net/server/server.h"

enum { QUESTIONS_MAX = 1024 };

/** What is asked. */
struct questions {
    struct server_question items[QUESTIONS_MAX];
    size_t count;
};

static int exit_of(const struct server_report *report)
{
    int exit = exit_of_state(report->state);

    if (exit == EXIT_CANNOT_TELL && !strcmp(report->firewall, "no-permission"))
        return EXIT_PERMISSION;
    return exit;
}

static int answer(const struct session *session, const struct server_facts *facts,
                  const struct server_question *question, struct report_file *file)
{
    struct server_report *reports[SERVER_REPORTS_MAX];
    struct sonde_error error = {0};
    int count = server_ask(facts, question, reports, &error), exit = EXIT_HOLDS;

    if (count < 0)
        return complain(&error);
    for (int i = 0; i < count; i++) {
        session->sink->record(session->sink, &server_schema, reports[i]);
        report_file_add(file, &server_schema, reports[i]);
        exit = exit_worse(exit, exit_of(reports[i]));
        server_report_free(reports[i]);
    }
    return exit;
}

/* All that was to be read is read: what remains is to think and to print. */
static int answer_all(const struct session *session, const struct server_facts *facts,
                      const struct questions *questions, struct report_file *file)
{
    struct sonde_error error = {0};
    int exit = EXIT_HOLDS;

    if (sandbox_enter(SANDBOX_REFUSE, &error) < 0)
        return complain(&error);
    session->sink->begin(session->sink, &server_schema);
    for (size_t i = 0; i < questions->count; i++)
        exit = exit_worse(exit, answer(session, facts, &questions->items[i], file));
    return exit;
}

static int parse_all(struct questions *questions, const struct why_server_options *options, char **ports,
                     size_t count)
{
    struct sonde_error error = {0};
    int exit = EXIT_HOLDS;

    for (size_t i = 0; i < count && questions->count < QUESTIONS_MAX; i++) {
        struct server_question *question = &questions->items[questions->count];

        if (server_question_parse(ports[i], question, &error) < 0) {
            exit = exit_worse(exit, complain(&error));
            continue;
        }
        if (question->family == 0)
            question->family = options->family;
        questions->count++;
    }
    return exit;
}

static void list_all(struct questions *questions, const struct why_server_options *options,
                     const struct server_facts *facts)
{
    size_t count = server_list(facts, questions->items, QUESTIONS_MAX);

    questions->count = count < QUESTIONS_MAX ? count : QUESTIONS_MAX;
    for (size_t i = 0; i < questions->count; i++)
        questions->items[i].family = options->family;
}

static int look_and_answer(const struct session *session, const struct why_server_options *options,
                           struct questions *questions, bool all, struct report_file *file)
{
    struct server_sender sender = {options->source, options->interface};
    struct server_facts facts = {0};
    struct sonde_error error = {0};
    int exit = EXIT_HOLDS, code = server_facts_read(&facts, &sender, &error);

    if (code < 0) {
        server_facts_deinit(&facts);
        return complain(&error);
    }
    if (options->watch_ns > 0)
        interrupt_catch();
    if (options->watch_ns > 0 && server_facts_watch(&facts, options->watch_ns) == -EINTR)
        exit = EXIT_INTERRUPTED;
    if (all)
        list_all(questions, options, &facts);
    exit = exit_worse(exit, answer_all(session, &facts, questions, file));
    server_facts_deinit(&facts);
    return exit;
}

int why_server(const struct session *session, const struct why_server_options *options, char **ports,
               size_t count, struct report_file *file)
{
    struct questions *questions = calloc(1, sizeof(*questions));
    int exit;

    if (!questions)
        abort(); /* as base/text.c */
    exit = parse_all(questions, options, ports, count);
    if (questions->count > 0 || count == 0)
        exit = exit_worse(exit, look_and_answer(session, options, questions, count == 0, file));
    free(questions);
    return exit;
}
