# Unit tests: every tests/unit/test_NAME.c is one cmocka program over one archive of all objects.
SRC_ALL  := $(filter-out tui/main.c tui/notify_main.c engine/main.c,$(sort $(SRC_CORE) $(SRC_WIDGETS) \
            $(SRC_TUI) $(SRC_CLIENT) $(SRC_ENGINE) $(SRC_PROBES)))
OBJ_ALL  := $(call obj,$(SRC_ALL))
UNIT     := $(patsubst tests/unit/%.c,$(B)/tests/%,$(wildcard tests/unit/test_*.c))

$(B)/libtrucban.a: $(OBJ_ALL)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

$(B)/tests/%: tests/unit/%.c $(B)/libtrucban.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALLFLAGS) $(LDHARD) $(LDFLAGS) -o $@ $< $(B)/libtrucban.a $(LIBS_CONSOLE) $(LIBS_ENGINE) -lcmocka

unit: $(UNIT)
-include $(UNIT:=.d)
.PHONY: unit
