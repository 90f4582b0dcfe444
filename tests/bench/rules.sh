#!/bin/bash
# rules.sh: what the rules alone cost, on one core: results into the fleet, changes into alerts.
. "$(dirname "$0")/lib.sh"
out=$("$BENCH/rulesbench" 20000000) || give_up "rulesbench runs"
row "results a second that change nothing" "$(of "$out" steady)" - 1000000
row "allocations for 20,000,000 of them" "$(of "$out" allocations)" - "at most 0"
row "results a second, one check in a thousand falls" "$(of "$out" changing)" - 1000000
