"""Where records come from: a module each, with a function that gives `RawRecord`s and findings.

`files` reads what is given by hand; `pages` cuts XML into records, wherever it comes from.
"""
