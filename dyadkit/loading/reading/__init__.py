"""Export files of any format → tables of texts."""
