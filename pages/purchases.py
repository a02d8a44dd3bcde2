"""The page of crm_ai.analyses.purchases. Role: viewer."""

from crm_ai.ui import signin, steps

signin.require_role("viewer")
data = steps.data("purchases")
recipe = steps.parameters(data, "purchases")
result = steps.result(data, recipe)
steps.keep(data, recipe, result)
