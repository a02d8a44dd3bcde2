"""The page of crm_ai.analyses.baskets. Role: viewer."""

from crm_ai.ui import signin, steps

signin.require_role("viewer")
data = steps.data("baskets")
recipe = steps.parameters(data, "baskets")
result = steps.result(data, recipe)
steps.keep(data, recipe, result)
