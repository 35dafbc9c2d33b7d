"""What is true of the program: who reaches what, and which data goes where?"""
