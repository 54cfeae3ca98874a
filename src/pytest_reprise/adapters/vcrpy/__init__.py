"""vcrpy on our tape: its options, its view of a cassette, its patches of other clients. The only
room that imports vcr, and itself only imported where a suite needs it."""
