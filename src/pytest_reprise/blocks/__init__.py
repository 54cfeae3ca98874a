"""`use_cassette`: a cassette for a block of code, in tests and outside pytest."""
