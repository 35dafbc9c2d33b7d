"""What does code ask of its caller, before or while it answers?"""
