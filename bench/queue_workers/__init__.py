"""One worker script per queue. The peers' run under a Python of their own and import nothing of ours but `tally`."""
