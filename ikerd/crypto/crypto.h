/* The crypto process: `ikerd -P crypto'. */
#ifndef IKERD_CRYPTO_CRYPTO_H
#define IKERD_CRYPTO_CRYPTO_H

void crypto_main(int argc, char *argv[]) __attribute__((__noreturn__));

#endif /* IKERD_CRYPTO_CRYPTO_H */
