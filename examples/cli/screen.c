/* SPDX-License-Identifier: MIT */
/* What the terminal can show. */
#define _DEFAULT_SOURCE 1 /* isatty and the window size, beside C11 */
#include "cli.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define NARROWEST 40

static bool on_terminal(void)
{
	return isatty(STDOUT_FILENO) != 0;
}

size_t cli_screen_width(void)
{
	const char *columns = getenv("COLUMNS");
	long given = columns ? strtol(columns, NULL, 10) : 0;
	struct winsize size;

	if (given > 0)
		return given < NARROWEST ? NARROWEST : (size_t)given;
	if (!on_terminal() || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return 0;
	return size.ws_col < NARROWEST ? NARROWEST : size.ws_col;
}

static bool coloured(void)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	return on_terminal() && !(no_color && *no_color) && !(term && strcmp(term, "dumb") == 0);
}

const char *cli_bold(void)
{
	return coloured() ? "\033[1m" : "";
}

const char *cli_plain(void)
{
	return coloured() ? "\033[0m" : "";
}
