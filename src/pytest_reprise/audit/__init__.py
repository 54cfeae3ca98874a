"""The audit: find secrets in existing files, report them without values, and fix the files."""
