# answerd: build, test, run. One flat file; sources are listed by hand.
#
#   make            build everything into build/
#   make run        install what is missing, build, start a private Redis and
#                   the daemon, print where to look (PORT=, DATA=)
#   make test       install what is missing, run every test
#   make unit       the unit tests only (seconds)
#   make blackbox   the real daemon and a real Redis, over the wire
#   make webtest    the browser parts' logic, in node (seconds)
#   make browser    the journey in headless Chromium
#   make test-faults  every fault that a shop will meet (ONLY=, SEED=)
#   make fuzz       every fuzz target for a few seconds (FUZZ_SECONDS=,
#                   FUZZ_SEED=: the same inputs each time)
#   make checks     format, includes, purity, documentation
#   make replay     real sentences through the daemon, nothing may be lost
#   make bench      answerd beside echoes, Node and other bots: what a message
#                   costs, how it grows (under 10 minutes; ARGS='--quick')
#   make instructions  what one message costs, held against the last figure
#                   (PROFILE=1: by function)
#   make bench-match  what matching costs, beside PCRE2, RE2 and Vectorscan
#   make install    DESTDIR=, PREFIX= (default /usr/local)
#   make uninstall  the same again; configuration, rules and data stay
#   make size       of binaries and web files
#   make setup      only install what is missing
#   make help       this list
#
#   B=dir           where to build (default build); each variant has its own
#   SAN=1           with AddressSanitizer and UndefinedBehaviorSanitizer
#   FUZZ=1          with libFuzzer's coverage too (needs CC=clang)
#   CC=clang        another compiler
#   WERROR=1        warnings are errors
#   V=1             show the commands

VERSION := 0.1.0

B ?= build
ifeq ($(origin CC),default)
CC := cc
endif
WERROR ?=
V ?=
Q := $(if $(V),,@)
say = $(if $(V),,@echo '  $(1)')
CFLAGS ?= -O2 -g
PORT ?=
DATA ?=
FILE ?=
ONLY ?=
PROFILE ?=
ARGS ?=
FUZZ_SECONDS ?= 5
FUZZ_SEED ?=

PREFIX ?= /usr/local
SYSCONFDIR ?= $(if $(filter /usr,$(PREFIX)),/etc,$(PREFIX)/etc)
UNITDIR ?= $(PREFIX)/lib/systemd/system
MANDIR ?= $(PREFIX)/share/man
DATADIR ?= $(PREFIX)/share

# What each folder links with. A missing package gives an empty word here and
# its own message from the compiler; `make setup` installs them all.
pkg = $(shell pkg-config --libs $(1) 2>/dev/null)
LIBS_base := $(call pkg,yaml-0.1)
LIBS_intent := $(call pkg,libpcre2-8 libutf8proc)
LIBS_wire := $(call pkg,jansson)
LIBS_chat :=
LIBS_store := $(call pkg,hiredis libuv sqlite3) -lpthread
LIBS_io := $(call pkg,libwebsockets libuv liburing libsystemd libcurl) -lhttp_parser
LIBS_daemon := $(call pkg,libsodium libsystemd)
LIBS_cli := $(call pkg,libsodium)

WARN := -Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes \
	-Wmissing-prototypes -Wold-style-definition -Wvla -Wundef \
	-Wwrite-strings -Wformat=2 -Wimplicit-fallthrough \
	$(if $(WERROR),-Werror)
ifdef SAN
# The instrumented code makes gcc see truncation that cannot be.
SANFLAGS := -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer -Wno-unknown-warning-option \
	-Wno-format-truncation
ifdef FUZZ
SANFLAGS += -fsanitize=fuzzer-no-link
endif
HARDEN :=
else
SANFLAGS :=
HARDEN := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong
endif
CPPFLAGS += -D_GNU_SOURCE -DANSWERD_VERSION='"$(VERSION)"' -Iinclude \
	-I$(B)/gen
ALLFLAGS = -std=c17 $(WARN) $(CFLAGS) $(HARDEN) $(SANFLAGS) $(CPPFLAGS) \
	-MMD -MP
LDFLAGS += -Wl,--as-needed -Wl,-z,relro,-z,now

# -- sources ----------------------------------------------------------------

SRC_base := arena buf diag file log map mem moment settings tree tree_remedy utf8
SRC_intent := answer answer_check board buckets catalog clause compile condition \
	cutter emit entity examples explain fold format forms gather index lexicon lint \
	lint_cost lint_entities lint_phrases lint_queues lint_sources match names normalise parse \
	parse_intent parse_language pattern phrase plan reader say settle slot \
	spell template walk
SRC_intent += cluster corpus draft draft_phrases group vectors words_list
SRC_wire := decode desk encode json kind other plain pointer
SRC_chat := considered conv conv_agent conv_answer conv_bot conv_feedback conv_fold \
	conv_hand_over conv_lookup conv_timer entry event expect figures hours hub language look_up rest room room_log \
	room_reader script slots step suggest tags texts
SRC_chat += report report_days
SRC_store := address bell claim due erase export foreign hash inspect keeping lanes log mend note outbox peers queue redis \
	redis_reply redis_wire replay replicas resolve resp row scripts sentinel spool \
	spool_age spool_batch spool_file spool_salvage steps store tally unit visitor
SRC_io := address burst client crowd front http ids listen loop lws outq reply request slice socket sockets upgrade \
	waker watch wheel
SRC_daemon := accounts announce assets bridge client colleagues config context desk desk_claim desk_list desk_ops earlier facts gate \
	late line lookup lookup_channel metrics name opening orphan pages presence quota recent report retention roster rules sent server session shopper sight signed_in sources token tries visitor \
	rules_page visitors waiting whisper main
SRC_cli := agent agent_list announce cli link lint main match password queue reload rules \
	scripts test
SRC_cli += check erase lines replay report unanswered verdict words

# Unit tests, by folder: tests/unit/FOLDER/test_NAME.c, linked with what the
# folder may include.
TEST_base := arena buf diag file log map moment settings tree utf8
TEST_intent := answer entity index lint load match normalise pattern phrase spell
TEST_intent += cluster
TEST_wire := decode encode other plain pointer
TEST_chat := conv_agent conv_any conv_bot conv_language conv_line conv_log conv_lookup \
	conv_miss conv_model conv_rate conv_timer dialogues event figures hours hub hub_agents \
	hub_away hub_lookup hub_moved hub_race rest script suggest tags
TEST_store := address append_model away bell due erase hash history lies log mend queue redis_reply redis_wire \
	orphans recover replicas resolve resp scripts sentinel spool spool_age spool_model stalled tally unit unwilling
TEST_io := address burst client crowd http ids loop outq socket wheel
TEST_daemon := config earlier lookup opening quota sources token
TEST_cli := agent cli
TEST_cli += replay unanswered

# Fuzz targets, by folder: tests/fuzz/fuzz_NAME.c, with NAME.dict and
# corpus/NAME/ beside it where there are any.
FUZZ_base := tree
FUZZ_intent := answer load match normalise phrase
FUZZ_wire := frame pointer
FUZZ_chat := conv hours
FUZZ_store := address reply spool unit
FUZZ_io := http
FUZZ_daemon := token

# Programs for tests, by folder: tests/programs/NAME.c becomes
# $(B)/tests/NAME.
PROG_io := ws-echo

FOLDERS := base intent wire chat store io daemon cli
obj = $(foreach s,$(SRC_$(1)),$(B)/obj/$(1)/$(s).o)
lib = $(B)/lib$(1).a
libs = $(foreach f,$(1),$(call lib,$(f)))

# What a folder's programs and tests link with, in link order.
NEED_base := base
NEED_intent := intent base
NEED_wire := wire base
NEED_chat := chat intent base
NEED_store := store io base
NEED_io := io base
NEED_daemon := daemon chat intent wire store io base
NEED_cli := cli daemon chat intent wire store io base
ldlibs = $(foreach f,$(1),$(LIBS_$(f))) -lm

BIN := $(if $(filter main,$(SRC_daemon)),$(B)/answerd) \
	$(if $(filter main,$(SRC_cli)),$(B)/answerctl)

.PHONY: all tests run setup test test-faults unit blackbox browser fuzz fuzz-run checks
.PHONY: bench bench-match instructions format clang replay install uninstall size clean help webtest FORCE
.DELETE_ON_ERROR:
all: $(call libs,$(foreach f,$(FOLDERS),$(if $(SRC_$(f)),$(f)))) $(BIN)

# -- objects and libraries --------------------------------------------------

$(B)/obj/%.o: src/%.c
	@mkdir -p $(@D)
	$(call say,cc    $@)
	$(Q)$(CC) $(ALLFLAGS) -c -o $@ $<

define folder_rules
$(B)/lib$(1).a: $$(call obj,$(1)) $(B)/obj/$(1)/.list
	@rm -f $$@
	$$(call say,ar    $$@)
	$$(Q)ar rcs $$@ $$(filter %.o,$$^)
# An archive follows the list of its members, too.
$(B)/obj/$(1)/.list: FORCE
	@mkdir -p $$(@D)
	@echo '$$(SRC_$(1))' | cmp -s - $$@ || echo '$$(SRC_$(1))' >$$@
endef
$(foreach f,$(FOLDERS),$(eval $(call folder_rules,$(f))))
FORCE:

# The Redis scripts as strings: #include "store_lua.h".
LUA := $(sort $(wildcard src/store/lua/*.lua))
$(B)/gen/store_lua.h: src/tools/embed-lua.sh $(LUA)
	@mkdir -p $(@D)
	$(call say,lua   $@)
	$(Q)sh src/tools/embed-lua.sh src/store/lua $@
$(call obj,store): | $(if $(LUA),$(B)/gen/store_lua.h)

# -- web --------------------------------------------------------------------

# Built by esbuild when a source changed, embedded when the result did.
WEB_SRC := $(shell find src/web -name node_modules -prune -o -type f -print 2>/dev/null)
WEB_DEPS := src/web/node_modules/.package-lock.json

$(WEB_DEPS): src/web/package-lock.json
	$(call say,npm   src/web)
	$(Q)cd src/web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@
$(B)/web/.built: $(WEB_SRC) | $(WEB_DEPS)
	@rm -rf $(B)/web
	@mkdir -p $(B)/web
	$(call say,web   $(B)/web)
	$(Q)cd src/web && node build.mjs $(abspath $(B))/web
	@touch $@
$(B)/gen/assets.c: $(B)/web/.built src/tools/embed-web.sh
	@mkdir -p $(@D)
	$(Q)sh src/tools/embed-web.sh $(B)/web $(B)/gen/assets
$(B)/gen/assets.S: $(B)/gen/assets.c ;
$(B)/obj/gen/assets_table.o: $(B)/gen/assets.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALLFLAGS) -Isrc/daemon -c -o $@ $<
$(B)/obj/gen/assets_bytes.o: $(B)/gen/assets.S $(B)/web/.built
	@mkdir -p $(@D)
	$(Q)$(CC) -c -o $@ $<
$(B)/libassets.a: $(B)/obj/gen/assets_table.o $(B)/obj/gen/assets_bytes.o
	@rm -f $@
	$(Q)ar rcs $@ $^

# -- programs ---------------------------------------------------------------

$(B)/answerd: $(call libs,$(NEED_daemon)) $(B)/libassets.a
	$(call say,link  $@)
	$(Q)$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $(B)/libdaemon.a $(B)/libassets.a \
		$(call libs,$(NEED_daemon)) $(call ldlibs,$(NEED_daemon))
$(B)/answerctl: $(call libs,$(NEED_cli))
	$(call say,link  $@)
	$(Q)$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $(call libs,$(NEED_cli)) \
		$(call ldlibs,$(NEED_cli))

define prog_rule
$(B)/tests/$(2): tests/programs/$(2).c $$(call libs,$$(NEED_$(1)))
	@mkdir -p $$(@D)
	$$(call say,link  $$@)
	$$(Q)$$(CC) $$(ALLFLAGS) -MF $$@.d $$(LDFLAGS) -o $$@ $$< \
		$$(call libs,$$(NEED_$(1))) $$(call ldlibs,$$(NEED_$(1)))
PROGS += $(B)/tests/$(2)
endef
$(foreach f,$(FOLDERS),$(foreach p,$(PROG_$(f)),$(eval $(call prog_rule,$(f),$(p)))))

# Preloaded into redis-server.
$(B)/tests/clock.so: tests/programs/clock.c
	@mkdir -p $(@D)
	$(call say,link  $@)
	$(Q)$(CC) -std=c17 -D_GNU_SOURCE $(WARN) -O2 -shared -fPIC -o $@ $<
PROGS += $(B)/tests/clock.so

# -- unit tests -------------------------------------------------------------

define test_rule
$(B)/tests/unit/$(1)/test_$(2): tests/unit/$(1)/test_$(2).c $$(call libs,$$(NEED_$(1)))
	@mkdir -p $$(@D)
	$$(call say,link  $$@)
	$$(Q)$$(CC) $$(ALLFLAGS) $$(LDFLAGS) -Itests/unit -Isrc/$(1) -o $$@ $$< \
		$$(call libs,$$(NEED_$(1))) $$(call ldlibs,$$(NEED_$(1)))
UNIT += $(B)/tests/unit/$(1)/test_$(2)
endef
$(foreach f,$(FOLDERS),$(foreach t,$(TEST_$(f)),$(eval $(call test_rule,$(f),$(t)))))

# Everything that a test needs, compiled and not run.
tests: all $(UNIT) $(PROGS) $(B)/bench/answerd-nolog

# SAN=1's reports end the program; a leak is a failure as well. What is freed
# is held back up to 32 MB: 256, as by default, cost more at each start than all
# else in the kernel, as loading the rules frees so much.
export ASAN_OPTIONS ?= halt_on_error=1:abort_on_error=0:detect_leaks=1:exitcode=99:quarantine_size_mb=32
export UBSAN_OPTIONS ?= halt_on_error=1:print_stacktrace=1

unit: $(UNIT)
	@sh tests/unit.sh $(UNIT)

# -- fuzzing ----------------------------------------------------------------

define fuzz_rule
$(B)/fuzz/fuzz_$(2): tests/fuzz/fuzz_$(2).c $$(call libs,$$(NEED_$(1)))
	@mkdir -p $$(@D)
	$$(call say,link  $$@)
	$$(Q)$$(CC) $$(ALLFLAGS) -MF $$@.d $$(LDFLAGS) -fsanitize=fuzzer -Isrc/$(1) \
		-Itests/unit -Itests/unit/$(1) \
		-o $$@ $$< $$(call libs,$$(NEED_$(1))) \
		$$(call ldlibs,$$(NEED_$(1)))
FUZZERS += $(B)/fuzz/fuzz_$(2)
endef
$(foreach f,$(FOLDERS),$(foreach t,$(FUZZ_$(f)),$(eval $(call fuzz_rule,$(f),$(t)))))

fuzz:
	@$(MAKE) --no-print-directory B=$(B)-fuzz CC=clang SAN=1 FUZZ=1 \
		CFLAGS='-O1 -g' fuzz-run
fuzz-run: $(FUZZERS)
	@FUZZ_SEED=$(FUZZ_SEED) sh tests/fuzz.sh $(B)/fuzz $(FUZZ_SECONDS) $(FUZZERS)

# -- checks -----------------------------------------------------------------

checks: tests
	@sh tests/checks.sh $(B)
format:
	clang-format -i $$(git ls-files '*.c' '*.h')
# Everything by the other compiler; the fuzz targets' own variant will do.
clang:
	@$(MAKE) --no-print-directory B=$(B)-fuzz CC=clang SAN=1 FUZZ=1 \
		CFLAGS='-O1 -g' WERROR=1 tests

# -- tests over the wire ----------------------------------------------------

TEST_DEPS := tests/node_modules/.package-lock.json
$(TEST_DEPS): tests/package-lock.json
	$(call say,npm   tests)
	$(Q)cd tests && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

blackbox: tests $(TEST_DEPS)
	@B=$(abspath $(B)) sh tests/node.sh blackbox $(ONLY)
# BRIEF=1: the short form that `make test` runs.
test-faults: tests $(TEST_DEPS)
	@B=$(abspath $(B)) ONLY=$(ONLY) timeout 600 node tests/faults/run.mjs
webtest: $(WEB_DEPS)
	@sh tests/node.sh web $(ONLY)
browser: all $(TEST_DEPS)
	@B=$(abspath $(B)) sh tests/node.sh browser $(ONLY)
replay: all $(TEST_DEPS)
	@B=$(abspath $(B)) node tests/replay/replay.mjs $(FILE)

# -- benchmarks -------------------------------------------------------------

# RE2 and Vectorscan are needed here only, and RE2 is C++.
BENCH_match := generate main ours pcre2 shipped vectorscan
OBJ_bench_match := $(foreach s,$(BENCH_match) re2,$(B)/obj/bench/match/$(s).o)
CXX ?= c++

$(B)/obj/bench/match/%.o: tests/bench/match/%.c
	@mkdir -p $(@D)
	$(call say,cc    $@)
	$(Q)$(CC) $(ALLFLAGS) -Isrc/intent -Itests/bench/match -c -o $@ $<
$(B)/obj/bench/match/%.o: tests/bench/match/%.cc
	@mkdir -p $(@D)
	$(call say,c++   $@)
	$(Q)$(CXX) -std=c++17 -Wall -Wextra $(if $(WERROR),-Werror) $(CFLAGS) \
		-Itests/bench/match -MMD -MP -c -o $@ $<
$(B)/bench/bench-match: $(OBJ_bench_match) $(call libs,intent base)
	@mkdir -p $(@D)
	$(call say,link  $@)
	$(Q)$(CXX) $(LDFLAGS) -o $@ $(OBJ_bench_match) \
		$(call libs,intent base) $(call ldlibs,intent base) \
		$(call pkg,re2 libhs)
# Programs of their own: they need nothing of the daemon's code.
BENCH_load := histogram main shopper
OBJ_bench_load := $(foreach s,$(BENCH_load),$(B)/obj/bench/load/$(s).o)

$(B)/obj/bench/load/%.o: tests/bench/load/%.c
	@mkdir -p $(@D)
	$(call say,cc    $@)
	$(Q)$(CC) $(ALLFLAGS) -c -o $@ $<
$(B)/bench/load: $(OBJ_bench_load)
	@mkdir -p $(@D)
	$(call say,link  $@)
	$(Q)$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^
$(B)/bench/echo-bare: tests/bench/echo/bare.c tests/bench/echo/keep.c \
		tests/bench/echo/keep.h
	@mkdir -p $(@D)
	$(call say,link  $@)
	$(Q)$(CC) $(ALLFLAGS) -MF $@.d $(LDFLAGS) -o $@ $(filter %.c,$^) \
		-pthread
$(B)/bench/echo-lws: tests/bench/echo/lws.c
	@mkdir -p $(@D)
	$(call say,link  $@)
	$(Q)$(CC) $(ALLFLAGS) -MF $@.d $(LDFLAGS) -o $@ $< \
		$(call pkg,libwebsockets)

$(B)/bench/echo-layers: tests/bench/echo/layers.c $(call libs,store io base)
	@mkdir -p $(@D)
	$(call say,link  $@)
	$(Q)$(CC) $(ALLFLAGS) -MF $@.d $(LDFLAGS) -o $@ $< \
		$(call libs,store io base) $(call ldlibs,store io base)

# The daemon on a store that stores nothing.
$(B)/bench/answerd-nolog: tests/bench/nolog.c \
		$(call libs,$(NEED_daemon)) $(B)/libassets.a
	@mkdir -p $(@D)
	$(call say,link  $@)
	$(Q)$(CC) $(ALLFLAGS) -MF $@.d $(LDFLAGS) -o $@ $< \
		$(B)/libdaemon.a $(B)/libassets.a \
		$(call libs,$(filter-out store,$(NEED_daemon))) \
		$(call ldlibs,$(NEED_daemon))
BENCH_PROGS := $(addprefix $(B)/bench/,load echo-bare echo-lws echo-layers \
	answerd-nolog)

# What the rules are compared with; nothing else needs it.
BOTS_DEPS := tests/bench/bots/node_modules/.package-lock.json
$(BOTS_DEPS): tests/bench/bots/package-lock.json
	$(call say,npm   tests/bench/bots)
	$(Q)cd tests/bench/bots && npm ci --ignore-scripts --no-audit \
		--no-fund --loglevel=error
	@touch $@

bench: all $(BENCH_PROGS) $(TEST_DEPS) $(BOTS_DEPS)
	@B=$(abspath $(B)) node tests/bench/bench.mjs $(ARGS)

instructions: all $(B)/bench/load $(TEST_DEPS)
	@B=$(abspath $(B)) node tests/bench/instructions.mjs \
		$(if $(PROFILE),--profile)

bench-match:
	@sh src/tools/setup.sh --bench
	@$(MAKE) --no-print-directory $(B)/bench/bench-match
	@$(B)/bench/bench-match $(B)/bench/match.json intents ../shared/data

# -- whole jobs -------------------------------------------------------------

setup:
	@sh src/tools/setup.sh
run:
	@sh src/tools/setup.sh
	@$(MAKE) --no-print-directory all
	@B='$(B)' PORT='$(PORT)' DATA='$(DATA)' exec sh src/tools/run.sh
test:
	@sh src/tools/setup.sh
	@sh tests/run.sh

install: all
install uninstall:
	@UNINSTALL='$(filter uninstall,$@)' \
		B='$(B)' DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' \
		SYSCONFDIR='$(SYSCONFDIR)' UNITDIR='$(UNITDIR)' \
		MANDIR='$(MANDIR)' DATADIR='$(DATADIR)' \
		sh src/tools/install.sh

size: all
	@size $(BIN)
	@cd src/web && node build.mjs --size $(abspath $(B))/web

clean:
	rm -rf $(B)

help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' Makefile

-include $(shell find $(B) -name '*.d' 2>/dev/null)
