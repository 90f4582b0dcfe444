# tui/default.keys is compiled into the key table (.incbin), which -MMD does not see.
$(B)/tui/keymap.o: tui/default.keys
