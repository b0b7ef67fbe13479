// SPDX-License-Identifier: MIT
// Answers: records whose fields are read out of the flat result (inventra/flat.h) when they are
// asked for. A record keeps its whole page in memory; toObject() makes a plain copy.
'use strict';
const { inspect } = require('node:util');
const { description, camel } = require('./native.js');
const { unknown } = require('./errors.js');

const HEADER = 32; // bytes of inv_flat_header
const REPLAYED = 8; // in it
const CURSOR = 16;
const CODE = 16; // in inv_ref, behind the id
const TEXT = 16; // bytes of inv_str
const NO_ID = '\0'.repeat(16);
const { HIDDEN, INPUT } = description.field_flags;
const HEX = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));

// A flat result is a string of bytes. Offsets and lengths are below 2 ** 31.
const int = (flat, at) => flat.charCodeAt(at) | (flat.charCodeAt(at + 1) << 8) |
	(flat.charCodeAt(at + 2) << 16) | (flat.charCodeAt(at + 3) << 24);

function number(flat, at) {
	const low = int(flat, at) >>> 0;
	const high = int(flat, at + 4);
	const value = high * 4294967296 + low;
	return Number.isSafeInteger(value) ? value : (BigInt(high) << 32n) + BigInt(low);
}

const part = (flat, at) => flat.slice(int(flat, at), int(flat, at) + int(flat, at + 8));
const bytes = (flat, at) => Buffer.from(part(flat, at), 'latin1');

// A copy: a slice of a long string would keep all of it.
function text(flat, at) {
	const found = part(flat, at);
	if (found === '') return found;
	if (/[\x80-\xff]/.test(found)) return bytes(flat, at).toString('utf8');
	return found.length < 13 ? found : ` ${found}`.slice(1);
}

function decimal(flat, at, digits) {
	const value = number(flat, at);
	const one = 10 ** digits;
	if (typeof value === 'number' && value % one === 0) return String(value / one);
	const all = String(value < 0 ? -value : value).padStart(digits + 1, '0');
	const fraction = all.slice(-digits).replace(/0+$/, '');
	return `${value < 0 ? '-' : ''}${all.slice(0, -digits)}${fraction && '.'}${fraction}`;
}

function id(flat, at) {
	let made = '';
	if (flat.startsWith(NO_ID, at)) return null;
	for (let i = 0; i < 16; i++) {
		if (i === 4 || i === 6 || i === 8 || i === 10) made += '-';
		made += HEX[flat.charCodeAt(at + i)];
	}
	return made;
}

const list = (flat, at, size, make) => Array.from({ length: int(flat, at + 8) },
	(_, i) => make(int(flat, at) + i * size));
const millis = (flat, at) => Math.floor(Number(number(flat, at)) / 1000);
const day = (days) => new Date(days * 86400000).toISOString().slice(0, 10);

const readers = {
	BOOL: (flat, at) => int(flat, at) !== 0,
	ENUM: (flat, at, field) => description.enums[field.of].values[int(flat, at)],
	DATE: (flat, at) => (int(flat, at) === 0 ? null : day(int(flat, at))),
	INT: number,
	QUANTITY: (flat, at) => decimal(flat, at, 6),
	MONEY: (flat, at) => decimal(flat, at, 4),
	RATIO: (flat, at) => decimal(flat, at, 6),
	INSTANT: (flat, at) => (number(flat, at) === 0 ? null : new Date(millis(flat, at))),
	ID: id,
	REF: id,
	TEXT: text,
	CODE: text,
	JSON: (flat, at) => JSON.parse(text(flat, at) || 'null'),
	BYTES: (flat, at) => new Uint8Array(bytes(flat, at)),
	STRINGS: (flat, at) => list(flat, at, TEXT, (where) => text(flat, where)),
	LIST: (flat, at, field) => list(flat, at, description.records[field.of].size,
		(where) => new classes[field.of](flat, where)),
};
const codeOf = (flat, at) => text(flat, at + CODE) || null;

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
	static replayed(record) { return int(record.#flat, REPLAYED) !== 0; }
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
function answer(flat, record) {
	const { size } = description.records[record];
	const Class = classes[record];
	const records = [];
	for (let i = 0; i < int(flat, 0); i++) records.push(new Class(flat, HEADER + i * size));
	return { records, cursor: text(flat, CURSOR) };
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

module.exports = { Record, answer, microseconds, isReplayed };
