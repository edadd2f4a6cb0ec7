//! Names within formulas: the variables of LET, the parameters of LAMBDA. A part of a formula stands wherever
//! its name does, read as it is where it was given the name.

use std::ops::Range;
use std::rc::Rc;

use formualizer_parse::parser::ReferenceType;
use formualizer_parse::{ASTNode, ASTNodeType};

use super::{MAX_LOOKED_UP, MAX_NAMES, Read, Reader};
use crate::data::address::Position;
use crate::graph::r1c1::{LOCAL, plain_name};

/// A name within a formula.
pub(super) struct Local {
    name: String,
    part: Rc<ASTNode>,
    /// The names that the part may use, by their places.
    scope: Range<usize>,
    /// From where the part's relative references count, and how deep in defined names it stands.
    home: Position,
    depth: usize,
}

/// The parameters of a LAMBDA, and behind them its formula; where the names begin that this may use.
struct Lambda {
    arguments: Vec<ASTNode>,
    floor: usize,
    /// Whether a defined name stands for it: its relative references count from A1.
    is_defined: bool,
}

impl Reader<'_> {
    /// `LET(name, part, …, formula)`.
    pub(super) fn with_variables(&mut self, arguments: &[ASTNode]) -> Read {
        let Some((formula, pairs)) = arguments.split_last().filter(|(_, pairs)| is_paired(pairs))
        else {
            return Err("gives LET another number of arguments than it takes".to_owned());
        };
        let outer = self.locals.len();
        let named = pairs.chunks_exact(2).try_for_each(|pair| {
            let scope = self.floor..self.locals.len();
            self.give_name(&pair[0], &pair[1], scope)
        });
        let read = named.and_then(|()| self.node(formula));
        self.locals.truncate(outer);
        read
    }

    /// What a name within the formula stands for; none where there is no such name.
    pub(super) fn local(&mut self, name: &str) -> Option<Read> {
        let at = self.find_local(name)?;
        self.looked_up += 1;
        if self.looked_up > MAX_LOOKED_UP {
            return Some(Err(format!("uses the name {name} too often")));
        }
        let Local { part, scope, home, depth, .. } = &self.locals[at];
        let (part, scope, home, depth) = (part.clone(), scope.clone(), *home, *depth);
        let later = self.locals.split_off(scope.end);
        let floor = std::mem::replace(&mut self.floor, scope.start);
        let home = std::mem::replace(&mut self.home, home);
        let depth = std::mem::replace(&mut self.depth, depth);
        let read = self.node(&part);
        (self.floor, self.home, self.depth) = (floor, home, depth);
        self.locals.extend(later);
        Some(read)
    }

    /// What a LAMBDA with a name gives for these arguments; none where no such name stands for one.
    pub(super) fn called_by_name(&mut self, name: &str, arguments: &[ASTNode]) -> Option<Read> {
        let lambda = match self.find_local(name) {
            Some(at) => {
                let Local { part, scope, .. } = &self.locals[at];
                let arguments = parameters(part)?.to_vec();
                Lambda { arguments, floor: scope.start, is_defined: false }
            }
            None => {
                let text = (self.names)(name)?;
                let text = text.trim_start_matches('=');
                let node = formualizer_parse::parse(format!("={text}")).ok()?;
                let arguments = parameters(&node)?.to_vec();
                Lambda { arguments, floor: self.locals.len(), is_defined: true }
            }
        };
        Some(self.applied(&lambda, arguments))
    }

    /// `LAMBDA(parameter, …, formula)(argument, …)`.
    pub(super) fn called_at_once(&mut self, called: &ASTNode, arguments: &[ASTNode]) -> Read {
        let Some(parts) = parameters(called) else { return Err("uses LAMBDA".to_owned()) };
        let lambda = Lambda { arguments: parts.to_vec(), floor: self.floor, is_defined: false };
        self.applied(&lambda, arguments)
    }

    fn applied(&mut self, lambda: &Lambda, arguments: &[ASTNode]) -> Read {
        let Some((formula, parameters)) = lambda.arguments.split_last() else {
            return Err("uses LAMBDA".to_owned());
        };
        if parameters.len() != arguments.len() {
            return Err("gives LAMBDA another number of arguments than it takes".to_owned());
        }
        self.looked_up += 1;
        if self.depth == MAX_NAMES || self.looked_up > MAX_LOOKED_UP {
            return Err("uses LAMBDA within LAMBDA too often".to_owned());
        }
        let outer = self.locals.len();
        let scope = self.floor..outer;
        let mut pairs = parameters.iter().zip(arguments);
        let named = pairs.try_for_each(|(name, part)| self.give_name(name, part, scope.clone()));
        let floor = std::mem::replace(&mut self.floor, lambda.floor);
        let inner = if lambda.is_defined { Position::default() } else { self.home };
        let home = std::mem::replace(&mut self.home, inner);
        self.depth += 1;
        let read = named.and_then(|()| self.node(formula));
        self.depth -= 1;
        (self.floor, self.home) = (floor, home);
        self.locals.truncate(outer);
        read
    }

    fn give_name(
        &mut self,
        name: &ASTNode,
        part: &ASTNode,
        scope: Range<usize>,
    ) -> Result<(), String> {
        let ASTNodeType::Reference { reference: ReferenceType::NamedRange(name), .. } =
            &name.node_type
        else {
            return Err("gives something a name that is none".to_owned());
        };
        let (name, part) = (plain(name), Rc::new(part.clone()));
        self.locals.push(Local { name, part, scope, home: self.home, depth: self.depth });
        Ok(())
    }

    fn find_local(&self, name: &str) -> Option<usize> {
        let name = plain(name);
        let at = self.locals[self.floor..].iter().rposition(|local| local.name == name)?;
        Some(self.floor + at)
    }
}

/// A name within a formula as people know it, in small letters.
fn plain(name: &str) -> String {
    let name = name.to_lowercase();
    name.strip_prefix(LOCAL).map(str::to_owned).unwrap_or(name)
}

fn is_paired(parts: &[ASTNode]) -> bool {
    !parts.is_empty() && parts.len().is_multiple_of(2)
}

/// The arguments of a LAMBDA; none where a part of a formula is none.
fn parameters(part: &ASTNode) -> Option<&[ASTNode]> {
    match &part.node_type {
        ASTNodeType::Function { name, args } if plain_name(name) == "LAMBDA" => Some(args),
        _ => None,
    }
}
