/*
 * One session of the test client as initiator: what it offers, what was
 * agreed, and the messages it builds and takes.  Nothing here does I/O.
 */
#ifndef REGRESS_CLIENT_SESSION_H
#define REGRESS_CLIENT_SESSION_H

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>

#include "cert.h"
#include "dh.h"
#include "keys.h"
#include "wire.h"

#define OFFERS_MAX 64
#define VENDORS_MAX 64
#define IV_SLOTS 8
#define PAYLOADS 64
#define QUICKS 4 /* Quick Modes of one session */

enum hash_kind {
	H_NONE,
	H_REST,
	H_QM2,
	H_QM3
};
enum natt {
	NATT_OFF,
	NATT_ON,
	NATT_FORCE
};
enum ke_kind {
	KE_GOOD,
	KE_ZERO,
	KE_ONE,
	KE_P_1,
	KE_P,
	KE_SHORT,
	KE_LONG,
	KE_NONE
};

/* One transform of phase 1. */
struct offer1 {
	const struct cipher *cipher;
	const struct hash *hash;
	const struct group *group;
	uint16_t auth;
	uint32_t life; /* seconds, 0: not offered */
};

/* One proposal of phase 2. */
struct offer2 {
	const struct cipher *cipher;
	const struct hash *hash;
	const struct group *group; /* PFS, or NULL */
	uint32_t mode;
	uint32_t life;
	int ipcomp; /* ANDed with an IPCOMP proposal */
	int more;   /* a further transform of the proposal before */
};

struct bytes {
	uint8_t b[256];
	size_t len;
};

/* What a kind of client is: shared by all sessions of the load generator. */
struct settings {
	struct offer1 offer[OFFERS_MAX];
	int offers;
	int first_number; /* of the first transform, 1 unless a client says 0 */
	struct offer2 esp[OFFERS_MAX];
	int esps;
	struct bytes id; /* the whole ID body: type, protocol, port, data */
	struct bytes psk;
	struct credentials cred;
	struct bytes vendor[VENDORS_MAX];
	int vendors;
	enum natt natt;
	int initial_contact;
	uint8_t wish[4]; /* the address to ask for, 0.0.0.0: any */
	int natt_port;
};

enum mangle_kind {
	M_INNER,      /* octets of the plaintext before HASH is computed */
	M_HASH,	      /* flip a bit of the HASH */
	M_NO_HASH,    /* HASH of length 0 */
	M_EXTRA,      /* one more payload at the end */
	M_FIELD,      /* octets of a payload's header, by index */
	M_PADDING,    /* random padding */
	M_CLEAR,      /* not encrypted */
	M_CIPHERTEXT, /* flip a bit in the last cipher block */
	M_OUTER,      /* octets of the datagram */
	M_OUTER_XOR,  /* the same, exclusive or */
	M_LENGTH,     /* add to the header's length */
	M_CUT,	      /* send only so many octets */
	M_APPEND      /* octets behind the datagram */
};

/* What to break in the next message that is built. */
struct mangle {
	enum mangle_kind kind;
	long at;
	long n;
	struct bytes bytes;
	struct mangle *next;
};

/* What only phase 1 needs; freed at its end by the load generator. */
struct phase1 {
	uint8_t sai[8192];
	size_t sai_len;
	struct bytes idir;
	struct bytes ni, nr;
	uint8_t gxr[DH_MAX]; /* the gateway's, whoever began */
	uint8_t gxy[DH_MAX];
	uint8_t transform; /* respond.c: the number of the one chosen */
};

/* A Quick Mode. */
struct quick {
	uint32_t msgid;
	int done;
	struct bytes ni, nr;
	struct bytes idci, idcr;
	uint32_t spi_in, spi_out;
	struct offer2 chosen;
	struct dh_pair dh;
	uint8_t gqm[DH_MAX];
	uint8_t keys_in[KEYMAT_MAX];
	uint8_t keys_out[KEYMAT_MAX];
	size_t keys_len;
	uint32_t responder_life;
};

struct iv_slot {
	uint32_t msgid;
	uint8_t iv[BLOCK_MAX];
};

struct session {
	const struct settings *set;
	const char *user;
	const char *password;
	uint8_t cky_i[8];
	uint8_t cky_r[8];
	struct keys k;
	int keyed; /* k is complete */
	struct offer1 chosen;
	struct dh_pair *dh; /* made when NULL; belongs to dh_own then */
	struct dh_pair dh_own;
	enum ke_kind ke;
	enum sig_kind sig;
	struct phase1 *p1;
	int peer_xauth, peer_dpd, peer_unity;
	int natd_type; /* payload number of the NAT-T agreed, 0: none */
	int natt_ids;  /* NAT-T vendor ids that were answered */
	int nat_here, nat_there;
	struct sockaddr_in local, remote; /* for NAT-D */
	struct iv_slot iv[IV_SLOTS];
	int iv_next;
	uint16_t transaction; /* identifier of the last request taken */
	int no_chap;	      /* answers CHAP with the password itself */
	int status;	      /* XAUTH: -1 open, 0 failed, 1 ok */
	uint8_t address[4];
	int has_address;
	struct quick *q;	      /* the one that steps are about */
	struct quick *parked[QUICKS]; /* the others; NULL where q belongs */
	int which;		      /* q's place */
	struct quick *r;	      /* the one that the gateway began */
	struct mangle *mangle;
	const char *why; /* what was wrong with the last message taken */
};

/* A message received, decrypted and split. */
struct message {
	struct header h;
	int authentic; /* its HASH or cipher was ours */
	int old;       /* it came under the SA that is renewed */
	uint8_t raw[WIRE_MAX];
	size_t raw_len;
	uint8_t b[WIRE_MAX];
	size_t len;
	struct payload p[PAYLOADS];
	int n;
};

/* session.c */
void session_init(struct session *, const struct settings *);
void session_clear(struct session *);
int session_seal(struct session *, struct wire *);
int session_open(struct session *, const uint8_t *, size_t, struct message *);
void session_start(struct session *, struct wire *, uint8_t, uint32_t);
uint32_t session_msgid(void);
int wrong(struct session *, const char *);

/* mangle.c */
void mangle_plain(struct session *, struct wire *, int);
int mangle_has(const struct session *, enum mangle_kind);
void mangle_sealed(struct session *, struct wire *);
void mangle_free(struct session *);

/* exchange.c: one row for each phase 1 exchange, one step a message */
struct step {
	const char *name;
	int (*build)(struct session *, struct wire *);
	int (*take)(struct session *, const struct message *);
};
struct exchange {
	const char *name;
	uint8_t type;
	struct step step[8];
};
extern const struct exchange exchanges[];
void exchange_put_ke(struct wire *, const struct dh_pair *, enum ke_kind);
void exchange_put_transform(struct wire *, const struct offer1 *, int);
void exchange_put_vendors(struct session *, struct wire *);
void exchange_put_natd(struct session *, struct wire *);
void exchange_take_vendors(struct session *, const struct message *);
void exchange_take_natd(struct session *, const struct message *);

/* respond.c: Main Mode that the gateway begins */
int respond_take1(struct session *, const struct message *);
int respond_build2(struct session *, struct wire *);
int respond_take3(struct session *, const struct message *);
int respond_build4(struct session *, struct wire *);
int respond_take5(struct session *, const struct message *);
int respond_build6(struct session *, struct wire *);

/* config.c: XAUTH and Mode Config */
enum config_kind {
	C_BAD,
	C_XAUTH_REQUEST,
	C_XAUTH_STATUS,
	C_REPLY,
	C_SET
};
enum config_kind config_take(struct session *, const struct message *);
int config_answer(struct session *, struct wire *, const struct message *);
int config_ack(struct session *, struct wire *, const struct message *);
int config_request(
    struct session *, struct wire *, const uint16_t *, int, uint32_t);

/* quick.c */
int quick_new(struct session *, const char *, const char *);
void quick_free(struct session *);
void quick_free_all(struct session *);
void quick_switch(struct session *, int);
const struct quick *quick_find(const struct session *, uint32_t);
int quick_build1(struct session *, struct wire *);
int quick_take2(struct session *, const struct message *);
int quick_build3(struct session *, struct wire *);
void quick_derive(struct session *, struct quick *);
void quick_put_transform(struct wire *, const struct offer2 *);

/* renew.c: Quick Mode that the gateway begins */
void renew_free(struct session *);
int renew_take1(struct session *, const struct message *);
int renew_build2(struct session *, struct wire *);
void renew_done(struct session *);

/* info.c */
int info_delete_esp(struct session *, struct wire *, uint32_t);
int info_delete_isakmp(struct session *, const struct session *, struct wire *);
int info_lifetime(const struct message *, uint32_t *);
int info_notify(
    struct session *, struct wire *, uint16_t, const void *, size_t);
int info_dpd(struct session *, struct wire *, uint16_t, uint32_t);
int info_take(const struct message *, uint16_t *, uint32_t *);
int info_deletes(const struct message *, uint8_t);
int info_deletes_spi(const struct message *, uint32_t);

#endif /* REGRESS_CLIENT_SESSION_H */
