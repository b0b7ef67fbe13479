// SPDX-License-Identifier: MIT
'use strict';
const { description } = require('./native.js');
const { classes } = require('./errors.js');
const { microseconds, isReplayed } = require('./record.js');
const { open, openAsync, Inventory } = require('./inventory.js');

module.exports = { open, openAsync, Inventory, microseconds, isReplayed,
	version: description.version, ...classes };
