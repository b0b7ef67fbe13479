// SPDX-License-Identifier: MIT
// The shared cases (tests/cases/README.md), called as a Node program does: names in camel case,
// answers as records.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { description, camel } = require('../lib/native.js');
const { inventra, source, storeUrl, drivers } = require('./support.js');

const folder = path.join(source, 'tests/cases');
const operations = new Map(description.ops.map((op) => [op.name, op]));

function fill(value, kept) {
	if (typeof value === 'string' && value.startsWith('$')) {
		assert.ok(kept.has(value.slice(1)), `${value} was not kept`);
		return kept.get(value.slice(1));
	}
	if (Array.isArray(value)) return value.map((one) => fill(one, kept));
	if (value === null || typeof value !== 'object') return value;
	if (value.$repeat && 'text' in value) return value.text.repeat(value.$repeat);
	if (value.$repeat) return Array(value.$repeat).fill(fill(value.of, kept));
	return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, fill(one, kept)]));
}

// An input as its record's fields are called here; what is inside a JSON field stays as it is.
function spell(record, input) {
	if (Array.isArray(input)) return input.map((one) => spell(record, one));
	return Object.fromEntries(Object.entries(input).map(([name, value]) => {
		const field = description.records[record].fields.find((one) => one.name === name);
		return [camel(name), field?.kind === 'LIST' ? spell(field.of, value) : value];
	}));
}

function instantText(record, name) {
	const micros = inventra.microseconds(record, name);
	const fraction = String(micros % 1000000n).padStart(6, '0').replace(/0+$/, '');
	return new Date(Number(micros / 1000n)).toISOString().replace(/\.\d+Z$/,
		`${fraction && '.'}${fraction}Z`);
}

// A record in the form of JSON.
function wire(number, record) {
	const out = {};
	for (const field of description.records[number].fields) {
		const name = camel(field.name);
		const value = record[name];
		if (field.kind === 'REF') out[`${field.name}_code`] = record[camel(`${field.name}_code`)];
		if (field.kind === 'INSTANT' && value) out[field.name] = instantText(record, name);
		else if (field.kind === 'LIST') out[field.name] = (value ?? []).map((one) =>
			wire(field.of, one));
		else if (field.kind === 'BYTES') out[field.name] = Buffer.from(value).toString('base64');
		else out[field.name] = value;
	}
	return out;
}

const isDefault = (value) => value === undefined || value === null || value === false ||
	value === 0 ||
	value === '' || value === '0' || (Array.isArray(value) && value.length === 0);

function part(expected, actual, at) {
	if (expected === null) {
		assert.ok(isDefault(actual), `${at} is ${JSON.stringify(actual)}`);
	} else if (Array.isArray(expected)) {
		assert.strictEqual(actual?.length, expected.length, `${at}: its length`);
		expected.forEach((one, i) => part(one, actual[i], `${at}[${i}]`));
	} else if (typeof expected === 'object') {
		for (const [name, one] of Object.entries(expected)) part(one, actual?.[name],
			`${at}.${name}`);
	} else {
		assert.strictEqual(actual, expected, at);
	}
}

class Run {
	kept = new Map();
	url = storeUrl(`case-${Run.count++}.db`);
	static count = 0;
	open(options) {
		this.inv?.close();
		this.inv = inventra.open(this.url, { actor: 'tester', drivers: drivers(), ...options });
		this.session = this.inv;
	}
	// The answer in the form of JSON; undefined for what is no operation.
	take(step) {
		if (step.op) return this.call(step);
		if (step.transaction === 'begin') this.transaction = this.session.begin();
		else if (step.transaction) (this.transaction ?? assert.fail('begin first'))[
			step.transaction]();
		else if (step.session) this.session = this.inv.session({ actor: 'tester',
			...this.options(step.session) });
		else if (step.store?.url) inventra.open(step.store.url, { drivers: drivers() }).close();
		else if (step.store) this.open(this.options(step.store));
		else if (step.cancel) this.cancels = true;
		else if (step.pause_ms) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0,
			step.pause_ms);
		else assert.fail('the step does nothing');
		return undefined;
	}
	options(given) {
		const { no_create: noCreate, ...others } = given;
		return { ...Object.fromEntries(Object.entries(others).map(([name, value]) =>
			[camel(name), value])),
			...(noCreate && { create: false }) };
	}
	call(step) {
		const op = operations.get(step.op);
		const input = step.input && spell(op.input, fill(step.input, this.kept));
		const options = { codes: step.codes ?? false, ...(step.key &&
			{ key: fill(step.key, this.kept) }) };
		const verb = (on) => on[camel(op.plural)][camel(op.verb)](input, options);
		if (this.cancels) return this.calledOff(() => verb(this.session.async));
		const answer = verb(this.session);
		if (answer.items) return { items: answer.items.map((one) => wire(op.output, one)),
			cursor: answer.cursor };
		assert.strictEqual(inventra.isReplayed(answer), step.replayed ?? false, 'replayed');
		return Array.isArray(answer) ? answer.map((one) => wire(op.output, one)) : wire(op.output,
			answer);
	}
	// Here it is what is at work that is cancelled, which is a promise.
	async calledOff(call) {
		this.cancels = false;
		const promise = call();
		setImmediate(() => this.session.cancel());
		return promise;
	}
	async step(step) {
		if (step.error) {
			await assert.rejects(async () => this.take(step),
				(error) => this.refused(step.error, error));
			return;
		}
		const answer = await this.take(step);
		if ('answer' in step) part(fill(step.answer, this.kept), answer, 'answer');
		for (const [name, at] of Object.entries(step.keep ?? {})) {
			const value = at.split(/[.[\]]+/).filter(Boolean).reduce((found, key) => found[key],
				answer);
			assert.notStrictEqual(value, undefined, `nothing to keep at ${at}`);
			this.kept.set(name, value);
		}
	}
	refused(expected, error) {
		if (!(error instanceof inventra.InventraError)) throw error;
		assert.strictEqual(error.code, expected.status, error.message);
		if (expected.field) assert.strictEqual(error.field, camel(expected.field));
		if ('index' in expected) assert.strictEqual(error.index, expected.index);
		if (expected.message) assert.ok(error.message.includes(expected.message), error.message);
		if (expected.details) assert.deepStrictEqual(error.details.map((one) => one.field),
			expected.details.map(camel));
		return true;
	}
}

async function runCase(one) {
	const run = new Run();
	run.open({});
	try {
		for (const [i, step] of one.steps.entries()) {
			await run.step(step).catch((error) => {
				throw new Error(`step ${i + 1} ${step.op ?? ''}: ${error.message}`,
					{ cause: error });
			});
		}
	} finally {
		run.inv.close();
	}
}

for (const name of fs.readdirSync(folder).filter((one) => one.endsWith('.json') &&
	one !== 'coverage.json'))
	for (const one of JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8')).cases)
		test(`${name}: ${one.name}`, () => runCase(one));

test('a wrong expectation is seen', async () => {
	const create = { op: 'product.create', input: { sku: 'A', name: 'A' } };
	const get = { op: 'product.get', input: { ref: 'A' } };
	const planted = (step) => assert.rejects(runCase({ steps: [create, { ...get, ...step }] }),
		/step 2/);
	await runCase({ steps: [create, { ...get, answer: { sku: 'A', description: null } }] });
	await planted({ answer: { sku: 'B' } });
	await planted({ answer: { version: null } });
	await planted({ answer: [{ sku: 'A' }] });
	await planted({ replayed: true });
	await planted({ error: { status: 'NOT_FOUND' } });
	await planted({ input: { ref: 'B' } });
	await planted({ input: { ref: 'B' }, error: { status: 'STATE' } });
	await planted({ input: { ref: 'B' }, error: { status: 'NOT_FOUND', field: 'sku' } });
	await planted({ keep: { a: 'nothing' } });
});
