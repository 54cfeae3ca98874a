"""HTTP clients: how each of them asks a tape. Only this package imports httpx, httpx2 and vcr."""
