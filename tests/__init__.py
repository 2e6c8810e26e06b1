"""A regular package, so that it takes precedence over other packages named tests, which some projects install."""
