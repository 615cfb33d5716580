"""Clinical and appropriateness rule sets as data, with their schema; a rule is never code."""
