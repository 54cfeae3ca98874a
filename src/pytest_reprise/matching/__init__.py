"""Matching: find the recorded interaction that answers a request.

1. `index` looks for a request with the same bytes. It finds most requests, because the seed and
   the clock are those of the recording.
2. `search` compares by meaning. `request_parts` takes secrets and times out of a request, since
   they differ from run to run; `key` makes a hashable key of the rest. Equal keys are candidates.
   Among these, secrets and times are compared by their own rules.
3. Only if both find nothing, a placeholder in a recording matches any text at its position
   ("by wildcard").

`closest` describes the difference to the closest recorded request, for the message of a miss.
"""
