"""The client of a proof: asks the server that it is given once, whatever comes of it, and then does what the harness says."""

import os
import urllib.request

from born import born, hold
from listen import obey

hold()
born("client")
try:
    # A proof may have any fault here, and one of them is that no answer ever comes.
    with urllib.request.urlopen(f"http://127.0.0.1:{os.environ['PORT']}/", timeout=2) as answer:
        answer.read()
except OSError:
    pass
obey()
