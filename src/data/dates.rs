//! Dates written as text, as days: 2024-03-01, 01.03.2024, 3/1/2024, 1 Mar 2024.
//!
//! Days are counted as spreadsheets count them, so that dates in cells and dates in texts can stand
//! in one column. What 3/4/2024 means depends on the country; a column as a whole usually tells.

/// Days from 1899-12-30, where spreadsheets begin to count, to 1970-01-01.
const EPOCH: i64 = 25_569;

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Which of two numbers with a slash between them is the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// 31/12/2024
    DayFirst,
    /// 12/31/2024
    MonthFirst,
}

/// The days of a date, with a time as a part of a day; none where the text is no date.
pub(crate) fn parse(text: &str, order: Order) -> Option<f64> {
    let text = text.trim();
    // A time alone is a part of a day.
    let is_time = text.contains(':') && text.starts_with(|c: char| c.is_ascii_digit());
    if let Some(part) = clock(text).filter(|_| is_time) {
        return Some(part);
    }
    let (date, time) = split_time(text);
    let (year, month, day) = calendar(date, order)?;
    Some(days(year, month, day)? as f64 + time.map_or(Some(0.0), clock)?)
}

/// The order that a date is written in, where it can be written in no other.
pub(crate) fn order(text: &str) -> Option<Order> {
    let day_first = parse(text, Order::DayFirst).is_some();
    match (day_first, parse(text, Order::MonthFirst).is_some()) {
        (true, false) => Some(Order::DayFirst),
        (false, true) => Some(Order::MonthFirst),
        _ => None,
    }
}

/// Whether the two orders give two dates.
pub(crate) fn is_ambiguous(text: &str) -> bool {
    let (day_first, month_first) = (parse(text, Order::DayFirst), parse(text, Order::MonthFirst));
    day_first.is_some() && month_first.is_some() && day_first != month_first
}

/// `2024-03-01` for a number of days, with the time where there is one.
pub(crate) fn shown(days: f64) -> String {
    let (year, month, day) = civil(days.floor() as i64 - EPOCH);
    let seconds = ((days - days.floor()) * 86_400.0).round() as i64;
    let date = format!("{year:04}-{month:02}-{day:02}");
    match seconds {
        _ if (0.0..1.0).contains(&days) => {
            format!("{:02}:{:02}", seconds / 3600, seconds / 60 % 60)
        }
        0 => date,
        _ => format!("{date} {:02}:{:02}", seconds / 3600, seconds / 60 % 60),
    }
}

fn split_time(text: &str) -> (&str, Option<&str>) {
    let cut = text.find(':').and_then(|colon| text[..colon].rfind([' ', 'T']));
    match cut {
        Some(at) => (text[..at].trim(), Some(text[at + 1..].trim())),
        None => (text, None),
    }
}

/// A time such as 13:05, 13:05:30.5 or 1:05 PM as a part of a day.
fn clock(text: &str) -> Option<f64> {
    let lower = text.trim_end_matches('Z').to_lowercase();
    let (digits, half) = match lower.strip_suffix("pm") {
        Some(rest) => (rest, Some(12.0)),
        None => (lower.strip_suffix("am").unwrap_or(&lower), lower.ends_with("am").then_some(0.0)),
    };
    let parts: Option<Vec<f64>> =
        digits.trim().split(':').map(|part| part.parse::<f64>().ok()).collect();
    let parts = parts.filter(|parts| (2..=3).contains(&parts.len()))?;
    let hour = half.map_or(parts[0], |half| parts[0] % 12.0 + half);
    let second = parts.get(2).copied().unwrap_or(0.0);
    let fits = (0.0..24.0).contains(&hour)
        && (0.0..60.0).contains(&parts[1])
        && (0.0..60.0).contains(&second);
    fits.then(|| (hour * 3600.0 + parts[1] * 60.0 + second) / 86_400.0)
}

/// Year, month and day.
fn calendar(date: &str, order: Order) -> Option<(i64, u32, u32)> {
    for between in ['-', '/', '.'] {
        let parts: Vec<&str> = date.split(between).map(str::trim).collect();
        if parts.len() == 3 {
            return by_parts(&parts, between, order);
        }
    }
    let words: Vec<&str> = date.split([' ', ',', '-']).filter(|word| !word.is_empty()).collect();
    match words.as_slice() {
        [month, year] => Some((whole_year(year)?, month_named(month)?, 1)),
        [first, second, third] => with_month_name([first, second, third]),
        _ => None,
    }
}

fn by_parts(parts: &[&str], between: char, order: Order) -> Option<(i64, u32, u32)> {
    let [first, second, third] = parts else { return None };
    if first.len() == 4 {
        return Some((number(first)?.into(), number(second)?, number(third)?));
    }
    if [first, second].iter().any(|part| month_named(part).is_some()) {
        return with_month_name([first, second, third]);
    }
    let year = short_year(third)?;
    let (first, second) = (number(first)?, number(second)?);
    match order {
        Order::MonthFirst if between != '.' => Some((year, first, second)),
        _ => Some((year, second, first)),
    }
}

/// `1 Mar 2024`, `Mar 1 2024`, `2024 Mar 1`.
fn with_month_name(words: [&str; 3]) -> Option<(i64, u32, u32)> {
    let [first, second, third] = words;
    if let Some(month) = month_named(first) {
        return Some((short_year(third)?, month, number(second)?));
    }
    let month = month_named(second)?;
    match first.len() {
        4 => Some((whole_year(first)?, month, number(third)?)),
        _ => Some((short_year(third)?, month, number(first)?)),
    }
}

fn month_named(word: &str) -> Option<u32> {
    const LONG: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let word = word.trim_end_matches('.').to_lowercase();
    let at = MONTHS.iter().position(|month| *month == word || (word == "sept" && *month == "sep"));
    at.or_else(|| LONG.iter().position(|month| *month == word)).map(|at| at as u32 + 1)
}

fn number(text: &str) -> Option<u32> {
    let is_number = (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

fn whole_year(text: &str) -> Option<i64> {
    number(text).filter(|_| text.len() == 4).map(i64::from)
}

/// A year of two or four digits; 69 and below are of this century, as spreadsheets nearly agree.
fn short_year(text: &str) -> Option<i64> {
    match text.len() {
        2 => number(text).map(|year| i64::from(year) + if year < 70 { 2000 } else { 1900 }),
        _ => whole_year(text),
    }
}

/// The days of a date that the calendar has.
fn days(year: i64, month: u32, day: u32) -> Option<i64> {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let longest = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=longest).contains(&day) {
        return None;
    }
    // Days since 1970-01-01 in the proleptic Gregorian calendar (Hinnant, chrono-compatible dates).
    let (month, day) = (i64::from(month), i64::from(day));
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    Some(era * 146_097 + day_of_era - 719_468 + EPOCH)
}

/// Year, month and day of a number of days since 1970-01-01.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, of_year - (153 * shifted + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_days_as_a_spreadsheet_counts_them() {
        for (text, expected) in [
            ("2021-03-04", 44_259.0),
            ("2021/3/4", 44_259.0),
            ("04.03.2021", 44_259.0),
            ("4.3.21", 44_259.0),
            ("4 Mar 2021", 44_259.0),
            ("March 4, 2021", 44_259.0),
            ("4-Mar-21", 44_259.0),
            ("2021-03-04T12:00:00", 44_259.5),
            ("2021-03-04 6:00 PM", 44_259.75),
            ("1899-12-30", 0.0),
            ("06:00", 0.25),
            ("6:00:00 PM", 0.75),
        ] {
            assert_eq!(parse(text, Order::DayFirst), Some(expected), "{text}");
        }
        assert_eq!(shown(44_259.5), "2021-03-04 12:00");
        assert_eq!(shown(44_259.0), "2021-03-04");
        for text in ["", "12", "1.5", "2021-02-29", "a/b/c", "1.2.3.4", "10:60", "May be", "1-2"] {
            assert_eq!(parse(text, Order::DayFirst), None, "{text}");
        }
    }

    #[test]
    fn slashes_mean_one_thing_or_two() {
        assert_eq!(order("31/12/2024"), Some(Order::DayFirst));
        assert_eq!(order("12/31/2024"), Some(Order::MonthFirst));
        assert!(
            is_ambiguous("3/4/2024") && !is_ambiguous("3/3/2024") && order("3/4/2024").is_none()
        );
        assert_eq!(order("01.03.2024"), None);
    }
}
