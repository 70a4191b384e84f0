"""`python -m isogloss.cli`, for where the package is not installed."""

from isogloss.cli import main

if __name__ == "__main__":
    main()
