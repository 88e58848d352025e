"""What looks wrong in the data of a study, and how it is shown."""
