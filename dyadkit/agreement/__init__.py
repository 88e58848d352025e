"""Agreement: do the two members of a dyad see the same thing?"""
