"""What the brain should see of a scene for one instruction: the part that matters, as text and data, within a budget.

`words` finds the types an instruction names, `places` where to look, `ranking` gives out things in order of relevance,
`page` fills the budget with `lines` and the recent `past`. The cost does not grow with the scene.
"""

from __future__ import annotations

from fleetmind.memory.retrieval.choose import MAX_BYTES, context
from fleetmind.memory.retrieval.likeness import Embed
from fleetmind.memory.retrieval.model import Context
from fleetmind.memory.retrieval.past import recent_events
from fleetmind.memory.retrieval.words import words_of

__all__ = ["MAX_BYTES", "Context", "Embed", "context", "recent_events", "words_of"]
