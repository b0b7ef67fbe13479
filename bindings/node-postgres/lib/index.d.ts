// SPDX-License-Identifier: MIT
import type { Driver } from 'inventra';

/** The PostgreSQL driver: `open('postgresql://…', { drivers: [postgres()] })`. */
export function postgres(): Driver;
