"""What clients send, and the answers that are not read models: errors, sessions, acts and events.

Answers to questions are the frozen dataclasses of ``services.queries.models``, served as they stand.
"""
