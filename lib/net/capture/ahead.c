/* SPDX-License-Identifier: MIT */
/* Reading ahead: a second thread copies the next octets of a file while the first one looks at these. */
#include "net/capture/ahead.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

enum { PAGE = 4096 };

struct ahead {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* under the lock: */
    unsigned filled, taken, released; /* chunks so far; filled >= taken >= released */
    ssize_t lengths[AHEAD_CHUNKS];
    bool stop;
    /* constant: */
    int descriptor;
    size_t margin, step;
    uint8_t *memory;
};

static uint8_t *chunk_of(const struct ahead *ahead, unsigned number)
{
    return ahead->memory + (number % AHEAD_CHUNKS) * (ahead->margin + ahead->step) + ahead->margin;
}

/* Wait for a free chunk. Returns whether to go on. */
static bool wait_for_room(struct ahead *ahead)
{
    bool stop;

    pthread_mutex_lock(&ahead->lock);
    while (!ahead->stop && ahead->filled - ahead->released == AHEAD_CHUNKS)
        pthread_cond_wait(&ahead->changed, &ahead->lock);
    stop = ahead->stop;
    pthread_mutex_unlock(&ahead->lock);
    return !stop;
}

static ssize_t read_chunk(const struct ahead *ahead)
{
    ssize_t got;

    do
        got = read(ahead->descriptor, chunk_of(ahead, ahead->filled), ahead->step);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

static void *run(void *context)
{
    struct ahead *ahead = context;
    ssize_t got = 1;

    while (got > 0 && wait_for_room(ahead)) {
        got = read_chunk(ahead);
        pthread_mutex_lock(&ahead->lock);
        ahead->lengths[ahead->filled++ % AHEAD_CHUNKS] = got;
        pthread_cond_signal(&ahead->changed);
        pthread_mutex_unlock(&ahead->lock);
    }
    return NULL;
}

struct ahead *ahead_start(int descriptor, size_t margin, size_t step)
{
    struct ahead *ahead = calloc(1, sizeof(*ahead));

    if (!ahead)
        return NULL;
    *ahead = (struct ahead){.descriptor = descriptor, .margin = margin, .step = step};
    pthread_mutex_init(&ahead->lock, NULL);
    pthread_cond_init(&ahead->changed, NULL);
    ahead->memory = aligned_alloc(PAGE, AHEAD_CHUNKS * (margin + step));
    if (ahead->memory && pthread_create(&ahead->thread, NULL, run, ahead) == 0)
        return ahead;
    free(ahead->memory);
    free(ahead);
    return NULL;
}

ssize_t ahead_take(struct ahead *ahead, uint8_t **chunk)
{
    ssize_t got;

    pthread_mutex_lock(&ahead->lock);
    while (ahead->filled == ahead->taken)
        pthread_cond_wait(&ahead->changed, &ahead->lock);
    *chunk = chunk_of(ahead, ahead->taken);
    got = ahead->lengths[ahead->taken % AHEAD_CHUNKS];
    ahead->taken += got > 0;
    pthread_mutex_unlock(&ahead->lock);
    return got;
}

void ahead_release(struct ahead *ahead)
{
    pthread_mutex_lock(&ahead->lock);
    ahead->released += ahead->taken - ahead->released > 1;
    pthread_cond_signal(&ahead->changed);
    pthread_mutex_unlock(&ahead->lock);
}

struct ahead *ahead_stop(struct ahead *ahead)
{
    if (!ahead)
        return NULL;
    pthread_mutex_lock(&ahead->lock);
    ahead->stop = true;
    pthread_cond_signal(&ahead->changed);
    pthread_mutex_unlock(&ahead->lock);
    pthread_join(ahead->thread, NULL);
    pthread_cond_destroy(&ahead->changed);
    pthread_mutex_destroy(&ahead->lock);
    free(ahead->memory);
    free(ahead);
    return NULL;
}
