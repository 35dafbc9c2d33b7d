"""Which routes do applications, blueprints and routers hold?"""
