"""What a person can do: one class per action with its id, title, help, keys and when it makes sense.

Bindings, the hint row, the palette, the help and the README's key table are all made from these classes.
"""
