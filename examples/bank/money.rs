//! Amounts: whole hellers inside, crowns on the outside.

/// `123456` hellers as `1,234.56`.
pub fn crowns(hellers: i64) -> String {
    let (whole, part) = (hellers.unsigned_abs() / 100, hellers.unsigned_abs() % 100);
    let digits = whole.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    format!("{}{text}.{part:02}", if hellers < 0 { "-" } else { "" })
}

/// `1234.56`, or `1234.5`, or `1234`, as hellers; `None` for anything else.
pub fn hellers(crowns: &str) -> Option<i64> {
    let (whole, part) = crowns.split_once('.').unwrap_or((crowns, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || part.len() > 2 || !is_number(whole) || !is_number(part) {
        return None;
    }
    let part: i64 = format!("{part:0<2}").parse().ok()?;
    whole
        .parse::<i64>()
        .ok()?
        .checked_mul(100)?
        .checked_add(part)
}
