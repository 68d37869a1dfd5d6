"""Run a bundle's graphs on what this machine has, and say on what."""

from cairn.policies.runtime.errors import PolicyInputError, PolicyOutputError, ProviderError
from cairn.policies.runtime.policy_runtime import PolicyRuntime

__all__ = ["PolicyInputError", "PolicyOutputError", "PolicyRuntime", "ProviderError"]
