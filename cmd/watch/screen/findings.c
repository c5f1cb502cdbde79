/* SPDX-License-Identifier: MIT */
/* The view of findings: all of them, and everything that is known of one. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd/watch/screen/screen.h"
#include "detect/report.h"
#include "out/human.h"

enum { LINE = 512 };

static const struct {
    const char *sign, *singular, *plural;
    enum display_style style;
} severities[] = {
    [SEVERITY_INFO] = {" i", "info", "infos", DISPLAY_INFO},
    [SEVERITY_WARNING] = {" !", "warning", "warnings", DISPLAY_WARNING},
    [SEVERITY_ALERT] = {"!!", "alert", "alerts", DISPLAY_ALERT},
};

static int compare(const void *left, const void *right)
{
    const struct finding *a = *(const struct finding *const *)left;
    const struct finding *b = *(const struct finding *const *)right;

    if (a->state != b->state)
        return a->state == FINDING_OPEN ? -1 : 1;
    if (a->severity != b->severity)
        return a->severity > b->severity ? -1 : 1;
    return a->id > b->id ? -1 : a->id < b->id;
}

void findings_sort(struct screen *screen)
{
    const struct findings *findings = screen->watching->watch->findings;

    screen->finding_count = findings->count;
    for (size_t i = 0; i < findings->count; i++)
        screen->shown_findings[i] = &findings->rows[i];
    qsort(screen->shown_findings, screen->finding_count, sizeof(const struct finding *), compare);
    for (size_t i = 0; i < screen->finding_count && screen->chosen_finding; i++)
        if (screen->shown_findings[i]->id == screen->chosen_finding)
            screen->findings.selected = (int)i;
}

void finding_draw_heading(const struct screen *screen, struct display_area line)
{
    const struct findings *findings = screen->watching->watch->findings;
    size_t counts[COUNT_OF(severities)] = {0};
    char text[LINE] = "Findings: none so far";
    size_t used = 0;

    for (size_t i = 0; i < findings->count; i++)
        counts[findings->rows[i].severity]++;
    if (!screen->watching->watch->options.kinds)
        snprintf(text, sizeof(text), "Findings: nothing is looked for");
    for (size_t i = COUNT_OF(severities); i-- > 0;)
        if (counts[i])
            used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%zu %s",
                                     used ? ", " : "Findings: ", counts[i],
                                     counts[i] == 1 ? severities[i].singular : severities[i].plural);
    display_put(screen->display, line.top, line.left + 1, line.columns - 1, DISPLAY_STRONG, text);
}

void finding_draw(const struct screen *screen, const struct finding *finding, struct display_area line,
                  bool selected)
{
    enum { SIGN = 2, SEVERITY = 5, CLOCK = 14, SUMMARY = 24 };
    enum display_style style = selected ? DISPLAY_SELECTED : DISPLAY_PLAIN;
    enum display_style loud = selected ? style : severities[finding->severity].style;
    struct display *display = screen->display;
    struct watch_finding record;
    char text[LINE], clock[COUNT_TEXT];

    if (finding->state == FINDING_ENDED && !selected)
        style = loud = DISPLAY_FAINT;
    watch_finding_init(&record, finding);
    display_fill(display, line.top, line.left, line.columns, style);
    display_put(display, line.top, line.left, 1, style, selected ? ">" : " ");
    display_put(display, line.top, line.left + SIGN, 2, loud, severities[finding->severity].sign);
    display_put(display, line.top, line.left + SEVERITY, 8, loud, record.severity);
    display_put(display, line.top, line.left + CLOCK, 8, style,
                clock_text(finding->last_ns - finding->shift_ns, clock));
    snprintf(text, sizeof(text), "%s%s", finding->state == FINDING_ENDED ? "(ended) " : "", record.summary);
    display_put(display, line.top, line.left + SUMMARY, line.columns - SUMMARY, style, text);
    watch_finding_deinit(&record);
}

static void add_evidence(struct page *page, const struct evidence *evidence)
{
    page_add_heading(page, "Evidence");
    for (const struct field *field = evidence_schema.fields; field->name; field++) {
        _cleanup_text_ struct text title = {0}, value = {0};

        if (human_is_empty(field, evidence))
            continue;
        human_add_title(&title, field);
        human_add_value(&value, field, evidence);
        page_add_field(page, text_get(&title), text_get(&value));
    }
}

static void add_samples(struct page *page, const struct screen *screen, const struct finding *finding)
{
    if (finding->sample_count)
        page_add_heading(page, "Some of its packets");
    for (size_t i = 0; i < finding->sample_count; i++) {
        const struct finding_sample *sample = &finding->samples[i];
        struct frame frame = {sample->time_ns,   slice_of(sample->octets, sample->captured),
                              sample->length,    sample->link,
                              sample->interface, FRAME_UNKNOWN};
        struct packet packets[PACKET_LAYERS_MAX];
        char line[LINE_MAX_OCTETS];
        bool malformed;
        size_t count = packet_dissect(&frame, packets, &malformed);

        for (size_t layer = 0; layer < count; layer++) {
            size_t length = line_write(screen->lines, &packets[layer], line);

            if (length)
                line[length - 1] = '\0';
            if (length)
                page_add(page, DISPLAY_PLAIN, 1, line);
        }
    }
}

static void add_texts(struct page *page, const struct watch_finding *record)
{
    page_add_heading(page, "What to do");
    page_add(page, DISPLAY_PLAIN, 1, record->advice);
    if (record->next)
        page_add_field(page, "Next command", record->next);
    if (record->guard)
        page_add_field(page, "Guard rule", record->guard);
    if (record->excluded.count)
        page_add_heading(page, "Why it is nothing innocent");
    for (size_t i = 0; i < record->excluded.count; i++)
        page_add_item(page, record->excluded_texts[i]);
}

static void add_finding(const struct screen *screen, struct page *page, const struct finding *finding)
{
    char first[COUNT_TEXT], last[COUNT_TEXT], count[COUNT_TEXT], text[LINE];
    struct watch_finding record;

    watch_finding_init(&record, finding);
    snprintf(text, sizeof(text), "%s %s", severities[finding->severity].sign, record.summary);
    page_add(page, severities[finding->severity].style, 0, text);
    page_add(page, DISPLAY_PLAIN, 1, kind_row(finding->subject.kind)->means);
    page_field(page, "Severity", "%s, %.0f %% sure, %s", record.severity, 100 * record.confidence,
               record.state);
    page_field(page, "Kind", "%s, number %" PRId64 " of incident %" PRId64, record.kind, record.id,
               record.incident);
    page_field(page, "Seen", "%s to %s UTC, %s packets",
               clock_text(finding->first_ns - finding->shift_ns, first),
               clock_text(finding->last_ns - finding->shift_ns, last), count_text(finding->packets, count));
    add_texts(page, &record);
    add_evidence(page, &finding->evidence);
    add_samples(page, screen, finding);
    watch_finding_deinit(&record);
}

static void draw_list(struct screen *screen, struct display_area area, int count)
{
    cursor_fit(&screen->findings, count, area.rows - 1);
    if (area.rows > 0)
        finding_draw_heading(screen, area);
    for (int i = 0; i + 1 < area.rows && screen->findings.first + i < count; i++) {
        int at = screen->findings.first + i;
        struct display_area line = {area.top + 1 + i, area.left, 1, area.columns};

        finding_draw(screen, screen->shown_findings[at], line, at == screen->findings.selected);
    }
}

static void draw(struct screen *screen, struct display_area area)
{
    int count = (int)screen->finding_count;
    struct display_area list, page;

    split_area(screen, area, count + 1, &list, &page);
    draw_list(screen, count ? list : area, count);
    if (!count || page.rows < 1)
        return;
    page_begin(&screen->page, page.columns - 1);
    add_finding(screen, &screen->page, screen->shown_findings[screen->findings.selected]);
    page_draw(&screen->page, screen->display, page, &screen->scroll);
}

/* Whoever reads a finding keeps it, also when others come. */
static bool key(struct screen *screen, int key)
{
    int count = (int)screen->finding_count, before = screen->findings.selected;

    if (!count)
        return false;
    if (key == DISPLAY_ENTER)
        screen->zoomed = !screen->zoomed;
    else if (!scroll_key(&screen->scroll, key, screen->zoomed) && !cursor_key(&screen->findings, key, 10))
        return false;
    cursor_fit(&screen->findings, count, 1);
    screen->chosen_finding = screen->shown_findings[screen->findings.selected]->id;
    screen->scroll = screen->findings.selected == before ? screen->scroll : 0;
    return true;
}

static const struct key_row keys[] = {
    {"Arrows", "", "Select a finding."},
    {"Page Up/Down", "", "Move the text about it."},
    {"Enter", "full page", "Give the text all the room, or the list its part again."},
    {0},
};

const struct view findings_view = {"Findings", draw, key, keys};
