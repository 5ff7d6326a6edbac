"""What several flows share. A step takes a connection and makes no call.

The exceptions are the turn of a refresh lane and the looks at what changed (look, newest): they run the loop, and are
handed the call by the flow (docs/decisions/0010-one-turn-per-lane.md).
"""
