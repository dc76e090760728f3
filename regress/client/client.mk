# The scripted client, the load generator and the bench; paths are from the
# top.  They share no code with the gateway, so they are no part of its
# libraries.
CLIENT_COMMON	= wire suite keys dh cert session mangle exchange config quick \
		  renew info
CLIENT_SCRIPT	= main script setup steps keyed rekeys respond bad frag actor net
CLIENT_BIN	= $(addprefix $(O)/regress/client/,ikeclient ikeload ikedays \
		  ikeflood selftest) $(O)/regress/bench/bare

client_objs	= $(patsubst %,$(O)/regress/client/%.o,$(1))

$(O)/regress/client/ikeclient: $(call client_objs,$(CLIENT_COMMON) $(CLIENT_SCRIPT))
	@mkdir -p $(@D)
	$(call say,link)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS_CRYPTO) \
	    $(LIBS_COMMON)

$(O)/regress/client/ikeload: $(call client_objs,$(CLIENT_COMMON) user issue load)
	@mkdir -p $(@D)
	$(call say,link)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS_CRYPTO) \
	    $(LIBS_COMMON)

$(O)/regress/client/ikedays: $(call client_objs,$(CLIENT_COMMON) net user days)
	@mkdir -p $(@D)
	$(call say,link)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS_CRYPTO) \
	    $(LIBS_COMMON)

$(O)/regress/client/ikeflood: $(call client_objs,$(CLIENT_COMMON) user flood)
	@mkdir -p $(@D)
	$(call say,link)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS_CRYPTO) \
	    $(LIBS_COMMON)

$(O)/regress/client/selftest: $(call client_objs,$(CLIENT_COMMON) selftest)
	@mkdir -p $(@D)
	$(call say,link)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS_CRYPTO) \
	    $(LIBS_COMMON)

$(O)/regress/bench/bare: $(O)/regress/bench/bare.o
	@mkdir -p $(@D)
	$(call say,link)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS_CRYPTO) \
	    $(LIBS_COMMON)

client: $(CLIENT_BIN)

# the gateway's parent with a played kernel; its children are the usual ones
$(O)/regress/bench/ikerd: $(O)/ikerd/main.o $(O)/regress/bench/openkernel.o \
    $(O)/regress/bench/fakekey.o $(foreach l,ikerd ikerd/ike ikerd/crypto \
    ikerd/alg fwd,$(call archive,$(l))) $(COMMON)
	@mkdir -p $(@D)
	$(call say,link)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS_CRYPTO) \
	    $(LIBS_COMMON)

# an authd that asks some users more than their password
$(O)/regress/bench/authd: $(O)/authd/main.o $(O)/regress/bench/askmethod.o \
    $(call archive,authd) $(COMMON)
	@mkdir -p $(@D)
	$(call say,link)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS_CRYPT) \
	    $(LIBS_CRYPTO) $(LIBS_COMMON)

# SESSIONS="100 1000" make bench: beside strongSwan's charon, which is made the
# first time; the variables are in regress/bench/run
bench: all client $(O)/regress/bench/ikerd
	@sh regress/bench/run $(O) $(SESSIONS)

# the client's own test, and its scripts against the gateway (root)
selftest-client: $(O)/regress/client/selftest
	@$<
regress-client: all client $(O)/regress/bench/ikerd $(O)/regress/bench/authd
	@sh regress/client/run $(O) $(SCRIPTS)
# floods of each kind, and users who connect and stay meanwhile
regress-flood: all client $(O)/regress/bench/ikerd
	@sh regress/client/flood $(O) $(FLOODS)
# crypto processes that come and go under load
regress-crypto: all client $(O)/regress/bench/ikerd
	@sh regress/client/crypto $(O)

.PHONY: client bench selftest-client regress-client regress-crypto regress-flood
