"""Vehicle routing by itself: an instance in, checked routes out (`tangye route`).

`instance` holds the problem, `solution` the answer, `formats` reads files, `engines` search; `dispatch.check`
judges. This package imports no solver; `engines` does.
"""
