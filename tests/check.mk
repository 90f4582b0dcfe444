# What `make check` compiles: each header alone, each source with warnings as errors, each file's
# form; incremental, since each has its stamp under build/check.
CHECK_SRC := $(wildcard core/*.[ch] engine/*.[ch] probes/*.[ch] widgets/*.[ch] tui/*.[ch] tests/*/*.[ch])
CHECK_HDR := $(wildcard core/*.h engine/*.h probes/*.h widgets/*.h tui/*.h)
CK        := build/check
CKFLAGS   := -std=c11 -fsyntax-only -Werror $(WARN) $(DEFS) -I. -x c

headers-alone: $(CHECK_HDR:%=$(CK)/gcc/%) $(CHECK_HDR:%=$(CK)/clang/%)
formatted: $(CHECK_SRC:%=$(CK)/format/%)

define header_rule
$$(CK)/$(1)/%.h: %.h
	@mkdir -p $$(@D)
	$$(Q)echo '#include "$$<"' | $(1) $$(CKFLAGS) -MMD -MP -MT $$@ -MF $$@.d - && touch $$@
endef
$(foreach c,gcc clang,$(eval $(call header_rule,$(c))))
-include $(CHECK_HDR:%=$(CK)/gcc/%.d) $(CHECK_HDR:%=$(CK)/clang/%.d)

$(CK)/format/%: % .clang-format
	@mkdir -p $(@D)
	$(Q)clang-format --dry-run -Werror $< 2>/dev/null && touch $@ || { echo "$<: needs clang-format -i"; exit 1; }

.PHONY: headers-alone formatted
