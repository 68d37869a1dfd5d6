"""No call that would run what a file says: files come from elsewhere."""

import ast

import pytest
from source_files import ROOT, parsed

FORBIDDEN_MODULES = {"pickle", "dill", "cloudpickle", "shelve", "marshal", "joblib"}
RESTRICTED_UNPICKLER = "episodes/formats/array_pickle.py"
"""GNM's data sets are pickles; tests/episodes/formats/test_array_pickle.py attacks this one reader."""
FORBIDDEN_CALLS = {"eval", "exec", "yaml.load", "yaml.unsafe_load", "yaml.full_load", "os.system"}


def violations(tree: ast.AST) -> list[tuple[int, str]]:
    """(line, what) of everything in `tree` that could run code from data."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names if alias.name in FORBIDDEN_MODULES]
        elif isinstance(node, ast.ImportFrom) and node.module in FORBIDDEN_MODULES:
            found.append((node.lineno, str(node.module)))
        elif isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            options = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
            if (
                name in FORBIDDEN_CALLS
                or (name == "torch.load" and options.get("weights_only") != "True")
                or options.get("allow_pickle") == "True"
                or options.get("shell") == "True"
            ):
                found.append((node.lineno, name))
    return found


def test_nothing_runs_what_a_file_says():
    found = [
        f"{path.relative_to(ROOT)}:{line}: {what}"
        for path, tree in parsed()
        for line, what in violations(tree)
        if (str(path.relative_to(ROOT)), what) != (RESTRICTED_UNPICKLER, "pickle")
    ]
    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from pickle import load",
        "eval(text)",
        "yaml.load(text)",
        "torch.load(path)",
        "torch.load(path, weights_only=False)",
        "numpy.load(path, allow_pickle=True)",
        "subprocess.run(text, shell=True)",
    ],
)
def test_the_check_finds_each_kind(code):
    assert len(violations(ast.parse(code))) == 1


def test_the_check_allows_the_safe_ways():
    code = "torch.load(path, weights_only=True)\nyaml.safe_load(text)\nnumpy.load(path)\nmodel.eval()"
    assert violations(ast.parse(code)) == []
