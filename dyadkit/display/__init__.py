"""Tables, figures and number formats as specifications, and the rule of what may be shown."""
