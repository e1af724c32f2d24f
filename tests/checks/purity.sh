#!/bin/sh
# Reads the undefined symbols of the pure folders' objects: no I/O, clock,
# randomness, environment or logging may be among them. Then compiles one
# offence of each kind and wants to see it found.
. tests/checks/lib.sh
build=$1

# base's arena, buffers and the like are pure; its doors to the outside
# (log.c, file.c, and mem.c, which says why it ends the program) are not.
pure_objects()
{
	for folder in intent wire chat; do
		find "$build/obj/$folder" -name '*.o' 2>/dev/null
	done
	for f in "$build"/obj/base/*.o; do
		case $(basename "$f") in
		log.o | file.o | mem.o) ;;
		*) echo "$f" ;;
		esac
	done
}

io='f?open(at|64)?|fdopen|freopen|creat|f?close|p?readv?|p?writev?|f?(read|write)_unlocked|fread|fwrite|f?getc|getchar|f?gets|f?putc|putchar|f?puts|puts|fflush|v?f?printf|v?dprintf|__v?f?printf_chk|__v?dprintf_chk|perror|scanf|fscanf|getline|getdelim|remove|rename|unlink|mkdir|rmdir|opendir|readdir|scandir|glob|stat|lstat|fstat|access|mmap|ioctl|fcntl|select|poll|ppoll|epoll_.*|std(in|out|err)|tmpfile|mkstemp|popen|system|fork|exec[lv]p?e?|pipe2?|signal|sigaction|kill'
net='socket(pair)?|bind|listen|accept4?|connect|send(to|msg)?|recv(from|msg)?|getaddrinfo|gethostby.*|setsockopt|uv_.*|lws_.*|redis[A-Z].*|curl_.*'
clock='time|gettimeofday|clock(_gettime|_nanosleep)?|localtime(_r)?|mktime|nanosleep|u?sleep|alarm|timer_(create|delete|getoverrun|gettime|settime)|strftime_now|ftime'
chance='s?rand(om)?(_r)?|[dlmne]rand48|getrandom|getentropy|arc4random.*|randombytes_.*'
where='getenv|secure_getenv|setenv|putenv|environ|getcwd|getpid|gethostname|getuid|setlocale|uname'
logs='log_line|log_set_level|v?syslog|sd_.*|file_.*'
ends='exit|_exit|_Exit|quick_exit'
forbidden="^($io|$net|$clock|$chance|$where|$logs|$ends)(@.*)?\$"

offences()
{
	nm -u "$1" | awk '{print $2}' | sed 's/64$//' | grep -E "$forbidden"
}

objects=$(pure_objects)
if [ -z "$objects" ]; then
	bad "no object under $build/obj: build first"
fi
for object in $objects; do
	found=$(offences "$object" | tr '\n' ' ')
	[ -z "$found" ] || bad "$object is not pure: $found"
done
[ "$failed" -eq 0 ] && ok

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
plant()
{
	echo "$1" >"$copy/x.c"
	if ! ${CC:-cc} -D_GNU_SOURCE -O2 $3 -c -o "$copy/x.o" "$copy/x.c" \
		2>"$copy/err"; then
		bad "cannot compile the offence: $1: $(cat "$copy/err")"
	elif [ "$(offences "$copy/x.o" | wc -l)" -eq "$2" ]; then
		ok
	else
		bad "$2 expected of: $1; found: $(offences "$copy/x.o")"
	fi
}
plant '#include <string.h>
size_t f(const char *s) { return strlen(s); }' 0
plant '#include <stdio.h>
void f(int x) { printf("%d", x); }' 1
plant '#include <stdio.h>
void f(int x) { printf("%d", x); }' 1 -D_FORTIFY_SOURCE=2
plant '#include <stdio.h>
int f(char *s, int x) { return snprintf(s, 9, "%d", x); }' 0
plant '#include <stdio.h>
void f(void) { fputs("x", stderr); }' 2
plant '#include <time.h>
time_t f(void) { return time(NULL); }' 1
plant '#include <time.h>
int f(struct timespec *t) { return clock_gettime(CLOCK_REALTIME, t); }' 1
plant '#include <stdlib.h>
int f(void) { return rand(); }' 1
plant '#include <stdlib.h>
char *f(void) { return getenv("HOME"); }' 1
plant 'void log_line(int l, const char *f, ...);
void f(void) { log_line(1, "x"); }' 1
plant '#include <unistd.h>
long f(char *p) { return read(0, p, 4); }' 1
plant '#include <fcntl.h>
int f(void) { return open("x", 0); }' 1 -D_FILE_OFFSET_BITS=64
plant '#include <sys/socket.h>
int f(void) { return socket(1, 1, 0); }' 1
finish
