/* SPDX-License-Identifier: MIT */
/* How long the lease lasts, asked of the kernel itself: nft's JSON only knows whole seconds. */
#include "net/guard/live/lease.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <string.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "net/netlink.h"
#include "policy/target/nft.h"

static void take_element(const struct nlattr *element, int64_t *left_ms)
{
    const struct nlattr *attribute;
    uint64_t expiration;

    mnl_attr_for_each_nested(attribute, element)
    {
        if (mnl_attr_get_type(attribute) != NFTA_SET_ELEM_EXPIRATION ||
            mnl_attr_get_payload_len(attribute) != sizeof(expiration))
            continue;
        memcpy(&expiration, mnl_attr_get_payload(attribute), sizeof(expiration));
        if ((int64_t)be64toh(expiration) > *left_ms)
            *left_ms = (int64_t)be64toh(expiration);
    }
}

static int take_elements(const struct nlmsghdr *header, void *data)
{
    const struct nlattr *list, *element;

    mnl_attr_for_each(list, header, sizeof(struct nfgenmsg))
    {
        if (mnl_attr_get_type(list) != NFTA_SET_ELEM_LIST_ELEMENTS)
            continue;
        mnl_attr_for_each_nested(element, list) take_element(element, data);
    }
    return MNL_CB_OK;
}

int lease_left(int64_t *left_ms)
{
    struct netlink netlink = {0};
    union netlink_request request;
    struct nfgenmsg *about;
    int code = netlink_open(&netlink, NETLINK_NETFILTER);

    *left_ms = 0;
    if (code < 0)
        return code;
    about =
        netlink_request(&request, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETSETELEM, NLM_F_DUMP, sizeof(*about));
    about->nfgen_family = NFPROTO_INET;
    mnl_attr_put_strz(&request.header, NFTA_SET_ELEM_LIST_TABLE, GUARD_TABLE);
    mnl_attr_put_strz(&request.header, NFTA_SET_ELEM_LIST_SET, LEASE_SET);
    code = netlink_ask(&netlink, &request, take_elements, left_ms);
    netlink_close(&netlink);
    return code == -ENOENT ? 0 : code;
}

bool lease_is_over(void)
{
    int64_t left_ms;

    return lease_left(&left_ms) < 0 || left_ms == 0;
}
