# Helper programs of the tests (one a file), and those of the benches; linked as the unit tests are.
DIRS_PROG  := fault store e2e lab
TESTPROGS  := $(foreach d,$(DIRS_PROG),$(patsubst tests/$(d)/%.c,$(B)/tests/%,$(wildcard tests/$(d)/*.c)))
BENCHPROGS := $(patsubst tests/bench/%.c,$(B)/bench/%,$(wildcard tests/bench/*.c))

define prog_rule
$$(B)/tests/%: tests/$(1)/%.c $$(B)/libtrucban.a
	@mkdir -p $$(@D)
	$$(call say,LINK,$$@)
	$$(Q)$$(CC) $$(ALLFLAGS) $$(LDHARD) $$(LDFLAGS) -o $$@ $$< $$(B)/libtrucban.a $$(LIBS_CONSOLE) $$(LIBS_ENGINE)
endef
$(foreach d,$(DIRS_PROG),$(eval $(call prog_rule,$(d))))

$(B)/bench/%: tests/bench/%.c $(B)/libtrucban.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALLFLAGS) $(LDHARD) $(LDFLAGS) -o $@ $< $(B)/libtrucban.a $(LIBS_CONSOLE) $(LIBS_ENGINE)

# Counts what it asks of the allocator.
$(B)/bench/rulesbench: LDFLAGS += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc

testprogs: $(TESTPROGS)
benchprogs: $(BENCHPROGS)
unit-archive: $(B)/libtrucban.a
-include $(TESTPROGS:=.d) $(BENCHPROGS:=.d)
.PHONY: testprogs benchprogs unit-archive

# The desktop's daemon speaks GDBus, which libnotify-dev brings along.
$(B)/tests/deskd: private ALLFLAGS += $(patsubst -I%,-isystem %,$(shell pkg-config --cflags gio-2.0))
$(B)/tests/deskd: private LIBS_ENGINE += $(shell pkg-config --libs gio-2.0)
