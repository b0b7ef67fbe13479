// SPDX-License-Identifier: MIT
import type {
	AsyncNouns, Code, CopyReport, ImportOptions, ImportReport as Imported, ListOperation, Nouns,
	SessionOptions, StoreInfo, StoreOptions as PlaceOptions, VerifyReport, WriteOperation,
} from './described';

export * from './described';

/** A decimal: a string such as '2.55', or what decimal.js, big.js and bignumber.js make. */
export type Decimal = string | bigint | (object & { toFixed(): string });
/** A quantity: a decimal, or a whole number. */
export type Quantity = Decimal | number;

/** A record. Its fields are read when they are asked for. */
export interface Answer<T> {
	/** A plain object with all fields. */
	toObject(): { [K in keyof T as T[K] extends () => unknown ? never : K]: T[K] };
	toJSON(): object;
}

/** The first page of a list; by iteration, as often as it is done, all records, page after page. */
export interface List<T> extends Iterable<T>, AsyncIterable<T> {
	/** The records of the first page. */
	readonly items: readonly T[];
	/** Where the second page begins; empty when there is none. */
	readonly cursor: string;
	/** All records of all pages. */
	toArray(): T[];
}

export interface CallOptions {
	/** Idempotency key: sent again, the command has one effect and the first answer. */
	key?: string;
	/** Fill in the codes of references. */
	codes?: boolean;
}
export interface AsyncCallOptions extends CallOptions {
	signal?: AbortSignal;
}
export interface FollowOptions {
	codes?: boolean;
	signal?: AbortSignal;
	/** Keep the process from ending while it waits. */
	ref?: boolean;
}

/** A storage driver of an adapter's package, such as @inventra/postgres. */
export interface Driver {
	readonly [driver]: true;
}
declare const driver: unique symbol;

export interface StoreOptions extends PlaceOptions {
	/** Those that serve other schemes of URLs. */
	drivers?: readonly Driver[];
}
export interface ProgressOptions {
	/** Told how far the work is; `false` stops it. `total` is 0 when it is not known. */
	progress?: (done: number, total: number) => unknown;
}
export interface AsyncOptions extends ProgressOptions {
	signal?: AbortSignal;
}
export interface ExportOptions {
	/** What to list. */
	query?: object;
}

export interface ImportReport extends Imported {
	/** Of rows that failed, the first thousand. */
	readonly errors: readonly InventraError[];
}

/** One finding of a validation. */
export interface Finding {
	readonly code: Code;
	readonly field: string;
	readonly message: string;
}

/** What went wrong; its class says what kind of thing. */
export class InventraError extends Error {
	readonly code: Code;
	/** The same call may do better later. */
	readonly retryable: boolean;
	/** Such as `lines[3].quantity`. */
	readonly field?: string;
	/** Which record of a batch, from 0. */
	readonly index?: number;
	/** Of an import: the line of the file, from 1. */
	readonly line?: number;
	/** The database's or the system's own number. */
	readonly nativeCode?: number;
	/** All findings of a validation. */
	readonly details: readonly Finding[];
}

export interface Transaction {
	[Symbol.dispose](): void;
	commit(): void;
	rollback(): void;
}

/** What open() makes; for `instanceof`. */
export const Inventory: { readonly prototype: Inventory };
/** A session on a store. It serves one call at a time: promises wait for their turn. */
export interface Inventory extends Nouns {
	[Symbol.dispose](): void;
	[Symbol.asyncDispose](): Promise<void>;
	/** The same as promises, on a thread beside this one. */
	readonly async: AsyncInventory;
	/** Another session on the same store. */
	session(options?: SessionOptions): Inventory;
	/** Commits when the function returns, rolls back when it throws. At most two seconds. */
	transaction<T>(body: () => T extends PromiseLike<unknown> ? never : T): T;
	/** Rolled back when it is disposed of without a commit. */
	begin(): Transaction;
	/** Change the request id of the next events. */
	requestId(text: string): void;
	/** Call off the promise that is at work, where it waits: CancelledError. None is no fault. */
	cancel(): void;
	info(): StoreInfo;
	stateHash(): string;
	/** Recompute everything from the journal and compare. */
	verify(options?: ProgressOptions): VerifyReport;
	/** Refill the derived tables from the journal. */
	rebuild(options?: ProgressOptions): void;
	/** Copy the store to a new file while it is in use. */
	backup(path: string, options?: ProgressOptions): void;
	/** Copy the store to another place, which may be another driver's. */
	copy(url: string, options?: ProgressOptions & StoreOptions): CopyReport;
	importCsv(operation: WriteOperation, path: string,
		options?: ImportOptions & ProgressOptions): ImportReport;
	exportCsv(operation: ListOperation, path: string,
		options?: ExportOptions & ProgressOptions): void;
	/** Close. The store goes with its last session. */
	close(): void;
}
export interface AsyncInventory extends AsyncNouns {
	/** Commits when the promise is kept, rolls back when it is not. At most two seconds. Part of it
	 *  is what is called on the Inventory that `body` is given: the transaction's own session. */
	transaction<T>(body: (transaction: Inventory) => Promise<T>): Promise<T>;
	info(): Promise<StoreInfo>;
	stateHash(): Promise<string>;
	verify(options?: AsyncOptions): Promise<VerifyReport>;
	rebuild(options?: AsyncOptions): Promise<void>;
	backup(path: string, options?: AsyncOptions): Promise<void>;
	copy(url: string, options?: AsyncOptions & StoreOptions): Promise<CopyReport>;
	importCsv(operation: WriteOperation, path: string,
		options?: ImportOptions & AsyncOptions): Promise<ImportReport>;
	exportCsv(operation: ListOperation, path: string,
		options?: ExportOptions & AsyncOptions): Promise<void>;
}

/** Open a store and a session: 'shop.db', ':memory:', a driver's URL. Made when it is missing. */
export function open(url: string, options?: StoreOptions & SessionOptions): Inventory;
export function openAsync(url: string, options?: StoreOptions & SessionOptions): Promise<Inventory>;
/** An instant of a record to the microsecond: how many since 1970. */
export function microseconds<T extends object>(record: T, field: keyof T & string): bigint;
/** Was the answer given before, to the same key? */
export function isReplayed(answer: object): boolean;
export const version: string;
