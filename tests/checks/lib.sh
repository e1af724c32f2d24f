# Shared by the checks, by `.`: ok and bad count, finish says the sum.
passed=0
failed=0
check=$(basename "$0" .sh)
ok()
{
	passed=$((passed + 1))
}
bad()
{
	failed=$((failed + 1))
	echo "FAILED $check: $*"
}
finish()
{
	echo "$check: $passed passed, $failed failed"
	[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
# The project's own files, in a checkout or in an unpacked archive.
files()
{
	if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
		git ls-files -co --exclude-standard
	else
		find . -type f ! -path './build*' ! -path '*/node_modules/*' \
			! -path './var/*' | sed 's|^\./||'
	fi
}
