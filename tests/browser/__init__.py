"""Pages in a real browser: `make test-browser`. They need Chromium; `make test` leaves them out."""
