/* SPDX-License-Identifier: MIT */
/* The files of a lab below /run/sonde/lab: who keeps it, which hosts it has, and what its hosts read in /etc.
 */
#include "net/lab/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

/* No lab has a name server; asking for a name that the hosts file lacks fails at once. */
#define RESOLVER "nameserver 127.0.0.1\noptions attempts:1 timeout:1\n"

static const char *const files[] = {"hosts", "resolv.conf", "state"};

const char *state_path(const char *name, const char *file, char path[STATE_PATH_MAX])
{
    snprintf(path, STATE_PATH_MAX, STATE_FOLDER "/%s/%s", name, file);
    return path;
}

int state_lock_folder(void)
{
    int fd;

    if ((mkdir("/run/sonde", 0755) < 0 && errno != EEXIST) ||
        (mkdir(STATE_FOLDER, 0755) < 0 && errno != EEXIST))
        return -errno;
    fd = open(STATE_FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    while (flock(fd, LOCK_EX) < 0)
        if (errno != EINTR) {
            int rc = -errno;

            close(fd);
            return rc;
        }
    return fd;
}

static int write_file(const char *name, const char *file, const char *text, int *kept)
{
    char path[STATE_PATH_MAX];
    size_t length = strlen(text);
    int fd = open(state_path(name, file, path), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), rc = 0;

    if (fd < 0)
        return -errno;
    if (kept && flock(fd, LOCK_EX) < 0)
        rc = -errno;
    if (rc == 0 && write(fd, text, length) != (ssize_t)length)
        rc = errno ? -errno : -EIO;
    if (kept && rc == 0)
        *kept = fd;
    else
        close(fd);
    return rc;
}

static int write_names(const char *name, const struct scenario *scenario)
{
    _cleanup_text_ struct text text = {0};

    text_add(&text, "127.0.0.1 localhost\n::1 localhost\n");
    for (size_t i = 0; i < scenario->step_count; i++) {
        const struct scenario_step *step = &scenario->steps[i];
        char address[SONDE_ADDRESS_TEXT];

        if (step->verb == STEP_NAME)
            text_add(&text, "%s %s\n", sonde_address_format(&step->address, address), step->word);
    }
    return write_file(name, "hosts", text_get(&text), NULL);
}

int state_write(const char *name, const struct scenario *scenario, int *lock)
{
    _cleanup_text_ struct text text = {0};
    char path[STATE_PATH_MAX];
    int rc;

    if (mkdir(state_path(name, "", path), 0755) < 0 && errno != EEXIST)
        return -errno;
    text_add(&text, "keeper %d\n", (int)getpid());
    for (size_t i = 0; i < scenario->host_count; i++)
        text_add(&text, "host %s\n", scenario->hosts[i]);
    rc = write_file(name, "state", text_get(&text), lock);
    if (rc == 0)
        rc = write_names(name, scenario);
    if (rc == 0)
        rc = write_file(name, "resolv.conf", RESOLVER, NULL);
    return rc;
}

static void read_line(const char *line, struct state_file *state)
{
    static const char keeper[] = "keeper ";

    if (strncmp(line, keeper, strlen(keeper)) == 0)
        state->keeper = (pid_t)strtol(line + strlen(keeper), NULL, 10);
    else if (state->host_count < SCENARIO_HOSTS_MAX &&
             sscanf(line, "host %15[a-z0-9-]", state->hosts[state->host_count]) == 1)
        state->host_count++;
}

int state_read(const char *name, struct state_file *state)
{
    char path[STATE_PATH_MAX], line[64];
    FILE *file = fopen(state_path(name, "state", path), "re");

    *state = (struct state_file){0};
    if (!file)
        return -errno;
    while (fgets(line, sizeof(line), file))
        read_line(line, state);
    fclose(file);
    return state->keeper > 0 ? 0 : -ESRCH;
}

bool state_is_held(const char *name)
{
    char path[STATE_PATH_MAX];
    bool held;
    int fd;

    if (strchr(name, '/') || name[0] == '.')
        return false;
    fd = open(state_path(name, "state", path), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    held = flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
    close(fd);
    return held;
}

void state_remove(const char *name)
{
    char path[STATE_PATH_MAX];

    for (size_t i = 0; i < COUNT_OF(files); i++)
        unlink(state_path(name, files[i], path));
    rmdir(state_path(name, "", path));
}
