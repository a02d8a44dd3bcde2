"""The page of crm_ai.analyses.overview. Role: viewer."""

from crm_ai.ui import signin, steps

signin.require_role("viewer")
data = steps.data("overview")
recipe = steps.parameters(data, "overview")
result = steps.result(data, recipe)
steps.keep(data, recipe, result)
