"""What an import brings with it on purpose: time, another module, or a write past the end of a block of memory."""

import time

#: As large as a block of the smallest sizes, so that the byte behind it is another's.
BLOCK = 16


def burn(milliseconds):
    """Processor time, not time: a busy machine stretches it as it stretches the start that it is compared with."""
    end = time.process_time() + milliseconds / 1000
    while time.process_time() < end:
        pass


def overflow():
    """Ends the process under the debugging allocators, and leaves everything as it was under any other."""
    import ctypes
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    allocate, release = ctypes.pythonapi.PyMem_Malloc, ctypes.pythonapi.PyMem_Free
    allocate.restype, allocate.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    release.restype, release.argtypes = None, [ctypes.c_void_p]
    address = allocate(BLOCK)
    behind = ctypes.c_ubyte.from_address(address + BLOCK)
    behind.value ^= 0xFF
    release(address)
    behind.value ^= 0xFF


def change_import(orders, record):
    """:param orders: one of those that add something to an import"""
    change = orders["change"]
    if change == "slow-import":
        burn(orders["cpuMs"])
    elif change == "extra-import":
        try:
            __import__(orders["extra"])
        except ImportError as error:
            record.unhookable(orders["extra"], None, "it cannot be imported: %s" % error)
            return
    # Before the process ends.
    record.changed_import()
    if change == "overflow":
        overflow()
