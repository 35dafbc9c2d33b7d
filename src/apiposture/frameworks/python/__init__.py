"""What do we know of the frameworks and libraries of Python programs?"""
