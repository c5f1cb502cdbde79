/* SPDX-License-Identifier: MIT */
/* Extension objects of ICMP errors: MPLS labels and interface information. */
#include "wire/extension.h"

#include <errno.h>
#include <string.h>

#include "wire/checksum.h"
#include "wire/octets.h"

enum {
    HEADER = 4, /* octets of the structure's header, and of each object's */
    VERSION = 2,
    CLASS_LABELS = 1,
    CLASS_INTERFACE = 2,
    TYPE_INCOMING_STACK = 1,
    HAS_INDEX = 8, /* RFC 5837 4.1 */
    HAS_ADDRESS = 4,
    HAS_NAME = 2,
    HAS_MTU = 1,
    AFI_IP4 = 1,
    AFI_IP6 = 2,
};

static int read_labels(struct slice data, struct extension *extension)
{
    for (; data.length >= 4; data = slice_skip(data, 4)) {
        uint32_t entry = octets_get32(data.data);

        if (extension->label_count == EXTENSION_LABELS_MAX)
            return 0;
        extension->labels[extension->label_count++] = (struct extension_label){
            .label = entry >> 12, .traffic_class = (uint8_t)(entry >> 9 & 7), .ttl = (uint8_t)entry};
    }
    return data.length ? -EBADMSG : 0;
}

static int take_word(struct slice *data, uint32_t *word)
{
    if (data->length < 4)
        return -EBADMSG;
    *word = octets_get32(data->data);
    *data = slice_skip(*data, 4);
    return 0;
}

static int take_address(struct slice *data, struct sonde_address *address)
{
    uint32_t word;
    uint8_t family;

    if (take_word(data, &word) < 0)
        return -EBADMSG;
    switch (word >> 16) {
    case AFI_IP4:
        family = 4;
        break;
    case AFI_IP6:
        family = 6;
        break;
    default:
        return -EBADMSG;
    }
    if (data->length < address_length(family))
        return -EBADMSG;
    *address = address_from(family, data->data);
    *data = slice_skip(*data, address_length(family));
    return 0;
}

/* The name comes from a stranger and will stand on a terminal. */
static int take_name(struct slice *data, char name[EXTENSION_NAME_MAX])
{
    size_t length = data->length ? data->data[0] : 0, i;

    if (length == 0 || length > EXTENSION_NAME_MAX || length > data->length)
        return -EBADMSG;
    for (i = 0; i + 1 < length && data->data[i + 1]; i++) {
        uint8_t octet = data->data[i + 1];

        name[i] = octet >= ' ' && octet <= '~' ? (char)octet : '?';
    }
    name[i] = '\0';
    *data = slice_skip(*data, length);
    return 0;
}

static int read_interface(struct slice data, uint8_t type, struct extension *extension)
{
    struct extension found = {.interface = true, .role = (enum extension_role)(type >> 6)};
    int result = 0;

    if (type & HAS_INDEX)
        result = take_word(&data, &found.index);
    if (result == 0 && type & HAS_ADDRESS)
        result = take_address(&data, &found.address);
    if (result == 0 && type & HAS_NAME)
        result = take_name(&data, found.name);
    if (result == 0 && type & HAS_MTU)
        result = take_word(&data, &found.mtu);
    if (result < 0)
        return result;
    if (extension->interface && (extension->role == EXTENSION_INCOMING || found.role != EXTENSION_INCOMING))
        return 0;
    memcpy(found.labels, extension->labels, sizeof(found.labels));
    found.label_count = extension->label_count;
    *extension = found;
    return 0;
}

static int read_object(struct slice object, struct extension *extension)
{
    uint8_t class = object.data[2], type = object.data[3];
    struct slice data = slice_skip(object, HEADER);

    if (class == CLASS_LABELS && type == TYPE_INCOMING_STACK)
        return read_labels(data, extension);
    if (class == CLASS_INTERFACE)
        return read_interface(data, type, extension);
    return 0;
}

static int read_objects(struct slice data, struct extension *extension)
{
    while (data.length) {
        size_t length = data.length < HEADER ? 0 : octets_get16(data.data);
        int result;

        if (length < HEADER || length > data.length)
            return -EBADMSG;
        result = read_object(slice_first(data, length), extension);
        if (result < 0)
            return result;
        data = slice_skip(data, length);
    }
    return 0;
}

/* A checksum of zero says that none was sent (RFC 4884 7). */
static bool is_sound(struct slice data)
{
    if (data.length < HEADER || data.data[0] >> 4 != VERSION)
        return false;
    return octets_get16(data.data + 2) == 0 || checksum(data) == 0;
}

int extension_parse(struct slice data, struct extension *extension)
{
    int result;

    *extension = (struct extension){0};
    if (!is_sound(data))
        return -EBADMSG;
    result = read_objects(slice_skip(data, HEADER), extension);
    if (result < 0)
        *extension = (struct extension){0};
    return result;
}
