"""The contract of a policy: what `policy.yaml` may say."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from typing_extensions import Self

from cairn.policies.bundle.action_output import ActionOutput
from cairn.policies.bundle.goal import Goal, ImageGoal
from cairn.policies.bundle.graph_spec import GraphSpec, TensorSpec
from cairn.policies.bundle.image_input import ImageInput
from cairn.policies.bundle.schema import FileName, ManifestPart, Name, PositiveFloat, PositiveInt, Sha256

SCHEMA_VERSION = 1


class FileEntry(ManifestPart):
    """A file of the bundle as it was written."""

    sha256: Sha256
    size: Annotated[int, Field(ge=0)]


class Diffusion(ManifestPart):
    """How an action is sampled where it is denoised (DDPM, Ho et al. 2020).

    Attributes:
        graph: the noise predictor.
        sample, timestep: its inputs for the noisy action and for the step's number.
        steps: in training and in use.
        schedule: of beta; `squaredcos_cap_v2` is Nichol and Dhariwal's.
        prediction: what the graph's output means.
        clip: whether each denoised sample is clipped to [-1, 1].
        samples: drawn at once.
    """

    graph: Name
    sample: Name
    timestep: Name
    steps: PositiveInt
    schedule: Literal["squaredcos_cap_v2", "linear", "scaled_linear"]
    prediction: Literal["epsilon", "sample", "v_prediction"]
    clip: bool
    samples: PositiveInt


class Parity(ManifestPart):
    """Reference inputs and outputs of the model that was exported.

    `tolerances`: largest permitted absolute error by `graph.tensor`, in the output's physical units.
    """

    file: FileName
    tolerances: Annotated[dict[Name, PositiveFloat], Field(min_length=1)]


class Provenance(ManifestPart):
    """Where the numbers come from.

    `metrics` are of held-out data; `software` maps packages to versions.
    """

    data: Annotated[tuple[str, ...], Field(min_length=1)]
    seed: int
    command: Annotated[str, Field(min_length=1)]
    git_revision: Annotated[str, Field(pattern=r"^(unknown|[0-9a-f]{7,40}(-dirty)?)$")]
    created: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}Z)?$")]
    metrics: dict[str, float]
    software: dict[str, str] = Field(default_factory=dict)


class Manifest(ManifestPart):
    """`policy.yaml`.

    Attributes:
        rate: control steps per second the policy was trained at.
        image: how an observation (and an image goal) is prepared.
        actions: what the outputs mean, the preferred one first.
        statistics: file of named lists of numbers that normalisations refer to.
        parameters: calibrated numbers that the policy's own code reads, such as thresholds.
        card: the model card.
        files: every file but `policy.yaml` itself.
    """

    schema_version: Literal[1]
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
    description: Annotated[str, Field(min_length=1)]
    licence: str
    rate: PositiveFloat
    image: ImageInput
    goal: Goal
    actions: Annotated[tuple[ActionOutput, ...], Field(min_length=1)]
    graphs: Annotated[dict[Name, GraphSpec], Field(min_length=1)]
    diffusion: Diffusion | None = None
    statistics: FileName | None = None
    parameters: dict[Name, float] = Field(default_factory=dict)
    parity: Parity | None = None
    provenance: Provenance
    card: FileName = "MODEL_CARD.md"
    files: dict[FileName, FileEntry]

    def output(self, path: str) -> TensorSpec:
        """The output `graph.tensor`.

        Raises:
            ValueError: no such graph or output.
        """
        graph, _, tensor = path.partition(".")
        if graph not in self.graphs:
            raise ValueError(f"{path!r} names no graph; valid: {sorted(self.graphs)}")
        outputs = self.graphs[graph].outputs
        if tensor not in outputs:
            raise ValueError(f"{path!r} names no output of graph {graph!r}; valid: {sorted(outputs)}")
        return outputs[tensor]

    @model_validator(mode="after")
    def _files_are_listed(self) -> Self:
        used = {"card": self.card, "statistics": self.statistics}
        used |= {f"graph {name!r}": graph.file for name, graph in self.graphs.items()}
        if self.parity:
            used["parity"] = self.parity.file
        for user, file in used.items():
            if file is not None and file not in self.files:
                raise ValueError(f"{user} uses {file!r}, which is not among files: {sorted(self.files)}")
        if "policy.yaml" in self.files:
            raise ValueError("files must not list policy.yaml, which can't hold its own hash")
        return self

    @model_validator(mode="after")
    def _outputs_exist(self) -> Self:
        for action in self.actions:
            shape = self.output(action.output).shape
            wanted = (action.horizon, action.width) if action.horizon > 1 else (action.width,)
            if shape[-len(wanted) :] != wanted:
                raise ValueError(
                    f"{action.kind} needs {action.output!r} to end in {list(wanted)}, got {list(shape)}"
                )
            if action.normalisation and self.statistics is None:
                raise ValueError(f"{action.kind} is normalised, which needs a statistics file")
        for path in self.parity.tolerances if self.parity else ():
            self.output(path)
        return self

    @model_validator(mode="after")
    def _inputs_exist(self) -> Self:
        inputs = {name for graph in self.graphs.values() for name in graph.inputs}
        if isinstance(self.goal, ImageGoal) and self.goal.mask and self.goal.mask not in inputs:
            raise ValueError(f"goal mask {self.goal.mask!r} is no graph's input; valid: {sorted(inputs)}")
        if self.diffusion:
            if self.diffusion.graph not in self.graphs:
                raise ValueError(
                    f"diffusion names no graph {self.diffusion.graph!r}; valid: {sorted(self.graphs)}"
                )
            own = self.graphs[self.diffusion.graph].inputs
            for name in (self.diffusion.sample, self.diffusion.timestep):
                if name not in own:
                    raise ValueError(f"diffusion input {name!r} is not of {sorted(own)}")
        return self
