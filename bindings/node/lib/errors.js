// SPDX-License-Identifier: MIT
// A class for each status of the description, and the one above them.
'use strict';
const { native, description, camel } = require('./native.js');

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

function unknown(what, name, names, field) {
	const near = native.nearest(0, name, [...names].join('\n'));
	const hint = near && `; did you mean \`${near}\`?`;
	return invalid(`there is no ${what} \`${name}\`${hint}`, field);
}

module.exports = { classes, errorOf, invalid, misuse, failed, checked, unknown };
