#!/bin/bash
# house.sh - README's section "The house" names every source file of the folders that ship, and no
# file that is not there.
cd "$(dirname "$0")/../.." || exit 1
house=$(sed -n '/^## The house/,/^## Adding/p' README.md)
bad=0
for f in $(git ls-files 'core/*.[ch]' 'engine/*.[ch]' 'probes/*.[ch]' 'widgets/*.[ch]' 'tui/*.[ch]' |
    sed 's/\.[ch]$//' | sort -u); do
    grep -qE "\`(${f%/*}/)?${f##*/}(\.[ch])?\`|\`$f\.[ch]\`" <<<"$house" || { echo "README.md: the house does not name $f"; bad=1; }
done
here=$(git ls-files core engine probes widgets tui | sed 's/\.[^.]*$//; s/.*\///' | sort -u)
for n in $(grep -oE '`[a-z_]+(/[a-z_]+)?(\.[ch])?`' <<<"$house" | tr -d '`' | sed 's/\.[ch]$//; s/.*\///' | sort -u); do
    grep -qx "$n" <<<"$here" || { echo "README.md: the house names $n, which is not there"; bad=1; }
done
twice=$(grep -oE '^- `[^`]+`' <<<"$house" | sort | uniq -d)
[ -z "$twice" ] || { echo "README.md: the house begins two lines with $twice"; bad=1; }
exit $bad
