"""`python -m judgebench` is `judgebench`."""

from judgebench.cli import main

if __name__ == "__main__":
    main()
