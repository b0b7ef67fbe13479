// SPDX-License-Identifier: MIT
// A class for each status of the description, and the one above them.
'use strict';
const { description, camel } = require('./native.js');

// What the library names by its description is written as it is in JavaScript.
const spelled = (message) => message.replace(/`([a-z0-9_.[\]]+)`/g,
	(_, name) => `\`${camel(name)}\``);
const byNumber = new Map(description.statuses.map((status) => [status.number, status]));
const numberOf = (name) => description.statuses.find((status) => status.name === name).number;

class InventraError extends Error {
	constructor({ status, message, field, index = -1, native_code: nativeCode, line,
		details = [] }) {
		super(spelled(message));
		this.code = byNumber.get(status).name;
		this.retryable = byNumber.get(status).retryable;
		this.field = field ? camel(field) : undefined;
		this.index = index < 0 ? undefined : index;
		this.details = details.map((one) => ({
			code: byNumber.get(one.status).name,
			field: camel(one.field),
			message: spelled(one.message),
		}));
		if (nativeCode) this.nativeCode = nativeCode;
		if (line) this.line = line;
	}
}

const classes = { InventraError };
for (const status of description.statuses.filter((one) => one.number < 0)) {
	const name = status.class;
	classes[name] = { [name]: class extends InventraError {} }[name];
	Object.defineProperty(classes[name].prototype, 'name', { value: name });
}

const errorOf = (found) => new classes[byNumber.get(found.status).class](found);
const invalid = (message, field) => errorOf({ status: numberOf('INVALID'), message, field });
const misuse = (message) => errorOf({ status: numberOf('MISUSE'), message });
const failed = (answer) => Boolean(answer?.details) && answer.status < 0;
// What the native half answers: a value, or what went wrong.
const checked = (answer) => {
	if (failed(answer)) throw errorOf(answer);
	return answer;
};

// How many letters have to change to make one name of the other.
function distance(name, other) {
	let row = Array.from({ length: other.length + 1 }, (_, i) => i);
	for (let i = 1; i <= name.length; i++) {
		const next = [i];
		for (let j = 1; j <= other.length; j++)
			next[j] = Math.min(row[j] + 1, next[j - 1] + 1,
				row[j - 1] + (name[i - 1] !== other[j - 1]));
		row = next;
	}
	return row[other.length];
}

function unknown(what, name, names, field) {
	const far = Math.max(2, name.length / 3);
	const sized = (other) => [distance(name.toLowerCase(), other.toLowerCase()), other];
	const [near] = [...names].map(sized).filter(([size]) => size <= far).sort(([a], [b]) => a - b);
	const hint = near ? `; did you mean \`${near[1]}\`?` : '';
	return invalid(`there is no ${what} \`${name}\`${hint}`, field);
}

module.exports = { classes, errorOf, invalid, misuse, failed, checked, unknown };
