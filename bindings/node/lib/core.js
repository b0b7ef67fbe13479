// SPDX-License-Identifier: MIT
// What stands behind an Inventory: its handles, how calls run at once or in turn, lists, the feed.
'use strict';
const { native, description, camel } = require('./native.js');
const { checked, failed, errorOf, invalid, misuse, unknown } = require('./errors.js');
const { program } = require('./input.js');
const { answer } = require('./record.js');

// How the native half runs what it is asked: at once, on a thread of its own for a promise, or on
// one that does not keep the process from ending.
const NOW = 0;
const THREAD = 1;
const IDLE = 2;
const BEGIN = 0;
const COMMIT = 1;
const ROLL_BACK = 2;
const { CODES } = description.options;
const { LISTS, WAITS, WRITE } = description.op_flags;

const operations = new Map(description.ops.map((op, number) => {
	Object.assign(op, { number, noun: camel(op.plural), method: camel(op.verb) });
	return [`${op.noun}.${op.method}`, op];
}));
function operation(name) {
	if (!operations.has(name)) throw unknown('operation', String(name), operations.keys());
	return operations.get(name);
}

// What options take, where C would make something of anything.
const MOST = 2 ** 31 - 1;
const yesOrNo = [(value) => typeof value === 'boolean', 'true or false'];
const whole = [(value) => Number.isInteger(value) && value >= 0 && value <= MOST,
	`a whole number from 0 to ${MOST}`];
const forms = {
	readOnly: yesOrNo, create: yesOrNo, codes: yesOrNo, ref: yesOrNo, skip: yesOrNo,
	busyTimeoutMs: whole, readers: whole, writers: whole, checkpointPages: whole, sliceMs: whole,
	drivers: [Array.isArray, 'an array of drivers, such as [postgres()]'],
	progress: [(value) => typeof value === 'function', 'a function'],
	signal: [(value) => typeof value?.throwIfAborted === 'function' &&
		typeof value.addEventListener === 'function',
	'an AbortSignal, such as AbortSignal.timeout(1000) or the `signal` of an AbortController'],
};

function only(options, ...known) {
	if (options === null || typeof options !== 'object')
		throw invalid('options are an object, such as { key: \'order-7\' }', 'options');
	for (const name of Object.keys(options)) {
		if (!known.includes(name)) throw unknown('option', name, known);
		const [takes, wanted] = forms[name] ?? [];
		if (takes && options[name] !== undefined && !takes(options[name]))
			throw invalid(`\`${name}\` takes ${wanted}`, name);
	}
	return options;
}

const numbers = ['busyTimeoutMs', 'readers', 'writers', 'checkpointPages'];
const storeOptions = ['readOnly', 'create', 'migrate', ...numbers,
	'source', 'drivers'];
const sessionOptions = ['actor', 'channel', 'location', 'till', 'requestId'];

function target(url, options) {
	if (!url) throw misuse("the URL of a store is a string such as 'shop.db'");
	if (!['auto', 'refuse', undefined].includes(options.migrate))
		throw invalid("`migrate` takes 'auto' or 'refuse'", 'migrate');
	return [plain('url', url), plain('source', options.source ?? 'inventra node'),
		Number(Boolean(options.readOnly)), Number(options.create === false),
		Number(options.migrate === 'refuse'), ...numbers.map((name) => options[name] ?? 0),
		options.drivers ?? []];
}

// What goes to C as it is.
function plain(name, value = '') {
	if (typeof value !== 'string' || value.includes('\0') || !value.isWellFormed())
		throw invalid(`\`${name}\` takes a string without zero bytes`, name);
	return value;
}
const openSession = (store, options) => checked(
	native.openSession(NOW, store, ...sessionOptions.map((name) => plain(name, options[name]))));

// Work that is no operation: how many parameters stand in front of its options, and the arguments
// of the native function of the same name. `control` stops it and is told of its progress.
const works = {
	info: [0, ({ store }) => [store]],
	stateHash: [0, ({ store }) => [store]],
	verify: [0, ({ store }, control) => [store, ...control]],
	rebuild: [0, ({ store }, control) => [store, ...control]],
	backup: [1, ({ store }, control, options, path) => [store, ...control, plain('path', path)]],
	copy: [1, ({ store }, control, options, url) => [store, ...control, ...target(url, options)]],
	importCsv: [2, ({ session }, control, { keyPrefix, skip = false, sliceMs = 0 }, name, path) => [
		session, ...control, operation(name).number, plain('path', path),
		plain('keyPrefix', keyPrefix), Number(skip), sliceMs]],
	exportCsv: [2, ({ session }, control, { query }, name, path) => [
		session, ...control, operation(name).number, plain('path', path),
		program(operation(name).input, query)]],
};
const writing = ['rebuild', 'importCsv'];
const workOptions = [...storeOptions, 'progress', 'keyPrefix', 'skip', 'sliceMs', 'query'];
// Rows that an import did not take become errors.
function finished(report) {
	if (typeof report !== 'object') return report;
	const made = Object.fromEntries(Object.entries(report).map(([name, value]) =>
		[camel(name), value]));
	if (made.errors) made.errors = made.errors.map(errorOf);
	return made;
}

// A list: its first page, and by iteration all that follow.
// The first iteration goes on behind that page; each other one begins anew, with pages of its own.
class List {
	#rest;
	#anew;
	#made;
	constructor(first, record, rest, anew) {
		this.#rest = rest;
		this.#anew = anew;
		this.#made = (page) => answer(page, record);
		const { records, cursor } = first ? this.#made(first) : { records: [], cursor: '' };
		Object.assign(this, { items: records, cursor });
	}
	#walk() {
		const rest = this.#rest;
		this.#rest = undefined;
		return rest ? { begin: this.items, take: rest } : { begin: [], take: this.#anew() };
	}
	toArray() { return [...this]; }
	* [Symbol.iterator]() {
		const { begin, take } = this.#walk();
		yield* begin;
		for (let page = take(NOW); page; page = take(NOW)) yield* this.#made(page).records;
	}
	async* [Symbol.asyncIterator]() {
		const { begin, take } = this.#walk();
		yield* begin;
		for (let page = await take(THREAD); page; page = await take(THREAD))
			yield* this.#made(page).records;
	}
}

class Core {
	turn = Promise.resolve(); // a session serves one call at a time
	following = new Set(); // sessions of feeds
	open = new Set(); // asynchronous transactions on the store, also those that wait for their turn
	constructor(store, options, owned) {
		Object.assign(this, { store, options, owned, session: openSession(store, options) });
	}
	// Another session on the same store.
	beside(options = {}) {
		const { open, inMemory } = this;
		return Object.assign(new Core(this.store, { ...this.options, ...options }, false),
			{ open, inMemory });
	}
	// What waits at once for a transaction whose function needs this thread to go on waits in vain.
	mayWait() {
		if (this.open.size && !this.open.has(this))
			throw misuse('an asynchronous transaction is open: what is to be part of it is ' +
				'called on what its function is given; other calls wait as promises (`async`)');
	}
	pagesOf(given) { return checked(native.pages(NOW, this.session, ...given)); }
	// Page after page; they are opened with the first one when they are not yet.
	walk(given, pages) {
		const start = (mode) => native.next(mode, this.session, pages ??= this.pagesOf(given));
		return (mode) => (mode === NOW ? checked(start(NOW)) : this.later(() => start(mode)));
	}
	// At once; the answer's own form is made by `made`.
	call(op, input, { key, codes } = {}) {
		// What waits answers one page, and is not walked: that is what follow() is for.
		if (op.flags & LISTS && !(op.flags & WAITS)) {
			const given = [op.number, program(op.input, input), codes ? CODES : 0];
			const pages = this.pagesOf(given);
			return {
				start: (mode) => native.next(mode, this.session, pages),
				made: (page) => new List(page, op.output, this.walk(given, pages),
					() => this.walk(given)),
			};
		}
		const given = [op.number, program(op.input, input), plain('key', key),
			codes ? CODES : 0];
		return {
			start: (mode) => native.call(mode, this.session, ...given),
			made: (buffer) => {
				if (op.flags & LISTS) {
					const nothing = () => undefined;
					const anew = (pages = [buffer]) => () => pages.pop();
					return new List(buffer, op.output, nothing, anew);
				}
				const { records } = answer(buffer, op.output);
				return Array.isArray(input) ? records : records[0];
			},
		};
	}
	now(op, input, options) {
		if (op.flags & WRITE || this.inMemory) this.mayWait();
		const { start, made } = this.call(op, input, options);
		return made(checked(start(NOW)));
	}
	// Lists open their pages when it is their turn: that is a call, too.
	async promise(op, input, { signal, ...options }) {
		let called;
		const page = await this.later(() => {
			called = this.call(op, input, options);
			return called.start(THREAD);
		}, signal);
		return called.made(page);
	}
	// One after the other. A signal calls off what waits, and what is at work at the next occasion.
	async later(start, signal, stop = new Int32Array(1)) {
		const before = this.turn;
		let done;
		this.turn = new Promise((resolve) => { done = resolve; });
		const abort = () => {
			stop[0] = 1;
			native.cancelWork(NOW, this.session);
		};
		try {
			await before;
			signal?.throwIfAborted();
			const running = start();
			signal?.addEventListener('abort', abort);
			const value = await running;
			if (failed(value)) signal?.throwIfAborted();
			return checked(value);
		} finally {
			done();
			signal?.removeEventListener('abort', abort);
		}
	}
	// What the function of progress throws comes out of the call; `false` stops the work.
	work(mode, name, parameters, given = {}) {
		const { signal, ...options } = only(given, ...workOptions,
			...(mode === NOW ? [] : ['signal']));
		const stop = new Int32Array(1);
		let thrown;
		const progress = options.progress && ((...numbers) => {
			try {
				if (options.progress(...numbers) === false) stop[0] = 1;
			} catch (error) {
				thrown ??= { error };
				stop[0] = 1;
			}
		});
		const start = () => native[name](mode, ...works[name][1](this, [stop, progress], options,
			...parameters));
		const failing = (error) => { throw thrown ? thrown.error : error; };
		if (mode !== NOW) return this.later(start, signal, stop).then(finished).catch(failing);
		if (writing.includes(name) || this.inMemory) this.mayWait();
		const value = start();
		return failed(value) ? failing(errorOf(value)) : finished(value);
	}
	// New records of an operation that waits, one by one, for ever: in a session of its own, and
	// without keeping the process from ending unless `ref` is set.
	async* follow(op, query, { signal, codes, ref } = {}) {
		const own = this.beside();
		this.following.add(own);
		try {
			const pages = own.pagesOf([op.number, program(op.input, query), codes ? CODES : 0]);
			const next = () => native.next(ref ? THREAD : IDLE, own.session, pages);
			for (;;) {
				const page = await own.later(next, signal).catch((error) => {
					if (this.following.has(own)) throw error;
				});
				if (!page) return; // closed with its inventory
				yield* answer(page, op.output).records;
			}
		} finally {
			this.following.delete(own);
			own.close();
		}
	}
	transact(mode, which) { return native.transact(mode, this.session, which); }
	begin() {
		this.mayWait();
		checked(this.transact(NOW, BEGIN));
	}
	// In a session of its own, which `body` is given: calls of others beside it are no part of it.
	async transaction(body) {
		if (typeof body !== 'function') throw misuse('a transaction takes a function');
		if (this.open.has(this)) throw misuse('a transaction holds no other one');
		const own = this.beside();
		const step = (which) => own.later(() => own.transact(THREAD, which));
		this.open.add(own);
		try {
			await step(BEGIN);
			const value = await body(own);
			await step(COMMIT);
			return value;
		} catch (error) {
			await step(ROLL_BACK).catch(() => undefined); // over already; what failed is the news
			throw error;
		} finally {
			this.open.delete(own);
			own.close();
		}
	}
	close() {
		for (const own of this.following) own.close();
		this.following.clear();
		native.close(NOW, this.session);
		if (this.owned) native.close(NOW, this.store);
	}
}

module.exports = { Core, NOW, THREAD, COMMIT, ROLL_BACK, works, only, plain, storeOptions,
	sessionOptions, target };
