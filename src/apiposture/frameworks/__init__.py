"""What do we know of other people's frameworks and libraries?"""
