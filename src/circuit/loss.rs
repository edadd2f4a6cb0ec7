//! The loss: how bad a prediction is, as a formula over `error` = y_pred − y, `y_pred` and `y`.

use super::model::formula;
use crate::data::Data;
use crate::error::{Error, Result};
use crate::formula::{Expr, Name, Operator};

/// A loss function of one sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Loss {
    /// As the user wrote it: `squared`, `huber:1.5`, a formula.
    pub text: String,
    /// The loss over `error`, `y_pred`, `y` and `delta`.
    pub formula: Expr<Name>,
    /// The width within which Huber's loss is a square.
    pub delta: Option<f64>,
    /// Whether y must be 0 or 1.
    pub classes: bool,
}

/// The losses that have a name; Huber's takes its width behind a colon.
///
/// - squared: e = (ŷ − y)²
/// - half-squared: e = (ŷ − y)²/2, whose slope is just the error
/// - absolute: e = |ŷ − y|
/// - huber:δ: a square up to δ, a straight line beyond (P. J. Huber 1964)
/// - log: the cross-entropy of the probability ŷ, for y of 0 or 1
const NAMED: [(&str, &str); 5] = [
    ("squared", "error^2"),
    ("half-squared", "error^2/2"),
    ("absolute", "abs(error)"),
    ("huber", "if(abs(error) <= delta, error^2/2, delta*(abs(error) - delta/2))"),
    ("log", "if(y > 0.5, -ln(y_pred), -ln(1 - y_pred))"),
];

impl Loss {
    /// Reads a loss: a name, `huber:1.5`, or a formula over `y_pred` and `y`.
    ///
    /// # Errors
    /// A formula that does not parse or has other names; a Huber width that is no positive number.
    pub fn read(text: &str) -> Result<Self> {
        let (name, width) = match text.split_once(':') {
            Some((name, width)) => (name.trim(), Some(width.trim())),
            None => (text.trim(), None),
        };
        let known = NAMED.iter().find(|(known, _)| *known == name);
        match (known, width) {
            (Some(("huber", written)), _) => Self::named(text, written, Some(huber_width(width)?)),
            (Some((_, written)), None) => Self::named(text, written, None),
            (Some((name, _)), Some(_)) => {
                Err(Error::new(format!("the loss {name} takes no width, only huber does"))
                    .in_argument(argument(text))
                    .help(format!("write --loss {name}")))
            }
            (None, None) if !is_word(name) => Self::custom(text),
            (None, _) => Err(unknown(name).in_argument(argument(text))),
        }
    }

    /// The squared error.
    ///
    /// # Errors
    /// None: its formula is a constant that a test reads.
    pub fn squared() -> Result<Self> {
        Self::read("squared")
    }

    /// Whether this is the squared error, whose columns have the walkthrough's headers.
    pub fn is_squared(&self) -> bool {
        self.text == "squared"
    }

    fn named(text: &str, written: &str, delta: Option<f64>) -> Result<Self> {
        let text = text.trim().to_owned();
        let classes = text == "log";
        Ok(Loss { text, formula: formula(written)?, delta, classes })
    }

    fn custom(text: &str) -> Result<Self> {
        let read = crate::formula::parse(text).map_err(|error| error.in_formula("--loss", text))?;
        let is_strange =
            |name: &&Name| name.previous || !["y_pred", "y", "error"].contains(&name.id.as_str());
        let fail = |what| Error::new(what).in_argument(argument(text));
        if let Some(strange) = read.names().into_iter().find(is_strange) {
            return Err(fail(format!("a loss knows y_pred and y, but not `{strange}`")).help(
                format!("write a formula over y_pred and y, or one of {}", names().join(", ")),
            ));
        }
        if !read.has_name(|name| ["y_pred", "error"].contains(&name.id.as_str())) {
            return Err(fail(format!("the loss {} does not depend on y_pred", text.trim())).help(
                "without it there is nothing to learn; for example --loss \"(y_pred - y)^4\"",
            ));
        }
        Ok(Loss { text: text.trim().to_owned(), formula: read, delta: None, classes: false })
    }

    /// Checks that `data` are such as the loss is for: y of 0 and 1 for the cross-entropy.
    ///
    /// # Errors
    /// The first cell that holds something else.
    pub fn check(&self, data: &Data) -> Result<()> {
        if !self.classes {
            return Ok(());
        }
        for y in data.targets() {
            let wrong = y.values.iter().position(|value| *value != 0.0 && *value != 1.0);
            if let Some(row) = wrong {
                let value = y.values[row];
                let what = format!("the loss log is for y of 0 or 1, but here is {value}");
                return Err(Error::new(what)
                    .in_cell(&data.file, &data.sheet, &y.cells.get(row).unwrap_or_default())
                    .help("take another loss, or write 0 and 1 for the two classes"));
            }
        }
        Ok(())
    }

    /// The loss with `prediction` instead of y_pred, compared with the column `target` instead of y.
    pub fn of(&self, prediction: &Expr<Name>, target: &str) -> Expr<Name> {
        let error = prediction.clone().binary(Operator::Subtract, Name::here(target).into());
        self.over(prediction, &error, target)
    }

    /// The same with what stands for the error.
    pub(super) fn over(
        &self,
        prediction: &Expr<Name>,
        error: &Expr<Name>,
        target: &str,
    ) -> Expr<Name> {
        let replace = |name: &Name| match name.id.as_str() {
            "y_pred" => prediction.clone(),
            "error" => error.clone(),
            "y" => Name::here(target).into(),
            _ => name.clone().into(),
        };
        match self.formula.substitute(&mut |name| Ok::<_, std::convert::Infallible>(replace(name)))
        {
            Ok(loss) => loss,
            Err(never) => match never {},
        }
    }
}

/// Whether `text` looks like the name of a loss rather than like a formula.
fn is_word(text: &str) -> bool {
    let known = ["y_pred", "y", "error"].contains(&text);
    !known && text.chars().all(|c| c.is_alphabetic() || c == '-')
}

fn names() -> [&'static str; 5] {
    NAMED.map(|(name, _)| name)
}

fn unknown(name: &str) -> Error {
    let known = Error::known_names(name, &names());
    Error::new(format!("there is no loss `{name}`"))
        .help(format!("{known}; or a formula over y_pred and y"))
}

/// The argument that gives the loss, as a shell takes it.
fn argument(text: &str) -> String {
    match text.contains([' ', '(', '*', '<', '>', '&']) {
        true => format!("--loss \"{text}\""),
        false => format!("--loss {text}"),
    }
}

fn huber_width(width: Option<&str>) -> Result<f64> {
    let delta = width.and_then(|width| width.parse::<f64>().ok());
    delta.filter(|delta| delta.is_finite() && *delta > 0.0).ok_or_else(|| {
        Error::new("Huber's loss needs its width, a number above 0")
            .in_argument(format!(
                "--loss huber{}",
                width.map_or(String::new(), |w| format!(":{w}"))
            ))
            .help("for example --loss huber:1")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_are_read_by_name_or_as_formulas() {
        for (name, written) in NAMED {
            let text = if name == "huber" { "huber:1.5" } else { name };
            assert_eq!(Loss::read(text).unwrap().formula.to_string(), written, "{name}");
        }
        assert_eq!(Loss::read("huber:1.5").unwrap().delta, Some(1.5));
        assert_eq!(Loss::read("(y_pred - y)^4").unwrap().delta, None);
    }

    #[test]
    fn wrong_losses_are_explained() {
        let message = |text: &str| Loss::read(text).unwrap_err().to_string();
        assert_eq!(
            message("huber"),
            "Huber's loss needs its width, a number above 0\n  --> --loss huber\n  \
             help: for example --loss huber:1"
        );
        assert!(message("huber:-1").contains("--loss huber:-1"));
        assert_eq!(
            message("sqared"),
            "there is no loss `sqared`\n  --> --loss sqared\n  help: did you mean `squared`? Known: \
             squared, half-squared, absolute, huber, log; or a formula over y_pred and y"
        );
        assert!(message("hubr:2").starts_with("there is no loss `hubr`\n  --> --loss hubr:2"));
        assert_eq!(
            message("squared:2"),
            "the loss squared takes no width, only huber does\n  --> --loss squared:2\n  \
             help: write --loss squared"
        );
        assert_eq!(
            message("(y_pred - z)^2"),
            "a loss knows y_pred and y, but not `z`\n  --> --loss \"(y_pred - z)^2\"\n  help: write a \
             formula over y_pred and y, or one of squared, half-squared, absolute, huber, log"
        );
        assert_eq!(
            message("y^2"),
            "the loss y^2 does not depend on y_pred\n  --> --loss y^2\n  help: without it there is \
             nothing to learn; for example --loss \"(y_pred - y)^4\""
        );
        assert!(message("(y_pred").starts_with("expected `)`\n --> --loss:1:8"));
    }
}
