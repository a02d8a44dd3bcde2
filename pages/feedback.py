"""The page of crm_ai.analyses.feedback. Role: viewer."""

from crm_ai.ui import signin, steps

signin.require_role("viewer")
data = steps.data("feedback")
recipe = steps.parameters(data, "feedback")
result = steps.result(data, recipe)
steps.keep(data, recipe, result)
