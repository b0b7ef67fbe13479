/* SPDX-License-Identifier: MIT */
/* ctest: serial */
/* A replay of a shop's tills is killed at random instants and started again, until it is done. No
 * document that was acknowledged is lost, none is there in part, and the totals are those of a
 * replay that nobody disturbed.
 *
 *   kill [PART]     INV_TEST_LONG=1: 200 kills on the real file of INV_TEST_DATA_DIR */
#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "inventra/inventra.h"
#include "support/check.h"

#define KILLS_QUICK 20
#define KILLS_LONG 200
#define DOCUMENTS 600 /* of the generated file */

typedef struct document {
	char number[32];
	int64_t lines;   /* in the file */
	int64_t found;   /* in the store */
	bool adjustment;
	bool acked;
} document;

typedef struct till_file {
	char path[1024];
	document *documents; /* sorted by number */
	size_t count, capacity;
	int64_t lines;
} till_file;

/* ---- the file ---- */

static int by_number(const void *a, const void *b)
{
	return strcmp(((const document *)a)->number, ((const document *)b)->number);
}

static document *find(const till_file *file, const char *number)
{
	document key;

	memset(&key, 0, sizeof key);
	snprintf(key.number, sizeof key.number, "%s", number);
	return bsearch(&key, file->documents, file->count, sizeof key, by_number);
}

static void add(till_file *file, const char *number)
{
	document *d = file->count ? &file->documents[file->count - 1] : NULL;

	file->lines++;
	if (d && strcmp(d->number, number) == 0) {
		d->lines++;
		return;
	}
	if (file->count == file->capacity) {
		file->capacity = file->capacity ? file->capacity * 2 : 1024;
		file->documents = realloc(file->documents, file->capacity * sizeof *file->documents);
		if (!file->documents)
			abort();
	}
	d = &file->documents[file->count++];
	memset(d, 0, sizeof *d);
	snprintf(d->number, sizeof d->number, "%s", number);
	d->lines = 1;
}

/* A document that is not contiguous in the file is one all the same. */
static void merge(till_file *file)
{
	size_t kept = 0;

	qsort(file->documents, file->count, sizeof *file->documents, by_number);
	for (size_t i = 1; i < file->count; i++) {
		if (strcmp(file->documents[kept].number, file->documents[i].number) == 0)
			file->documents[kept].lines += file->documents[i].lines;
		else
			file->documents[++kept] = file->documents[i];
	}
	file->count = file->count ? kept + 1 : 0;
}

static bool read_file(till_file *file)
{
	gzFile in = gzopen(file->path, "rb");
	char line[4096];

	if (!in || !gzgets(in, line, sizeof line))
		return CHECK_FAIL("%s cannot be read", file->path);
	while (gzgets(in, line, sizeof line)) {
		line[strcspn(line, ",\r\n")] = '\0';
		add(file, line);
	}
	gzclose(in);
	merge(file);
	return true;
}

/* Sales, returns, corrections and a debt that was written off, as a till would write them. */
static void write_document(FILE *out, int i)
{
	int lines = 1 + (int)check_random_below(12);
	int minute = i * 7;
	const char *kind = i % 9 == 4 ? "C" : "";
	bool adjustment = i % 17 == 8;

	if (i % 200 == 150) {
		fprintf(out, "A%d,B,Adjust bad debt,1,2011-01-%02d 10:00:00,-11.5,,United Kingdom\n",
		        600000 + i, 1 + i % 28);
		return;
	}
	for (int k = 0; k < lines; k++) {
		int quantity = 1 + (int)check_random_below(20);
		bool postage = !adjustment && k == 11;

		if (*kind || adjustment)
			quantity = -quantity;
		fprintf(out, "%s%d,", adjustment ? "" : kind, 500000 + i);
		if (postage)
			fputs("POST,POSTAGE,", out);
		else
			fprintf(out, "2%04d%s,\"TEA, KIND %d\",", 1000 + (int)check_random_below(60),
			        k % 5 == 0 ? "a" : "", k);
		fprintf(out, "%d,2011-%02d-%02d %02d:%02d:00,", quantity, 1 + minute / 60 / 10 / 28,
		        1 + minute / 60 / 10 % 28, 8 + minute / 60 % 10, minute % 60);
		fprintf(out, "%s,%d.0,%s\n", adjustment ? "0" : "1.255", 12000 + i % 40,
		        i % 6 ? "United Kingdom" : "France");
	}
}

static bool make_file(till_file *file)
{
	FILE *out;

	snprintf(file->path, sizeof file->path, "%s", check_path("tills.csv"));
	out = fopen(file->path, "w");
	if (!out)
		return CHECK_FAIL("%s cannot be written", file->path);
	fputs("InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n",
	      out);
	for (int i = 0; i < DOCUMENTS; i++)
		write_document(out, i);
	return CHECK_INT(fclose(out), 0) && read_file(file);
}

/* ---- the replay, as another process ---- */

typedef struct replay {
	const till_file *file;
	const char *store;
	const char *batch;
	pid_t child;
	int out;            /* what it prints */
	char line[65536];   /* the line being read */
	size_t length;
	char totals[65536]; /* the line that is no number of a document */
	size_t acks;
} replay;

static const char *program(void)
{
	static char path[1024];
	const char *build = getenv("INV_TEST_BUILD_DIR");

	snprintf(path, sizeof path, "%s/examples/replay", build ? build : ".");
	return path;
}

static void exec_replay(const replay *r, int out)
{
	int log = open(check_path("replay.log"), O_WRONLY | O_CREAT | O_APPEND, 0644);

	dup2(out, STDOUT_FILENO);
	if (log >= 0)
		dup2(log, STDERR_FILENO);
	execl(program(), program(), r->file->path, "--store", r->store, "--acks", "--batch", r->batch,
	      (char *)NULL);
	_exit(127);
}

static bool start(replay *r)
{
	int ends[2];

	r->length = r->acks = 0;
	r->totals[0] = '\0';
	if (pipe2(ends, O_CLOEXEC) != 0)
		return CHECK_FAIL("no pipe");
	r->child = fork();
	if (r->child == 0)
		exec_replay(r, ends[1]);
	close(ends[1]);
	r->out = ends[0];
	return CHECK(r->child > 0);
}

static void take_line(replay *r)
{
	document *d;

	r->line[r->length] = '\0';
	r->length = 0;
	if (r->line[0] == '{') {
		snprintf(r->totals, sizeof r->totals, "%s", r->line);
		return;
	}
	d = find(r->file, r->line);
	if (!d) {
		CHECK_FAIL("acknowledged, but in no file: %s", r->line);
		return;
	}
	d->acked = true;
	r->acks++;
}

/* Read what is there; false at the end. A line without its end was not said. */
static bool read_some(replay *r)
{
	char part[4096];
	ssize_t n = read(r->out, part, sizeof part);

	if (n < 0 && errno == EINTR)
		return true;
	for (ssize_t i = 0; i < n; i++) {
		if (part[i] == '\n')
			take_line(r);
		else if (r->length + 1 < sizeof r->line)
			r->line[r->length++] = part[i];
	}
	return n > 0;
}

static int finish(replay *r)
{
	int status = 0;

	while (read_some(r))
		;
	close(r->out);
	while (waitpid(r->child, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

/* Let it run until it has acknowledged `acks`, and for some time more. */
static bool run_until(replay *r, size_t acks, unsigned microseconds)
{
	struct pollfd ready = {.fd = r->out, .events = POLLIN};

	while (acks > 0 && r->acks < acks)
		if (!read_some(r))
			return false;
	while (microseconds > 0) {
		unsigned wait = microseconds < 1000 ? microseconds : 1000;

		if (poll(&ready, 1, 0) > 0 && !read_some(r))
			return false;
		usleep(wait);
		microseconds -= wait;
	}
	return true;
}

static void say_log(void)
{
	FILE *log = fopen(check_path("replay.log"), "r");
	char line[512];

	while (log && fgets(line, sizeof line, log))
		fputs(line, stderr);
	if (log)
		fclose(log);
}

/* ---- what is in the store ---- */

static void found_one(const till_file *file, inv_str number, int64_t lines)
{
	document *d = find(file, number.ptr ? number.ptr : "");

	if (!d)
		CHECK_FAIL("booked, but in no file: %.*s", (int)number.len, number.ptr);
	else
		d->found += lines;
}

static bool take_page(const till_file *file, const inv_op_desc *op, const inv_result *page)
{
	bool sales = strcmp(op->name, "sale.list") == 0;

	for (size_t i = 0; i < inv_result_count(page); i++) {
		const inv_sale *sale = inv_result_at(page, i);
		const inv_posting *posting = inv_result_at(page, i);

		found_one(file, sales ? sale->document : posting->document,
		          sales ? sale->line_count : posting->line_count);
	}
	return inv_result_cursor(page).len > 0;
}

static void find_booked(const till_file *file, inv_session *session, const char *op_name,
                        const char *filter)
{
	const inv_op_desc *op = inv_schema_op_named(inv_str_of(op_name));
	inv_query query = INV_QUERY_INIT;
	char cursor[2048] = "";
	bool more = true;

	query.filter = inv_str_of(filter);
	query.limit = INV_LIMIT_PAGE;
	while (more) {
		inv_result *page = NULL;

		query.cursor = inv_str_of(cursor);
		if (!CHECK_STATUS(inv_call(session, op, &query, 1, NULL, &page), INV_OK))
			return;
		more = take_page(file, op, page);
		snprintf(cursor, sizeof cursor, "%s", more ? inv_result_cursor(page).ptr : "");
		inv_result_free(page);
	}
}

/* How many documents are not as promised, and which. */
static unsigned compare(const till_file *file, bool quiet)
{
	unsigned wrong = 0;

	for (size_t i = 0; i < file->count && wrong < 10; i++) {
		const document *d = &file->documents[i];
		bool lost = d->found == 0 && d->acked;
		bool half = d->found != 0 && d->found != d->lines;

		wrong += lost || half;
		if ((lost || half) && !quiet)
			CHECK_FAIL("%s%s: %lld of %lld lines are there", d->number,
			           d->acked ? ", acknowledged" : "", (long long)d->found,
			           (long long)d->lines);
	}
	return wrong;
}

/* Lines that the reports count: those of the sales that were found, and no more. */
static void compare_lines(const till_file *file, inv_session *session, int64_t adjusted)
{
	inv_sales_query query = INV_SALES_QUERY_INIT;
	inv_result *total = NULL;
	int64_t lines = 0;

	for (size_t i = 0; i < file->count; i++)
		lines += file->documents[i].found;
	if (!CHECK_STATUS(inv_report_sales(session, &query, 1, NULL, &total), INV_OK))
		return;
	if (inv_result_count(total) > 0)
		CHECK_INT(INV_AT(total, inv_sales_total, 0)->lines, lines - adjusted);
	inv_result_free(total);
}

static int64_t found_lines(const till_file *file)
{
	int64_t lines = 0;

	for (size_t i = 0; i < file->count; i++)
		lines += file->documents[i].found;
	return lines;
}

static size_t found_documents(const till_file *file)
{
	size_t n = 0;

	for (size_t i = 0; i < file->count; i++)
		n += file->documents[i].found > 0;
	return n;
}

/* After a kill: everything acknowledged, nothing in part. */
static void check_store(const till_file *file, const char *path, bool deep)
{
	inv_store_options options = INV_STORE_OPTIONS_INIT;
	inv_error error = INV_ERROR_INIT;
	inv_session *session = NULL;
	inv_store *store = NULL;
	int64_t adjusted;

	for (size_t i = 0; i < file->count; i++)
		file->documents[i].found = 0;
	options.url = path;
	if (inv_store_open(&options, &store, &error) != INV_OK) {
		CHECK_FAIL("the store does not open: %s", error.message);
		return;
	}
	if (deep && inv_store_verify(store, NULL, NULL, &error) != INV_OK)
		CHECK_FAIL("the store is not sound: %s", error.message);
	if (CHECK_STATUS(inv_session_open(store, NULL, &session, NULL), INV_OK)) {
		find_booked(file, session, "posting.list", "reason = \"till-adjustment\"");
		adjusted = found_lines(file);
		find_booked(file, session, "sale.list", "");
		(void)compare(file, false);
		compare_lines(file, session, adjusted);
	}
	inv_session_close(session);
	inv_store_close(store);
}

/* ---- totals ---- */

/* Each key of `expected` is in the totals, with the same value. */
static void compare_totals(const char *expected, const char *actual)
{
	cJSON *want = cJSON_Parse(expected);
	cJSON *got = cJSON_Parse(actual);
	const cJSON *item;

	CHECK(want && got);
	cJSON_ArrayForEach(item, want) {
		const char *name = item->string;

		if (strcmp(name, "seconds") == 0 || strcmp(name, "lines_per_second") == 0 ||
		    strcmp(name, "state_hash") == 0)
			continue;
		if (!cJSON_Compare(item, cJSON_GetObjectItemCaseSensitive(got, name), true))
			CHECK_FAIL("the totals differ in %s: %s", name, actual);
	}
	cJSON_Delete(want);
	cJSON_Delete(got);
}

static void remove_store(const char *path)
{
	static const char *const tails[] = {"", "-wal", "-shm", "-inv"};
	char name[1100];

	for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
		snprintf(name, sizeof name, "%s%s", path, tails[i]);
		(void)unlink(name);
	}
}

/* A replay that nobody disturbs. */
static bool run_whole(const till_file *file, const char *path, char *totals, size_t size)
{
	static replay r;
	int status;

	r = (replay){.file = file, .store = path, .batch = "50"};
	if (!start(&r))
		return false;
	status = finish(&r);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || !r.totals[0]) {
		say_log();
		return CHECK_FAIL("%s ends with %d", program(), status);
	}
	snprintf(totals, size, "%s", r.totals);
	return true;
}

/* ---- killing ---- */

typedef struct siege {
	till_file *file;
	const char *path;
	const char *expected; /* totals */
	unsigned kills, wanted;
	unsigned finished;    /* replays that came to their end */
	unsigned since_deep;
	int64_t deep_time;    /* of the last verify, microseconds */
} siege;

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Verify each time while that is quick, else now and then. */
static void check_siege(siege *s, bool at_end)
{
	bool deep = at_end || s->deep_time < 500000 || ++s->since_deep >= 10;
	int64_t begin = now();

	check_store(s->file, s->path, deep);
	if (deep) {
		s->deep_time = now() - begin;
		s->since_deep = 0;
	}
}

static void begin_anew(siege *s)
{
	remove_store(s->path);
	for (size_t i = 0; i < s->file->count; i++)
		s->file->documents[i].acked = false;
}

/* It came to its end before it could be killed. */
static void check_end(siege *s, const replay *r, int status)
{
	s->finished++;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		say_log();
		CHECK_FAIL("%s ends with %d", program(), status);
	}
	compare_totals(s->expected, r->totals);
	check_siege(s, true);
	CHECK_INT(found_documents(s->file), s->file->count);
	begin_anew(s);
}

/* One of six while it prepares, the others somewhere in the next documents. */
static void kill_once(siege *s)
{
	static const char *const batches[] = {"1", "1", "7", "100"};
	static replay r;
	size_t ahead = 2 * s->file->count / s->wanted + 1;
	size_t acks = found_documents(s->file) + 1 + check_random_below(ahead);
	bool early = check_random_below(6) == 0;
	int status;

	r = (replay){.file = s->file, .store = s->path};
	r.batch = batches[check_random_below(sizeof batches / sizeof batches[0])];
	if (!start(&r))
		return;
	if (run_until(&r, early ? 0 : acks, (unsigned)check_random_below(early ? 60000 : 4000)))
		kill(r.child, SIGKILL);
	status = finish(&r);
	if (!WIFSIGNALED(status)) {
		check_end(s, &r, status);
		return;
	}
	s->kills++;
	check_siege(s, false);
}

static void besiege(till_file *file, unsigned kills, const char *expected)
{
	static char path[1024], totals[65536];
	siege s = {.file = file, .path = path, .expected = expected, .wanted = kills};

	snprintf(path, sizeof path, "%s", check_path("shop.db"));
	begin_anew(&s);
	check_siege(&s, false); /* nothing is there, and it opens */
	begin_anew(&s);
	for (size_t i = 0; i < file->count; i++)
		file->documents[i].found = 0;
	while (s.kills < kills && check_failures() == 0)
		kill_once(&s);
	if (check_failures() == 0 && run_whole(file, path, totals, sizeof totals)) {
		compare_totals(expected, totals);
		check_siege(&s, true);
		CHECK_INT(found_documents(file), file->count);
	}
	printf("%zu documents, %u kills, %u replays ended before\n", file->count, s.kills, s.finished);
}

TEST(a_small_shop)
{
	static char totals[65536];
	till_file file = {.count = 0};

	if (!make_file(&file))
		return;
	if (run_whole(&file, check_path("whole.db"), totals, sizeof totals)) {
		check_store(&file, check_path("whole.db"), true);
		CHECK_INT(found_documents(&file), DOCUMENTS);
		besiege(&file, KILLS_QUICK, totals);
	}
	free(file.documents);
}

/* ---- the real file ---- */

static char *read_text(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = calloc(1, 65536);

	if (file && text && fread(text, 1, 65535, file) == 0)
		text[0] = '\0';
	if (file)
		fclose(file);
	return text;
}

TEST(a_real_shop)
{
	const char *set = getenv("INV_TEST_LONG");
	const char *folder = getenv("INV_TEST_DATA_DIR");
	till_file file = {.count = 0};
	char path[1024];
	char *expected;

	if (!set || !*set || !folder) {
		puts("left out: set INV_TEST_LONG, and INV_TEST_DATA_DIR to the folder of the data");
		return;
	}
	snprintf(file.path, sizeof file.path, "%s/online-retail.csv.gz", folder);
	snprintf(path, sizeof path, "%s/online-retail.expected.json", folder);
	if (access(file.path, R_OK) != 0) {
		printf("left out: %s is not there\n", file.path);
		return;
	}
	expected = read_text(path);
	if (read_file(&file))
		besiege(&file, KILLS_LONG, expected);
	free(expected);
	free(file.documents);
}

/* ---- planted faults: the comparison must find them ---- */

/* A document that was promised and is not there, and one of which a line is missing. */
TEST(a_promise_too_early_is_found)
{
	static char totals[65536];
	till_file file = {.count = 0};

	if (!make_file(&file))
		return;
	if (run_whole(&file, check_path("whole.db"), totals, sizeof totals)) {
		check_store(&file, check_path("whole.db"), false);
		CHECK_INT(compare(&file, true), 0);
		add(&file, "599999");
		file.documents[file.count - 1].acked = true;
		CHECK_INT(compare(&file, true), 1);
		file.documents[0].lines++;
		CHECK_INT(compare(&file, true), 2);
	}
	free(file.documents);
}

CHECK_MAIN()
