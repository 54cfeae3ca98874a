"""Cases from how real APIs, SDKs, tools and logs of 2026 carry secrets, and what is no secret.

Three sets: placements of secrets, benign values in whole answers, and assertions that tests make on
secrets. Secrets are made anew for each run. No row names a rule of the scrubber, and each says in
`source` which product or document it imitates.
"""
