# trucban - `make help` tells what can be made.
#
# One variant of the build a folder: release (default), test (failpoints on), asan.
VARIANT ?= release
B       ?= build/$(VARIANT)
CC      ?= gcc
PREFIX  ?= /usr/local
DESTDIR ?=
VERSION := 0.1.0
V       ?= 0
Q       := $(if $(filter 0,$(V)),@,)
say      = $(if $(filter 0,$(V)),@printf '  %-7s %s\n' '$(1)' '$(2)',@:)

WARN    := -Wall -Wextra -Wformat=2 -Wconversion -Wshadow
HARDEN  := -fstack-protector-strong -fPIE
LDHARD  := -pie -Wl,-z,relro,-z,now,--as-needed
OPT     := -O2
DEFS    := -D_GNU_SOURCE -DTRUCBAN_VERSION='"$(VERSION)"' -DTRUCBAN_PREFIX='"$(PREFIX)"'
ifeq ($(VARIANT),release)
HARDEN  += -D_FORTIFY_SOURCE=2
endif
ifeq ($(VARIANT),test)
HARDEN  += -D_FORTIFY_SOURCE=2
DEFS    += -DTRUCBAN_FAILPOINTS
endif
ifeq ($(VARIANT),asan)
OPT     := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
DEFS    += -DTRUCBAN_FAILPOINTS
endif
CFLAGS  ?= -g
ALLFLAGS = -std=c11 $(OPT) $(CFLAGS) $(WARN) $(WERROR) $(HARDEN) $(DEFS) -I. -MMD -MP

# --- what is linked into what -------------------------------------------------------------
# trucban: the console and the client's commands; never curl, SQLite, libuv.
CLIENT  := link wire event_json jval paths request cmd cmd_status cmd_alert cmd_journal cmd_submit
SRC_CORE    := $(wildcard core/*.c)
SRC_WIDGETS := $(wildcard widgets/*.c)
SRC_TUI     := $(filter-out tui/notify_main.c,$(wildcard tui/*.c))
SRC_CLIENT  := $(wildcard $(CLIENT:%=engine/%.c))
# trucban-engine: everything that waits; no screen.
SRC_ENGINE  := $(wildcard engine/*.c)
SRC_PROBES  := $(wildcard probes/*.c)
obj = $(patsubst %.c,$(B)/%.o,$(1))
OBJ_CONSOLE := $(call obj,$(SRC_CORE) $(SRC_WIDGETS) $(SRC_TUI) $(SRC_CLIENT))
OBJ_ENGINE  := $(call obj,$(SRC_CORE) $(SRC_ENGINE) $(SRC_PROBES))
LIBS_CONSOLE := -lncursesw -ltinfo -ljansson
LIBS_ENGINE  := -luv -lcurl -lcares -lsqlite3 -ljansson -lpcre2-8 -lcrypto -lpthread -lm

LANGS := $(patsubst tui/po/%.po,%,$(wildcard tui/po/*.po))
MO    := $(LANGS:%=$(B)/locale/%/LC_MESSAGES/trucban.mo)

all: $(B)/trucban $(B)/trucban-engine $(MO)
ifeq ($(VARIANT),release)
	@ln -sf $(B)/trucban trucban
	@ln -sf $(B)/trucban-engine trucban-engine
endif

$(B)/trucban: $(OBJ_CONSOLE)
	$(call say,LINK,$@)
	$(Q)$(CC) $(OPT) $(LDHARD) $(LDFLAGS) -o $@ $^ $(LIBS_CONSOLE) -lm

$(B)/trucban-engine: $(OBJ_ENGINE)
	$(call say,LINK,$@)
	$(Q)$(CC) $(OPT) $(LDHARD) $(LDFLAGS) -o $@ $^ $(LIBS_ENGINE)

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALLFLAGS) -c -o $@ $<

$(B)/locale/%/LC_MESSAGES/trucban.mo: tui/po/%.po
	@mkdir -p $(@D)
	$(call say,MO,$<)
	$(Q)msgfmt -c -o $@ $<

include $(wildcard tests/*.mk)

-include $(OBJ_CONSOLE:.o=.d) $(OBJ_ENGINE:.o=.d)

.PHONY: all
.DEFAULT_GOAL := all
