"""`$(...)` in launch files: the standard substitutions that need no Python evaluation."""

import re
from collections.abc import Callable

from cairn.launch.errors import LaunchError
from cairn.launch.scope import Scope
from cairn.launch.share import share_directory

TRUE = ("true", "1")
FALSE = ("false", "0")


def substitute(text: str, scope: Scope) -> str:
    """Replace every `$(name arguments...)` in `text`, innermost first.

    Raises:
        LaunchError: an unknown substitution, a wrong number of arguments, a name that is not defined, or
            a parenthesis that is not closed.
    """
    start = text.find("$(")
    if start < 0:
        return text
    end = _closing(text, start + 2, scope)
    value = _evaluate(text[start + 2 : end], scope)
    return text[:start] + value + substitute(text[end + 1 :], scope)


def truth(text: str, what: str, scope: Scope) -> bool:
    """Whether `text` says true, by the words ROS 2 allows; `what` names it in the error."""
    word = text.strip().lower()
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise LaunchError(f"{scope.file}: {what}: expected one of {', '.join(TRUE + FALSE)}, got `{text}`")


def _closing(text: str, position: int, scope: Scope) -> int:
    depth = 1
    quote = ""
    for index in range(position, len(text)):
        letter = text[index]
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter == "(":
            depth += 1
        elif letter == ")":
            depth -= 1
            if depth == 0:
                return index
    raise LaunchError(f"{scope.file}: `$(` without its `)` in `{text}`")


def _words(body: str, scope: Scope) -> list[str]:
    """Split at blanks that are outside quotes and outside nested substitutions, then substitute each."""
    words: list[str] = []
    position = 0
    while position < len(body):
        if body[position].isspace():
            position += 1
            continue
        start = position
        pieces = []
        while position < len(body) and not body[position].isspace():
            if body[position] in "'\"":
                end = body.find(body[position], position + 1)
                if end < 0:
                    raise LaunchError(f"{scope.file}: a quote is not closed in `$({body})`")
                pieces.append(substitute(body[position + 1 : end], scope))
                position = end + 1
            elif body.startswith("$(", position):
                end = _closing(body, position + 2, scope)
                pieces.append(substitute(body[position : end + 1], scope))
                position = end + 1
            else:
                run = re.compile(r"""(?:(?!\$\()[^\s'"])+""").match(body, position)
                assert run is not None, body[start:]
                pieces.append(run.group())
                position = run.end()
        words.append("".join(pieces))
    return words


def _evaluate(body: str, scope: Scope) -> str:
    name, *arguments = _words(body, scope) or [""]
    if name not in _TABLE:
        raise LaunchError(
            f"{scope.file}: unknown substitution `$({body})`; valid: {', '.join(sorted(_TABLE))}"
        )
    function, counts = _TABLE[name]
    if len(arguments) not in counts:
        wanted = " or ".join(map(str, counts))
        raise LaunchError(
            f"{scope.file}: `$({body})`: expected {wanted} argument(s) after `{name}`, got {len(arguments)}"
        )
    return function(scope, *arguments)


def _var(scope: Scope, name: str, default: str | None = None) -> str:
    value = scope.arguments.get(name, default)
    if value is None:
        known = ", ".join(sorted(scope.arguments)) or "none"
        raise LaunchError(f"{scope.file}: argument `{name}` is not declared here; declared: {known}")
    return value


def _env(scope: Scope, name: str, default: str | None = None) -> str:
    value = scope.variable(name)
    value = default if value is None else value
    if value is None:
        raise LaunchError(
            f"{scope.file}: environment variable `{name}` is not set, and `$(env {name})` has no default"
        )
    return value


def _find_pkg_share(_scope: Scope, package: str) -> str:
    return str(share_directory(package))


def _dirname(scope: Scope) -> str:
    return str(scope.file.parent)


def _filename(scope: Scope) -> str:
    return str(scope.file)


def _not(scope: Scope, value: str) -> str:
    return str(not truth(value, "$(not ...)", scope)).lower()


def _and(scope: Scope, left: str, right: str) -> str:
    return str(truth(left, "$(and ...)", scope) and truth(right, "$(and ...)", scope)).lower()


def _or(scope: Scope, left: str, right: str) -> str:
    return str(truth(left, "$(or ...)", scope) or truth(right, "$(or ...)", scope)).lower()


def _equals(_scope: Scope, left: str, right: str) -> str:
    return str(left == right).lower()


def _not_equals(_scope: Scope, left: str, right: str) -> str:
    return str(left != right).lower()


_TABLE: dict[str, tuple[Callable[..., str], tuple[int, ...]]] = {
    "var": (_var, (1, 2)),
    "env": (_env, (1, 2)),
    "find-pkg-share": (_find_pkg_share, (1,)),
    "dirname": (_dirname, (0,)),
    "filename": (_filename, (0,)),
    "not": (_not, (1,)),
    "and": (_and, (2,)),
    "or": (_or, (2,)),
    "equals": (_equals, (2,)),
    "not-equals": (_not_equals, (2,)),
}
"""Each substitution and how many arguments it may take."""
