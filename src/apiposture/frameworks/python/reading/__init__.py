"""What do the names and expressions of a Python program stand for?"""
