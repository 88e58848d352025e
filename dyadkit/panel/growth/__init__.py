"""Growth curves of persons and dyads; equations are in `growth_shapes` and `growth_syntax`."""
