# Fuzz targets: every tests/fuzz/fuzz_NAME.c is one libFuzzer program over the archive of all objects
# (VARIANT=fuzz: clang, coverage, sanitisers).
FUZZERS := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))

$(B)/fuzz/%: tests/fuzz/%.c tests/fuzz/fuzz.h $(B)/libtrucban.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALLFLAGS) -fsanitize=fuzzer $(LDHARD) $(LDFLAGS) -o $@ $< $(B)/libtrucban.a $(LIBS_CONSOLE) $(LIBS_ENGINE)

fuzzers: $(FUZZERS)
-include $(FUZZERS:=.d)
.PHONY: fuzzers
