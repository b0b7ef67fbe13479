// SPDX-License-Identifier: MIT
// Objects to programs: texts that the native half sets an input's fields by (see src/values.c).
'use strict';
const { description, camel, snake } = require('./native.js');
const { invalid, unknown } = require('./errors.js');
const { Record } = require('./record.js');

const [FS, GS, RS, US] = ['\x1c', '\x1d', '\x1e', '\x1f'];
const SEPARATORS = /[\x00\x1c-\x1f]/;
const NOTHING = `${FS}0${US}`; // an empty list

const names = description.records.map(({ fields }) => {
	const known = new Map();
	fields.forEach((field, number) => {
		if (field.flags & description.field_flags.HIDDEN) return;
		known.set(camel(field.name), { field, number });
		if (field.kind === 'REF')
			known.set(camel(`${field.name}_code`), { field, number: -1 - number });
	});
	return known;
});

function shown(value) {
	if (value === null) return 'null';
	if (value instanceof Date || Array.isArray(value)) return `a ${value.constructor.name}`;
	if (value instanceof Record) return 'a record that was answered';
	return typeof value === 'object' ? 'an object' : `the ${typeof value} ${String(value)}`;
}
const wrong = (at, wanted, value) => invalid(`\`${at}\` takes ${wanted}, not ${shown(value)}`, at);

// What is of the type is taken; anything else is told what would be.
const typed = (is, wanted, take = (value) => value) => (at, value) => {
	if (!is(value)) throw wrong(at, wanted, value);
	return take(value);
};
// Half of a surrogate pair has no UTF-8.
const isText = (value) => typeof value === 'string' && value.isWellFormed();
const text = typed(isText, 'a string');
const array = typed(Array.isArray, 'an array');
const isInteger = (value) => Number.isSafeInteger(value) || typeof value === 'bigint';
const integer = typed((value) => isInteger(value) || isText(value),
	'a whole number up to 2 ** 53 or a bigint', String);

// Of what decimal.js, big.js and bignumber.js make, toFixed() writes all digits and no exponent.
function decimal(at, value) {
	if (typeof value === 'number')
		throw invalid(`\`${at}\` takes a decimal as a string, not the number ${value}, which is ` +
			`binary: write '${value}'`, at);
	if (typeof value?.toFixed === 'function') return value.toFixed();
	if (!isText(value) && typeof value !== 'bigint')
		throw wrong(at, "a decimal as a string such as '2.55'", value);
	return String(value);
}

function instant(at, value) {
	if (isText(value)) return value;
	if (!(value instanceof Date))
		throw wrong(at, 'a Date or a string such as 2024-02-29T12:00:00Z', value);
	if (Number.isNaN(value.getTime())) throw invalid(`\`${at}\` is no valid Date`, at);
	return value.toISOString();
}

// Texts that name fields: of a filter those before an operator, of a sort all. Values stay.
const CONDITION = /(\w+)(\s*(?:[!<>^]=|[=<>])\s*)("(?:\\.|[^"\\])*"|\S*)/g;
const described = (value) => (/[=<>]/.test(value)
	? value.replace(CONDITION, (_, name, operator, rest) => snake(name) + operator + rest)
	: snake(value));

const each = (at, value, make) => array(at, value).map((one, i) => make(`${at}[${i}]`, one));

const writers = {
	BOOL: typed((value) => typeof value === 'boolean', 'true or false', String),
	ENUM: text,
	DATE: typed(isText, 'a string such as 2024-02-29'),
	INT: integer,
	QUANTITY: (at, value) => (Number.isSafeInteger(value) ? String(value) : decimal(at, value)),
	MONEY: decimal,
	RATIO: decimal,
	INSTANT: instant,
	ID: text,
	REF: typed(isText, 'an id or a code as a string'),
	TEXT: (at, value, field) => (field.flags & description.field_flags.NAMES
		? described(text(at, value)) : text(at, value)),
	CODE: text,
	JSON: (at, value) => JSON.stringify(value),
	BYTES: typed((value) => value instanceof Uint8Array, 'a Uint8Array',
		(value) => Buffer.from(value).toString('base64')),
	STRINGS: (at, value) => JSON.stringify(each(at, value, text)),
	LIST: (at, value, field) => FS + counted(each(at, value,
		(where, one) => record(field.of, one, where))),
};

const counted = (records) => `${records.length}${US}${records.join('')}`;

// null is a field's default; undefined leaves it out.
function record(number, input, path) {
	let out = '';
	if (input === null || typeof input !== 'object' || Array.isArray(input))
		throw wrong(path || 'input', 'an object', input);
	// Its fields are not its own, and what is answered is more than what may be given.
	if (input instanceof Record)
		throw wrong(path || 'input', 'an object with the fields to give, such as ' +
			'{ id: record.id } or some of toObject()', input);
	for (const name of Object.keys(input)) {
		const known = names[number].get(name);
		const value = input[name];
		const at = path ? `${path}.${name}` : name;
		if (!known) throw unknown('field', name, names[number].keys(), at);
		if (value === undefined) continue;
		const { kind } = known.field;
		const written = value === null ? '' : writers[kind](at, value, known.field);
		if (kind !== 'LIST' && SEPARATORS.test(written))
			throw invalid(`\`${at}\` holds a control character`, at);
		out += `${known.number}${US}${value === null && kind === 'LIST' ? NOTHING : written}${RS}`;
	}
	return out + GS;
}

// The program of an input: of one record, or of several for a batch.
function program(number, input = {}) {
	if (!Array.isArray(input)) return `1${US}${record(number, input, '')}`;
	return counted(input.map((one, index) => {
		try {
			return record(number, one, '');
		} catch (error) {
			throw Object.assign(error, { index });
		}
	}));
}

module.exports = { program, RS, US, SEPARATORS };
