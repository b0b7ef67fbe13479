# SPDX-License-Identifier: MIT
"""Just enough of C to measure it: comments and literals told apart, functions found, nesting
counted. The preprocessor is not run; its lines are set aside."""
import re
from dataclasses import dataclass, field

TOKEN = re.compile(
    r"""(?P<comment>/\*.*?\*/|//[^\n]*)
      |(?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
      |(?P<directive>(?<![^\n])[ \t]*\#(?:\\\n|/\*.*?\*/|[^\n])*)
      |(?P<word>[A-Za-z_]\w*|\d[\w.]*)
      |(?P<sign>[^\s\w])""",
    re.X | re.S)


@dataclass
class Token:
    kind: str
    text: str
    line: int


@dataclass
class Function:
    name: str
    line: int
    lines: int
    parameters: int
    nesting: int


@dataclass
class Source:
    text: str
    comments: list = field(default_factory=list)
    strings: list = field(default_factory=list)
    directives: list = field(default_factory=list)
    code: list = field(default_factory=list)  # words and signs outside of directives

    def functions(self):
        return Functions(self.code).all()


def tokens_of(text, first_line=1):
    line, place = first_line, 0
    for match in TOKEN.finditer(text):
        line += text.count("\n", place, match.start())
        place = match.start()
        yield Token(match.lastgroup, match.group(), line)


def read(text):
    source = Source(text)
    skip_cxx = False
    for token in tokens_of(text):
        if token.kind == "directive":
            source.directives.append(token)
            skip_cxx = skips_cxx(token.text.split(), skip_cxx)
            for inner in tokens_of(token.text.lstrip(" \t")[1:], token.line):
                if inner.kind in ("comment", "string"):
                    getattr(source, inner.kind + "s").append(inner)
        elif token.kind == "comment":
            source.comments.append(token)
        elif not skip_cxx:
            if token.kind == "string":
                source.strings.append(token)
            source.code.append(token)
    return source


def skips_cxx(words, before):
    """C++ parts of headers open braces that C closes elsewhere."""
    if words[:2] == ["#ifdef", "__cplusplus"]:
        return True
    return before and words[0] not in ("#else", "#endif")


class Functions:
    def __init__(self, tokens):
        self.tokens = tokens
        self.at = 0

    def text(self, at=None):
        at = self.at if at is None else at
        return self.tokens[at].text if at < len(self.tokens) else ""

    def skip(self, opening, closing):
        """From an opening sign to behind its closing one."""
        depth = 0
        while self.at < len(self.tokens):
            depth += {opening: 1, closing: -1}.get(self.text(), 0)
            self.at += 1
            if depth == 0:
                return

    def all(self):
        found = []
        start = self.at
        while self.at < len(self.tokens):
            if self.text() in (";", "}"):
                start = self.at + 1
                self.at += 1
            elif self.text() == "{":
                function = self.function_from(start)
                if function:
                    found.append(function)
                else:
                    self.skip("{", "}")
                start = self.at
            else:
                self.at += 1
        return found

    def function_from(self, start):
        head = self.tokens[start:self.at]
        if not head or head[-1].text != ")" or any(token.text == "=" for token in head):
            return None
        name, parameters = declarator(head)
        if not name:
            return None
        first = head[0].line
        nesting = self.block(0)
        last = self.tokens[self.at - 1].line
        return Function(name, first, last - first + 1, parameters, nesting)

    def block(self, depth):
        """A block in braces; how deep control flow nests inside it."""
        deepest = depth
        self.at += 1
        while self.at < len(self.tokens) and self.text() != "}":
            deepest = max(deepest, self.statement(depth))
        self.at += 1
        return deepest

    def statement(self, depth):
        word = self.text()
        if word == "{":
            return self.block(depth)
        if word in ("if", "for", "while", "switch"):
            return self.controlled(word, depth)
        if word == "do":
            self.at += 1
            deepest = self.statement(depth + 1)
            self.expression()
            return max(deepest, depth + 1)
        if self.is_macro_loop():
            return self.controlled(word, depth)
        self.expression()
        return depth

    def controlled(self, word, depth):
        self.at += 1
        self.skip("(", ")")
        deepest = max(depth + 1, self.statement(depth + 1))
        if word == "if" and self.text() == "else":
            self.at += 1
            # `else if` goes on at the level of its `if`.
            deeper = 0 if self.text() == "if" else 1
            deepest = max(deepest, self.statement(depth + deeper))
        return deepest

    def is_macro_loop(self):
        if self.tokens[self.at].kind != "word" or self.text(self.at + 1) != "(":
            return False
        here = self.at
        self.at += 1
        self.skip("(", ")")
        loop = self.text() == "{"
        self.at = here
        return loop

    def expression(self):
        """To behind the next `;`, or behind the `:` of a label."""
        label = self.text() in ("case", "default") or self.text(self.at + 1) == ":"
        depth = 0
        while self.at < len(self.tokens):
            text = self.text()
            if text == "}" and depth == 0:
                return
            depth += {"(": 1, "{": 1, "[": 1, ")": -1, "}": -1, "]": -1}.get(text, 0)
            self.at += 1
            if depth == 0 and (text == ";" or (label and text == ":")):
                return


def declarator(head):
    """Name and number of parameters of `… name(parameters)`; the last outer parentheses that are
    not an attribute's."""
    depth = 0
    name, parameters, begin = None, 0, 0
    for at, token in enumerate(head):
        if token.text == "(":
            if depth == 0:
                begin = at
            depth += 1
        elif token.text == ")":
            depth -= 1
            before = head[begin - 1] if begin else None
            if depth == 0 and before and before.kind == "word" and \
                    before.text != "__attribute__":
                name, parameters = before.text, count_parameters(head[begin + 1:at])
    return name, parameters


def count_parameters(tokens):
    depth, commas = 0, 0
    for token in tokens:
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(token.text, 0)
        commas += token.text == "," and depth == 0
    empty = not tokens or [token.text for token in tokens] == ["void"]
    return 0 if empty else commas + 1
