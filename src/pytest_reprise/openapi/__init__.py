"""OpenAPI documents (3.0, 3.1): check recordings against one, measure coverage, draft one.

Only `schemas` needs the package jsonschema, of the extra `openapi`.
"""
