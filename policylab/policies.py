"""What a policy is: the year variable that dates it, and the levels at which it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from policylab.codebook import Variable
from policylab.names import expected_one_of
from policylab.provisions import Provisions

Definition = str | tuple[str, str, Iterable[str]]


class Policy(NamedTuple):
    """A year variable, and the levels of another variable at which the policy stands; none where it stands alone."""

    year: Variable
    variable: Variable | None
    levels: tuple[str, ...]

    @property
    def is_onset(self) -> bool:
        """Whether the year is that in which the variable left its first level."""
        return self.variable is not None and self.year.onset_of == self.variable.name


def read_policies(laws: Provisions, policies: Mapping[str, Definition] | None) -> dict[str, Policy]:
    """Read definitions of policies, by default one for every onset in view that is dated by a year."""
    if policies is None:
        onsets = [name for name in laws.variable_keys if laws.variables[name].onset_of]
        policies = {name: name for name in onsets if laws.variables[name].scale == "year"}
    return {name: _policy(laws, name, definition) for name, definition in policies.items()}


def _policy(laws: Provisions, name: str, definition: Definition) -> Policy:
    parts = (definition,) if isinstance(definition, str) else tuple(definition)
    if len(parts) not in (1, 3):
        raise ValueError(f"policy {name!r} is {definition!r}: expected a year variable, or it, a variable and levels")
    year = _variable(laws, parts[0])
    if year.scale != "year":
        raise ValueError(f"policy {name!r} is dated by {year.name}, a {year.scale} variable: expected a year variable")
    if len(parts) == 1:
        if year.onset_of:
            parent = laws.variables[year.onset_of]
            return Policy(year, parent, parent.levels[1:])
        return Policy(year, None, ())
    variable, levels = _variable(laws, parts[1]), parts[2]
    asked = {levels} if isinstance(levels, str) else set(levels)
    if not asked or asked - set(variable.levels):
        raise ValueError(
            f"policy {name!r} stands at levels {sorted(asked)} of {variable.name}: "
            f"expected some of {', '.join(variable.levels)}"
        )
    parent = year.requires.parent if year.requires else ""
    if variable.name not in (year.onset_of, parent):
        raise ValueError(f"policy {name!r}: {year.name} does not date {variable.name}, but {parent or 'no variable'}")
    policy = Policy(year, variable, tuple(level for level in variable.levels if level in asked))
    if policy.is_onset and policy.levels != variable.levels[1:]:
        raise ValueError(
            f"policy {name!r}: {year.name} dates the departure of {variable.name} from {variable.levels[0]}, "
            f"which says nothing of {', '.join(policy.levels)} alone"
        )
    return policy


def _variable(laws: Provisions, name: str) -> Variable:
    if name not in laws.variable_keys:
        raise KeyError(f"no variable {name!r} in view: {expected_one_of(name, laws.variable_keys)}")
    return laws.variables[name]
