/* SPDX-License-Identifier: MIT */
/* Diagnose targets with libsonde: cc diagnose.c $(pkg-config --cflags --libs sonde) -o diagnose */
#include <stdio.h>

#include <sonde.h>

int main(int argc, char **argv)
{
    struct sonde_why_options options = {0};
    struct sonde_error error = {0};
    struct sonde_why *why;

    if (sonde_why_new(&options, &why, &error) < 0)
        return fprintf(stderr, "%s. %s\n", error.what, error.hint), 1;
    for (int i = 1; i < argc; i++)
        if (sonde_why_add(why, argv[i], &error) < 0)
            fprintf(stderr, "%s. %s\n", error.what, error.hint);
    sonde_why_run(why);
    for (size_t i = 0; i < sonde_why_count(why); i++) {
        const struct sonde_why_report *report = sonde_why_report(why, i);
        const struct sonde_why_cause *causes = report->verdict.items;

        printf("%s\n", report->sentence);
        for (size_t k = 0; k < report->verdict.count; k++)
            printf("  %-24s %.2f\n", causes[k].cause, causes[k].confidence);
    }
    sonde_why_free(why);
    return 0;
}
