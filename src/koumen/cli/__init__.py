"""The command line. It speaks the administrators' language, Chinese, and needs no catalogue."""

import warnings

# The database wheel warns about a folder it can do without; every command would repeat it.
warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
