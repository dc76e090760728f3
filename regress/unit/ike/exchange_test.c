/* Message ids: the peer's are what they are, ours are fresh and not 0. */
#include "common/timer.h"
#include "ikerd/alg/provider.h"
#include "ikerd/ike/sa.h"
#include "regress/unit/test.h"

static struct sa_keys keys;
static struct ike_sa sa;

static void
begin(void)
{
	timer_init(NULL);
	CHECK_INT(alg_init(0), 0);
	memset(&sa, 0, sizeof(sa));
	sa.hash = ike_hash_by_name("sha1");
	sa.cipher = ike_cipher_by_name("aes-128");
	sa.keys = &keys;
	LIST_INIT(&sa.exchanges);
}

/*
 * vpnc says farewell under a message id of one octet; when it was 0, the
 * message was read as one of ours, and the session stayed for a minute.
 */
TEST(id_of_zero)
{
	struct exchange *ex;

	begin();
	ex = exchange_new(&sa, EXCHANGE_INFORMATIONAL, 0);
	CHECK(ex != NULL);
	if (ex == NULL)
		return;
	CHECK_INT(ex->msgid, 0);
	CHECK_INT(ex->ours, 0);
	CHECK(exchange_find(&sa, 0) == ex);
	exchange_free(ex);
	CHECK_INT(sa.nexchanges, 0);
}

TEST(ours)
{
	struct exchange *ex;

	begin();
	ex = exchange_start(&sa, EXCHANGE_TRANSACTION);
	CHECK(ex != NULL);
	if (ex == NULL)
		return;
	CHECK(ex->msgid != 0);
	CHECK_INT(ex->ours, 1);
	exchange_free(ex);
}

/* An answer that the peer has is not kept, but its message id stays used. */
TEST(answers_that_are_there)
{
	static const uint8_t next[ALG_BLOCK_MAX];
	struct exchange *config, *open, *quick;

	begin();
	config = exchange_new(&sa, EXCHANGE_TRANSACTION, 1);
	open = exchange_new(&sa, EXCHANGE_TRANSACTION, 2);
	quick = exchange_new(&sa, EXCHANGE_QUICK, 3);
	CHECK(config != NULL && open != NULL && quick != NULL);
	exchange_accept(config, next, 77);
	exchange_accept(quick, next, 78);
	exchange_over(config);
	quick->out = calloc(1, 40);
	quick->out_len = 40;
	exchange_answered(quick);
	CHECK(quick->out == NULL);
	exchange_forget_config(&sa);
	CHECK(exchange_find(&sa, 1) == NULL);
	CHECK(exchange_find(&sa, 2) == open);
	CHECK(exchange_find(&sa, 3) == quick);
	CHECK_INT(sa.nexchanges, 1);
	CHECK(exchange_new(&sa, EXCHANGE_TRANSACTION, 1) == NULL);
	exchange_free(open);
	exchange_free(quick);
	free(sa.used);
}

TESTS(T(id_of_zero), T(ours), T(answers_that_are_there))
