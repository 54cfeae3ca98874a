"""Scrubbing: replace secrets by placeholders, before a request is matched and before it is written.

`walk` visits the places of an interaction where a secret may be, `rules` decide what is a secret,
`replace` puts placeholders, `content` decodes bodies; `scrubber` combines them.
"""
