// SPDX-License-Identifier: MIT
import adapter from './index.js';

export const { postgres } = adapter;
