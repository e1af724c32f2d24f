#!/bin/sh
# Redis scripts as C: embed-lua.sh DIR OUT. For every DIR/NAME.lua the header
# OUT gets a string with its SHA1 (by which Redis calls it), and one table
# `lua_scripts` names them all, in order of name. It changes nothing in the
# text, so that its SHA1 is the file's.
set -eu
dir=$1
out=$2
tmp=$out.tmp

quote()
{
	sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/	/\\t/g' \
		-e 's/.*/	"&\\n"/' "$1"
}

{
	echo "/* Made by src/tools/embed-lua.sh; do not edit. */"
	echo "#ifndef GEN_STORE_LUA_H"
	echo "#define GEN_STORE_LUA_H"
	echo
	echo "struct lua_script {"
	echo "	const char *name;"
	echo "	const char *sha1; /* hex */"
	echo "	const char *text;"
	echo "};"
	echo
	echo "static const struct lua_script lua_scripts[] = {"
	for f in "$dir"/*.lua; do
		name=$(basename "$f" .lua)
		if [ -n "$(tail -c 1 "$f")" ]; then
			echo "$f: no newline at its end" >&2
			exit 1
		fi
		sha1=$(sha1sum "$f" | cut -d " " -f 1)
		echo "	{\"$name\", \"$sha1\","
		quote "$f"
		echo "	},"
	done
	echo "};"
	echo
	echo "#define LUA_SCRIPT_COUNT (sizeof(lua_scripts) / sizeof(lua_scripts[0]))"
	echo
	echo "#endif"
} >"$tmp"
mv "$tmp" "$out"
