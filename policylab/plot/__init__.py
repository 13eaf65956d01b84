"""Drawing: functions that take a frame and an `ax`, return the `ax`, and never save."""
