"""What happens to data in a function, and what does the function do with it?"""
