"""Values that differ from run to run: random values, the time, and the base URL.

- `seed`: the random values of one scope, from its seed
- `streams`: random bytes for a scope and its threads, jobs and tasks
- `random_functions`: the patches that lead Python's random functions to the active scope
- `generators`: the state of the generators that libraries share
- `clock`: the time of a replay
- `base_url`: requests and responses of a recording under another base URL
"""
