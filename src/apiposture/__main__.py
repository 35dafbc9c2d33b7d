"""What does `python -m apiposture` run?"""

from apiposture.cli import main

if __name__ == "__main__":
    main()
