"""`python -m service …`: the commands of those who run the service."""

import sys

from service import cli

if __name__ == "__main__":
    sys.exit(cli.main())
