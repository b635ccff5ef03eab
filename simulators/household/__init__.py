"""The household world: rooms, furniture and things with AI2-THOR's types, states, actions and failure texts."""
