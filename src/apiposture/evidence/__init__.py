"""What can an auditor verify alone?"""
