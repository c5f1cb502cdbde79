/* SPDX-License-Identifier: MIT */
/* Loading and listing nftables' rules through the nft command, which is not linked for its licence. */
#include "net/program/nft.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "base/macro.h"
#include "net/netlink.h"
#include "net/program/child.h"

static const int64_t patience_ns = 60 * NS_PER_S; /* a set of a million elements takes its time */

/* The first line says it; the rest points at columns of a script that nobody sees. */
static int refuse(const char *said, struct sonde_error *error)
{
    int length = (int)strcspn(said, "\n");

    if (strstr(said, "Operation not permitted")) {
        error_set(error, SONDE_E_PERMISSION, "the rules of nftables are for root (CAP_NET_ADMIN) only");
        error_hint(error, "Run the same command with sudo");
        return SONDE_E_PERMISSION;
    }
    return error_set(error, SONDE_E_FORMAT, "nft refused the rules: %.*s", length, said);
}

static int run(const char *const *arguments, const char *input, struct text *output, struct text *complaints,
               struct sonde_error *error)
{
    struct child child = {child_nft, arguments, slice_of(input, strlen(input)), patience_ns};
    int status = child_run(&child, output, complaints, error);

    if (status == SONDE_E_UNSUPPORTED)
        error_hint(error, "Run: sudo apt-get install nftables");
    return status;
}

int nft_load(const char *rules, struct sonde_error *error)
{
    static const char *const arguments[] = {"nft", "-f", "-", NULL};
    _cleanup_text_ struct text complaints = {0};
    int status = run(arguments, rules, NULL, &complaints, error);

    return status > 0 ? refuse(text_get(&complaints), error) : status;
}

int nft_list(const char *what, enum nft_form form, struct text *text, struct sonde_error *error)
{
    static const char *const letters[] = {[NFT_JSON] = "-ja", [NFT_FILE] = "-s", [NFT_HANDLES] = "-a"};
    const char *const arguments[] = {"nft", letters[form], "-f", "-", NULL};
    _cleanup_text_ struct text complaints = {0}, input = {0};
    int status;

    text_add(&input, "list %s\n", what);
    status = run(arguments, text_get(&input), text, &complaints, error);
    if (status > 0 && strstr(text_get(&complaints), "No such file or directory"))
        return error_set(error, SONDE_E_NOT_FOUND, "there is no %s in nftables", what);
    return status > 0 ? refuse(text_get(&complaints), error) : status;
}

static int take_generation(const struct nlmsghdr *header, void *data)
{
    const struct nlattr *attribute;

    mnl_attr_for_each(attribute, header,
                      sizeof(struct nfgenmsg)) if (mnl_attr_get_type(attribute) == NFTA_GEN_ID &&
                                                   mnl_attr_get_payload_len(attribute) >= 4) *
        (uint32_t *)data = ntohl(mnl_attr_get_u32(attribute));
    return MNL_CB_OK;
}

int nft_generation(uint32_t *generation)
{
    struct netlink netlink = {0};
    union netlink_request request;
    int result = netlink_open(&netlink, NETLINK_NETFILTER);

    if (result < 0)
        return result;
    netlink_request(&request, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN, 0, sizeof(struct nfgenmsg));
    *generation = 0;
    result = netlink_ask(&netlink, &request, take_generation, generation);
    netlink_close(&netlink);
    return result;
}
