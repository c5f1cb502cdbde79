#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Hold one port of 127.0.0.1 with a listener and one without; print both, and wait to be ended."""
import signal
import socket

with socket.socket() as listener, socket.socket() as reserved:
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    reserved.bind(("127.0.0.1", 0))
    print(listener.getsockname()[1], reserved.getsockname()[1], flush=True)
    signal.pause()
