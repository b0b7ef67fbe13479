/* SPDX-License-Identifier: MIT */
/* Each allocation fails in turn of what is done to a store as a whole: opening and making it,
 * sessions, verify, rebuild, backup, import, export. */
#include "fault/memory.h"

#include <zlib.h>

#ifdef HEAP_REPLACED

/* Some work on the store; it opens and closes what it needs. */
typedef inv_status (*job)(shop *s, inv_error *error);

static inv_status job_open(shop *s, inv_error *error)
{
	inv_store *store = NULL;
	inv_status status = open_at(store_path(), &store, error);

	(void)s;
	inv_store_close(store);
	return status;
}

static inv_status job_open_to_read(shop *s, inv_error *error)
{
	inv_store_options options = INV_STORE_OPTIONS_INIT;
	inv_store *store = NULL;
	inv_status status;

	(void)s;
	options.url = store_path();
	options.read_only = 1;
	status = inv_store_open(&options, &store, error);
	inv_store_close(store);
	return status;
}

static inv_status job_create(shop *s, inv_error *error)
{
	inv_store *store = NULL;
	inv_status status = open_at(check_path("new.db"), &store, error);

	(void)s;
	inv_store_close(store);
	return status;
}

static inv_status job_session(shop *s, inv_error *error)
{
	inv_session_options options = INV_SESSION_OPTIONS_INIT;
	inv_session *session = NULL;
	inv_status status;

	options.actor = INV_S("Ada");
	options.channel = inv_ref_code("web");
	options.location = inv_ref_code("shelf");
	options.till = inv_ref_code("t2");
	options.request_id = INV_S("r-1");
	status = inv_session_open(s->store, &options, &session, error);
	inv_session_close(session);
	return status;
}

static inv_status job_verify(shop *s, inv_error *error)
{
	inv_verify_report report = INV_VERIFY_REPORT_INIT;
	inv_status status = inv_store_verify(s->store, NULL, &report, error);

	if (status != INV_OK)
		CHECK(!report.ok);
	return status;
}

static inv_status job_rebuild(shop *s, inv_error *error)
{
	return inv_store_rebuild(s->store, NULL, error);
}

static inv_status job_hash(shop *s, inv_error *error)
{
	char hash[65];

	return inv_store_state_hash(s->store, hash, error);
}

static inv_status job_info(shop *s, inv_error *error)
{
	inv_store_info info = INV_STORE_INFO_INIT;

	return inv_store_info_get(s->store, &info, error);
}

static inv_status job_backup(shop *s, inv_error *error)
{
	const char *path = check_path("copy.db");
	inv_status status = inv_store_backup(s->store, path, NULL, error);

	CHECK((access(path, F_OK) == 0) == (status == INV_OK));
	(void)unlink(path);
	return status;
}

static inv_status job_copy(shop *s, inv_error *error)
{
	inv_store_options to = INV_STORE_OPTIONS_INIT;
	inv_copy_report report = INV_COPY_REPORT_INIT;
	inv_status status;

	to.url = check_path("moved.db");
	status = inv_store_copy(s->store, &to, NULL, &report, error);
	if (status == INV_OK)
		CHECK_STR((const char *)report.state_hash, (const char *)s->last.hash);
	return status;
}

static inv_status session_answer(const shop *s, inv_status status, inv_error *error)
{
	*error = *inv_session_error(s->session);
	return status;
}

/* The rows' keys make it the same import each time. */
static inv_status job_import(shop *s, inv_error *error)
{
	const inv_op_desc *op = inv_schema_op_named(INV_S("product.create"));
	inv_import_options options = INV_IMPORT_OPTIONS_INIT;
	inv_import_report report = INV_IMPORT_REPORT_INIT;

	options.key_prefix = INV_S("import");
	return session_answer(s, inv_import_csv(s->session, op, check_path("in.csv.gz"), &options,
	                                        &report), error);
}

static inv_status job_export(shop *s, inv_error *error)
{
	const inv_op_desc *op = inv_schema_op_named(INV_S("product.list"));
	const char *path = check_path("out.csv.gz");
	inv_status status = inv_export_csv(s->session, op, NULL, path, NULL);

	CHECK((access(path, F_OK) == 0) == (status == INV_OK));
	(void)unlink(path);
	return session_answer(s, status, error);
}

static inv_status job_transaction(shop *s, inv_error *error)
{
	inv_status status = inv_begin(s->session);

	if (status == INV_OK)
		status = run(s, "settings.update", "{\"day_start\":90}", NULL, NULL);
	if (status == INV_OK)
		status = inv_commit(s->session);
	session_answer(s, status, error);
	if (status != INV_OK)
		(void)inv_rollback(s->session); /* it may have ended by itself */
	return status;
}

typedef struct job_kind {
	const char *name;
	job run;
	void (*after)(void); /* a failure has happened */
	bool writes;         /* the state may differ after it */
	int64_t step;        /* points left out in a short run, but for the first of these */
} job_kind;

/* Half a store must be none, or one that opens; then the next try starts from nothing. */
static void finish_new(void)
{
	inv_error error = INV_ERROR_INIT;
	inv_store *store = NULL;

	if (CHECK_STATUS(open_at(check_path("new.db"), &store, &error), INV_OK))
		check_sound(store, "a creation that failed");
	else
		CHECK_FAIL("%s", error.message);
	inv_store_close(store);
	remove_store("new.db");
}

static void remove_copy(void)
{
	remove_store("moved.db");
}

/* Where memory ends in the middle of a commit it is not known what has become of it. */
static bool says_so(inv_status status, const inv_error *error)
{
	return (status == INV_E_NO_MEMORY || status == INV_E_UNKNOWN_OUTCOME) &&
	       error->status == status && error->message[0];
}

static bool try_job(shop *s, const job_kind *kind, int64_t nth, bool for_good, finding *f)
{
	inv_error error = INV_ERROR_INIT;
	inv_status status;

	heap_arm(nth, for_good);
	status = kind->run(s, &error);
	heap_disarm();
	f->points += heap.failed;
	f->survived += heap.failed && status == INV_OK;
	if (status != INV_OK && !says_so(status, &error)) {
		f->wrong++;
		fprintf(stderr, "%s, allocation %lld%s: answers %d (%d: %s)\n", kind->name,
		        (long long)nth, for_good ? " and on" : "", (int)status, (int)error.status,
		        error.message);
	}
	if (kind->after)
		kind->after();
	if (kind->writes) {
		read_state(s);
	} else if (!is_same_state(s)) {
		f->changed++;
		fprintf(stderr, "%s, allocation %lld%s: the state is another\n", kind->name,
		        (long long)nth, for_good ? " and on" : "");
	}
	return heap.failed;
}

static void write_import(void)
{
	gzFile file = gzopen(check_path("in.csv.gz"), "wb");

	if (!CHECK(file != NULL))
		return;
	gzputs(file, "sku,name,list_price,tags\n");
	for (int i = 0; i < 20; i++)
		gzprintf(file, "CSV-%d,\"Tea, of \"\"kind\"\" %d\",%d.5,\"[\"\"a\"\"]\"\n", i, i, i);
	CHECK_INT(gzclose(file), Z_OK);
}

static void test_job(const job_kind *kind)
{
	int64_t live = heap.live;
	finding f = {0};
	shop s;

	if (!shop_open(&s))
		return;
	read_state(&s);
	for (int for_good = 0; for_good < 2; for_good++) {
		int64_t step = pace(kind->step);
		int64_t nth = 1;

		while (try_job(&s, kind, nth, for_good != 0, &f) && f.wrong + f.changed < 5)
			nth = next_point(nth, step);
	}
	check_sound(s.store, kind->name);
	shop_close(&s);
	f.leaked = heap.live != live;
	(void)is_clean(&f, kind->name, "");
	printf("%s: %lld allocations failed, %lld of them did no harm\n", kind->name,
	       (long long)f.points, (long long)f.survived);
}

TEST(the_store_as_a_whole)
{
	static const job_kind kinds[] = {
		{"open", job_open, NULL, false, 5},
		{"open to read", job_open_to_read, NULL, false, 5},
		{"create", job_create, finish_new, false, 31},
		{"session", job_session, NULL, false, 1},
		{"verify", job_verify, NULL, false, 61},
		{"rebuild", job_rebuild, NULL, false, 5},
		{"state hash", job_hash, NULL, false, 17},
		{"info", job_info, NULL, false, 1},
		{"backup", job_backup, NULL, false, 6},
		{"copy", job_copy, remove_copy, false, 61},
		{"import", job_import, NULL, true, 3},
		{"export", job_export, NULL, false, 3},
		{"transaction", job_transaction, NULL, true, 1},
	};
	shop s;

	disk_install();
	write_import();
	if (!make_base(&s))
		return;
	shop_close(&s);
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		test_job(&kinds[i]);
}

#else

TEST(malloc_cannot_be_replaced_here)
{
}

#endif

CHECK_MAIN()
