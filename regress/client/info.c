/*
 * Informational exchanges: delete, notifications, dead peer detection
 * (RFC 3706).  Builds them and reads the gateway's.
 */
#include <string.h>

#include "session.h"

/* The SA that comes in under this SPI. */
int
info_delete_esp(struct session *s, struct wire *w, uint32_t spi)
{
	session_start(s, w, X_INFO, session_msgid());
	wire_open(w, P_DELETE);
	put32(w, 1);
	put8(w, 3);
	put8(w, 4);
	put16(w, 1);
	put32(w, spi);
	wire_end(w);
	return 0;
}

/* The SA of named, under that of s. */
int
info_delete_isakmp(
    struct session *s, const struct session *named, struct wire *w)
{
	session_start(s, w, X_INFO, session_msgid());
	wire_open(w, P_DELETE);
	put32(w, 1);
	put8(w, 1);
	put8(w, 16);
	put16(w, 1);
	putb(w, named->cky_i, 8);
	putb(w, named->cky_r, 8);
	wire_end(w);
	return 0;
}

/* A notification about this ISAKMP SA, with data. */
int
info_notify(struct session *s, struct wire *w, uint16_t type, const void *data,
    size_t len)
{
	session_start(s, w, X_INFO, session_msgid());
	wire_open(w, P_NOTIFY);
	put32(w, 1);
	put8(w, 1);
	put8(w, 16);
	put16(w, type);
	putb(w, s->cky_i, 8);
	putb(w, s->cky_r, 8);
	putb(w, data, len);
	wire_end(w);
	return 0;
}

/* R-U-THERE or its ACK. */
int
info_dpd(struct session *s, struct wire *w, uint16_t type, uint32_t seq)
{
	uint8_t b[4] = { (uint8_t)(seq >> 24), (uint8_t)(seq >> 16),
		(uint8_t)(seq >> 8), (uint8_t)seq };

	return info_notify(s, w, type, b, sizeof(b));
}

/*
 * The first notification of a message: its type, and the first 4 octets of
 * its data (0 if there are none).  -1 if it has none.
 */
int
info_take(const struct message *m, uint16_t *type, uint32_t *data)
{
	const struct payload *p = wire_find(m->p, m->n, P_NOTIFY, 0);
	size_t at;

	if (m->h.exchange != X_INFO || p == NULL || p->len < 8)
		return -1;
	at = 8u + p->body[5];
	*type = get16(p->body + 6);
	*data = p->len >= at + 4 ? get32(p->body + at) : 0;
	return 0;
}

/* Whether the message deletes something of that protocol. */
int
info_deletes(const struct message *m, uint8_t protocol)
{
	const struct payload *p;
	int n;

	if (m->h.exchange != X_INFO)
		return 0;
	for (n = 0; (p = wire_find(m->p, m->n, P_DELETE, n)) != NULL; n++)
		if (p->len >= 8 && p->body[4] == protocol)
			return 1;
	return 0;
}

/* Whether the message deletes the ESP SA with this SPI. */
int
info_deletes_spi(const struct message *m, uint32_t spi)
{
	const struct payload *p;
	size_t at;
	int n;

	if (m->h.exchange != X_INFO)
		return 0;
	for (n = 0; (p = wire_find(m->p, m->n, P_DELETE, n)) != NULL; n++)
		for (at = 8; p->body[4] == 3 && at + 4 <= p->len; at += 4)
			if (get32(p->body + at) == spi)
				return 1;
	return 0;
}

/* RESPONDER-LIFETIME of phase 1 in seconds; -1 if the message is none. */
int
info_lifetime(const struct message *m, uint32_t *life)
{
	const struct payload *p = wire_find(m->p, m->n, P_NOTIFY, 0);
	uint32_t v[13] = { 0 };
	const uint8_t *at;
	struct attr a;
	size_t left;

	if (m->h.exchange != X_INFO || p == NULL || p->len < 8 + 16 ||
	    p->body[4] != 1 || p->body[5] != 16 || get16(p->body + 6) != 24576)
		return -1;
	at = p->body + 24;
	left = p->len - 24;
	while (wire_attr(&at, &left, &a) == 1)
		if (a.type < 13)
			v[a.type] = a.value;
	*life = v[12];
	return v[11] == 1 ? 0 : -1;
}
