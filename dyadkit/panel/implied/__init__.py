"""What effects come to over several waves (`responses`) and in continuous time (`drift`)."""
