# SPDX-License-Identifier: MIT
"""Classes and methods made from the library's description when this is imported.

No operation and no field is named here: what the library describes is there. What it is called in
this version, for editors and type checkers, stands in _described.pyi, which is generated.
"""
import base64
import collections
import datetime
import decimal
import enum
import json
import keyword
import types
import uuid
from collections.abc import Iterable, Mapping

from . import _core

# Kinds of fields, flags of fields, and flags of operations: inventra/schema.h.
BOOL, ENUM, DATE, INT, QUANTITY, MONEY, RATIO, INSTANT, ID, REF, TEXT, CODE, JSON, BYTES, STRINGS, \
    LIST = range(1, 17)
KEY, READONLY, HIDDEN, POSITIONAL = 0x1, 0x4, 0x2000, 0x4000
LISTS, WAITS = 0x10, 0x20
REPORT = 8  # of structs

_records, _structs, _enums, _operations, _statuses = _core._describe()
__all__ = ["Error", "ArgumentError", "Result", "Listing", "Record"]


def _export(name, value):
    globals()[name] = value
    __all__.append(name)
    return value


def _camel(name):
    return name.title().replace("_", "")


# ---- errors ----

class Error(Exception):
    """What the library refused or could not do; its subclasses are the statuses.

    `code` is the status's name, `field` the path of the field meant, `index` which of many records
    (None where it is none of them), `details` all findings as (code, field, message).
    """

    code = "INTERNAL"
    retryable = False

    def __init__(self, message="", record="", field="", index=None, native_code=0, details=()):
        super().__init__(message)
        self.message, self.record, self.field = message, record, field
        self.index, self.native_code, self.details = index, native_code, tuple(details)

    def __str__(self):
        return f"{self.field}: {self.message}" if self.field else self.message


_errors = {number: _export(klass, type(klass, (Error, ValueError) if number == -1 else (Error,),
                                       {"code": name, "retryable": bool(retryable),
                                        "__doc__": text, "__module__": "inventra"}))
           for number, name, klass, text, retryable in _statuses if number}


class ArgumentError(_errors[-1], TypeError):
    """A value of a wrong type, or a name that no field has; found before the library is called."""


def _error(status, message, record, field, index, native_code, details, typed):
    kind = ArgumentError if typed else _errors.get(status, Error)
    return kind(message, record, field, None if index < 0 else index, native_code, details)


# ---- enums and records ----

_members = []
for _name, _doc, _values in _enums:
    _class = enum.StrEnum(_camel(_name), [(v.upper(), v) for v in _values], module="inventra")
    _class.__doc__ = _doc
    _members.append(list(_export(_camel(_name), _class)))


class Record(_core.Record):
    """A record: frozen, and read field by field when a field is asked for."""

    __slots__ = ()
    _number, _fields, _key = -1, (), None

    def __new__(cls, **fields):
        return _core._record(cls._number, fields)

    def to_dict(self):
        """Its fields as a dict, nested records too."""
        return {name: _plain(getattr(self, name)) for name in self._fields}

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    def __reduce_ex__(self, protocol):
        raise TypeError(f"a {type(self).__name__} is a look at an answer's memory, which is not "
                        "pickled: pickle its to_dict()")

    def __eq__(self, other):
        return self._number == getattr(other, "_number", None) and self.to_dict() == other.to_dict()

    def __hash__(self):
        return hash((self._number, str(self.to_dict())))

    def __repr__(self):
        shown = ", ".join(f"{n}={v!r}" for n in self._fields if (v := getattr(self, n)))
        return f"{type(self).__name__}({shown})"


def _plain(value):
    return tuple(_plain(v) for v in value) if isinstance(value, tuple) else \
        value.to_dict() if isinstance(value, Record) else value


def python_name(name):
    """A name that is a word of Python gets a _ behind it: from_."""
    return name + "_" if keyword.iskeyword(name) else name


_classes, _names, _given = [], [], []
for _number, (_name, _flags, _doc, _fields) in enumerate(_records):
    _space = {"__slots__": (), "__doc__": _doc, "__module__": "inventra", "_number": _number}
    _known, _inputs = {}, []
    for _index, (_field, _kind, _bits, _text, _of) in enumerate(_fields):
        if _bits & HIDDEN:
            continue
        for _code, _tail in enumerate(("", "_code") if _kind == REF else ("",)):
            _space[python_name(_field + _tail)] = _core._field(_number, _index, bool(_code))
            _known[_field + _tail] = _known[python_name(_field + _tail)] = 2 * _index + _code
        if _kind == ID and _bits & KEY:
            _space["_key"] = _field
        if not _bits & READONLY:
            _inputs.append((python_name(_field), _bits))
    _space["_fields"] = tuple(n for n in _space if not n.startswith("_"))
    _classes.append(type(_camel(_name), (Record,), _space))
    _names.append(_known)
    _given.append(_inputs)
    if _flags & 1:
        _export(_camel(_name), _classes[-1])


# ---- options and reports ----

_reports = []
for _name, _flags, _doc, _fields in _structs:
    _class = collections.namedtuple(_camel(_name), [f[0] for f in _fields], module="inventra")
    _class.__doc__ = _doc
    for _field, _kind, _bits, _text, _of in _fields:
        getattr(_class, _field).__doc__ = _text
    _reports.append(_export(_camel(_name), _class) if _flags & REPORT else _class)


def takes(*structs):
    """Tell in a function's docstring what its **options are; their types stand in the .pyi."""
    known = [field for name, _, _, fields in _structs if name in structs for field in fields]

    def furnish(function):
        text = function.__doc__.rstrip()
        last = text.rpartition("\n")[2]
        lead = last[:len(last) - len(last.lstrip())] if "\n" in text else ""
        lines = [f"{lead}    {field[0]}: {field[3]}" for field in known]
        function.__doc__ = "\n".join([text, "", f"{lead}Options:", *lines, ""])
        return function
    return furnish


# ---- values ----

def _iso(value, kind):
    if kind == DATE:
        return value.isoformat() if type(value) is datetime.date else ("a date",)
    if not isinstance(value, datetime.datetime):
        return ("an aware datetime",)
    if value.utcoffset() is None:
        return ("a datetime with a time zone (datetime.now(timezone.utc))",)
    return value.isoformat()


def _number_text(value, kind):
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if kind == INT:
        return ("an int",)
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, float):
        return (f'a Decimal, int or str (write Decimal("{value!r}"))',)
    return ("a Decimal, int or str",)


def _items(value, kind):
    wanted = ("a list of dicts or records",) if kind == LIST else ("a list of str",)
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        return wanted
    items = list(value)
    return items if kind == LIST or all(isinstance(i, str) for i in items) else wanted


def _writer(kind, value):
    """The JSON text form of a value, or a tuple that tells what it should have been."""
    if value is None:
        return ""
    if kind == BOOL:
        return str(value).lower() if isinstance(value, bool) else ("True or False",)
    if kind in (DATE, INSTANT):
        return _iso(value, kind)
    if kind in (INT, QUANTITY, MONEY, RATIO):
        return _number_text(value, kind)
    if kind in (ID, REF):
        if isinstance(value, Record) and value._key:
            value = getattr(value, value._key)
        if isinstance(value, uuid.UUID):
            return str(value)
        return ("a UUID, str, or a record with an id",)
    if kind == JSON:
        return json.dumps(value)
    if kind == BYTES:
        return base64.b64encode(value).decode() if isinstance(value, bytes) else ("bytes",)
    return _items(value, kind) if kind in (STRINGS, LIST) else ("a str",)


def options(given, *structs):
    """Options as the core takes them: of each of these structs a list of (name, text)."""
    from ._arguments import text_of
    known = {f[0]: (s[0], f[1]) for s in _structs if s[0] in structs for f in s[3]}
    taken = {struct: [] for struct in structs}
    for name, value in given.items():
        if name not in known:
            near = _core.nearest(name, "\n".join(known))
            hint = f"; did you mean `{near}`?" if near else ""
            raise ArgumentError(f"unknown option `{name}`{hint}", field=name)
        struct, kind = known[name]
        text = value if isinstance(value, str) and kind > INSTANT else _writer(kind, value)
        if isinstance(text, tuple):
            raise ArgumentError(f"`{name}` takes {text[0]}, not {value!r}", field=name)
        taken[struct].append((name, text_of(name, text)))
    return list(taken.values())


_readers = [None] * 17
_readers[DATE] = datetime.date.fromisoformat
_readers[INSTANT] = datetime.datetime.fromisoformat
_readers[QUANTITY] = _readers[MONEY] = _readers[RATIO] = decimal.Decimal
_readers[ID] = _readers[REF] = uuid.UUID
_readers[JSON] = json.loads


def _as_dict(number, value):
    """What stands for a record, as a dict of what it holds and the engine takes."""
    if isinstance(value, Mapping):
        return dict(value)  # a copy: code of a value may change what was given
    if isinstance(value, Record) and value._number == number:
        held = {n: getattr(value, n) for n, _ in _given[number]}
        codes = {n + "_code": getattr(value, n + "_code", None) for n, v in held.items() if not v}
        return {n: v for n, v in (held | codes).items() if v}
    raise ArgumentError(f"a {_records[number][0]} is a dict or a {_classes[number].__name__}, "
                        f"not {value!r}")


def _split(number, argument):
    """The records that one argument stands for, and whether they are many."""
    name, given = _operations[number][0], _operations[number][6]
    first = next((n for n, bits in _given[given] if bits & POSITIONAL), None)

    def one(value):
        record = isinstance(value, Mapping) or getattr(value, "_number", -1) == given
        return value if record or not first else {first: value}

    if isinstance(argument, Iterable) and not isinstance(argument, (str, Mapping)):
        return [one(value) for value in argument], True
    if not first and not isinstance(argument, (Mapping, Record)):
        raise ArgumentError(f"{name} takes its fields by name, or a dict of them")
    return [one(argument)], False


# ---- answers ----

class Columns:
    """What takes part in Arrow: pandas, polars, pyarrow and DuckDB take it as it is."""

    __slots__ = ()
    __class_getitem__ = classmethod(types.GenericAlias)

    def __arrow_c_stream__(self, requested_schema=None):
        """All records as an Arrow stream; for other libraries to call."""
        return self._columns(False)

    def __arrow_c_schema__(self):
        """The schema of that stream."""
        return self._columns(True)

    def to_dicts(self):
        """The records as dicts."""
        return [record.to_dict() for record in self]


class Result(Columns, _core.Result):
    """The records that one call answered, and `cursor`, where the next page begins."""

    __slots__ = ()

    def __repr__(self):
        return f"<{len(self)} records>"


class Listing(Columns):
    """All records of a list; each walk over it reads page by page, anew."""

    __slots__ = ("_query",)

    def __init__(self, query):
        self._query = query

    def pages(self):
        """Page by page; of one that waits, an empty page where nothing has happened."""
        if not self._query.waits:
            return iter(self._query)
        from ._worker import pages
        return pages(self._query)

    def __iter__(self):
        for page in self.pages():
            yield from page

    async def __aiter__(self):
        from ._worker import awaited_pages
        async for page in awaited_pages(self._query):
            for record in page:
                yield record

    def first(self):
        """The first record, or None."""
        return next(iter(self), None)

    def export_csv(self, path, *, progress=None):
        """Write all of it to a new CSV file; with gzip when its name ends in .gz."""
        from ._arguments import path_of
        self._query.handle.work("export", path_of("path", path), progress, self._query, None, (),
                                None)

    def _columns(self, only_schema):
        return self._query._columns(only_schema)


# ---- nouns ----

class Noun(_core.Noun):
    """What can be done with one kind of thing."""

    __slots__ = ()
    noun = ""


_nouns = {}


def signature(number):
    """The parameters of an operation, made when help() or an editor asks for them."""
    import inspect
    _, _, _, _, _, flags, given, _ = _operations[number]
    kinds = {True: inspect.Parameter.POSITIONAL_OR_KEYWORD, False: inspect.Parameter.KEYWORD_ONLY}
    fields = [inspect.Parameter(n, kinds[bool(bits & POSITIONAL)], default=None)
              for n, bits in _given[given]]
    fields.sort(key=lambda p: p.kind)
    if not any(p.kind == kinds[True] for p in fields):
        fields.insert(0, inspect.Parameter("record", inspect.Parameter.POSITIONAL_ONLY,
                                           default=None))
    for name, default in ("key", None), ("codes", False):
        fields.append(inspect.Parameter(name, kinds[False], default=default))
    first = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
    return inspect.Signature([first, *fields])


for _number, (_name, _noun, _plural, _verb, _summary, _flags, _of, _to) in enumerate(_operations):
    _space = _nouns.setdefault(_plural, {"noun": _noun})
    _verb = python_name(_verb)
    _space[_verb] = _core._operation(_number, {
        "__name__": _verb, "__qualname__": f"{_camel(_plural)}.{_verb}", "__doc__": _summary,
        "__module__": __name__, "__signature__": signature, "number": _number})
    if _flags & WAITS:
        _space["__call__"] = _space[_verb]
nouns = {}
for _plural, _space in _nouns.items():
    nouns[_plural] = type(_camel(_plural) + "Noun", (Noun,), {
        "__slots__": (), "__module__": __name__, "__doc__": Noun.__doc__, **_space})
    globals()[_camel(_plural) + "Noun"] = nouns[_plural]


class Nouns:
    """The attributes of a store: one for each noun."""

    def __init__(self, handle):
        for plural, cls in nouns.items():
            setattr(self, plural, _core._noun(cls, handle))


class AsyncNoun:
    """What can be done with one kind of thing; to be awaited, but for lists."""

    __slots__ = ("_noun", "_run")

    def __init__(self, noun, run):
        self._noun, self._run = noun, run


def _awaited(verb, operation):
    async def call(self, *args, **kwargs):
        return await self._run(getattr(self._noun, verb), *args, **kwargs)

    def walk(self, *args, **kwargs):
        return getattr(self._noun, verb)(*args, **kwargs)

    made = walk if _operations[operation.number][5] & LISTS else call
    made.__wrapped__ = operation  # where inspect finds the signature
    for name in "__name__", "__qualname__", "__doc__":
        setattr(made, name, getattr(operation, name))
    return made


class AsyncNouns:
    """The attributes of a store for asyncio: one for each noun."""

    def __init__(self, sync, run):
        for plural, cls in _async_nouns.items():
            setattr(self, plural, cls(getattr(sync, plural), run))


_async_nouns = {}
for _plural, _space in _nouns.items():
    _name = f"Async{_camel(_plural)}Noun"
    _async_nouns[_plural] = globals()[_name] = type(_name, (AsyncNoun,), {
        "__slots__": (), "__module__": __name__, "__doc__": AsyncNoun.__doc__,
        **{verb: _awaited(verb, operation) for verb, operation in _space.items()
           if verb != "noun"}})

_core._setup(classes=_classes, names=_names, enums=_members, readers=_readers, writer=_writer,
            error=_error, split=_split, as_dict=_as_dict, result=Result, reports=_reports,
            listing=Listing)
