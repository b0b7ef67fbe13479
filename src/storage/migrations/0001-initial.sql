-- SPDX-License-Identifier: MIT
-- The first tables. Columns are the stored fields of the records, in the order of their
-- descriptions; none is NULL: the none id is the empty blob.

{mark}

CREATE TABLE event (
	position {int} NOT NULL {journal_key},
	seq {int} NOT NULL {seq_key},
	known_at {int} NOT NULL,
	id {id} NOT NULL,
	origin {id} NOT NULL,
	origin_seq {int} NOT NULL,
	command {id} NOT NULL,
	command_index {int} NOT NULL,
	name {text} NOT NULL,
	payload_version {int} NOT NULL,
	occurred_at {int} NOT NULL,
	recorded_at {int} NOT NULL,
	business_date {int} NOT NULL,
	location {id} NOT NULL,
	channel {id} NOT NULL,
	actor {text} NOT NULL,
	source {text} NOT NULL,
	request_id {text} NOT NULL,
	subject_type {text} NOT NULL,
	subject {id} NOT NULL,
	payload {text} NOT NULL,
	hash {blob} NOT NULL,
	CONSTRAINT event_position_range CHECK (position >= 0)
) {strict};
CREATE UNIQUE INDEX event_id_unique ON event (id);
CREATE INDEX event_subject ON event (subject, position);
{postgres CREATE UNIQUE INDEX event_position_unique ON event (position) WHERE position > 0;}
{postgres CREATE INDEX event_unplaced ON event (seq) WHERE position = 0;}
{postgres CREATE SEQUENCE event_draw CACHE 1;}

CREATE TABLE command_key (
	operation {text} NOT NULL,
	key {blob} NOT NULL,
	command {id} NOT NULL,
	event_count {int} NOT NULL,
	digest {blob} NOT NULL,
	CONSTRAINT command_key_operation_primary PRIMARY KEY (operation, key),
	CONSTRAINT command_key_event_count_range CHECK (event_count >= 0)
) {clustered};

CREATE TABLE personal_value (
	subject {id} NOT NULL,
	field {text} NOT NULL,
	salt {blob} NOT NULL,
	value {text} NOT NULL,
	CONSTRAINT personal_value_subject_primary PRIMARY KEY (subject, field)
) {clustered};

CREATE TABLE feed_cursor (
	consumer {text} NOT NULL,
	position {int} NOT NULL,
	CONSTRAINT feed_cursor_consumer_primary PRIMARY KEY (consumer),
	CONSTRAINT feed_cursor_position_range CHECK (position >= 0)
) {clustered};

CREATE TABLE meta (
	name {text} NOT NULL,
	value {text} NOT NULL,
	CONSTRAINT meta_name_primary PRIMARY KEY (name)
) {clustered};

CREATE TABLE settings (
	id {id} NOT NULL,
	name {text} NOT NULL,
	base_currency {text} NOT NULL,
	default_location {id} NOT NULL,
	default_channel {id} NOT NULL,
	default_till {id} NOT NULL,
	time_zone {text} NOT NULL,
	day_start {int} NOT NULL,
	cash_rounding {int} NOT NULL,
	ticket_format {text} NOT NULL,
	version {int} NOT NULL,
	updated_at {int} NOT NULL,
	CONSTRAINT settings_id_primary PRIMARY KEY (id)
) {clustered};

CREATE TABLE location (
	id {id} NOT NULL,
	code {text} NOT NULL,
	name {text} NOT NULL,
	parent {id} NOT NULL,
	kind {int} NOT NULL,
	time_zone {text} NOT NULL,
	day_start {int} NOT NULL,
	archived {bool} NOT NULL,
	version {int} NOT NULL,
	created_at {int} NOT NULL,
	updated_at {int} NOT NULL,
	CONSTRAINT location_id_primary PRIMARY KEY (id),
	CONSTRAINT location_archived_range CHECK (archived IN (0, 1))
) {clustered};
CREATE UNIQUE INDEX location_code_unique ON location (lower(code));

CREATE TABLE channel (
	id {id} NOT NULL,
	code {text} NOT NULL,
	name {text} NOT NULL,
	guard {int} NOT NULL,
	backorder_limit {int} NOT NULL,
	archived {bool} NOT NULL,
	version {int} NOT NULL,
	created_at {int} NOT NULL,
	updated_at {int} NOT NULL,
	CONSTRAINT channel_id_primary PRIMARY KEY (id),
	CONSTRAINT channel_archived_range CHECK (archived IN (0, 1)),
	CONSTRAINT channel_backorder_limit_range CHECK (backorder_limit >= 0)
) {clustered};
CREATE UNIQUE INDEX channel_code_unique ON channel (lower(code));

CREATE TABLE register (
	id {id} NOT NULL,
	code {text} NOT NULL,
	name {text} NOT NULL,
	location {id} NOT NULL,
	channel {id} NOT NULL,
	archived {bool} NOT NULL,
	version {int} NOT NULL,
	created_at {int} NOT NULL,
	updated_at {int} NOT NULL,
	CONSTRAINT register_id_primary PRIMARY KEY (id),
	CONSTRAINT register_archived_range CHECK (archived IN (0, 1))
) {clustered};
CREATE UNIQUE INDEX register_code_unique ON register (lower(code));

CREATE TABLE category (
	id {id} NOT NULL,
	code {text} NOT NULL,
	name {text} NOT NULL,
	parent {id} NOT NULL,
	archived {bool} NOT NULL,
	version {int} NOT NULL,
	created_at {int} NOT NULL,
	updated_at {int} NOT NULL,
	CONSTRAINT category_id_primary PRIMARY KEY (id),
	CONSTRAINT category_archived_range CHECK (archived IN (0, 1))
) {clustered};
CREATE UNIQUE INDEX category_code_unique ON category (lower(code));

CREATE TABLE product (
	id {id} NOT NULL,
	sku {text} NOT NULL,
	name {text} NOT NULL,
	description {text} NOT NULL,
	category {id} NOT NULL,
	parent {id} NOT NULL,
	options {text} NOT NULL,
	barcodes {text} NOT NULL,
	unit {text} NOT NULL,
	decimals {int} NOT NULL,
	stocking {int} NOT NULL,
	tracking {int} NOT NULL,
	list_price {int} NOT NULL,
	tags {text} NOT NULL,
	attributes {text} NOT NULL,
	archived {bool} NOT NULL,
	version {int} NOT NULL,
	created_at {int} NOT NULL,
	updated_at {int} NOT NULL,
	CONSTRAINT product_id_primary PRIMARY KEY (id),
	CONSTRAINT product_archived_range CHECK (archived IN (0, 1)),
	CONSTRAINT product_decimals_range CHECK (decimals BETWEEN 0 AND 6),
	CONSTRAINT product_list_price_range CHECK (list_price >= 0)
) {clustered};
CREATE UNIQUE INDEX product_sku_unique ON product (lower(sku));

CREATE TABLE product_barcode (
	code {text} NOT NULL,
	product {id} NOT NULL,
	CONSTRAINT product_barcode_code_primary PRIMARY KEY (code)
) {clustered};

CREATE TABLE product_word (
	word {text} NOT NULL,
	product {id} NOT NULL,
	CONSTRAINT product_word_word_primary PRIMARY KEY (word, product)
) {clustered};

CREATE TABLE account (
	number {int} NOT NULL CONSTRAINT account_number_primary PRIMARY KEY,
	witness {int} NOT NULL,
	product {id} NOT NULL,
	location {id} NOT NULL,
	condition {int} NOT NULL,
	lot {text} NOT NULL,
	serial {text} NOT NULL,
	owner {id} NOT NULL
) {strict};
CREATE UNIQUE INDEX account_key_unique ON account (
	product, location, condition, lot, serial, owner);
CREATE INDEX account_serial ON account (product, serial) WHERE serial <> '';

CREATE TABLE account_balance (
	account {int} NOT NULL CONSTRAINT account_balance_account_primary PRIMARY KEY,
	on_hand {int} NOT NULL,
	last_at {int} NOT NULL
) {strict};

CREATE TABLE account_move (
	account {int} NOT NULL,
	occurred_at {int} NOT NULL,
	event {id} NOT NULL,
	line {int} NOT NULL,
	quantity {int} NOT NULL,
	other_location {id} NOT NULL,
	other_condition {int} NOT NULL,
	CONSTRAINT account_move_account_primary PRIMARY KEY (account, occurred_at, event, line)
) {clustered};

CREATE VIEW holding AS
SELECT a.product, a.location, a.condition, a.lot, a.serial, a.owner, b.on_hand
FROM account a CROSS JOIN account_balance b WHERE b.account = a.number;

CREATE VIEW move AS
SELECT a.product, a.location, a.condition, a.lot, a.serial, a.owner, m.occurred_at, m.event, m.line,
	m.quantity, m.other_location, m.other_condition
FROM account a CROSS JOIN account_move m WHERE m.account = a.number;

CREATE TABLE posting (
	id {id} NOT NULL,
	kind {int} NOT NULL,
	occurred_at {int} NOT NULL,
	business_date {int} NOT NULL,
	location {id} NOT NULL,
	channel {id} NOT NULL,
	actor {text} NOT NULL,
	reason {text} NOT NULL,
	document {text} NOT NULL,
	note {text} NOT NULL,
	reverses {id} NOT NULL,
	reversed_by {id} NOT NULL,
	line_count {int} NOT NULL,
	units {int} NOT NULL,
	CONSTRAINT posting_id_primary PRIMARY KEY (id)
) {clustered};

CREATE TABLE sale (
	id {id} NOT NULL,
	kind {int} NOT NULL,
	ticket {text} NOT NULL,
	number {int} NOT NULL,
	till {id} NOT NULL,
	location {id} NOT NULL,
	channel {id} NOT NULL,
	occurred_at {int} NOT NULL,
	business_date {int} NOT NULL,
	actor {text} NOT NULL,
	customer {text} NOT NULL,
	country {text} NOT NULL,
	document {text} NOT NULL,
	original {id} NOT NULL,
	reason {text} NOT NULL,
	note {text} NOT NULL,
	currency {text} NOT NULL,
	subtotal {int} NOT NULL,
	rounding {int} NOT NULL,
	total {int} NOT NULL,
	change {int} NOT NULL,
	refunded {int} NOT NULL,
	line_count {int} NOT NULL,
	CONSTRAINT sale_id_primary PRIMARY KEY (id),
	CONSTRAINT sale_number_range CHECK (number >= 1)
) {clustered};
CREATE UNIQUE INDEX sale_ticket_unique ON sale (till, number);

CREATE TABLE sale_line (
	sale {id} NOT NULL,
	line {int} NOT NULL,
	product {id} NOT NULL,
	quantity {int} NOT NULL,
	unit_price {int} NOT NULL,
	discount {int} NOT NULL,
	amount {int} NOT NULL,
	sku {text} NOT NULL,
	name {text} NOT NULL,
	stocking {int} NOT NULL,
	location {id} NOT NULL,
	lot {text} NOT NULL,
	serial {text} NOT NULL,
	original_line {int} NOT NULL,
	no_restock {bool} NOT NULL,
	condition {int} NOT NULL,
	shortfall {int} NOT NULL,
	refunded {int} NOT NULL,
	refunded_amount {int} NOT NULL,
	CONSTRAINT sale_line_sale_primary PRIMARY KEY (sale, line),
	CONSTRAINT sale_line_line_range CHECK (line >= 1)
) {clustered};

CREATE TABLE sale_tender (
	sale {id} NOT NULL,
	line {int} NOT NULL,
	method {text} NOT NULL,
	amount {int} NOT NULL,
	reference {text} NOT NULL,
	CONSTRAINT sale_tender_sale_primary PRIMARY KEY (sale, line),
	CONSTRAINT sale_tender_line_range CHECK (line >= 1)
) {clustered};
