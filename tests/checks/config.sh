#!/bin/sh
# Does the shipped configuration stand for itself: no mistakes, every key there
# is, and printed it reads back to the same?
. tests/checks/lib.sh
build=$1
conf=conf/answerd.yaml
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# "a:\n  b: 1" as "a.b"; a key that is commented out counts as named.
keys()
{
	sed -E 's/^( *)#( ?)([a-z_]+:)/\1\3/' "$1" | awk '
		/^ *[a-z_]+:/ {
			match($0, /^ */); indent = RLENGTH
			key = $1; sub(/:.*/, "", key)
			if (indent == 0) { top = key; print key }
			else print top "." key
		}' | LC_ALL=C sort -u
}

if "$build/answerd" --config "$conf" --check >"$tmp/out" 2>&1; then ok; else
	bad "$conf: $(cat "$tmp/out")"
fi
: >"$tmp/empty.yaml"
if "$build/answerd" --config "$conf" --print-config >"$tmp/a.yaml" &&
	"$build/answerd" --config "$tmp/a.yaml" --print-config >"$tmp/b.yaml" &&
	cmp -s "$tmp/a.yaml" "$tmp/b.yaml"; then ok; else
	bad "--print-config does not read back to itself"
fi
keys "$tmp/a.yaml" >"$tmp/have"
keys "$conf" >"$tmp/said"
missing=$(comm -23 "$tmp/have" "$tmp/said" | tr '\n' ' ')
if [ -s "$tmp/have" ] && [ -z "$missing" ]; then ok; else
	bad "$conf does not name: $missing"
fi
# What is commented out shows its default.
"$build/answerd" --config "$tmp/empty.yaml" --print-config >"$tmp/defaults"
sed -E 's/^( *)#([a-z_]+:)/\1\2/' "$conf" >"$tmp/all.yaml"
"$build/answerd" --config "$tmp/all.yaml" --print-config >"$tmp/shown" 2>&1
if out=$(diff "$tmp/defaults" "$tmp/shown"); then ok; else
	bad "$conf shows other defaults than there are: $out"
fi
# So does the manual page: its keys and defaults as a configuration.
said_defaults()
{
	sed 's/\\(aq/'"'"'/g' "$1" | awk '
		/^In the group/ { getline; group = $2; print group ":" }
		group == "sources" { exit }
		/^\.It Cm [a-z_]+ :/ { key = $3 }
		/^The default is/ {
			getline; sub(/^\.Ql /, ""); sub(/ [.:]$/, "")
			print (group == "" ? "" : "  ") key ": " $0
		}' | grep -v '^sources:'
}
said_defaults src/man/answerd.yaml.5 >"$tmp/man.yaml"
"$build/answerd" --config "$tmp/man.yaml" --print-config >"$tmp/shown" 2>&1
if out=$(diff "$tmp/defaults" "$tmp/shown"); then ok; else
	bad "answerd.yaml(5) states other defaults than there are: $out"
fi
missing=$(keys "$tmp/man.yaml" | comm -23 "$tmp/have" - | tr '\n' ' ')
if [ "$missing" = "sources " ] || [ -z "$missing" ]; then ok; else
	bad "answerd.yaml(5) states no default of: $missing"
fi
# The alerts look at metrics that there are; in the source the names begin with
# or without "answerd_".
for name in $(grep -oE 'answerd_[a-z_]+' conf/alerts.yaml | sort -u); do
	if grep -rqE "\"${name#answerd_}\"|$name[ \"{]" src/daemon; then ok; else
		bad "conf/alerts.yaml looks at $name, which is no metric"
	fi
done
# A directory that is not there is told with the line that names it.
printf 'node: a\nintents: /nowhere/rules\n' >"$tmp/nowhere.yaml"
wants()
{
	if grep -qF -e "$1: error: intents: /nowhere/rules: No such" "$tmp/out"
	then ok; else
		bad "no rules, said of $1: $(cat "$tmp/out")"
	fi
}
"$build/answerd" --config "$tmp/nowhere.yaml" --check >"$tmp/out" 2>&1
wants "$tmp/nowhere.yaml:2:10"
"$build/answerd" --config "$conf" --set intents=/nowhere/rules --check \
	>"$tmp/out" 2>&1
wants --set
# It must be able to fail.
grep -v 'max_connections' "$conf" >"$tmp/less.yaml"
keys "$tmp/less.yaml" >"$tmp/less"
if [ "$(comm -23 "$tmp/have" "$tmp/less" | tr '\n' ' ')" = \
	"max_connections " ]; then ok; else
	bad "a key that is left out is not found"
fi
finish
