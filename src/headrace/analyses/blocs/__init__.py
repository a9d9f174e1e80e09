"""Should a bloc of nations restrict, subsidise, or neither, when the others may do the same?

``profiles`` says who does what and what that makes of a run, ``ownership`` whose compute it is, ``account`` what it is
worth to whom, ``playing`` runs every profile, ``table`` reads the game off it, ``dread`` adds what standing is worth,
``measured`` joins them and ``sentences`` says what came out.
"""
