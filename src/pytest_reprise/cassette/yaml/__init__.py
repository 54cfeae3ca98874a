"""Readers and writers of YAML.

- `fast_load`, `fast_dump`: only what Reprise itself writes, without PyYAML
- `safe`: all of YAML, by PyYAML's safe loader and dumper
- `events`: a faster way for `safe.load`, by the events of libyaml's parser
- `libyaml`: PyYAML's classes that use libyaml, where it is installed

A fast one either does exactly what `safe` does, or raises an error; then `safe` does it. To remove
`events`, delete its call in `safe.load`; to remove `fast_dump`, delete its call in `dump.dump`.
"""
