// SPDX-License-Identifier: MIT
// What stands behind an Inventory: its handles, how calls run at once or in turn, lists, the feed.
'use strict';
const { native, description, camel, snake } = require('./native.js');
const { checked, failed, errorOf, invalid, misuse, unknown } = require('./errors.js');
const { program, RS, US, SEPARATORS } = require('./input.js');
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

// Options of the library's structs, by name; and those of this package. What values they take,
// where C would make something of anything.
const struct = (name) => new Map(description.structs.find((one) => one.name === name).fields
	.map((member) => [camel(member.name), member.kind]));
const storeOptions = struct('store_options');
const sessionOptions = struct('session_options');
const importOptions = struct('import_options');
const yesOrNo = [(value) => typeof value === 'boolean', 'true or false'];
const kinds = { BOOL: yesOrNo, INT: [(value) => typeof value === 'number', 'a whole number'] };
const text = [(value) => typeof value === 'string' && value.isWellFormed() &&
	!SEPARATORS.test(value), 'a string without control characters'];
const forms = {
	codes: yesOrNo, ref: yesOrNo, key: text,
	drivers: [Array.isArray, 'an array of drivers, such as [postgres()]'],
	progress: [(value) => typeof value === 'function', 'a function'],
	signal: [(value) => typeof value?.throwIfAborted === 'function' &&
		typeof value.addEventListener === 'function',
	'an AbortSignal, such as AbortSignal.timeout(1000) or the `signal` of an AbortController'],
};
for (const [name, kind] of [...storeOptions, ...sessionOptions, ...importOptions])
	forms[name] = kinds[kind] ?? text;

function fits(name, value, [takes, wanted] = text) {
	if (!takes(value)) throw invalid(`\`${name}\` takes ${wanted}`, name);
	return value;
}
function only(options, ...known) {
	if (options === null || typeof options !== 'object')
		throw invalid('options are an object, such as { key: \'order-7\' }', 'options');
	for (const [name, value] of Object.entries(options)) {
		if (!known.includes(name)) throw unknown('option', name, known);
		if (forms[name] && value !== undefined) fits(name, value, forms[name]);
	}
	return options;
}
// Those that a struct has, as the native half takes them.
const written = (names, options) => [...names.keys()]
	.filter((name) => options[name] !== undefined)
	.map((name) => `${snake(name)}${US}${options[name]}${RS}`).join('');

function target(url, options) {
	if (!url) throw misuse("the URL of a store is a string such as 'shop.db'");
	return [fits('url', url), written(storeOptions, options), options.drivers ?? []];
}
const openSession = (store, options) => checked(
	native.openSession(NOW, store, written(sessionOptions, options)));

// Work that is no operation: how many parameters stand in front of its options, and the arguments
// of the native function of the same name. `control` stops it and is told of its progress.
const works = {
	info: [0, ({ store }) => [store]],
	stateHash: [0, ({ store }) => [store]],
	verify: [0, ({ store }, control) => [store, ...control]],
	rebuild: [0, ({ store }, control) => [store, ...control]],
	backup: [1, ({ store }, control, options, path) => [store, ...control, fits('path', path)]],
	copy: [1, ({ store }, control, options, url) => [store, ...control, ...target(url, options)]],
	importCsv: [2, ({ session }, control, options, name, path) => [session, ...control,
		operation(name).number, fits('path', path), written(importOptions, options)]],
	exportCsv: [2, ({ session }, control, { query }, name, path) => [
		session, ...control, operation(name).number, fits('path', path),
		program(operation(name).input, query)]],
};
const writing = ['rebuild', 'importCsv'];
const workOptions = [...storeOptions.keys(), ...importOptions.keys(), 'drivers', 'progress',
	'query'];
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
		const given = [op.number, program(op.input, input), key ?? '', codes ? CODES : 0];
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
			native.cancel(NOW, this.session);
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

module.exports = { Core, NOW, THREAD, COMMIT, ROLL_BACK, works, only, fits, storeOptions,
	sessionOptions, target };
