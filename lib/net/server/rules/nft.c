/* SPDX-License-Identifier: MIT */
/* Listing this machine's firewall rules with the nft command, which is not linked for its licence. */
#include <jansson.h>

#include "base/text.h"
#include "net/program/nft.h"
#include "net/server/rules/ruleset.h"

int ruleset_read(struct ruleset *ruleset, struct sonde_error *error)
{
    struct text _cleanup_text_ output = {0}, words = {0};
    int status = nft_list("ruleset", NFT_JSON, &output, error);

    if (status == 0)
        status = ruleset_parse(ruleset, text_get(&output), output.length, error);
    /* Without it the verdicts are the same but for some of iptables' own matches. */
    if (status == 0 && nft_list("ruleset", NFT_HANDLES, &words, NULL) == 0)
        ruleset->text = text_take(&words);
    return status;
}

int ruleset_parse(struct ruleset *ruleset, const char *text, size_t length, struct sonde_error *error)
{
    json_error_t where;
    json_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES, &where);

    if (root == NULL)
        return error_set(error, SONDE_E_FORMAT, "nft wrote no JSON: %s (line %d)", where.text, where.line);
    if (!json_is_array(json_object_get(root, "nftables"))) {
        json_decref(root);
        return error_set(error, SONDE_E_FORMAT, "what nft wrote holds no ruleset");
    }
    ruleset_deinit(ruleset);
    ruleset->root = root;
    return 0;
}

void ruleset_deinit(struct ruleset *ruleset)
{
    json_decref(ruleset->root);
    ruleset->root = NULL;
    free(ruleset->text);
    ruleset->text = NULL;
}
