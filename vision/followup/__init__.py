"""Two visits of one patient side by side: what changed, and is it more than a re-take brings about.

before, after = look(earlier_bytes), look(later_bytes)
aligned = align(before.picture, before.reading.mask, after.picture, after.reading.mask)
changes = compare(before, after, aligned) if aligned.comparable else ()
"""
