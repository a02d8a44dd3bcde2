"""Words that stand where a number, a date or an identifier is missing, in small letters."""

MISSING = (
    "null", "(null)", "<null>", "nan", "nat", "n/a", "#n/a", "<na>", "none", "(blank)", "-", "--", "---", "—", "——",
    "/", "\\n", "无", "空", "（空）", "(空)", "暂无", "#ref!", "#value!", "#div/0!", "#name?", "#num!", "#null!",
)  # fmt: skip
