/*
 * Names and texts of ISAKMP's numbers and of the codec's errors: tables only.
 * For log lines, counters and ikerctl.
 */
#include <stddef.h>

#include "ikerd/ike/isakmp.h"
#include "ikerd/ike/isakmp_error.h"

struct name {
	unsigned int number;
	const char *name;
};

static const struct name payloads[] = {
	{ PAYLOAD_NONE, "none" },
	{ PAYLOAD_SA, "SA" },
	{ PAYLOAD_P, "P" },
	{ PAYLOAD_T, "T" },
	{ PAYLOAD_KE, "KE" },
	{ PAYLOAD_ID, "ID" },
	{ PAYLOAD_CERT, "CERT" },
	{ PAYLOAD_CERTREQ, "CERTREQ" },
	{ PAYLOAD_HASH, "HASH" },
	{ PAYLOAD_SIG, "SIG" },
	{ PAYLOAD_NONCE, "NONCE" },
	{ PAYLOAD_N, "N" },
	{ PAYLOAD_D, "D" },
	{ PAYLOAD_VID, "VID" },
	{ PAYLOAD_ATTR, "ATTR" },
	{ PAYLOAD_NATD_DRAFT4, "NAT-D-DRAFT4" },
	{ PAYLOAD_NATOA_DRAFT4, "NAT-OA-DRAFT4" },
	{ PAYLOAD_NATD, "NAT-D" },
	{ PAYLOAD_NATOA, "NAT-OA" },
	{ PAYLOAD_NATD_DRAFT, "NAT-D-DRAFT" },
	{ PAYLOAD_NATOA_DRAFT, "NAT-OA-DRAFT" },
	{ PAYLOAD_FRAG, "FRAG" },
};

static const struct name exchanges[] = {
	{ EXCHANGE_BASE, "Base" },
	{ EXCHANGE_MAIN, "Main Mode" },
	{ EXCHANGE_AUTH_ONLY, "Authentication Only" },
	{ EXCHANGE_AGGRESSIVE, "Aggressive Mode" },
	{ EXCHANGE_INFORMATIONAL, "Informational" },
	{ EXCHANGE_TRANSACTION, "Transaction" },
	{ EXCHANGE_QUICK, "Quick Mode" },
	{ EXCHANGE_NEW_GROUP, "New Group Mode" },
};

static const struct name notifies[] = {
	{ NOTIFY_INVALID_PAYLOAD_TYPE, "INVALID-PAYLOAD-TYPE" },
	{ NOTIFY_DOI_NOT_SUPPORTED, "DOI-NOT-SUPPORTED" },
	{ NOTIFY_SITUATION_NOT_SUPPORTED, "SITUATION-NOT-SUPPORTED" },
	{ NOTIFY_INVALID_COOKIE, "INVALID-COOKIE" },
	{ NOTIFY_INVALID_MAJOR_VERSION, "INVALID-MAJOR-VERSION" },
	{ NOTIFY_INVALID_MINOR_VERSION, "INVALID-MINOR-VERSION" },
	{ NOTIFY_INVALID_EXCHANGE_TYPE, "INVALID-EXCHANGE-TYPE" },
	{ NOTIFY_INVALID_FLAGS, "INVALID-FLAGS" },
	{ NOTIFY_INVALID_MESSAGE_ID, "INVALID-MESSAGE-ID" },
	{ NOTIFY_INVALID_PROTOCOL_ID, "INVALID-PROTOCOL-ID" },
	{ NOTIFY_INVALID_SPI, "INVALID-SPI" },
	{ NOTIFY_INVALID_TRANSFORM_ID, "INVALID-TRANSFORM-ID" },
	{ NOTIFY_ATTRIBUTES_NOT_SUPPORTED, "ATTRIBUTES-NOT-SUPPORTED" },
	{ NOTIFY_NO_PROPOSAL_CHOSEN, "NO-PROPOSAL-CHOSEN" },
	{ NOTIFY_BAD_PROPOSAL_SYNTAX, "BAD-PROPOSAL-SYNTAX" },
	{ NOTIFY_PAYLOAD_MALFORMED, "PAYLOAD-MALFORMED" },
	{ NOTIFY_INVALID_KEY_INFORMATION, "INVALID-KEY-INFORMATION" },
	{ NOTIFY_INVALID_ID_INFORMATION, "INVALID-ID-INFORMATION" },
	{ NOTIFY_INVALID_CERT_ENCODING, "INVALID-CERT-ENCODING" },
	{ NOTIFY_INVALID_CERTIFICATE, "INVALID-CERTIFICATE" },
	{ NOTIFY_CERT_TYPE_UNSUPPORTED, "CERT-TYPE-UNSUPPORTED" },
	{ NOTIFY_INVALID_CERT_AUTHORITY, "INVALID-CERT-AUTHORITY" },
	{ NOTIFY_INVALID_HASH_INFORMATION, "INVALID-HASH-INFORMATION" },
	{ NOTIFY_AUTHENTICATION_FAILED, "AUTHENTICATION-FAILED" },
	{ NOTIFY_INVALID_SIGNATURE, "INVALID-SIGNATURE" },
	{ NOTIFY_ADDRESS_NOTIFICATION, "ADDRESS-NOTIFICATION" },
	{ NOTIFY_NOTIFY_SA_LIFETIME, "NOTIFY-SA-LIFETIME" },
	{ NOTIFY_CERTIFICATE_UNAVAILABLE, "CERTIFICATE-UNAVAILABLE" },
	{ NOTIFY_UNSUPPORTED_EXCHANGE_TYPE, "UNSUPPORTED-EXCHANGE-TYPE" },
	{ NOTIFY_UNEQUAL_PAYLOAD_LENGTHS, "UNEQUAL-PAYLOAD-LENGTHS" },
	{ NOTIFY_CONNECTED, "CONNECTED" },
	{ NOTIFY_RESPONDER_LIFETIME, "RESPONDER-LIFETIME" },
	{ NOTIFY_REPLAY_STATUS, "REPLAY-STATUS" },
	{ NOTIFY_INITIAL_CONTACT, "INITIAL-CONTACT" },
	{ NOTIFY_CISCO_HELLO, "CISCO-HELLO" },
	{ NOTIFY_CISCO_WWTEBR, "CISCO-WWTEBR" },
	{ NOTIFY_CISCO_SHUT_UP, "CISCO-SHUT-UP" },
	{ NOTIFY_IOS_KEEPALIVE, "IOS-KEEPALIVE" },
	{ NOTIFY_IOS_KEEPALIVE_ACK, "IOS-KEEPALIVE-ACK" },
	{ NOTIFY_R_U_THERE, "R-U-THERE" },
	{ NOTIFY_R_U_THERE_ACK, "R-U-THERE-ACK" },
	{ NOTIFY_NETSCREEN_NHTB, "NETSCREEN-NHTB" },
	{ NOTIFY_UNITY_HEARTBEAT, "UNITY-HEARTBEAT" },
	{ NOTIFY_UNITY_LOAD_BALANCE, "UNITY-LOAD-BALANCE" },
	{ NOTIFY_UNITY_PRESHARED_KEY_HASH, "UNITY-PRESHARED-KEY-HASH" },
};

static const struct {
	unsigned int notify;
	const char *name;
	const char *text;
} errors[] = {
#define ISAKMP_ERROR_ROW(name, notify, text) { notify, #name, text },
	ISAKMP_ERRORS(ISAKMP_ERROR_ROW)
#undef ISAKMP_ERROR_ROW
};

static const char *
name_of(const struct name *t, size_t n, unsigned int number)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (t[i].number == number)
			return t[i].name;
	}
	return NULL;
}

#define NAME_OF(t, number) name_of(t, sizeof(t) / sizeof(*(t)), number)

const char *
isakmp_payload_name(unsigned int type)
{
	return NAME_OF(payloads, type);
}

const char *
isakmp_exchange_name(unsigned int exchange)
{
	return NAME_OF(exchanges, exchange);
}

const char *
isakmp_notify_name(unsigned int type)
{
	return NAME_OF(notifies, type);
}

const char *
isakmp_error_text(enum isakmp_error e)
{
	if ((unsigned int)e >= ISAKMP_E_MAX)
		return "unknown error";
	return errors[e].text;
}

const char *
isakmp_error_name(enum isakmp_error e)
{
	if ((unsigned int)e >= ISAKMP_E_MAX)
		return "unknown";
	return errors[e].name;
}

unsigned int
isakmp_error_notify(enum isakmp_error e)
{
	if ((unsigned int)e >= ISAKMP_E_MAX)
		return 0;
	return errors[e].notify;
}
