"""The page of crm_ai.analyses.anomalies. Role: viewer."""

from crm_ai.ui import signin, steps

signin.require_role("viewer")
data = steps.data("anomalies")
recipe = steps.parameters(data, "anomalies")
result = steps.result(data, recipe)
steps.keep(data, recipe, result)
