"""The page of crm_ai.analyses.segments. Role: viewer."""

from crm_ai.ui import signin, steps

signin.require_role("viewer")
data = steps.data("segments")
recipe = steps.parameters(data, "segments")
result = steps.result(data, recipe)
steps.keep(data, recipe, result)
