// SPDX-License-Identifier: MIT
// Answers: records whose fields are read out of the flat result (inventra/flat.h) when they are
// asked for. A record keeps its whole page in memory; toObject() makes a plain copy.
'use strict';
const { inspect } = require('node:util');
const { description, camel } = require('./native.js');
const { unknown } = require('./errors.js');

const HEADER = 32; // bytes of inv_flat_header
const CURSOR = 16; // in it
const CODE = 16; // in inv_ref, behind the id
const TEXT = 16; // bytes of inv_str
const NO_ID = '0'.repeat(32);
const { HIDDEN, INPUT } = description.field_flags;

// Offsets and lengths are below 2 ** 31.
class Flat {
	#bytes;
	constructor(buffer) {
		this.buffer = buffer;
		this.words = new Int32Array(buffer);
	}
	// Not every reader asks for text.
	get bytes() { return (this.#bytes ??= Buffer.from(this.buffer)); }
	get replayed() { return this.words[2] !== 0; }
	part(at) {
		const from = this.words[at >> 2];
		return [from, from + this.words[(at >> 2) + 2]];
	}
	text(at) {
		const from = this.words[at >> 2];
		const size = this.words[(at >> 2) + 2];
		return size === 0 ? '' : this.bytes.toString('utf8', from, from + size);
	}
	number(at) {
		const low = this.words[at >> 2] >>> 0;
		const high = this.words[(at >> 2) + 1];
		const value = high * 4294967296 + low;
		return Number.isSafeInteger(value) ? value : (BigInt(high) << 32n) + BigInt(low);
	}
	decimal(at, digits) {
		const value = this.number(at);
		if (value === 0) return '0';
		const text = String(value < 0 ? -value : value).padStart(digits + 1, '0');
		const point = text.length - digits;
		const part = text.slice(point).replace(/0+$/, '');
		return `${value < 0 ? '-' : ''}${text.slice(0, point)}${part && '.'}${part}`;
	}
	id(at) {
		const hex = this.bytes.toString('hex', at, at + 16);
		if (hex === NO_ID) return null;
		return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
	}
	list(at, size, make) {
		const from = this.words[at >> 2];
		return Array.from({ length: this.words[(at >> 2) + 2] }, (_, i) => make(from + i * size));
	}
}

const readers = {
	BOOL: (flat, at) => flat.words[at >> 2] !== 0,
	ENUM: (flat, at, field) => description.enums[field.of].values[flat.words[at >> 2]],
	DATE: (flat, at) => (flat.words[at >> 2] === 0 ? null
		: new Date(flat.words[at >> 2] * 86400000).toISOString().slice(0, 10)),
	INT: (flat, at) => flat.number(at),
	QUANTITY: (flat, at) => flat.decimal(at, 6),
	MONEY: (flat, at) => flat.decimal(at, 4),
	RATIO: (flat, at) => flat.decimal(at, 6),
	INSTANT: (flat, at) => (flat.number(at) === 0 ? null
		: new Date(Math.floor(Number(flat.number(at)) / 1000))),
	ID: (flat, at) => flat.id(at),
	REF: (flat, at) => flat.id(at),
	TEXT: (flat, at) => flat.text(at),
	CODE: (flat, at) => flat.text(at),
	JSON: (flat, at) => JSON.parse(flat.text(at) || 'null'),
	BYTES: (flat, at) => new Uint8Array(flat.bytes.subarray(...flat.part(at))),
	STRINGS: (flat, at) => flat.list(at, TEXT, (where) => flat.text(where)),
	LIST: (flat, at, field) => flat.list(at, description.records[field.of].size,
		(where) => new classes[field.of](flat, where)),
};
const codeOf = (flat, at) => flat.text(at + CODE) || null;

const plain = (value) => {
	if (Array.isArray(value)) return value.map(plain);
	return value instanceof Record ? value.toObject() : value;
};

class Record {
	#flat;
	#at;
	constructor(flat, at) {
		this.#flat = flat;
		this.#at = at;
	}
	static read(record, field, reader) {
		return reader(record.#flat, record.#at + field.offset, field);
	}
	static replayed(record) { return record.#flat.replayed; }
	toObject() {
		const names = [...this.constructor.fields.keys()];
		return Object.fromEntries(names.map((name) => [name, plain(this[name])]));
	}
	toJSON() {
		return Object.fromEntries(Object.entries(this.toObject()).map(([name, value]) => [name,
			typeof value === 'bigint' ? String(value) : value]));
	}
	[inspect.custom](depth, options) {
		return `${this.constructor.name} ${inspect(this.toObject(), options)}`;
	}
}

const classes = description.records.map((record) => {
	const name = camel(`_${record.name}`);
	const made = { [name]: class extends Record { static fields = new Map(); } }[name];
	const define = (property, field, reader) => {
		made.fields.set(property, field);
		Object.defineProperty(made.prototype, property, {
			get() { return Record.read(this, field, reader); },
			enumerable: true,
		});
	};
	for (const field of record.fields) {
		if (field.flags & (HIDDEN | INPUT)) continue;
		define(camel(field.name), field, readers[field.kind]);
		if (field.kind === 'REF') define(camel(`${field.name}_code`), field, codeOf);
	}
	return made;
});

// All records of an answer, and the cursor of the next page.
function answer(buffer, record) {
	const flat = new Flat(buffer);
	const { size } = description.records[record];
	const Class = classes[record];
	const records = [];
	for (let i = 0; i < flat.words[0]; i++) records.push(new Class(flat, HEADER + i * size));
	return { records, cursor: flat.text(CURSOR) };
}

// An instant to the microsecond: how many since 1970, as a bigint.
function microseconds(record, name) {
	const field = record.constructor.fields?.get(name);
	if (field?.kind !== 'INSTANT')
		throw unknown('instant', name, record.constructor.fields?.keys() ?? []);
	return BigInt(Record.read(record, field, readers.INT));
}

// Was the answer given before, to the same key?
function isReplayed(given) {
	const [first] = Array.isArray(given) ? given : [given];
	return first instanceof Record && Record.replayed(first);
}

module.exports = { answer, microseconds, isReplayed };
