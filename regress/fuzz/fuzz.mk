# make fuzz T=NAME SECONDS=N: one fuzz target (none named: all), for so long.
# make fuzz-smoke: all of them for some seconds each; "make regress" calls it.
# Included by regress/GNUmakefile, paths are from the top.  A target is
# NAME_fuzz.c beside this file, its corpus is corpus/NAME, which is only read:
# what a run finds goes to $(O)/fuzz/corpus/NAME, crashes to
# $(O)/fuzz/crash.  Everything is built a second time, in $(O)/fuzz, with
# clang's sanitizers.
SECONDS		?= 60
# for each target of the smoke test; two run at a time
SMOKE_SECONDS	?= 6
FUZZ_SRCS	= $(filter-out $(OTHERS),$(wildcard regress/fuzz/*_fuzz.c))
FUZZ		= $(patsubst regress/fuzz/%_fuzz.c,%,$(FUZZ_SRCS))
SANITIZE	= -fsanitize=address,undefined -fno-sanitize-recover=all

# what each is linked with; not in the table: everything
FUZZ_LIBS_attr		= ikerd/ike ikerd/crypto ikerd/alg
FUZZ_LIBS_cert		= ikerd/ike ikerd/crypto ikerd/alg
FUZZ_LIBS_conf		= ikerd ikerd/ike ikerd/alg fwd
FUZZ_LIBS_ike		= ikerd/ike ikerd/crypto ikerd/alg
FUZZ_LIBS_imsg		=
FUZZ_LIBS_isakmp	= ikerd/ike ikerd/crypto ikerd/alg
FUZZ_LIBS_journal	=
FUZZ_LIBS_lease		= poold
FUZZ_LIBS_offer		= ikerd/ike ikerd/crypto ikerd/alg
FUZZ_LIBS_pfkey		= ikerd/ike ikerd/crypto ikerd/alg
FUZZ_LIBS_radius	= authd
FUZZ_LIBS_tacacs	= authd
FUZZ_LIBS_users		= authd
FUZZ_ALL		= ikerd ikerd/ike ikerd/crypto ikerd/alg ikerd/ctl \
			  authd poold fwd
fuzz_defined		= $(filter-out undefined,$(origin FUZZ_LIBS_$(1)))
fuzz_libs		= $(foreach l,$(if $(call fuzz_defined,$(1)), \
			    $(FUZZ_LIBS_$(1)),$(FUZZ_ALL)),$(call archive,$(l)))
# objects that belong to one target alone
FUZZ_OBJS_ike		= regress/fuzz/world.o regress/fuzz/client.o \
			  regress/bench/fakekey.o

FUZZ_BIN	= $(patsubst %,$(O)/regress/fuzz/%_fuzz,$(FUZZ))
# quiet.o comes before the archives: it stands in for common/log.c
$(FUZZ_BIN): $(O)/regress/fuzz/%_fuzz: $(O)/regress/fuzz/%_fuzz.o \
    $(O)/regress/fuzz/quiet.o $$(addprefix $(O)/,$$(FUZZ_OBJS_$$*)) \
    $$(call fuzz_libs,$$*) $(COMMON)
	$(call say,link)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -fsanitize=fuzzer \
	    -o $@ $^ $(LIBS_ALL) -lpthread
fuzz-bin: $(if $(T),$(O)/regress/fuzz/$(T)_fuzz,$(FUZZ_BIN))

# with O, CC and the like for the sanitizers
fuzz_make	= $(MAKE) --no-print-directory $(parallel) O=$(O)/fuzz \
		  CC=clang OPT='-O1 -g' FORTIFY= \
		  CFLAGS='-fsanitize=fuzzer-no-link $(SANITIZE)' \
		  LDFLAGS='$(SANITIZE)' fuzz-bin
fuzz_run	= sh regress/fuzz/run $(O)/fuzz

fuzz:
	+@$(fuzz_make)
	@$(fuzz_run) -v $(SECONDS) $(if $(T),$(T),$(FUZZ))

fuzz-smoke:
	+@$(fuzz_make) T=
	@$(fuzz_run) -j 2 $(SMOKE_SECONDS) $(FUZZ)

.PHONY: fuzz fuzz-bin fuzz-smoke
