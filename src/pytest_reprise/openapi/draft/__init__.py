"""Draft an OpenAPI document from recordings."""
