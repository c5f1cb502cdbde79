/* SPDX-License-Identifier: MIT */
/* Copies a capture file as pcapng through the library's reader and writer: recapture FROM TO
 * Each frame gets the comment "frame N". */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "net/capture/capture.h"
#include "wire/capture/capture_file.h"

enum { FAILURE = 1, COMPLAINT = 2, LINKS_MAX = 16 };

/* The file being written, and the link types that it names so far. */
struct copy {
    FILE *to;
    uint16_t links[LINKS_MAX];
    uint32_t link_count;
    unsigned int frames;
    uint8_t octets[CAPTURE_RECORD_MAX + 1024];
};

static void put(struct copy *copy, size_t length)
{
    if (length == 0 || fwrite(copy->octets, 1, length, copy->to) != length)
        abort();
}

/* The place of a link type among those that were named, which names it if need be. */
static uint32_t place_of(struct copy *copy, uint16_t link)
{
    for (uint32_t i = 0; i < copy->link_count; i++)
        if (copy->links[i] == link)
            return i;
    if (copy->link_count == LINKS_MAX)
        abort();
    copy->links[copy->link_count] = link;
    if (copy->link_count == 0)
        put(copy, capture_write_head(&link, 1, "recapture", copy->octets, sizeof(copy->octets)));
    else
        put(copy, capture_write_interface(link, copy->octets, sizeof(copy->octets)));
    return copy->link_count++;
}

static void copy_frame(struct copy *copy, const struct frame *frame)
{
    uint32_t place = place_of(copy, frame->link);
    char comment[32];

    snprintf(comment, sizeof(comment), "frame %u", ++copy->frames);
    put(copy, capture_write_frame(frame, place, comment, copy->octets, sizeof(copy->octets)));
}

static int copy_all(struct capture *capture, struct copy *copy)
{
    struct frame frames[CAPTURE_BATCH];
    struct pollfd wait = {.fd = capture->descriptor, .events = POLLIN};
    struct sonde_error error = {0};
    int code;

    do {
        code = capture->read(capture, frames, &error);
        if (code == 0 && capture->descriptor >= 0 && !capture->ended)
            poll(&wait, 1, -1);
        for (int i = 0; i < code; i++)
            copy_frame(copy, &frames[i]);
    } while (!capture->ended);
    if (code < 0)
        fprintf(stderr, "%s\n", error.what);
    return code < 0 ? FAILURE : 0;
}

int main(int argc, char **argv)
{
    static struct copy copy;
    struct sonde_error error = {0};
    struct capture *capture;
    int code;

    if (argc != 3 || !(copy.to = fopen(argv[2], "wb")))
        return COMPLAINT;
    if (capture_open_file(argv[1], &capture, &error) < 0) {
        fprintf(stderr, "%s\n%s\n", error.what, error.hint);
        return FAILURE;
    }
    code = copy_all(capture, &copy);
    capture->free(capture);
    return fclose(copy.to) == 0 ? code : FAILURE;
}
