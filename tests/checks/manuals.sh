#!/bin/sh
# Do the manual pages name every option and every setting, and are they free
# of mistakes where groff is there to tell?
. tests/checks/lib.sh
build=$1
plain()
{
	sed -e 's/\\-/-/g' -e 's/\\(hy/-/g' -e 's/\\&//g' -e 's/\\f[BIRP]//g' \
		"$1"
}
options()
{
	grep -oE -- '--[a-z][a-z-]+' | LC_ALL=C sort -u
}
for pair in "answerd src/man/answerd.8" "answerctl src/man/answerctl.1"; do
	program=${pair% *}
	page=${pair#* }
	list=$("$build/$program" --help | options)
	if [ -z "$list" ]; then
		bad "$program --help names no option"
	fi
	for option in $list; do
		if plain "$page" | grep -qF -- "$option"; then ok; else
			bad "$page does not name $option"
		fi
	done
done
for command in $("$build/answerctl" --help | sed -nE 's/^ {2,4}([a-z]+) .*/\1/p'); do
	if plain src/man/answerctl.1 | grep -qw "$command"; then ok; else
		bad "src/man/answerctl.1 does not name the command $command"
	fi
	for option in $("$build/answerctl" "$command" --help | options); do
		if plain src/man/answerctl.1 | grep -qF -- "$option"; then ok
		else
			bad "src/man/answerctl.1 does not name $command $option"
		fi
	done
done
for key in $("$build/answerd" --config conf/answerd.yaml --print-config |
	sed -nE 's/^ *([a-z_]+):.*/\1/p' | LC_ALL=C sort -u); do
	if plain src/man/answerd.yaml.5 | grep -qw "$key"; then ok; else
		bad "src/man/answerd.yaml.5 does not name $key"
	fi
done
if command -v groff >/dev/null 2>&1; then
	for page in src/man/*.[1-8]; do
		out=$(groff -man -mandoc -ww -Tutf8 -z "$page" 2>&1)
		if [ -z "$out" ]; then ok; else
			bad "$page: $out"
		fi
		# "Ql a No or Ql b" puts the second pair of quotes into the first.
		out=$(groff -man -mandoc -Tutf8 -P-cbou "$page" | tr '\n' ' ' |
			sed "s/’/\n/g" | grep -o '‘.*‘.*')
		if [ -z "$out" ]; then ok; else
			bad "$page: quotes within quotes: $out"
		fi
	done
fi
finish
