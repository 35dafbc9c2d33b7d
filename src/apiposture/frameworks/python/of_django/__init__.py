"""What stands around a view of Django: its paths, its mixins, its middleware, its permissions?"""
