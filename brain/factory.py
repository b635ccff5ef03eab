"""Brains from configuration."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from fleetmind.brain.brain import Brain
from fleetmind.brain.budget import Budget, BudgetedEngine
from fleetmind.brain.engine import Engine
from fleetmind.memory.errors import FleetmindError
from fleetmind.memory.model import JsonValue, Model

ENGINES = "fleetmind.engines"
"""Entry-point group: `name = package:make`, where `make(BrainConfig) -> Engine`."""


class BrainConfig(Model):
    """Section `brain` of `fleet.yaml`."""

    kind: Literal["symbolic", "model", "chain", "scripted"] = "symbolic"
    """`symbolic`: rules, no model; `model`: a language model; `chain`: the model, and the rules where it fails;
    `scripted`: the model brain on canned answers."""
    engine: str = "openai"
    """`openai` for any OpenAI-compatible or Azure endpoint, or the name of an installed `fleetmind.engines` plugin."""
    base_url: str | None = None
    """`http://127.0.0.1:8000/v1`; None: OpenAI, or Azure with `azure_endpoint`."""
    model: str = ""
    """Name of the model; with Azure, of the deployment."""
    api_key_env: str = "OPENAI_API_KEY"
    """Environment variable with the key."""
    api_key_file: Path | None = None
    """File with the key, mode 0600; wins over the environment."""
    azure_endpoint: str | None = None
    """`https://<resource>.openai.azure.com`."""
    azure_api_version: str = "2024-10-21"
    """Azure API version."""
    vision: bool = True
    """Robots send pictures with each thought."""
    timeout_s: float = Field(60.0, gt=0, le=3600)
    """Deadline of one request, retries included."""
    retries: int = Field(3, ge=0, le=10)
    """Further tries after 429, 5xx and connection errors."""
    repairs: int = Field(2, ge=0, le=10)
    """How often the model may mend an answer that could not be used."""
    max_tokens: int = Field(4096, ge=16, le=200_000)
    """Limit of one answer."""
    budget: Budget = Budget()
    """What one task may spend."""
    answers: tuple[str, ...] = ()
    """With `scripted`: what the model says, in order."""
    options: dict[str, JsonValue] = Field(default_factory=dict)
    """For engines that are plugins."""

    @model_validator(mode="after")
    def _complete(self) -> BrainConfig:
        if self.kind in ("model", "chain") and self.engine == "openai" and not self.model:
            raise ValueError(f"kind={self.kind!r} needs `model`: the name under which the endpoint serves it")
        if self.kind == "scripted" and not self.answers:
            raise ValueError("kind='scripted' needs `answers`")
        return self


def make_brain(config: BrainConfig | None = None) -> Brain:
    """The brain that a configuration describes; nothing is connected before its first use.

    Raises:
        FleetmindError: `BRAIN_CONFIG` for an engine that is not installed.
    """
    from fleetmind.brain.chain import ChainBrain
    from fleetmind.brain.model import ModelBrain
    from fleetmind.brain.symbolic import SymbolicBrain

    config = config or BrainConfig()
    if config.kind == "symbolic":
        return SymbolicBrain()
    engine = BudgetedEngine(make_engine(config), config.budget)
    model = ModelBrain(engine, vision=config.vision, repairs=config.repairs, timeout_s=config.timeout_s,
                       max_tokens=config.max_tokens)
    return ChainBrain(model, SymbolicBrain()) if config.kind == "chain" else model


def make_engine(config: BrainConfig) -> Engine:
    """The engine that a configuration names."""
    if config.kind == "scripted":
        from fleetmind.brain.scripted import ScriptedEngine

        return ScriptedEngine(config.answers)
    if config.engine == "openai":
        from fleetmind.brain.openai_engine import EndpointConfig, OpenAIEngine

        return OpenAIEngine(EndpointConfig(
            base_url=config.base_url, model=config.model, api_key_env=config.api_key_env,
            api_key_file=config.api_key_file, azure_endpoint=config.azure_endpoint,
            azure_api_version=config.azure_api_version, retries=config.retries))
    plugins = {point.name: point for point in entry_points(group=ENGINES)}
    if config.engine not in plugins:
        raise FleetmindError("BRAIN_CONFIG", f"engine={config.engine!r} is not installed; there are "
                                             f"{sorted(['openai', *plugins])!r}")
    made = plugins[config.engine].load()(config)
    if not isinstance(made, Engine):
        raise FleetmindError("BRAIN_CONFIG", f"engine={config.engine!r} made a {type(made).__name__}, not an Engine")
    return made
