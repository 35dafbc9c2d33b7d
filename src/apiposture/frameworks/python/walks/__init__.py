"""What becomes of one request that code is gone through for?"""
