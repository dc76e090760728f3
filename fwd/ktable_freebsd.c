/*
 * Tables of pf's anchor "ikerd" on FreeBSD, through the /dev/pf that the
 * parent opened, limited here to the ioctls below.  States are ended with an
 * nvlist, the only form that newer systems take.
 */
#include <sys/types.h>
#include <sys/param.h>
#include <sys/capsicum.h>
#include <sys/nv.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <net/if.h>
#include <net/pfvar.h>

#include "fwd/ktable_pf.h"

static const cap_ioctl_t allowed[] = { DIOCRADDADDRS, DIOCRDELADDRS,
	DIOCRGETADDRS, DIOCRCLRADDRS, DIOCKILLSTATESNV };

int
ktable_take(int fd)
{
	cap_rights_t rights;

	cap_rights_init(&rights, CAP_IOCTL);
	if (cap_rights_limit(fd, &rights) == -1 && errno != ENOSYS)
		return -1;
	if (cap_ioctls_limit(
		fd, allowed, sizeof(allowed) / sizeof(allowed[0])) == -1 &&
	    errno != ENOSYS)
		return -1;
	if (dev_pf != -1)
		close(dev_pf);
	dev_pf = fd;
	return 0;
}

/* An end of a state in the nvlist: this address, or any when a is NULL. */
static void
add_end(nvlist_t *to, const char *name, const struct addr *a)
{
	static const uint64_t ports[2];
	nvlist_t *end = nvlist_create(0), *wrap = nvlist_create(0),
		 *addr = nvlist_create(0), *mask = nvlist_create(0);
	struct pf_addr value, ones;

	memset(&value, 0, sizeof(value));
	memset(&ones, 0, sizeof(ones));
	if (a != NULL) {
		memcpy(&value, a->b, addr_len(a));
		memset(&ones, 0xff, addr_len(a));
	}
	nvlist_add_binary(addr, "addr", &value, sizeof(value));
	nvlist_add_binary(mask, "addr", &ones, sizeof(ones));
	nvlist_add_number(wrap, "type", PF_ADDR_ADDRMASK);
	nvlist_add_number(wrap, "iflags", 0);
	nvlist_move_nvlist(wrap, "addr", addr);
	nvlist_move_nvlist(wrap, "mask", mask);
	nvlist_move_nvlist(end, "addr", wrap);
	nvlist_add_number_array(end, "port", ports, 2);
	nvlist_add_number(end, "neg", 0);
	nvlist_add_number(end, "port_op", 0);
	nvlist_move_nvlist(to, name, end);
}

static nvlist_t *
kill_request(const struct addr *src, const struct addr *dst)
{
	const struct addr *a = src != NULL ? src : dst;
	nvlist_t *nvl = nvlist_create(0), *cmp = nvlist_create(0);

	nvlist_add_number(cmp, "id", 0);
	nvlist_add_number(cmp, "creatorid", 0);
	nvlist_add_number(cmp, "direction", 0);
	nvlist_move_nvlist(nvl, "cmp", cmp);
	nvlist_add_number(
	    nvl, "af", a->family == ADDR_IP6 ? AF_INET6 : AF_INET);
	nvlist_add_number(nvl, "proto", 0);
	add_end(nvl, "src", src);
	add_end(nvl, "dst", dst);
	nvlist_add_string(nvl, "ifname", "");
	nvlist_add_string(nvl, "label", "");
	nvlist_add_bool(nvl, "kill_match", false);
	return nvl;
}

static int
end_states(const struct addr *src, const struct addr *dst)
{
	nvlist_t *nvl = kill_request(src, dst);
	struct pfioc_nv io;
	char buf[4096]; /* the answer goes into it, too */
	void *packed;
	size_t len;

	packed = nvlist_pack(nvl, &len);
	nvlist_destroy(nvl);
	if (packed == NULL || len > sizeof(buf)) {
		free(packed);
		errno = ENOMEM;
		return -1;
	}
	memcpy(buf, packed, len);
	free(packed);
	memset(&io, 0, sizeof(io));
	io.data = buf;
	io.len = len;
	io.size = sizeof(buf);
	return ioctl(dev_pf, DIOCKILLSTATESNV, &io);
}

int
ktable_end_states(const struct addr *a)
{
	return end_states(a, NULL) == -1 ? -1 : end_states(NULL, a);
}
