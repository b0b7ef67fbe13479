// SPDX-License-Identifier: MIT
// What a program holds: an Inventory with a noun for each plural of the description, and a verb for
// each of its operations. Every verb is there twice: at once, and under `async` as a promise.
'use strict';
const { native, description } = require('./native.js');
const { checked, misuse } = require('./errors.js');
const {
	Core, NOW, THREAD, COMMIT, ROLL_BACK, works, only, fits, storeOptions, sessionOptions, target,
} = require('./core.js');

const { LISTS, WAITS } = description.op_flags;
const dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');
const asyncDispose = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');

function verb(core, op, mode) {
	if (mode === NOW)
		return (input, options) => core.now(op, input, options && only(options, 'key', 'codes'));
	return (input, options = {}) => {
		const promise = core.promise(op, input, only(options, 'key', 'codes', 'signal'));
		if (op.flags & LISTS)
			promise[Symbol.asyncIterator] = async function* records() { yield* await promise; };
		return promise;
	};
}

function noun(core, name, mode) {
	const ops = description.ops.filter((op) => op.noun === name);
	const waits = ops.find((op) => op.flags & WAITS);
	const follow = (query, options = {}) => core.follow(waits, query,
		only(options, 'codes', 'signal', 'ref'));
	const made = waits ? follow : {};
	for (const op of ops)
		Object.defineProperty(made, op.method, { value: verb(core, op, mode), enumerable: true });
	return made;
}

function furnish(on, core, mode) {
	for (const name of new Set(description.ops.map((op) => op.noun))) {
		let made;
		const get = () => (made ??= noun(core, name, mode));
		Object.defineProperty(on, name, { get, enumerable: true });
	}
	for (const [name, [count]] of Object.entries(works))
		on[name] = (...args) => core.work(mode, name, args.slice(0, count), args[count]);
}

class AsyncInventory {
	#core;
	constructor(core) {
		this.#core = core;
		furnish(this, core, THREAD);
	}
	transaction(body) {
		return this.#core.transaction(typeof body === 'function'
			? (own) => body(new Inventory(own)) : body);
	}
}

class Transaction {
	#core;
	#open = true;
	constructor(core) {
		this.#core = core;
		core.begin();
	}
	commit() {
		this.#open = false;
		checked(this.#core.transact(NOW, COMMIT));
	}
	rollback() {
		this.#open = false;
		checked(this.#core.transact(NOW, ROLL_BACK));
	}
	[dispose]() { if (this.#open) this.rollback(); }
}

class Inventory {
	#core;
	constructor(core) {
		this.#core = core;
		this.async = new AsyncInventory(core);
		furnish(this, core, NOW);
	}
	// Another session on the same store: for another actor, or for calls beside this one's.
	session(options = {}) {
		return new Inventory(this.#core.beside(only(options, ...sessionOptions.keys())));
	}
	begin() { return new Transaction(this.#core); }
	transaction(body) {
		const core = this.#core;
		core.begin();
		try {
			const value = body();
			if (typeof value?.then === 'function')
				throw misuse('what waits for promises takes async.transaction()');
			checked(core.transact(NOW, COMMIT));
			return value;
		} catch (error) {
			core.transact(NOW, ROLL_BACK); // refused when it is over; what failed is the news
			throw error;
		}
	}
	requestId(text) {
		checked(native.requestId(NOW, this.#core.session, fits('requestId', text)));
		this.#core.options.requestId = text; // of its transactions, too
	}
	// Calls off the promise that is at work, where it waits; when none is, nothing.
	cancel() { checked(native.cancel(NOW, this.#core.session)); }
	close() { this.#core.close(); }
	[dispose]() { this.close(); }
	async [asyncDispose]() {
		await this.#core.turn;
		this.close();
	}
}

function made(store, url, options) {
	try {
		// In memory, also reads wait for who writes.
		return new Inventory(Object.assign(new Core(checked(store), { ...options }, true),
			{ inMemory: url === ':memory:' }));
	} catch (error) {
		native.close(NOW, store);
		throw error;
	}
}
const given = (url, options) => target(url, only(options, ...storeOptions.keys(),
	...sessionOptions.keys(), 'drivers'));
const open = (url, options = {}) => made(native.openStore(NOW, ...given(url, options)),
	url, options);
const openAsync = async (url, options = {}) => made(
	await native.openStore(THREAD, ...given(url, options)), url, options);

module.exports = { open, openAsync, Inventory };
