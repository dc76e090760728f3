/* `ikerctl hash': a password becomes an entry of the local user file. */
#ifndef IKERD_CTL_HASH_H
#define IKERD_CTL_HASH_H

/* Ask for a password (twice without echo on a terminal, otherwise one line of
 * standard input) and print its argon2id hash.  Exits on failure. */
void hash_password(void);

#endif /* IKERD_CTL_HASH_H */
