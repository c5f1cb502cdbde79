/* SPDX-License-Identifier: MIT */
/* Files and pipes as a source of frames, and the words for those that cannot be read. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/capture/capture.h"
#include "tests/unit/capture/made.h"

#define US 0xa1b2c3d4U

static char path[] = "/tmp/sonde-test-capture.XXXXXX";

static int make_path(void **state)
{
    int fd = mkstemp(path);

    return fd < 0 ? -1 : close(fd);
}

static int remove_path(void **state)
{
    return unlink(path);
}

static void put(const void *octets, size_t length)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(octets, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

/* Reads all; returns the last code, frames and the octets on the wire are counted. */
static int read_all(struct capture *capture, size_t *count, uint64_t *octets, struct sonde_error *error)
{
    struct frame frames[CAPTURE_BATCH];
    int code;

    *count = 0;
    *octets = 0;
    do {
        code = capture->read(capture, frames, error);
        for (int i = 0; i < code; i++)
            *octets += frames[i].data.length ? frames[i].data.data[frames[i].data.length - 1] : 0;
        *count += code > 0 ? (size_t)code : 0;
    } while (!capture->ended);
    return code;
}

static const struct {
    const char *octets;
    size_t length;
    const char *what, *hint;
} refused[] = {
    {"", 0, "%s holds no capture: it is empty", ""},
    {"abc", 3, "%s holds no capture: it is neither pcap nor pcapng", "editcap -F pcap"},
    {"some text in a file\n", 20, "%s holds no capture: it is neither pcap nor pcapng", "editcap -F pcap"},
    {"\xd4\xc3\xb2\xa1\2\0\4\0", 8, "%s holds no capture: the file ends inside of its header", ""},
    {"\x34\xcd\xb2\xa1\2\0\4\0", 8,
     "%s holds no capture: it is of a modified pcap format (Kuznetzov's), which is not read",
     "editcap -F pcap"},
    {"\x1f\x8b\x08\0\0\0\0\0", 8, "%s is compressed (gzip)", "gunzip -c %s | sonde watch -r -"},
    {"\x28\xb5\x2f\xfd\0\0\0\0", 8, "%s is compressed (zstd)", "zstd -dc %s | sonde watch -r -"},
    {"\xfd"
     "7zXZ\0\0\0",
     8, "%s is compressed (xz)", "xz -dc %s | sonde watch -r -"},
    {"BZh91AY&", 8, "%s is compressed (bzip2)", "bunzip2 -c %s | sonde watch -r -"},
};

static void assert_says(const char *text, const char *format)
{
    char expected[512];
    const char *place = strstr(format, "%s");

    if (place)
        snprintf(expected, sizeof(expected), "%.*s%s%s", (int)(place - format), format, path, place + 2);
    else
        snprintf(expected, sizeof(expected), "%s", format);
    if (!strstr(text, expected))
        fail_msg("'%s' does not say '%s'", text, expected);
}

static void test_refused(void **state)
{
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        struct sonde_error error = {0};
        struct capture *capture = NULL;

        put(refused[i].octets, refused[i].length);
        assert_int_equal(capture_open_file(path, &capture, &error), -EBADMSG);
        assert_says(error.what, refused[i].what);
        assert_says(error.hint, refused[i].hint);
        assert_null(capture);
    }
}

static void test_not_there(void **state)
{
    struct sonde_error error = {0};
    struct capture *capture;

    assert_int_equal(capture_open_file("/nowhere/a.pcap", &capture, &error), -ENOENT);
    assert_string_equal(error.what, "cannot read /nowhere/a.pcap: No such file or directory");
    assert_int_equal(capture_open_file("/tmp", &capture, &error), -EISDIR);
    assert_string_equal(error.what, "cannot read /tmp: it is a directory");
    assert_int_equal(capture_open_file("/nowhere", &capture, NULL), -ENOENT);
}

/* More than the buffer holds, in records of all sizes: each is found whole. */
static void test_long_file(void **state)
{
    static uint8_t octets[400 * 1024];
    FILE *file = fopen(path, "wb");
    struct made made = {0};
    struct sonde_error error = {0};
    struct capture *capture;
    struct capture_statistics statistics;
    uint64_t sum, expected = 0;
    size_t count, frames = 700;

    assert_non_null(file);
    made_pcap(&made, US, 1);
    assert_int_equal(fwrite(made.octets, 1, made.length, file), made.length);
    for (uint32_t i = 0; i < frames; i++) {
        uint32_t size = i % 100 == 99 ? CAPTURE_RECORD_MAX + 2 - i / 100 : i * 7 % 3000 + 1;

        made.length = 0;
        made_record(&made, 1, i, 0, size);
        memcpy(made.octets + 8, &size, sizeof(size));
        octets[(size < CAPTURE_RECORD_MAX ? size : CAPTURE_RECORD_MAX) - 1] = (uint8_t)i;
        expected += (uint8_t)i;
        assert_int_equal(fwrite(made.octets, 1, made.length, file), made.length);
        assert_int_equal(fwrite(octets, 1, size, file), size);
        octets[(size < CAPTURE_RECORD_MAX ? size : CAPTURE_RECORD_MAX) - 1] = 0;
    }
    assert_int_equal(fclose(file), 0);
    assert_int_equal(capture_open_file(path, &capture, &error), 0);
    assert_int_equal(capture->descriptor, -1);
    assert_false(capture->live);
    assert_string_equal(capture->name, path);
    assert_int_equal(read_all(capture, &count, &sum, &error), 0);
    assert_int_equal(count, frames);
    assert_int_equal(sum, expected);
    capture->statistics(capture, &statistics);
    assert_int_equal(statistics.frames, frames);
    assert_int_equal(statistics.dropped_by_kernel, 0);
    capture->free(capture);
}

static void test_damaged(void **state)
{
    struct made made = {0};
    struct sonde_error error = {0};
    struct capture *capture;
    uint64_t sum;
    size_t count;

    made_pcap(&made, US, 1);
    made_record(&made, 1, 1, 4, 4);
    made_record(&made, 1, 1, 0, 4);
    memset(made.octets + 24 + 20 + 8, 0xee, 4);
    put(made.octets, made.length);
    assert_int_equal(capture_open_file(path, &capture, &error), 0);
    assert_int_equal(read_all(capture, &count, &sum, &error), -EBADMSG);
    assert_int_equal(count, 1);
    assert_says(error.what, "%s is damaged at octet 44: a record claims more octets than a packet can have");
    capture->free(capture);
    put(made.octets, 30);
    assert_int_equal(capture_open_file(path, &capture, &error), 0);
    assert_int_equal(read_all(capture, &count, &sum, &error), -EBADMSG);
    assert_int_equal(count, 0);
    assert_says(error.what, "%s is damaged at octet 24: the file ends inside of a record");
    capture->free(capture);
}

static void test_pcapng(void **state)
{
    struct made made = {0};
    struct sonde_error error = {0};
    struct capture *capture;
    struct capture_statistics statistics;
    struct made dropped = {0};
    uint64_t sum;
    size_t count, begun;

    made_section(&made);
    made_interface(&made, 1, 9, "eth7");
    made_interface(&made, 1, 9, NULL);
    made_packet(&made, 0, 1, 2, 2);
    begun = made_begin(&made, 5);
    made_32(&made, 0);
    made_64(&made, 0);
    made_64(&dropped, 42);
    made_option(&made, 5, dropped.octets, 8);
    made_end(&made, begun);
    put(made.octets, made.length);
    assert_int_equal(capture_open_file(path, &capture, &error), 0);
    assert_int_equal(read_all(capture, &count, &sum, &error), 0);
    assert_int_equal(count, 1);
    assert_string_equal(capture->interface_name(capture, 0), "eth7");
    assert_string_equal(capture->interface_name(capture, 1), path);
    assert_string_equal(capture->interface_name(capture, 9), path);
    capture->statistics(capture, &statistics);
    assert_int_equal(statistics.dropped_by_kernel, 42);
    capture->free(capture);
}

/* Standard input as a pipe: what comes is handed over at once, and nothing blocks when poll says there is
 * something. */
static void test_pipe(void **state)
{
    struct made made = {0};
    struct sonde_error error = {0};
    struct capture *capture;
    struct frame frames[CAPTURE_BATCH];
    int ends[2], saved = dup(STDIN_FILENO);

    assert_int_equal(pipe(ends), 0);
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    assert_int_equal(capture_open_file("-", &capture, &error), 0);
    assert_int_equal(capture->descriptor, STDIN_FILENO);
    assert_string_equal(capture->name, "standard input");
    made_pcap(&made, US, 1);
    made_record(&made, 1, 1, 4, 4);
    for (size_t i = 0; i < made.length; i++) {
        struct pollfd wait = {.fd = capture->descriptor, .events = POLLIN};

        assert_int_equal(poll(&wait, 1, 0), 0);
        assert_int_equal(capture->read(capture, frames, &error), 0); /* and does not wait */
        assert_int_equal(write(ends[1], made.octets + i, 1), 1);
        assert_int_equal(poll(&wait, 1, 0), 1);
        assert_int_equal(capture->read(capture, frames, &error), i + 1 == made.length);
        assert_false(capture->ended);
    }
    assert_int_equal(write(ends[1], made.octets + 24, 3), 3);
    close(ends[1]);
    assert_int_equal(capture->read(capture, frames, &error), -EBADMSG);
    assert_true(capture->ended);
    assert_string_equal(error.what,
                        "standard input is damaged at octet 44: the file ends inside of a record");
    capture->free(capture);
    dup2(saved, STDIN_FILENO);
    close(saved);
    close(ends[0]);
}

static void test_pipe_of_rubbish(void **state)
{
    struct sonde_error error = {0};
    struct capture *capture;
    struct frame frames[CAPTURE_BATCH];
    int ends[2], saved = dup(STDIN_FILENO);

    assert_int_equal(pipe(ends), 0);
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    assert_int_equal(write(ends[1], "\x1f\x8b\x08\0", 4), 4);
    assert_int_equal(capture_open_file("-", &capture, &error), 0);
    assert_int_equal(capture->read(capture, frames, &error), -EBADMSG);
    assert_true(capture->ended);
    assert_string_equal(error.what, "standard input is compressed (gzip)");
    assert_string_equal(error.hint, "try: gunzip -c FILE | sonde watch -r -");
    capture->free(capture);
    close(ends[1]);
    dup2(saved, STDIN_FILENO);
    close(saved);
    close(ends[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),         cmocka_unit_test(test_not_there),
        cmocka_unit_test(test_long_file),       cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_pcapng),          cmocka_unit_test(test_pipe),
        cmocka_unit_test(test_pipe_of_rubbish),
    };

    return cmocka_run_group_tests(tests, make_path, remove_path);
}
