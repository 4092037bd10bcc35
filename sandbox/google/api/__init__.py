"""The part that both APIs share: answers, errors, callers and quota."""
