"""From a request to the recorded interaction that answers it."""
