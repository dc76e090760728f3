/*
 * Reads a password and prints its hash; keeps it in secret memory and no
 * longer than that takes.
 */
#include <sys/types.h>

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "common/msg.h"
#include "common/secret.h"
#include "ikerd/ctl/hash.h"

#define MEMORY (64UL * 1024 * 1024) /* bytes, argon2id */
#define PASSES 2

static volatile sig_atomic_t caught;

static void
on_signal(int sig)
{
	caught = sig;
}

/* One line without its end; its length, or exit. */
static size_t
read_line(char *buf, size_t size)
{
	size_t n = 0;
	ssize_t got;

	for (;;) {
		got = read(STDIN_FILENO, buf + n, 1);
		if (got == -1 && (errno != EINTR || caught))
			break;
		if (got == -1)
			continue;
		if (got == 0 || buf[n] == '\n')
			break;
		if (++n == size)
			errx(1, "the password is too long (at most %zu bytes)",
			    size - 1);
	}
	if (n > 0 && buf[n - 1] == '\r')
		n--;
	return n;
}

/* The same from a terminal that does not show it. */
static size_t
ask(const char *prompt, char *buf, size_t size)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT,
		SIGTSTP };
	struct sigaction sa, old[5];
	struct termios seen, hidden;
	size_t i, n;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_signal; /* no SA_RESTART: the read ends */
	for (i = 0; i < 5; i++)
		(void)sigaction(signals[i], &sa, &old[i]);
	if (tcgetattr(STDIN_FILENO, &seen) == -1)
		err(1, "tcgetattr");
	hidden = seen;
	hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
	fputs(prompt, stderr);
	n = read_line(buf, size);
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &seen);
	fputc('\n', stderr);
	for (i = 0; i < 5; i++)
		(void)sigaction(signals[i], &old[i], NULL);
	if (caught)
		(void)raise(caught);
	return n;
}

void
hash_password(void)
{
	char out[crypto_pwhash_STRBYTES];
	char *first, *second;
	size_t n, again;

	secret_init();
	first = secret_alloc(PASSWORD_MAX + 1);
	second = secret_alloc(PASSWORD_MAX + 1);
	if (first == NULL || second == NULL)
		errx(1, "no memory");
	if (isatty(STDIN_FILENO)) {
		n = ask("Password: ", first, PASSWORD_MAX + 1);
		again = ask("Again: ", second, PASSWORD_MAX + 1);
		if (n != again || sodium_memcmp(first, second, n) != 0)
			errx(1, "the two differ: nothing was printed");
	} else {
		n = read_line(first, PASSWORD_MAX + 1);
	}
	if (n == 0)
		errx(1, "the password is empty: give one line of text");
	if (crypto_pwhash_str_alg(out, first, n, PASSES, MEMORY,
		crypto_pwhash_ALG_ARGON2ID13) != 0)
		errx(1, "not enough memory to hash (64 MB)");
	secret_free(first);
	secret_free(second);
	printf("%s\n", out);
}
