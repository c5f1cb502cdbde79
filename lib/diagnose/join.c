/* SPDX-License-Identifier: MIT */
/* One report for a name with several addresses, some of which may work. */
#include <string.h>

#include "base/address.h"
#include "base/text.h"
#include "diagnose/report.h"

static bool works(const struct sonde_why_report *report)
{
    return !strcmp(report->state, "reachable");
}

static size_t count_working(struct sonde_why_report *const *reports, size_t count)
{
    size_t working = 0;

    for (size_t i = 0; i < count; i++)
        working += works(reports[i]);
    return working;
}

static struct sonde_why_address summary(const struct sonde_why_report *report)
{
    const struct sonde_why_cause *top = report->verdict.items;
    struct sonde_why_address address = {report->target->address, report->state, NULL, NAN};

    if (report->verdict.count == 0)
        return address;
    address.cause = top->cause;
    address.confidence = top->confidence;
    return address;
}

/* "IPv6 fd00::1 fails, IPv4 192.0.2.1 works." */
static char *contrast(struct sonde_why_report *const *reports, size_t count)
{
    struct text text = {0};
    char address[SONDE_ADDRESS_TEXT];

    for (size_t i = 0; i < count; i++)
        text_add(&text, "%sIPv%u %s %s", i ? ", " : "", reports[i]->target->address.family,
                 sonde_address_format(&reports[i]->target->address, address),
                 works(reports[i]) ? "works" : "fails");
    text_add(&text, ".");
    return text_take(&text);
}

size_t report_join(struct sonde_why_report *const *reports, size_t count)
{
    size_t working = count_working(reports, count), chosen = 0;
    struct sonde_why_report *report;

    while (working < count && works(reports[chosen]))
        chosen++;
    report = reports[chosen];
    if (count < 2)
        return chosen;
    for (size_t i = 0; i < count; i++)
        report_add_address(report, summary(reports[i]));
    for (size_t i = 0; i < count; i++)
        if (i != chosen)
            report->packets_sent += reports[i]->packets_sent;
    if (working > 0 && working < count) {
        _cleanup_free_ char *which = contrast(reports, count);

        report_prefix(report, which);
    }
    return chosen;
}
