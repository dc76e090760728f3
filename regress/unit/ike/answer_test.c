/*
 * What clients are told in Mode Config, and what operators read of it.  The
 * values on the wire are regress/client's to check.
 */
#include "ikerd/ike/answer.h"
#include "ikerd/ike/attr.h"
#include "ikerd/ike/ikeconf.h"
#include "ikerd/ike/sa.h"
#include "ikerd/ike/session.h"
#include "regress/unit/test.h"

static struct group group;
static struct session session;
static struct ike_sa sa;
static struct esp_suite with_pfs, without;
static uint8_t out[4096];
static struct isakmp_buf ib;

static void
begin(int unity)
{
	static struct isakmp_hdr hdr;

	memset(&group, 0, sizeof(group));
	memset(&session, 0, sizeof(session));
	memset(&sa, 0, sizeof(sa));
	session.group = &group;
	session.address = addr_ip4(0x0a000001);
	sa.session = &session;
	sa.lifetime = 86400;
	if (unity)
		sa.vendor.seen |= VENDOR_BIT(VENDOR_UNITY);
	with_pfs.pfs = ike_group_by_number(IKE_GROUP_MODP1024);
	ib_init(&ib, out, sizeof(out), &hdr);
}

/* The names of what is told and of what is left out. */
static void
check(uint16_t number, const char *told, const char *not_told)
{
	char text[TEXT_SIZE];
	uint32_t put, left;

	put = answer_put(&ib, &sa, &number, 1, &left);
	CHECK_STR(answer_names(put, text, sizeof(text)), told);
	CHECK_STR(answer_names(left, text, sizeof(text)), not_told);
}

TEST(each_is_told_or_left_out_by_name)
{
	begin(1);
	check(INTERNAL_IP4_ADDRESS, "INTERNAL_IP4_ADDRESS", "");
	check(INTERNAL_IP4_DNS, "", "INTERNAL_IP4_DNS");
	group.dns[group.ndns++] = addr_ip4(0x0a000035);
	check(INTERNAL_IP4_DNS, "INTERNAL_IP4_DNS", "");
	check(INTERNAL_IP6_ADDRESS, "", "INTERNAL_IP6_ADDRESS");
	check(UNITY_NATT_PORT, "", "UNITY_NATT_PORT");
	check(UNITY_SAVE_PASSWD, "UNITY_SAVE_PASSWD", "");
	check(29000, "", "unknown ones");
}

TEST(unity_is_for_unity)
{
	begin(0);
	strlcpy(group.banner, "Hello.", sizeof(group.banner));
	check(UNITY_BANNER, "", "UNITY_BANNER");
	begin(1);
	strlcpy(group.banner, "Hello.", sizeof(group.banner));
	check(UNITY_BANNER, "UNITY_BANNER", "");
}

/* One number for "group 2" and none for any other: see answer.c. */
TEST(pfs_only_where_all_demand_modp1024)
{
	begin(1);
	check(UNITY_PFS, "", "UNITY_PFS");
	group.suite[group.nsuites++] = &with_pfs;
	check(UNITY_PFS, "UNITY_PFS", "");
	group.suite[group.nsuites++] = &without;
	check(UNITY_PFS, "", "UNITY_PFS");
}

/* Asked for twice is answered once, in the table's order. */
TEST(a_list)
{
	static const uint16_t asked[] = { UNITY_BANNER, 9999, UNITY_FW_TYPE,
		INTERNAL_IP4_NETMASK, INTERNAL_IP4_NETMASK,
		INTERNAL_IP4_ADDRESS };
	char text[TEXT_SIZE];
	uint32_t put, left;
	size_t before;

	begin(1);
	before = ib.len;
	put = answer_put(&ib, &sa, asked, 6, &left);
	CHECK_INT(ib.len - before, 16);
	CHECK_STR(answer_names(put, text, sizeof(text)),
	    "INTERNAL_IP4_ADDRESS, INTERNAL_IP4_NETMASK");
	CHECK_STR(answer_names(left, text, sizeof(text)),
	    "UNITY_BANNER, UNITY_FW_TYPE, unknown ones");
	/* the longest list fits the line that it is for */
	(void)answer_names(0xffffffff, text, sizeof(text));
	CHECK(strlen(text) < sizeof(text));
}

TESTS(T(each_is_told_or_left_out_by_name), T(unity_is_for_unity),
    T(pfs_only_where_all_demand_modp1024), T(a_list))
