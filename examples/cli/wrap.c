/* SPDX-License-Identifier: MIT */
/* Sentences within the screen's width. */
#include "cli.h"

void cli_wrap(FILE *out, const char *text, size_t column, size_t indent, size_t width)
{
	bool first = true;

	while (*text) {
		size_t len = strcspn(text, " ");
		size_t wide = text_width(text, len);

		if (!first && width > 0 && column + 1 + wide > width) {
			fprintf(out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (!first) {
			fputs(" ", out);
			column++;
		}
		fwrite(text, 1, len, out);
		column += wide;
		first = false;
		text += len + strspn(text + len, " ");
	}
	fputs("\n", out);
}

void cli_wrap_labelled(FILE *out, const char *label, size_t indent, const char *text, size_t width)
{
	size_t used = text_width(label, strlen(label));

	fputs(label, out);
	if (used + 1 > indent) { /* too long to have anything beside it */
		fprintf(out, "\n%*s", (int)indent, "");
		used = indent;
	}
	if (*text)
		fprintf(out, "%*s", (int)(indent - used), "");
	cli_wrap(out, text, indent, indent, width);
}

size_t cli_help_width(void)
{
	size_t screen = cli_screen_width();

	return screen > 0 ? screen : 80;
}
