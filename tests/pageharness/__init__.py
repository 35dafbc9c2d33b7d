"""How does a page of a shelf become tests? CONTRIBUTING.md says how a page is written."""
