"""Games and races in closed form or by enumeration: classes, equilibria, restraint that lasts, shares of a whole.

Everything here takes numbers and returns numbers; where payoffs come from is for an analysis to say.
"""
