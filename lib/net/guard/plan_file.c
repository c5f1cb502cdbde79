/* SPDX-License-Identifier: MIT */
/* The last plan as a small JSON file, written whole or not at all. */
#include "net/guard/plan_file.h"

#include <inttypes.h>
#include <string.h>

#include <jansson.h>

#include "base/hash.h"
#include "base/text.h"
#include "net/guard/apply/folder.h"

uint64_t plan_file_hash(struct slice policy)
{
    return XXH3_64bits(policy.data, policy.length);
}

/* Hashes as text: JSON's numbers need not hold 64 bits (RFC 8259 6). */
int plan_file_write(const char *folder, const struct plan_file *plan, struct sonde_error *error)
{
    _cleanup_text_ struct text text = {0};
    int result = folder_make(folder, 0755, error);

    text_add(&text,
             "{\"schema\": \"sonde.guard.plan-file/1\", \"policy\": \"%016" PRIx64
             "\", \"others\": \"%016" PRIx64 "\", \"generation\": %" PRIu32 ", \"time_s\": %" PRId64 "}\n",
             plan->policy, plan->others, plan->generation, plan->time_s);
    if (result < 0)
        return result;
    return folder_write(folder, PLAN_FILE, slice_of(text.data, text.length), 0644, error);
}

static bool read_hash(const json_t *root, const char *key, uint64_t *hash)
{
    const char *text = json_string_value(json_object_get(root, key));
    char *end;

    if (!text)
        return false;
    *hash = strtoull(text, &end, 16);
    return end == text + 16 && *end == '\0';
}

int plan_file_read(const char *folder, struct plan_file *plan, struct sonde_error *error)
{
    _cleanup_text_ struct text text = {0};
    int result = folder_read(folder, PLAN_FILE, &text, error);
    json_t *root;

    if (result < 0)
        return result;
    root = json_loadb(text.data ? text.data : "", text.length, 0, NULL);
    if (!read_hash(root, "policy", &plan->policy) || !read_hash(root, "others", &plan->others) ||
        !json_is_integer(json_object_get(root, "generation")) ||
        !json_is_integer(json_object_get(root, "time_s")))
        result = error_set(error, SONDE_E_FORMAT, "%s/" PLAN_FILE " is no plan; remove it", folder);
    plan->generation = (uint32_t)json_integer_value(json_object_get(root, "generation"));
    plan->time_s = json_integer_value(json_object_get(root, "time_s"));
    json_decref(root);
    return result;
}
