# answerd: build, test, run. One flat file; sources are listed by hand.
#
#   make            build everything into build/
#   make run        install what is missing, build, start a private Redis and
#                   the daemon, print where to look
#   make test       install what is missing, run every test
#   make unit       the unit tests only (seconds)
#
#   B=dir           where to build (default build)
#   SAN=1           with AddressSanitizer and UndefinedBehaviorSanitizer
#   CC=clang        another compiler

B ?= build
CC ?= cc
WERROR ?=
CFLAGS ?= -O2 -g
PKGS_io := libwebsockets libuv
PKGS_intent := libpcre2-8 libutf8proc
PKGS_base := yaml-0.1
PKGS_wire := jansson
PKGS_store := hiredis libuv
PKGS_daemon := libsodium libsystemd

WARN := -Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes \
	-Wmissing-prototypes -Wold-style-definition -Wvla -Wundef \
	-Wwrite-strings -Wformat=2 -Wimplicit-fallthrough \
	$(if $(WERROR),-Werror)
ifdef SAN
SANFLAGS := -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	-fno-omit-frame-pointer
endif
CPPFLAGS += -D_GNU_SOURCE -Iinclude -I$(B)/gen
ALLFLAGS = -std=c17 $(WARN) $(CFLAGS) $(SANFLAGS) $(CPPFLAGS) -MMD -MP

# -- sources ----------------------------------------------------------------

SRC_base := arena buf diag hash log map mem utf8
SRC_intent :=
SRC_wire :=
SRC_chat :=
SRC_store :=
SRC_io :=
SRC_daemon :=
SRC_cli :=

# Unit tests, by folder: tests/unit/FOLDER/test_NAME.c, linked with what the
# folder may include.
TEST_base :=
TEST_intent :=
TEST_wire :=
TEST_chat :=
TEST_store :=
TEST_io :=
TEST_daemon :=

FOLDERS := base intent wire chat store io daemon cli
obj = $(foreach s,$(SRC_$(1)),$(B)/obj/$(1)/$(s).o)
lib = $(B)/lib$(1).a
libs = $(foreach f,$(1),$(call lib,$(f)))

.PHONY: all clean unit
all: $(call libs,base $(foreach f,intent wire chat store io,$(if $(SRC_$(f)),$(f))))

$(B)/obj/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(ALLFLAGS) -c -o $@ $<

define folder_rules
$(B)/lib$(1).a: $$(call obj,$(1))
	@rm -f $$@
	ar rcs $$@ $$^
endef
$(foreach f,$(FOLDERS),$(eval $(call folder_rules,$(f))))

# -- unit tests -------------------------------------------------------------

# What a folder's tests link with, in link order.
NEED_base := base
NEED_intent := intent base
NEED_wire := wire base
NEED_chat := chat intent base
NEED_store := store io base
NEED_io := io base
NEED_daemon := daemon chat intent wire store io base
libflags = $(shell pkg-config --libs $(sort $(foreach f,$(1),$(PKGS_$(f)))) 2>/dev/null)
EXTRA_io := -lhttp_parser

define test_rule
$(B)/tests/unit/$(1)/test_$(2): tests/unit/$(1)/test_$(2).c $$(call libs,$$(NEED_$(1)))
	@mkdir -p $$(@D)
	$$(CC) $$(ALLFLAGS) -Itests/unit -Isrc/$(1) -o $$@ $$< $$(call libs,$$(NEED_$(1))) $$(call libflags,$$(NEED_$(1))) $$(foreach f,$$(NEED_$(1)),$$(EXTRA_$$(f))) -lm
UNIT += $(B)/tests/unit/$(1)/test_$(2)
endef
$(foreach f,$(FOLDERS),$(foreach t,$(TEST_$(f)),$(eval $(call test_rule,$(f),$(t)))))

unit: $(UNIT)
	@set -e; for t in $(UNIT); do $$t; done

clean:
	rm -rf $(B)

-include $(shell find $(B) -name '*.d' 2>/dev/null)
