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

TESTS(T(id_of_zero), T(ours))
