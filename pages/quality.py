"""The page of crm_ai.analyses.quality. Role: viewer."""

from crm_ai.ui import signin, steps

signin.require_role("viewer")
data = steps.data("quality")
recipe = steps.parameters(data, "quality")
result = steps.result(data, recipe)
steps.keep(data, recipe, result)
