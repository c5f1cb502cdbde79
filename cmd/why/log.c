/* SPDX-License-Identifier: MIT */
/* sonde why --firewall-log: what a firewall's log says about the targets, as further evidence. */
#include "cmd/why/log.h"

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/stat.h>

#include "net/server/host.h"
#include "out/human.h"

/* Packets of this machine come from one of its addresses. */
static void read_own_addresses(struct tally_own *own)
{
    struct host host = {0};

    if (host_read_here(&host) == 0)
        for (size_t i = 0; i < host.address_count && own->count < TALLY_OWN_MAX; i++)
            own->addresses[own->count++] = host.addresses[i].address;
    host_deinit(&host);
}

/* fopen() takes a folder too, and only reading it fails. */
static FILE *open_file(const char *path)
{
    struct stat status;

    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        return NULL;
    }
    return fopen(path, "re");
}

int why_log_open(struct why_log *log, const char *path, struct sonde_error *error)
{
    log->path = strcmp(path, "-") ? path : "(standard input)";
    log->file = strcmp(path, "-") ? open_file(path) : stdin;
    if (!log->file)
        return error_set(error, SONDE_E_USAGE, "cannot read the firewall log %s: %s", path, strerror(errno));
    read_own_addresses(&log->own);
    return 0;
}

static void add_address(struct tally_target *target, const struct sonde_address *address)
{
    if (address->family != 0 && target->address_count < TALLY_ADDRESSES_MAX)
        target->addresses[target->address_count++] = *address;
}

static struct tally_target target_of(const struct sonde_why_report *report)
{
    const struct sonde_why_address *others = report->addresses.items;
    struct tally_target target = {0};

    if (report->target->port != INTEGER_ABSENT) {
        target.port = (uint16_t)report->target->port;
        target.protocol = strcmp(report->target->protocol, "udp") ? IPPROTO_TCP : IPPROTO_UDP;
    }
    add_address(&target, &report->target->address);
    for (size_t i = 0; i < report->addresses.count; i++)
        add_address(&target, &others[i].address);
    return target;
}

static void read_line(struct why_log *log, const char *text, size_t length)
{
    struct log_line line;

    log->lines++;
    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r'))
        length--;
    if (!log_line_parse(slice_of(text, length), &line))
        return;
    log->packets++;
    for (size_t i = 0; i < log->count; i++)
        tally_add(&log->tallies[i], &log->own, &line);
}

void why_log_read(struct why_log *log, const struct sonde_why *why)
{
    _cleanup_free_ char *text = NULL;
    size_t capacity = 0;
    ssize_t length;

    if (!log->file)
        return;
    log->tallies = calloc(sonde_why_count(why) + 1, sizeof(*log->tallies));
    if (!log->tallies)
        abort(); /* as base/text.c */
    log->count = sonde_why_count(why);
    for (size_t i = 0; i < log->count; i++)
        log->tallies[i].target = target_of(sonde_why_report(why, i));
    errno = 0;
    while ((length = getline(&text, &capacity, log->file)) >= 0)
        read_line(log, text, (size_t)length);
    if (ferror(log->file))
        log->error = errno ? -errno : -EIO;
}

void why_log_close(struct why_log *log)
{
    if (log->file && log->file != stdin)
        fclose(log->file);
    free(log->tallies);
    *log = (struct why_log){0};
}

/* A list of texts with its own array, so that more can be added; the texts stay the report's. */
static struct record_list copy_of(const struct record_list *list)
{
    struct record_list copy = {calloc(list->count + 1, sizeof(char *)), list->count};

    if (!copy.items)
        abort(); /* as base/text.c */
    memcpy((void *)copy.items, list->items ? list->items : copy.items, list->count * sizeof(char *));
    return copy;
}

static void add(struct record_list *list, struct text *sentence)
{
    if (sentence->length > 0)
        report_add(list, text_get(sentence));
    text_deinit(sentence);
}

static void add_groups(const struct why_log *log, const struct tally *tally, struct sonde_why_report *told)
{
    _cleanup_text_ struct text path = {0};
    struct text sentence = {0};

    human_add_clean(&path, log->path);
    for (size_t i = 0; i < tally->count; i++) {
        tally_tell(&tally->groups[i], text_get(&path), &sentence);
        add(&told->evidence, &sentence);
    }
    if (tally->others > 0)
        text_add(&sentence, "The firewall log %s has %" PRIu64 " more lines about the target.",
                 text_get(&path), tally->others);
    else if (tally->count == 0 && log->packets > 0)
        text_add(&sentence, "The firewall log %s has no line about the target (%" PRIu64 " about packets).",
                 text_get(&path), log->packets);
    add(&told->evidence, &sentence);
    if (log->error)
        text_add(&sentence, "The firewall log %s, which could not be read: %s", text_get(&path),
                 strerror(-log->error));
    else if (log->packets == 0)
        text_add(&sentence,
                 "The firewall log %s: none of its lines (%" PRIu64
                 ") is one of iptables, nft, ufw, firewalld, pf, "
                 "Cisco, FortiGate or Windows",
                 text_get(&path), log->lines);
    add(&told->limits, &sentence);
}

/* Whether a filter is among the causes: then the log names its rule. */
static bool blames_filter(const struct sonde_why_report *report)
{
    static const char *const filters[] = {"firewall-drop", "firewall-reject",         "syn-filtered",
                                          "source-banned", "connection-rate-limited", "icmp-filtered",
                                          "open-or-silent"};
    const struct sonde_why_cause *causes = report->verdict.items;

    for (size_t i = 0; i < report->verdict.count; i++)
        for (size_t k = 0; k < COUNT_OF(filters); k++)
            if (!strcmp(causes[i].cause, filters[k]))
                return true;
    return false;
}

static void add_rule(const struct tally *tally, const struct sonde_why_report *report,
                     struct sonde_why_report *told)
{
    const struct tally_group *strongest = tally_strongest(tally);
    struct text sentence = {0};

    if (!strongest)
        return;
    if (blames_filter(report))
        tally_tell_rule(strongest, &sentence);
    else
        text_add(&sentence,
                 "The firewall log shows such packets %s, though that is not what stops them now: "
                 "compare the time of its last line.",
                 strongest->action == LOG_REJECTED ? "rejected" : "dropped");
    add(&told->next, &sentence);
}

void why_log_tell(const struct why_log *log, size_t index, const struct sonde_why_report *report,
                  struct sonde_why_report *told)
{
    *told = *report;
    told->evidence = copy_of(&report->evidence);
    told->next = copy_of(&report->next);
    told->limits = copy_of(&report->limits);
    if (index >= log->count)
        return;
    add_groups(log, &log->tallies[index], told);
    add_rule(&log->tallies[index], report, told);
}

static void release(const struct record_list *before, struct record_list *list)
{
    char **items = (char **)list->items;

    for (size_t i = before->count; i < list->count; i++)
        free(items[i]);
    free(items);
}

void why_log_release(const struct sonde_why_report *report, struct sonde_why_report *told)
{
    release(&report->evidence, &told->evidence);
    release(&report->next, &told->next);
    release(&report->limits, &told->limits);
}
