"""Comparisons of posts, tags, days and cohorts that know their own error. Pure, on numpy arrays.

Import it where it is used: numpy makes an idle process larger. Web pages read stored results and need `formulas` only.
"""
