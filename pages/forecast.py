"""The page of crm_ai.analyses.forecast. Role: viewer."""

from crm_ai.ui import signin, steps

signin.require_role("viewer")
data = steps.data("forecast")
recipe = steps.parameters(data, "forecast")
result = steps.result(data, recipe)
steps.keep(data, recipe, result)
