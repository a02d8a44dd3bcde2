"""Replies to customer messages: what a message wants, and an answer that is never more than a template or a FAQ row.

    message -> keywords -> intents (confidence, scope) -> templates, FAQ -> answering.Suggestion

Nothing here sends anything, writes anything or knows a channel; the door is ``answering.Desk``.
"""
