"""The parts of `python -m bench fleet`: row weights, claim times, browser measurements, simulated days."""
