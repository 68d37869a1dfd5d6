"""YAML from outside, read with less trust than PyYAML gives."""

from __future__ import annotations

import re
from typing import Any

import yaml

from cairn.policies.bundle.bundle_error import BundleError


class _Loader(yaml.SafeLoader):  # type: ignore[misc, unused-ignore]
    """No duplicate keys (the last would win), no aliases (they expand without bound), no dates."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()
        if isinstance(event, yaml.AliasEvent):
            raise yaml.constructor.ConstructorError(None, None, "an alias is not permitted", event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag != "tag:yaml.org,2002:str":
                raise yaml.constructor.ConstructorError(None, None, "a key must be a string", key.start_mark)
            if key.value in seen:
                message = f"key {key.value!r} occurs twice"
                raise yaml.constructor.ConstructorError(None, None, message, key.start_mark)
            seen.add(key.value)
        return dict(super().construct_mapping(node, deep))


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
# YAML 1.1 takes 1e-3 for a string; everybody who writes it means a number.
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?\d+(\.\d*)?[eE][-+]?\d+$"), list("-+0123456789")
)


def parse_yaml_mapping(text: bytes, source: str) -> dict[str, Any]:
    """A YAML mapping of plain values.

    Args:
        text: UTF-8.
        source: what messages call it.

    Raises:
        BundleError: not YAML, not a mapping, or with duplicate keys, aliases or keys that are no strings.
    """
    try:
        loader = _Loader(text)
        try:
            document = loader.get_single_data()
        finally:
            loader.dispose()
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        raise BundleError(f"{source} is no valid YAML: {error}") from error
    except RecursionError as error:
        raise BundleError(f"{source} is nested too deeply") from error
    if not isinstance(document, dict):
        raise BundleError(f"{source} must hold a mapping, got {type(document).__name__}")
    return document
