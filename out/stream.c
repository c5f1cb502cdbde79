/* SPDX-License-Identifier: MIT */
/* Where a sink's octets go, and whether they arrived. */
#include "out/stream.h"

#include <errno.h>

/* Remember why stdio failed; EIO when the reason is lost. */
static void fail(struct stream *stream)
{
    if (!stream->error)
        stream->error = errno ? -errno : -EIO;
}

void stream_write(struct stream *stream, struct text *text)
{
    errno = 0;
    if (!stream->error && text->length > 0) {
        size_t written = fwrite(text->data, 1, text->length, stream->file);

        if (written != text->length || fflush(stream->file))
            fail(stream);
    }
    text_deinit(text);
}

int stream_end(struct stream *stream)
{
    errno = 0;
    if (!stream->error && (fflush(stream->file) || ferror(stream->file)))
        fail(stream);
    return stream->error;
}
