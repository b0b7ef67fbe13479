# SPDX-License-Identifier: MIT
"""Arguments that are no fields: checked here, so that what is wrong is told by its name."""
from __future__ import annotations

import os
from contextlib import suppress

from ._described import ArgumentError


def text_of(name: str, value: object, wanted: str = "a str") -> str:
    """The value, where it is text."""
    if not isinstance(value, str):
        raise ArgumentError(f"`{name}` takes {wanted}, not {value!r}", field=name)
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ArgumentError(f"`{name}` takes a str without lone surrogates, not {value!r}",
                            field=name) from None
    return value


def path_of(name: str, value: str | os.PathLike[str]) -> str:
    """The path as text."""
    given: object = value
    with suppress(TypeError):
        given = os.fspath(value)
    return text_of(name, given, "a str or a path (write os.fsdecode(…) of bytes)")
