"""What a stream of cash is worth, when it pays back, and when to wait: arithmetic of investment, without a model.

Everything here takes numbers and returns numbers; where cash flows come from is for an analysis to say.
"""
