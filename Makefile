# trucban - `make help` tells what can be made.
#
# One variant of the build a folder: release (default), test (failpoints on), asan.
VARIANT ?= release
B       ?= build/$(VARIANT)
ifeq ($(origin CC),default)
CC      := gcc
endif
PREFIX  ?= /usr/local
DESTDIR ?=
VERSION := 0.1.0
V       ?= 0
Q       := $(if $(filter 0,$(V)),@,)
say      = $(if $(filter 0,$(V)),@printf '  %-7s %s\n' '$(1)' '$(2)',@:)

WARN    := -Wall -Wextra -Wformat=2 -Wconversion -Wshadow
HARDEN  := -fstack-protector-strong -fstack-clash-protection -fPIE
LDHARD  := -pie -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed
OPT     := -O2
DEFS    := -D_GNU_SOURCE -DTRUCBAN_VERSION='"$(VERSION)"' -DTRUCBAN_PREFIX='"$(PREFIX)"'
ifeq ($(VARIANT),release)
HARDEN  += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
endif
ifeq ($(VARIANT),test)
HARDEN  += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
DEFS    += -DTRUCBAN_FAILPOINTS
endif
ifeq ($(VARIANT),asan)
OPT     := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
DEFS    += -DTRUCBAN_FAILPOINTS
endif
ifeq ($(VARIANT),fuzz)
OPT     := -O1 -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
endif
CFLAGS  ?= -g
ALLFLAGS = -std=c11 $(OPT) $(CFLAGS) $(WARN) $(WERROR) $(HARDEN) $(DEFS) -I. -MMD -MP
SUB      = $(MAKE) --no-print-directory $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc))

.PHONY: all
.DEFAULT_GOAL := all

# --- what is linked into what -------------------------------------------------------------
# trucban: the console and the client's commands; never curl, SQLite, libuv.
CLIENT  := link peer wire wire_read wire_failover run_json about_json event_json period_json shift_json jval paths request cmd cmd_status cmd_alert cmd_failover cmd_failover_run cmd_journal cmd_period cmd_notify cmd_promote cmd_submit cmd_doctor
SRC_CORE    := $(wildcard core/*.c)
SRC_WIDGETS := $(wildcard widgets/*.c)
SRC_TUI     := $(filter-out tui/notify_main.c,$(wildcard tui/*.c))
SRC_CLIENT  := $(wildcard $(CLIENT:%=engine/%.c))
# trucban-engine: everything that waits; no screen.
SRC_ENGINE  := $(wildcard engine/*.c)
SRC_PROBES  := $(wildcard probes/*.c)
# trucban-notify: the desktop's notification daemon, which may hang, lives with it alone.
SRC_NOTIFY  := tui/notify_main.c tui/notify_text.c $(wildcard core/text*.c) core/buf.c core/mem.c core/err.c
obj = $(patsubst %.c,$(B)/%.o,$(1))
OBJ_CONSOLE := $(call obj,$(SRC_CORE) $(SRC_WIDGETS) $(SRC_TUI) $(SRC_CLIENT))
# … but it speaks: what leaves for people is in the site's language.
OBJ_ENGINE  := $(call obj,$(SRC_CORE) $(SRC_ENGINE) $(SRC_PROBES) tui/lang.c tui/launch.c)
OBJ_NOTIFY  := $(call obj,$(SRC_NOTIFY))
LIBS_CONSOLE := -lncursesw -ltinfo -ljansson
LIBS_ENGINE  := -luv -lcurl -lcares -lsqlite3 -ljansson -lpcre2-8 -lpq -lexpat -lssl -lcrypto -lpthread -lm
LIBS_NOTIFY   = $(shell pkg-config --libs libnotify)

LANGS := $(patsubst tui/po/%.po,%,$(wildcard tui/po/*.po))
MO    := $(LANGS:%=$(B)/locale/%/LC_MESSAGES/trucban.mo)

all: $(B)/trucban $(B)/trucban-engine $(B)/trucban-notify $(MO)
ifeq ($(B),build/release)
	@ln -sf $(B)/trucban trucban
	@ln -sf $(B)/trucban-engine trucban-engine
	@ln -sf $(B)/trucban-notify trucban-notify
endif

$(B)/trucban: $(OBJ_CONSOLE)
	$(call say,LINK,$@)
	$(Q)$(CC) $(OPT) $(LDHARD) $(LDFLAGS) -o $@ $^ $(LIBS_CONSOLE) -lm

$(B)/trucban-engine: $(OBJ_ENGINE)
	$(call say,LINK,$@)
	$(Q)$(CC) $(OPT) $(LDHARD) $(LDFLAGS) -o $@ $^ $(LIBS_ENGINE)

$(B)/trucban-notify: $(OBJ_NOTIFY)
	$(call say,LINK,$@)
	$(Q)$(CC) $(OPT) $(LDHARD) $(LDFLAGS) -o $@ $^ $(LIBS_NOTIFY)

$(B)/tui/notify_main.o: private ALLFLAGS += $(patsubst -I%,-isystem %,$(shell pkg-config --cflags libnotify))

# Other flags (PREFIX, CC, CFLAGS …) than last time in this folder: everything is compiled again.
FLAGS := $(CC) $(ALLFLAGS)
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(FLAGS))' | cmp -s - $@ || printf '%s\n' '$(subst ','\'',$(FLAGS))' >$@
FORCE:

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALLFLAGS) -c -o $@ $<

$(B)/locale/%/LC_MESSAGES/trucban.mo: tui/po/%.po
	@mkdir -p $(@D)
	$(call say,MO,$<)
	$(Q)msgfmt -c -o $@ $<

include $(wildcard tests/*.mk)

-include $(OBJ_CONSOLE:.o=.d) $(OBJ_ENGINE:.o=.d) $(OBJ_NOTIFY:.o=.d)

# --- what people ask for --------------------------------------------------------------------
run:
	@tests/setup.sh run
	+@$(SUB) all
	@./trucban drill

test:
	@tests/setup.sh test
	+@$(SUB) VARIANT=test B=build/test all unit ptyrun testprogs
	@tests/run.sh build/test

test-lab:
	@tests/setup.sh lab
	+@$(SUB) VARIANT=test B=build/test all ptyrun testprogs
	@tests/run.sh build/test lab

asan:
	@tests/setup.sh test
	+@$(SUB) VARIANT=asan B=build/asan all unit ptyrun testprogs
	@PTY_SLACK=4 tests/run.sh build/asan

valgrind:
	@tests/setup.sh valgrind
	+@$(SUB) VARIANT=test B=build/test all unit
	@tests/valgrind.sh build/test

fuzz:
	@tests/setup.sh fuzz
	+@$(SUB) VARIANT=fuzz B=build/fuzz CC=clang fuzzers
	@tests/fuzz/run.sh build/fuzz

check:
	@tests/setup.sh check
	@tests/check/run.sh

bench:
	@tests/setup.sh test
	+@$(SUB) all
	+@$(SUB) B=build/bench unit-archive ptyrun benchprogs
	@tests/bench/run.sh

SHARE = $(DESTDIR)$(PREFIX)/share
install: all
	$(call say,INSTALL,$(DESTDIR)$(PREFIX))
	$(Q)install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/libexec/trucban \
	    $(SHARE)/trucban/themes $(SHARE)/doc/trucban
	$(Q)install -s -m 755 $(B)/trucban $(DESTDIR)$(PREFIX)/bin/trucban
	$(Q)install -s -m 755 $(B)/trucban-engine $(DESTDIR)$(PREFIX)/libexec/trucban/trucban-engine
	$(Q)install -s -m 755 $(B)/trucban-notify $(DESTDIR)$(PREFIX)/libexec/trucban/trucban-notify
	$(Q)install -m 644 $(wildcard themes/*.theme) $(SHARE)/trucban/themes/
	$(Q)install -m 644 $(wildcard README.md docs/*.md) $(SHARE)/doc/trucban/
	$(Q)install -d $(DESTDIR)$(PREFIX)/lib/systemd/system $(SHARE)/doc/trucban/trucban@.service.d
	$(Q)sed 's,/usr/local/,$(PREFIX)/,' docs/systemd/trucban@.service >$(DESTDIR)$(PREFIX)/lib/systemd/system/trucban@.service
	$(Q)install -m 644 docs/systemd/trucban@.service.d/setuid-plugins.conf $(SHARE)/doc/trucban/trucban@.service.d/
	$(Q)install -d $(SHARE)/man/man1 $(SHARE)/man/man5
	$(Q)$(B)/trucban-engine manual 1 >$(SHARE)/man/man1/trucban.1
	$(Q)$(B)/trucban-engine manual 5 >$(SHARE)/man/man5/trucban-site.5
	$(Q)for f in $$(find sites -type f); do install -D -m 644 "$$f" "$(SHARE)/trucban/$$f" || exit 1; done
	$(Q)for l in $(LANGS); do install -D -m 644 $(B)/locale/$$l/LC_MESSAGES/trucban.mo \
	    $(SHARE)/locale/$$l/LC_MESSAGES/trucban.mo || exit 1; done

clean:
	rm -rf build trucban trucban-engine trucban-notify

help:
	@echo "make            builds ./trucban, ./trucban-engine and ./trucban-notify"
	@echo "make run        installs what is missing, builds, opens the console on a simulated site"
	@echo "make test       installs what is missing, runs every test        (T=PATTERN: only those)"
	@echo "make test-lab   the same with real peers: Patroni, HAProxy, Kannel, Postfix …  (T=PATTERN)"
	@echo "make check      layers, headers alone, sizes, format, warnings as errors, translations"
	@echo "make asan       the tests under the address and undefined-behaviour sanitisers"
	@echo "make valgrind   leaks of memory and descriptors in the core flows"
	@echo "make fuzz       hostile bytes into every parser       (T=PATTERN SECONDS_EACH=N)"
	@echo "make bench      figures side by side with other programs' (those that are installed)"
	@echo "make install    into DESTDIR= PREFIX= ($(PREFIX))"
	@echo "make clean      removes what was built"
	@echo "V=1 shows every command; CC= CFLAGS= LDFLAGS= VARIANT=release|test|asan|fuzz B=FOLDER"

.PHONY: run test test-lab asan valgrind fuzz check bench install clean help FORCE
