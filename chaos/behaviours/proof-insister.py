"""Like proof-client.py, but with a port of its own, which it is not told in any way that could lead it to a proxy."""

import os
import runpy
import sys

os.environ["PORT"] = str(int(sys.argv[1]) + 1)
runpy.run_path(os.path.join(os.path.dirname(__file__), "proof-client.py"), run_name="__main__")
