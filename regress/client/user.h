/*
 * A user's way through a connect, and after it what every client does by
 * itself: messages in, messages out, sent again until answered.  No sockets
 * here: ikeload has thousands of users on few of them, ikedays one each.
 */
#ifndef REGRESS_CLIENT_USER_H
#define REGRESS_CLIENT_USER_H

#include "session.h"

enum user_state {
	USER_IDLE,
	USER_PHASE1,
	USER_XAUTH,
	USER_STATUS,
	USER_CONFIG,
	USER_QUICK,
	USER_UP,
	USER_FAILED
};

struct datagram {
	uint8_t *p;
	size_t len;
};

struct user;

/* What kind of users they are, and who is told. */
struct user_kind {
	const struct settings *set;
	const char *remote; /* network asked for */
	int main_mode, no_xauth, no_config;
	/* Send from and to the IKE port, or the NAT-T one (floated, with the
	 * marker put before it). */
	void (*transmit)(struct user *, const struct datagram *);
	void (*up)(struct user *); /* a Quick Mode is done: in u->s.q */
	void (*failed)(struct user *, const char *why);
	/* Authentic, of a session that is up: a Delete for the ISAKMP SA. */
	void (*deleted)(struct user *);
	void (*alive)(struct user *);	/* an answer to our R-U-THERE */
	void (*asked)(struct user *);	/* the gateway's R-U-THERE, answered */
	void (*strange)(struct user *); /* of no use in this state */
};

struct user {
	struct session s;
	const struct user_kind *kind;
	enum user_state state;
	const struct step *step; /* next message of phase 1 */
	int floated;
	int tries;
	int64_t resend;	       /* microseconds, when */
	uint64_t last;	       /* sum of the last datagram taken */
	struct datagram out;   /* ours, sent again when nothing comes */
	struct datagram reply; /* sent again when the gateway repeats */
};

/* Who they say they are, and the one transform of each phase they offer. */
struct user_words {
	const char *cipher, *hash, *group;
	const char *esp_cipher, *esp_hash;
	const char *id, *psk;
	const char *auth; /* a name of auth_methods */
	/* PEM files: the chain and its key (its subject is the identity then),
	 * and who may issue the gateway's; NULL: none */
	const char *cert, *key, *trust;
};
#define USER_WORDS                                                           \
	{                                                                    \
		"aes-256", "sha1", "modp2048", "aes-128", "sha1", "vpn3000", \
		    "grouppass", "xauth", NULL, NULL, NULL                   \
	}

/*
 * The settings of such users, set->natt being there already; -1: a name of no
 * known algorithm, an identity or key too long, or a file that is none.
 */
int user_settings(struct settings *set, const struct user_words *);

extern const char *const user_state_names[];

int64_t now_us(void);
/* The session is initialized, with cookies, user and addresses. */
void user_connect(struct user *);
/* One more Quick Mode under the SA that is up. */
void user_quick(struct user *);
void user_take(struct user *, const uint8_t *, size_t);
/* At now: send again if it is time; fails after six tries. */
int user_resend(struct user *, int64_t now);
/*
 * Send what was built into the wire of user_wire(), once, unless the builder's
 * result is -1; -1 when it could not be sealed.
 */
struct wire *user_wire(void);
int user_say(struct user *, int built);
/* What only the connect needed is freed. */
void user_settle(struct user *);
void user_free(struct user *);

#endif /* REGRESS_CLIENT_USER_H */
