"""The audit: what secrets files hold, told without telling them, and repaired."""
