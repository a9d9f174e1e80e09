"""The start of the loop on a past day: what of it was known then, and the parameters that say so in place of today's.

The tables of parameters describe one start, the last one filed. On an earlier day the same loop starts from what had
been filed, reported or announced by that day; how the machine works (responses, elasticities, lives) stays as judged
today, and the recipe of a run says which is which.
"""
