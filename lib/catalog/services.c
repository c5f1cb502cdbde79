/* SPDX-License-Identifier: MIT */
/* Well-known services and the harmless question that makes each of them answer. */
#include "catalog/services.h"

#include <netinet/in.h>
#include <strings.h>

#include "base/macro.h"

/* Each array below is one complete first message of its protocol; none of them changes anything at the
 * server. */

/* TLS 1.0 record, ClientHello for TLS 1.2 and 1.3 with an X25519 share (RFC 8446 4.1.2). */
static const uint8_t client_hello[] = {
    0x16, 0x03, 0x01, 0x00, 0xae, 0x01, 0x00, 0x00, 0xaa, 0x03, 0x03, 0x73, 0x6f, 0x6e, 0x64, 0x65, 0x20,
    0x61, 0x73, 0x6b, 0x73, 0x3a, 0x20, 0x77, 0x68, 0x6f, 0x20, 0x69, 0x73, 0x20, 0x74, 0x68, 0x65, 0x72,
    0x65, 0x3f, 0x20, 0x28, 0x54, 0x4c, 0x53, 0x29, 0x20, 0x00, 0x00, 0x1c, 0x13, 0x01, 0x13, 0x02, 0x13,
    0x03, 0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x2c, 0xc0, 0x30, 0xcc, 0xa9, 0xcc, 0xa8, 0xc0, 0x13, 0xc0, 0x14,
    0x00, 0x9c, 0x00, 0x2f, 0x00, 0x35, 0x01, 0x00, 0x00, 0x65, 0x00, 0x0a, 0x00, 0x08, 0x00, 0x06, 0x00,
    0x1d, 0x00, 0x17, 0x00, 0x18, 0x00, 0x0b, 0x00, 0x02, 0x01, 0x00, 0x00, 0x0d, 0x00, 0x16, 0x00, 0x14,
    0x04, 0x03, 0x08, 0x04, 0x04, 0x01, 0x05, 0x03, 0x08, 0x05, 0x05, 0x01, 0x08, 0x06, 0x06, 0x01, 0x08,
    0x07, 0x02, 0x01, 0x00, 0x2b, 0x00, 0x05, 0x04, 0x03, 0x04, 0x03, 0x03, 0x00, 0x2d, 0x00, 0x02, 0x01,
    0x01, 0x00, 0x33, 0x00, 0x26, 0x00, 0x24, 0x00, 0x1d, 0x00, 0x20, 0x09, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
};
/* Query for the name servers of the root, recursion desired (RFC 1035 4.1). */
static const uint8_t dns_root[] = {0x73, 0x6f, 0x01, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1};
static const uint8_t dns_root_tcp[] = {0, 17, 0x73, 0x6f, 0x01, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1};
/* Query for all service types (RFC 6763 9). */
static const uint8_t mdns_services[] = {
    0,   0,   0,   0,   0,   1,   0,   0,   0,   0,   0,   0,   9,   '_', 's', 'e',
    'r', 'v', 'i', 'c', 'e', 's', 7,   '_', 'd', 'n', 's', '-', 's', 'd', 4,   '_',
    'u', 'd', 'p', 5,   'l', 'o', 'c', 'a', 'l', 0,   0,   12,  0,   1,
};
/* Version 4, mode 3: a client asks (RFC 5905 7.3). */
static const uint8_t ntp_client[48] = {0x23, 0,    6,    0xec, [40] = 0x73, 0x6f,
                                       0x6e, 0x64, 0x65, 0x3f, 0x3f,        0x3f};
/* SNMPv2c get of sysDescr.0 with the community "public" (RFC 3416). */
static const uint8_t snmp_description[] = {
    0x30, 0x29, 2,    1,    1,    4,    6, 'p', 'u', 'b', 'l', 'i', 'c',  0xa0, 0x1c,
    2,    4,    0x73, 0x6f, 0x6e, 0x64, 2, 1,   0,   2,   1,   0,   0x30, 0x0e, 0x30,
    0x0c, 6,    8,    0x2b, 6,    1,    2, 1,   1,   1,   0,   5,   0,
};
/* Read request for a file that nobody has: the server answers "not found", from another port (RFC 1350 4). */
static const char tftp_read[] = "\0\1sonde-probe-no-such-file\0octet";
/* Node status of the name "*" (RFC 1002 4.2.17). */
static const uint8_t netbios_status[] = {
    0x73, 0x6f, 0,   0,   0,   1,   0,   0,   0,   0,   0,   0,   32,  'C',  'K', 'A', 'A',
    'A',  'A',  'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A',  'A', 'A', 'A',
    'A',  'A',  'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A', 0,   0,   0x21, 0,   1,
};
/* A version that nobody speaks: the server answers with those it does (RFC 9000 6.1; at least 1200
 * octets, 14.1). */
static const uint8_t quic_negotiation[1200] = {
    0xc0, 0x1a, 0x2a, 0x3a, 0x4a, 8,   's', 'o', 'n', 'd', 'e', '-',
    'd',  's',  8,    's',  'o',  'n', 'd', 'e', '-', 's', 'r',
};
/* IKE header of major version 3: the server answers INVALID_MAJOR_VERSION (RFC 7296 2.5). */
static const uint8_t ike_version[] = {
    's', 'o', 'n', 'd',  'e', '-',  's', 'a', 0, 0, 0, 0, 0, 0,
    0,   0,   0,   0x30, 34,  0x08, 0,   0,   0, 0, 0, 0, 0, 28,
};
/* The same after the four zero octets that mark IKE on port 4500 (RFC 3948 2.2). */
static const uint8_t ike_nat_version[] = {
    0, 0, 0, 0, 's', 'o',  'n', 'd',  'e', '-', 's', 'a', 0, 0, 0, 0,
    0, 0, 0, 0, 0,   0x30, 34,  0x08, 0,   0,   0,   0,   0, 0, 0, 28,
};
/* Binding request (RFC 8489 5). */
static const uint8_t stun_binding[] = {
    0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 's', 'o', 'n', 'd', 'e', ' ', 'a', 's', 'k', 's', ' ', '?',
};
/* Frame header, then a command (memcached doc/protocol.txt). */
static const char memcached_version_udp[] = "\0\1\0\0\0\1\0\0version\r\n";
/* Null calls of ONC RPC (RFC 5531 9): rpcbind version 2, nfs version 3. */
#define RPC_NULL(program_low, program_version)                                                               \
    's', 'n', 'd', 'e', 0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0x86, program_low, 0, 0, 0, program_version, 0, 0, 0,  \
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
static const uint8_t rpcbind_null[] = {RPC_NULL(0xa0, 2)};
static const uint8_t rpcbind_null_tcp[] = {0x80, 0, 0, 40, RPC_NULL(0xa0, 2)};
static const uint8_t nfs_null[] = {RPC_NULL(0xa3, 3)};
static const uint8_t nfs_null_tcp[] = {0x80, 0, 0, 40, RPC_NULL(0xa3, 3)};
/* Empty confirmable message, which is a ping (RFC 7252 4.3). */
static const uint8_t coap_ping[] = {0x40, 0, 0x73, 0x6f};
/* Hard reset of a client, key method 2. */
static const uint8_t openvpn_reset[] = {0x38, 's', 'o', 'n', 'd', 'e', '-', 'i', 'd', 0, 0, 0, 0, 0};
static const uint8_t openvpn_reset_tcp[] = {0,   14,  0x38, 's', 'o', 'n', 'd', 'e',
                                            '-', 'i', 'd',  0,   0,   0,   0,   0};
/* Anonymous simple bind (RFC 4511 4.2). */
static const uint8_t ldap_bind[] = {0x30, 0x0c, 2, 1, 1, 0x60, 7, 2, 1, 3, 4, 0, 0x80, 0};
/* Search of the root entry (RFC 4511 4.5; MS-ADTS 6.3.3 over UDP). */
static const uint8_t cldap_root[] = {
    0x30, 0x25, 2, 1, 1,    0x63, 0x20, 4,   0,   0x0a, 1,   0,   0x0a, 1,   0,   2,   1,   0,    2, 1,
    0,    1,    1, 0, 0x87, 0x0b, 'o',  'b', 'j', 'e',  'c', 't', 'C',  'l', 'a', 's', 's', 0x30, 0,
};
/* SMB2 negotiate with dialects 2.0.2 and 2.1 (MS-SMB2 2.2.3). */
static const uint8_t smb_negotiate[108] = {
    [3] = 104,  0xfe, 'S', 'M', 'B', 64,        [18] = 1, [68] = 36, [70] = 2, [72] = 1,
    [80] = 's', 'o',  'n', 'd', 'e', [104] = 2, 2,        0x10,      2,
};
/* X.224 connection request that asks for TLS or CredSSP (MS-RDPBCGR 2.2.1.1). */
static const uint8_t rdp_connect[] = {3, 0, 0, 19, 14, 0xe0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 3, 0, 0, 0};
/* "May I use TLS?": the server answers S or N. */
static const uint8_t postgresql_tls[] = {0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f};
/* TDS pre-login (MS-TDS 2.2.6.5). */
static const uint8_t mssql_prelogin[] = {
    0x12, 1, 0, 26, 0, 0, 1, 0, 0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff, 0, 0, 0, 0, 0, 0, 2,
};
/* OP_MSG {hello: 1, $db: "admin"}. */
static const uint8_t mongodb_hello[] = {
    52, 0,   0,   0,   1, 0, 0, 0,    0,   0,   0,   0,   0xdd, 7,   0, 0, 0, 0,
    0,  0,   0,   31,  0, 0, 0, 0x10, 'h', 'e', 'l', 'l', 'o',  0,   1, 0, 0, 0,
    2,  '$', 'd', 'b', 0, 6, 0, 0,    0,   'a', 'd', 'm', 'i',  'n', 0, 0,
};
/* ApiVersions, version 0. */
static const uint8_t kafka_versions[] = {0, 0, 0, 15, 0, 18, 0, 0, 0, 0, 0, 1, 0, 5, 's', 'o', 'n', 'd', 'e'};
/* CONNECT, version 3.1.1, clean session, no client identifier. */
static const uint8_t mqtt_connect[] = {0x10, 12, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 10, 0, 0};
/* OPTIONS frame, protocol version 4. */
static const uint8_t cassandra_options[] = {4, 0, 0, 0, 5, 0, 0, 0, 0};

#define HTTP_HEAD "HEAD / HTTP/1.0\r\nUser-Agent: sonde\r\n\r\n"
#define SIP_OPTIONS(transport)                                                                               \
    "OPTIONS sip:sonde@invalid SIP/2.0\r\nVia: SIP/2.0/" transport                                           \
    " 192.0.2.1;branch=z9hG4bK-sonde;rport\r\n"                                                              \
    "Max-Forwards: 70\r\nFrom: <sip:sonde@invalid>;tag=sonde\r\nTo: <sip:sonde@invalid>\r\nCall-ID: "        \
    "sonde\r\n"                                                                                              \
    "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"

/* Text without its terminating zero; an array in full. */
#define TEXT(text)                                                                                           \
    {                                                                                                        \
        (const uint8_t *)(text), sizeof(text) - 1                                                            \
    }
#define ARRAY(array)                                                                                         \
    {                                                                                                        \
        (const uint8_t *)(array), sizeof(array)                                                              \
    }
#define NO_QUESTION                                                                                          \
    {                                                                                                        \
        NULL, 0                                                                                              \
    }

/* Every service: name, protocol, port, whether it speaks first, what a client asks. */
#define SERVICES(X)                                                                                          \
    /* They speak first. */                                                                                  \
    X("ssh", TCP, 22, true, NO_QUESTION)                                                                     \
    X("smtp", TCP, 25, true, NO_QUESTION)                                                                    \
    X("ftp", TCP, 21, true, NO_QUESTION)                                                                     \
    X("telnet", TCP, 23, true, NO_QUESTION)                                                                  \
    X("daytime", TCP, 13, true, NO_QUESTION)                                                                 \
    X("pop3", TCP, 110, true, NO_QUESTION)                                                                   \
    X("nntp", TCP, 119, true, NO_QUESTION)                                                                   \
    X("imap", TCP, 143, true, NO_QUESTION)                                                                   \
    X("submission", TCP, 587, true, NO_QUESTION)                                                             \
    X("rsync", TCP, 873, true, NO_QUESTION)                                                                  \
    X("mysql", TCP, 3306, true, NO_QUESTION)                                                                 \
    X("svn", TCP, 3690, true, NO_QUESTION)                                                                   \
    X("sieve", TCP, 4190, true, NO_QUESTION)                                                                 \
    X("vnc", TCP, 5900, true, NO_QUESTION)                                                                   \
    /* They wait for the client; each scheme's first row is its default. */                                  \
    X("http", TCP, 80, false, TEXT(HTTP_HEAD))                                                               \
    X("https", TCP, 443, false, ARRAY(client_hello))                                                         \
    X("http-alt", TCP, 8080, false, TEXT(HTTP_HEAD))                                                         \
    X("http-dev", TCP, 8000, false, TEXT(HTTP_HEAD))                                                         \
    X("https-alt", TCP, 8443, false, ARRAY(client_hello))                                                    \
    X("dns", UDP, 53, false, ARRAY(dns_root))                                                                \
    X("dns", TCP, 53, false, ARRAY(dns_root_tcp))                                                            \
    X("dot", TCP, 853, false, ARRAY(client_hello))                                                           \
    X("echo", TCP, 7, false, TEXT("sonde\r\n"))                                                              \
    X("echo", UDP, 7, false, TEXT("sonde\r\n"))                                                              \
    X("whois", TCP, 43, false, TEXT("sonde.invalid\r\n"))                                                    \
    X("gopher", TCP, 70, false, TEXT("\r\n"))                                                                \
    X("finger", TCP, 79, false, TEXT("\r\n"))                                                                \
    X("kerberos", TCP, 88, false, NO_QUESTION)                                                               \
    X("rpcbind", TCP, 111, false, ARRAY(rpcbind_null_tcp))                                                   \
    X("ident", TCP, 113, false, TEXT("1, 1\r\n"))                                                            \
    X("bgp", TCP, 179, false, NO_QUESTION)                                                                   \
    X("ldap", TCP, 389, false, ARRAY(ldap_bind))                                                             \
    X("smb", TCP, 445, false, ARRAY(smb_negotiate))                                                          \
    X("smtps", TCP, 465, false, ARRAY(client_hello))                                                         \
    X("rtsp", TCP, 554, false, TEXT("OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n"))                                \
    X("ipp", TCP, 631, false, TEXT(HTTP_HEAD))                                                               \
    X("ldaps", TCP, 636, false, ARRAY(client_hello))                                                         \
    X("ftps", TCP, 990, false, ARRAY(client_hello))                                                          \
    X("imaps", TCP, 993, false, ARRAY(client_hello))                                                         \
    X("pop3s", TCP, 995, false, ARRAY(client_hello))                                                         \
    X("openvpn", UDP, 1194, false, ARRAY(openvpn_reset))                                                     \
    X("openvpn", TCP, 1194, false, ARRAY(openvpn_reset_tcp))                                                 \
    X("mssql", TCP, 1433, false, ARRAY(mssql_prelogin))                                                      \
    X("mqtt", TCP, 1883, false, ARRAY(mqtt_connect))                                                         \
    X("nfs", TCP, 2049, false, ARRAY(nfs_null_tcp))                                                          \
    X("zookeeper", TCP, 2181, false, TEXT("ruok"))                                                           \
    X("docker", TCP, 2375, false, TEXT(HTTP_HEAD))                                                           \
    X("etcd", TCP, 2379, false, TEXT(HTTP_HEAD))                                                             \
    X("grafana", TCP, 3000, false, TEXT(HTTP_HEAD))                                                          \
    X("squid", TCP, 3128, false, TEXT(HTTP_HEAD))                                                            \
    X("rdp", TCP, 3389, false, ARRAY(rdp_connect))                                                           \
    X("sip", UDP, 5060, false, TEXT(SIP_OPTIONS("UDP")))                                                     \
    X("sip", TCP, 5060, false, TEXT(SIP_OPTIONS("TCP")))                                                     \
    X("sips", TCP, 5061, false, ARRAY(client_hello))                                                         \
    X("xmpp", TCP, 5222, false,                                                                              \
      TEXT("<?xml version='1.0'?><stream:stream to='invalid' version='1.0' xmlns='jabber:client' "           \
           "xmlns:stream='http://etherx.jabber.org/streams'>"))                                              \
    X("postgresql", TCP, 5432, false, ARRAY(postgresql_tls))                                                 \
    X("amqp", TCP, 5672, false, TEXT("AMQP\0\0\x09\x01"))                                                    \
    X("redis", TCP, 6379, false, TEXT("PING\r\n"))                                                           \
    X("kubernetes", TCP, 6443, false, ARRAY(client_hello))                                                   \
    X("irc", TCP, 6667, false, TEXT("PING sonde\r\n"))                                                       \
    X("mqtts", TCP, 8883, false, ARRAY(client_hello))                                                        \
    X("cassandra", TCP, 9042, false, ARRAY(cassandra_options))                                               \
    X("prometheus", TCP, 9090, false, TEXT(HTTP_HEAD))                                                       \
    X("kafka", TCP, 9092, false, ARRAY(kafka_versions))                                                      \
    X("elasticsearch", TCP, 9200, false, TEXT(HTTP_HEAD))                                                    \
    X("git", TCP, 9418, false, TEXT("0032git-upload-pack /sonde.git\0host=sonde.invalid\0"))                 \
    X("memcached", TCP, 11211, false, TEXT("version\r\n"))                                                   \
    X("mongodb", TCP, 27017, false, ARRAY(mongodb_hello))                                                    \
    /* UDP; where no question is known the service does not answer strangers. */                             \
    X("dhcp", UDP, 67, false, NO_QUESTION)                                                                   \
    X("tftp", UDP, 69, false, ARRAY(tftp_read))                                                              \
    X("rpcbind", UDP, 111, false, ARRAY(rpcbind_null))                                                       \
    X("ntp", UDP, 123, false, ARRAY(ntp_client))                                                             \
    X("netbios", UDP, 137, false, ARRAY(netbios_status))                                                     \
    X("snmp", UDP, 161, false, ARRAY(snmp_description))                                                      \
    X("cldap", UDP, 389, false, ARRAY(cldap_root))                                                           \
    X("quic", UDP, 443, false, ARRAY(quic_negotiation))                                                      \
    X("ike", UDP, 500, false, ARRAY(ike_version))                                                            \
    X("syslog", UDP, 514, false, NO_QUESTION)                                                                \
    X("radius", UDP, 1812, false, NO_QUESTION)                                                               \
    X("ssdp", UDP, 1900, false,                                                                              \
      TEXT("M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\nST: "    \
           "ssdp:all\r\n\r\n"))                                                                              \
    X("nfs", UDP, 2049, false, ARRAY(nfs_null))                                                              \
    X("stun", UDP, 3478, false, ARRAY(stun_binding))                                                         \
    X("ike-nat", UDP, 4500, false, ARRAY(ike_nat_version))                                                   \
    X("mdns", UDP, 5353, false, ARRAY(mdns_services))                                                        \
    X("coap", UDP, 5683, false, ARRAY(coap_ping))                                                            \
    X("memcached", UDP, 11211, false, TEXT(memcached_version_udp))                                           \
    X("wireguard", UDP, 51820, false, NO_QUESTION)

#define SERVICE_NUMBER(scheme, protocol, port, greets, request) SERVICE_##protocol##_##port,
enum service_number { SERVICES(SERVICE_NUMBER) };

#define SERVICE_ROW(scheme, protocol, port, greets, request)                                                 \
    {scheme, IPPROTO_##protocol, port, greets, request},
static const struct service services[] = {SERVICES(SERVICE_ROW)};

#define SERVICE_CASE(scheme, protocol, port, greets, request)                                                \
    case IPPROTO_##protocol << 16 | port:                                                                    \
        return &services[SERVICE_##protocol##_##port];

/* A switch, because watch asks for each error that it sees. */
const struct service *service_find(uint8_t protocol, uint16_t port)
{
    switch (protocol << 16 | port) {
        SERVICES(SERVICE_CASE)
    default:
        return NULL;
    }
}

const struct service *service_find_scheme(const char *scheme)
{
    for (size_t i = 0; i < COUNT_OF(services); i++)
        if (strcasecmp(services[i].scheme, scheme) == 0)
            return &services[i];
    return NULL;
}

struct slice service_request(uint8_t protocol, uint16_t port)
{
    const struct service *service = service_find(protocol, port);
    /* HTTP servers answer it in full, other text protocols with "unknown command". */
    static const char generic[] = HTTP_HEAD;

    if (service != NULL && (service->request.length > 0 || service->greets || protocol == IPPROTO_UDP))
        return service->request;
    if (protocol == IPPROTO_TCP)
        return slice_of(generic, sizeof(generic) - 1);
    return slice_of(NULL, 0);
}

static const struct protocol {
    uint8_t number;
    const char *word, *title;
} protocols[] = {
    {IPPROTO_ICMP, "icmp", "ICMP"},       {IPPROTO_TCP, "tcp", "TCP"},    {IPPROTO_UDP, "udp", "UDP"},
    {IPPROTO_GRE, "gre", "GRE"},          {IPPROTO_ESP, "esp", "ESP"},    {IPPROTO_AH, "ah", "AH"},
    {IPPROTO_ICMPV6, "icmpv6", "ICMPv6"}, {IPPROTO_SCTP, "sctp", "SCTP"},
};

static const struct protocol *protocol_find(uint8_t number)
{
    for (size_t i = 0; i < COUNT_OF(protocols); i++)
        if (protocols[i].number == number)
            return &protocols[i];
    return NULL;
}

const char *protocol_word(uint8_t number)
{
    const struct protocol *protocol = protocol_find(number);

    return protocol ? protocol->word : NULL;
}

const char *protocol_title(uint8_t number)
{
    const struct protocol *protocol = protocol_find(number);

    return protocol ? protocol->title : NULL;
}
