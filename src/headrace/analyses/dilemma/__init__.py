"""Is the race for compute a prisoner's dilemma, and what would break it?

``payoffs`` simulates what every profile of strategies is worth, ``table`` reads the game off it, ``replies``
looks for what pays best, ``today`` holds today's spending against what would make it rational, ``measured`` joins them
and ``sentences`` says what came out.
"""
