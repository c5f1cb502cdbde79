/* SPDX-License-Identifier: MIT */
/* Findings of guard lint as people read them: the worst first, each with its proof and its fix. */
#include "cmd/guard/lint_text.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "out/human.h"
#include "out/layout.h"
#include "out/terminal.h"

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

void lint_print_head(const char *name, const struct lint_summary *summary)
{
    _cleanup_text_ struct text text = {0};

    human_add_clean(&text, name);
    if (summary->rules > 0 && summary->tables > 0)
        text_add(&text, ": %zu rule%s in %zu chain%s of %zu table%s", summary->rules, plural(summary->rules),
                 summary->chains, plural(summary->chains), summary->tables, plural(summary->tables));
    if (summary->role)
        text_add(&text, ", judged as %s %s (%s)", summary->role[0] == 'e' ? "an" : "a", summary->role,
                 summary->why);
    printf("%s\n", text_get(&text));
}

static void print_line(const char *title, const char *words)
{
    struct layout layout = {.width = terminal_width(STDOUT_FILENO)};
    _cleanup_text_ struct text clean = {0}, line = {0};

    if (!words)
        return;
    human_add_clean(&clean, words);
    text_add(&line, "  %-6s", title);
    layout_add_wrapped(&line, &layout, 8, text_get(&clean), false);
    fputs(text_get(&line), stdout);
}

static void print_fix(const char *fix)
{
    _cleanup_text_ struct text clean = {0};

    if (!fix)
        return;
    if (!strchr(fix, '\n')) {
        print_line("fix", fix);
        return;
    }
    human_add_clean(&clean, fix);
    printf("  fix\n");
    for (const char *line = text_get(&clean); *line;) {
        int length = (int)strcspn(line, "\n");

        printf("    %.*s\n", length, line);
        line += length + (line[length] == '\n');
    }
}

void lint_print_finding(const struct guard_finding *finding, bool color)
{
    _cleanup_free_ char *prefix = text_format("%s %s", finding->severity, finding->id);
    struct layout layout = {.width = terminal_width(STDOUT_FILENO)};
    _cleanup_text_ struct text message = {0}, lines = {0};
    const char *paint = "";

    if (color)
        paint = strcmp(finding->severity, "error") == 0     ? "\033[1;31m"
                : strcmp(finding->severity, "warning") == 0 ? "\033[1;33m"
                                                            : "\033[1m";
    human_add_clean(&message, finding->message);
    layout_add_wrapped(&lines, &layout, (int)strlen(prefix) + 2, text_get(&message), false);
    printf("\n%s%s%s: %s", paint, prefix, color ? "\033[0m" : "", text_get(&lines));
    print_line("where", finding->rule);
    print_line("proof", finding->witness);
    print_line("do", finding->advice);
    print_fix(finding->fix);
    print_line("see", finding->source);
}

void lint_print_end(const struct lint_summary *summary)
{
    printf("\n%zu error%s, %zu warning%s, %zu note%s", summary->errors, plural(summary->errors),
           summary->warnings, plural(summary->warnings), summary->notes, plural(summary->notes));
    if (summary->unknown > 0)
        printf(", %zu that cannot be judged", summary->unknown);
    printf("\n");
}
