"""One use of a cassette: replay, recording, and closing."""
