/*
 * The gateway's private keys, and the one thing that is done with them.  They
 * are nowhere else once the parent has passed them on.
 */
#ifndef IKERD_CRYPTO_SIGN_H
#define IKERD_CRYPTO_SIGN_H

#include <stddef.h>
#include <stdint.h>

#include "common/msg.h"

void sign_begin(void);
void sign_add(const struct msg_CONF_SIGN_KEY *);
/* Could every key be read?  NULL, or why not and the line to blame. */
const char *sign_check(uint32_t *line);
void sign_commit(void);
void sign_drop(void);

/*
 * HASH_R or HASH_I of the job's exchange, made here and signed.  NULL with the
 * signature in done, else why there is none.
 *
 * ike sends what goes into the hash, never the hash: a signature is only ever
 * made over the prf's output, and who can choose the prf's key and input still
 * cannot choose that.  So a captured ike gets this gateway's word in IKE
 * exchanges, which it speaks anyway, at the rate of jobs; it does not get a
 * signature that is worth something under another protocol.
 */
const char *sign_job(const struct msg_SIGN_JOB *, struct msg_SIGN_DONE *);

#endif /* IKERD_CRYPTO_SIGN_H */
