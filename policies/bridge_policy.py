"""Bridge Data's policies, from a bundle."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cairn.policies.bundle import BundleError, PolicyBundle, find_bundle, load_bundle
from cairn.policies.bundle.action_output import EndEffectorDeltaOutput
from cairn.policies.bundle.goal import ImageGoal, TaskGoal
from cairn.policies.image_transform import ImageTransform
from cairn.policies.runtime import PolicyInputError, PolicyRuntime

_GRAPH, _OUTPUT = "act", "actions"
_LAST = "last_action"


class BridgePolicy:
    """Plans the next steps of the hand from one image and a goal.

    Deterministic, and without memory: what a plan depends on is what `plan` is given.

    Attributes:
        tasks: that it knows, empty where it is told what to do by an image.
        output: what its numbers mean: horizon, steps to carry out, blocking or not, limits.
        rate: steps a second.
        takes_last_action: whether the action before is an input, too.
    """

    def __init__(self, runtime: PolicyRuntime) -> None:
        """Check that the bundle is one of Bridge Data.

        Raises:
            BundleError: it is not; the message says what was expected.
        """
        bundle = runtime.bundle
        self.output = _checked(bundle)
        goal = bundle.manifest.goal
        self.tasks: tuple[str, ...] = goal.tasks if isinstance(goal, TaskGoal) else ()
        self.rate = bundle.manifest.rate
        self.takes_last_action = _LAST in bundle.manifest.graphs[_GRAPH].inputs
        self._runtime = runtime
        self._transform = ImageTransform(bundle.manifest.image)
        normalisation = self.output.normalisation
        assert normalisation is not None  # ensured by the check
        self._mean = bundle.statistics[normalisation.offset]
        self._std = bundle.statistics[normalisation.scale]
        translation, rotation = self.output.limits
        self._largest = np.array([translation] * 3 + [rotation] * 3 + [1.0])
        self._smallest = np.array([-translation] * 3 + [-rotation] * 3 + [0.0])

    @classmethod
    def load(cls, bundle: str | Path, provider: str | None = None) -> BridgePolicy:
        """A warm policy from a bundle's directory or shipped name.

        Raises:
            BundleError: the bundle is refused, or not one of Bridge Data.
            ProviderError: the provider asked for can't run it.
        """
        policy = cls(PolicyRuntime(load_bundle(find_bundle(bundle)), provider))
        policy.runtime.warm_up()
        return policy

    @property
    def runtime(self) -> PolicyRuntime:
        """For its report."""
        return self._runtime

    def plan(
        self,
        image: NDArray[np.uint8],
        goal: str | NDArray[np.uint8],
        last_action: NDArray[np.float64] | None = None,
    ) -> NDArray[np.float64]:
        """The next steps, from what the camera sees now.

        Args:
            image: RGB, shape (H, W, 3), any size.
            goal: one of `tasks`, or an image of how it should look, as the bundle wants.
            last_action: the step carried out before this one, shape (7,), physical; None: there was none.
                Counts only where `takes_last_action`.

        Returns:
            shape (horizon, 7): Δx, Δy, Δz [m], Δroll, Δpitch, Δyaw [rad], each added to the target before
            it, and the gripper, 1 open; within the bundle's limits of a step.

        Raises:
            ImageError: an image is not uint8 (H, W, 3).
            PolicyInputError: an unknown task, or a goal of another kind; a last action that is not finite.
        """
        inputs = {"image": self._transform(image)[None]}
        if self.tasks:
            inputs["task"] = self._one_hot(goal)
        elif isinstance(goal, str):
            raise PolicyInputError(f"this policy is told what to do by an image, got the text {goal!r:.80}")
        else:
            inputs["goal_image"] = self._transform(goal)[None]
        if self.takes_last_action:
            inputs[_LAST] = self._last(last_action)
        scores = self._runtime.run(_GRAPH, inputs)[_OUTPUT].astype(np.float64)
        actions = scores.reshape(self.output.horizon, -1) * self._std + self._mean
        limited: NDArray[np.float64] = np.clip(actions, self._smallest, self._largest)
        return limited

    def _one_hot(self, goal: str | NDArray[np.uint8]) -> NDArray[np.float32]:
        if not isinstance(goal, str) or goal not in self.tasks:
            got = repr(goal)[:80] if isinstance(goal, str) else "an image"
            raise PolicyInputError(f"this policy knows the tasks {', '.join(self.tasks)}; got {got}")
        task = np.zeros((1, len(self.tasks)), np.float32)
        task[0, self.tasks.index(goal)] = 1.0
        return task

    def _last(self, action: NDArray[np.float64] | None) -> NDArray[np.float32]:
        """z-scores and 1; zeros where there was none."""
        entry = np.zeros((1, len(self._mean) + 1), np.float32)
        if action is not None:
            action = np.asarray(action, np.float64)
            if action.shape != self._mean.shape or not np.isfinite(action).all():
                raise PolicyInputError(
                    f"last_action must be {len(self._mean)} finite numbers, got {action.tolist()!r:.120}"
                )
            entry[0, :-1] = (action - self._mean) / self._std
            entry[0, -1] = 1.0
        return entry


def _checked(bundle: PolicyBundle) -> EndEffectorDeltaOutput:
    """The action of a Bridge bundle.  Raises BundleError for any other."""
    manifest, refused = bundle.manifest, f"{bundle.directory} is no Bridge bundle"
    action = manifest.actions[0]
    if not isinstance(action, EndEffectorDeltaOutput) or action.output != f"{_GRAPH}.{_OUTPUT}":
        raise BundleError(
            f"{refused}: expected the action end_effector_delta from {_GRAPH}.{_OUTPUT}, got {action.kind} "
            f"from {action.output}"
        )
    for name, got, valid in (
        ("relative_to", action.relative_to, "previous_target"),
        ("gripper", action.gripper, "open"),
        ("normalisation", action.normalisation and action.normalisation.kind, "z_score"),
    ):
        if got != valid:
            raise BundleError(f"{refused}: its action must have {name} {valid}, got {got}")
    goal, wanted = manifest.goal, {"image"}
    if isinstance(goal, TaskGoal) and goal.encoding == "one_hot":
        wanted.add("task")
    elif isinstance(goal, ImageGoal):
        wanted.add("goal_image")
    else:
        raise BundleError(f"{refused}: expected the goal task (one_hot) or image, got {goal.kind}")
    inputs = manifest.graphs[_GRAPH].inputs
    if inputs.keys() - {_LAST} != wanted:
        raise BundleError(f"{refused}: {_GRAPH} needs inputs {sorted(wanted)}, got {sorted(inputs)}")
    shapes = {"image": manifest.image.frame_shape, "goal_image": manifest.image.frame_shape, _LAST: (8,)}
    if isinstance(goal, TaskGoal):
        shapes["task"] = (len(goal.tasks),)
    for name, spec in inputs.items():
        if spec.dtype != "float32" or spec.shape[1:] != shapes[name] or manifest.image.history != 1:
            raise BundleError(
                f"{refused}: {name} must be float32 of shape {list(shapes[name])} after the batch and of one "
                f"frame, got {spec.dtype} {list(spec.shape)}"
            )
    return action
