/*
 * Text for logs and ikerctl: strangers' bytes made safe, pieces put together.
 * No I/O, no state.  Called by everyone who prints what came from the network.
 */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/str.h"

/* One byte as text, not terminated; returns its 1, 2 or 4 characters. */
static size_t
escape(uint8_t c, char out[4])
{
	static const char hex[] = "0123456789abcdef";

	if (c == '"' || c == '\\') {
		out[0] = '\\';
		out[1] = (char)c;
		return 2;
	}
	if (c >= 0x20 && c <= 0x7e) {
		out[0] = (char)c;
		return 1;
	}
	out[0] = '\\';
	out[1] = 'x';
	out[2] = hex[c >> 4];
	out[3] = hex[c & 15];
	return 4;
}

size_t
str_printable(char *dst, size_t size, const void *bytes, size_t len)
{
	static const char dots[] = "...";
	const uint8_t *p = bytes;
	char e[4];
	size_t i, n, at = 0, cut = 0, room = sizeof(dots) - 1;

	if (size == 0)
		return 0;
	for (i = 0; i < len; i++) {
		n = escape(p[i], e);
		if (at + n > size - 1)
			break;
		memcpy(dst + at, e, n);
		at += n;
		if (at + room <= size - 1)
			cut = at; /* the dots would still fit here */
	}
	if (i < len) {
		if (room > size - 1)
			room = size - 1;
		memcpy(dst + cut, dots, room);
		at = cut + room;
	}
	dst[at] = '\0';
	return at;
}

size_t
str_message(char *dst, size_t size, size_t at, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	size_t i;

	for (i = 0; i < len && at + 1 < size; i++) {
		if (p[i] == '\r')
			continue;
		dst[at++] = p[i] == '\n' || (p[i] >= 0x20 && p[i] <= 0x7e) ?
		    (char)p[i] :
		    '?';
	}
	dst[at] = '\0';
	return at;
}

size_t
str_append(char *dst, size_t size, size_t at, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (size == 0)
		return 0;
	if (at >= size - 1) {
		dst[size - 1] = '\0';
		return size - 1;
	}
	va_start(ap, fmt);
	n = vsnprintf(dst + at, size - at, fmt, ap);
	va_end(ap);
	if (n < 0)
		return at;
	return (size_t)n < size - at ? at + (size_t)n : size - 1;
}
