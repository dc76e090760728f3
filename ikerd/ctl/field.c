/*
 * One field of a message as text, by the kind that the message table gives
 * it.  Pure.  Rows come from processes that may be in a stranger's hand:
 * nothing unprintable reaches a terminal.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ikerd/ctl/show.h"

/* Numbers that are names, sessions and SPIs, are read in hexadecimal. */
static void
number_text(const char *name, uint64_t n, char buf[FIELD_TEXT_SIZE])
{
	if (strcmp(name, "session") == 0)
		(void)snprintf(buf, FIELD_TEXT_SIZE, "%016" PRIx64, n);
	else if (strncmp(name, "spi_", 4) == 0)
		(void)snprintf(buf, FIELD_TEXT_SIZE, "%08" PRIx64, n);
	else
		(void)snprintf(buf, FIELD_TEXT_SIZE, "%" PRIu64, n);
}

static void
safe_text(const char *s, char buf[FIELD_TEXT_SIZE])
{
	size_t i;

	(void)strlcpy(buf, s, FIELD_TEXT_SIZE);
	for (i = 0; buf[i] != '\0'; i++) {
		if (buf[i] < 0x20 || buf[i] > 0x7e)
			buf[i] = '?';
	}
}

static void
bytes_text(const uint8_t *at, char buf[FIELD_TEXT_SIZE])
{
	uint16_t len, i;

	memcpy(&len, at, sizeof(len));
	buf[0] = '\0';
	for (i = 0; i < len && i < FIELD_TEXT_SIZE / 2 - 1; i++)
		(void)snprintf(buf + i * 2, 3, "%02x", at[sizeof(len) + i]);
}

/* Elements behind their number, separated by commas; what does not fit is
 * left out. */
static void
list_text(
    const struct msg_field *f, const uint8_t *at, char buf[FIELD_TEXT_SIZE])
{
	char text[ADDR_STRLEN];
	struct network net;
	uint16_t n, i;

	memcpy(&n, at, sizeof(n));
	at += sizeof(n);
	buf[0] = '\0';
	for (i = 0; i < n && i < f->size; i++) {
		if (f->kind == FIELD_NETS) {
			memcpy(&net, at + i * sizeof(net), sizeof(net));
			(void)network_text(&net, text);
		} else {
			memcpy(&net.addr, at + i * sizeof(net.addr),
			    sizeof(net.addr));
			(void)addr_text(&net.addr, text);
		}
		if (i > 0)
			(void)strlcat(buf, ",", FIELD_TEXT_SIZE);
		(void)strlcat(buf, text, FIELD_TEXT_SIZE);
	}
}

void
field_text(
    const struct msg_field *f, const void *payload, char buf[FIELD_TEXT_SIZE])
{
	const uint8_t *at = (const uint8_t *)payload + f->offset;
	struct endpoint ep;
	struct network net;
	struct addr addr;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;

	buf[0] = '\0';
	switch (f->kind) {
	case FIELD_U8:
	case FIELD_RANGE:
		number_text(f->name, *at, buf);
		break;
	case FIELD_U16:
		memcpy(&u16, at, sizeof(u16));
		number_text(f->name, u16, buf);
		break;
	case FIELD_U32:
		memcpy(&u32, at, sizeof(u32));
		number_text(f->name, u32, buf);
		break;
	case FIELD_U64:
		memcpy(&u64, at, sizeof(u64));
		number_text(f->name, u64, buf);
		break;
	case FIELD_STR:
		safe_text((const char *)at, buf);
		break;
	case FIELD_BYTES:
		bytes_text(at, buf);
		break;
	case FIELD_SECRET:
		break;
	case FIELD_ADDR:
		memcpy(&addr, at, sizeof(addr));
		if (addr.family != ADDR_NONE)
			(void)addr_text(&addr, buf);
		break;
	case FIELD_ENDPOINT:
		memcpy(&ep, at, sizeof(ep));
		if (ep.addr.family != ADDR_NONE)
			(void)endpoint_text(&ep, buf);
		break;
	case FIELD_NET:
		memcpy(&net, at, sizeof(net));
		if (net.addr.family != ADDR_NONE)
			(void)network_text(&net, buf);
		break;
	case FIELD_ADDRS:
	case FIELD_NETS:
		list_text(f, at, buf);
		break;
	}
}

const struct msg_field *
field_find(enum msg_type type, const char *name)
{
	const struct msg_field *f;

	for (f = msg_desc(type)->fields(); f->name != NULL; f++) {
		if (strcmp(f->name, name) == 0)
			return f;
	}
	return NULL;
}
