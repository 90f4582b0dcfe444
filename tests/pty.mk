# ptyrun: plays key scripts against a program on a real terminal model (libvterm over a pty).
SRC_PTY := $(wildcard tests/pty/*.c)
PTYRUN  := $(B)/tests/ptyrun

$(PTYRUN): $(SRC_PTY) $(wildcard tests/pty/*.h)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) -std=c11 $(OPT) $(CFLAGS) $(WARN) $(WERROR) -D_GNU_SOURCE -I. $(LDFLAGS) -o $@ $(SRC_PTY) -lvterm -lutil -lm

ptyrun: $(PTYRUN)
.PHONY: ptyrun
