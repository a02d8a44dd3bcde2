"""What tables, dimensions, checks and kinds of column are called."""

from crm_ai.data.schema import TABLES
from crm_ai.i18n import Translator, heading


def table(name: str, t: Translator) -> str:
    """A canonical table."""
    return {
        "transactions": t("Order lines"),
        "customers": t("Customer list"),
        "series": t("Time series"),
        "feedback": t("Customer feedback"),
    }[name]


def column(name: str, t: Translator) -> str:
    """A column; attributes of customers keep the name that the file gives them."""
    return heading(name, t) if any(name in known for known in TABLES.values()) else name


def dimension(name: str, t: Translator) -> str:
    """A dimension; "" where a rule counts against none."""
    return {
        "": t("No fault"),
        "completeness": t("Completeness"),
        "validity": t("Validity"),
        "uniqueness": t("Uniqueness"),
        "consistency": t("Consistency"),
        "freshness": t("Freshness"),
        "outliers": t("Extreme values"),
        "spelling": t("Uniform spelling"),
    }[name]


def kind(name: str, t: Translator) -> str:
    """What a column holds; "" where it holds nothing."""
    return {
        "": t("nothing"),
        "text": t("text"),
        "number": t("number"),
        "date": t("date"),
        "flag": t("yes or no"),
        "other": t("other"),
    }[name]


def check(name: str, t: Translator) -> str:
    """What a check looks for."""
    return {
        "repeated_lines": t("Order lines that repeat another"),
        "repeated_customers": t("Customers listed more than once"),
        "repeated_feedback": t("Feedback numbers used more than once"),
        "repeated_times": t("Times of a series given more than once"),
        "customers_of_order": t("Orders with several customers"),
        "days_of_order": t("Orders over several days"),
        "amount_differs": t("Amounts that are not quantity times price"),
        "names_of_product": t("Product numbers with several names"),
        "products_of_name": t("Product names with several numbers"),
        "unknown_customers": t("Buyers missing from the customer list"),
        "currencies": t("Currencies mixed"),
        "taken_out": t("Faulty records"),
        "future_dates": t("Dates after the data came in"),
        "spellings": t("Values in several spellings"),
        "outside": t("Values far outside the usual"),
    }[name]
