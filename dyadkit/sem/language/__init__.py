"""lavaan syntax to parameter table, and back."""
