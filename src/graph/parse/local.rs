//! Names within formulas: the variables of LET, the parameters of LAMBDA. A part of a formula stands wherever
//! its name does, read as it is where it was given the name.

use std::ops::Range;
use std::rc::Rc;

use formualizer_parse::parser::ReferenceType;
use formualizer_parse::{ASTNode, ASTNodeType};

use super::{MAX_LOOKED_UP, Read, Reader};
use crate::data::address::Position;
use crate::graph::r1c1::{LOCAL, plain_name};

/// How a part of a formula is read.
#[derive(Clone)]
pub(super) struct Scope {
    /// The names within the formula that it may use, by their places.
    pub locals: Range<usize>,
    /// The cell that relative references count from.
    pub home: Position,
    /// How deep in defined names it stands.
    pub depth: usize,
}

/// A name within a formula, the part of the formula that it stands for, and how that is read.
pub(super) struct Local {
    name: String,
    part: Rc<ASTNode>,
    scope: Scope,
}

impl Reader<'_> {
    /// Does something within a scope: names given there are gone behind it.
    pub(super) fn within<T>(&mut self, scope: Scope, work: impl FnOnce(&mut Self) -> T) -> T {
        let outer = self.scope();
        let later = self.locals.split_off(scope.locals.end);
        (self.floor, self.home, self.depth) = (scope.locals.start, scope.home, scope.depth);
        let result = work(self);
        self.locals.truncate(scope.locals.end);
        self.locals.extend(later);
        (self.floor, self.home, self.depth) = (outer.locals.start, outer.home, outer.depth);
        result
    }

    fn scope(&self) -> Scope {
        Scope { locals: self.floor..self.locals.len(), home: self.home, depth: self.depth }
    }

    /// `LET(name, part, …, formula)`.
    pub(super) fn with_variables(&mut self, arguments: &[ASTNode]) -> Read {
        let Some((formula, pairs)) = arguments.split_last().filter(|(_, pairs)| is_paired(pairs))
        else {
            return Err("gives LET another number of arguments than it takes".to_owned());
        };
        self.within(self.scope(), |reader| {
            for pair in pairs.chunks_exact(2) {
                reader.give_name(&pair[0], &pair[1], reader.scope())?;
            }
            reader.node(formula)
        })
    }

    /// What a name within the formula stands for; none where there is no such name.
    pub(super) fn local(&mut self, name: &str) -> Option<Read> {
        let Local { part, scope, .. } = &self.locals[self.find_local(name)?];
        let (part, scope) = (part.clone(), scope.clone());
        self.looked_up += 1;
        if self.looked_up > MAX_LOOKED_UP {
            return Some(Err(format!("uses the name {name} too often")));
        }
        Some(self.within(scope, |reader| reader.node(&part)))
    }

    /// What a LAMBDA with a name gives for these arguments; none where no such name stands for one.
    pub(super) fn called_by_name(&mut self, name: &str, arguments: &[ASTNode]) -> Option<Read> {
        let Some(at) = self.find_local(name) else {
            let node = self.definition(name).ok()?;
            return Some(self.applied(parameters(&node)?, arguments, self.scope_of_names()));
        };
        let Local { part, scope, .. } = &self.locals[at];
        let (part, floor) = (part.clone(), scope.locals.start);
        let locals = floor..self.locals.len();
        let scope = Scope { locals, home: self.home, depth: self.depth + 1 };
        Some(self.applied(parameters(&part)?, arguments, scope))
    }

    /// `LAMBDA(parameter, …, formula)(argument, …)`.
    pub(super) fn called_at_once(&mut self, called: &ASTNode, arguments: &[ASTNode]) -> Read {
        let lambda = parameters(called).ok_or_else(|| "uses LAMBDA".to_owned())?;
        let scope = Scope { depth: self.depth + 1, ..self.scope() };
        self.applied(lambda, arguments, scope)
    }

    /// What the formula behind the parameters of a LAMBDA gives, read in `scope`, with arguments that are read here.
    fn applied(&mut self, lambda: &[ASTNode], arguments: &[ASTNode], scope: Scope) -> Read {
        let Some((formula, parameters)) = lambda.split_last() else {
            return Err("uses LAMBDA".to_owned());
        };
        if parameters.len() != arguments.len() {
            return Err("gives LAMBDA another number of arguments than it takes".to_owned());
        }
        if self.is_too_deep() {
            return Err("uses LAMBDA within LAMBDA too often".to_owned());
        }
        let here = self.scope();
        self.within(scope, |reader| {
            for (name, part) in parameters.iter().zip(arguments) {
                reader.give_name(name, part, here.clone())?;
            }
            reader.node(formula)
        })
    }

    fn give_name(&mut self, name: &ASTNode, part: &ASTNode, scope: Scope) -> Result<(), String> {
        let ASTNodeType::Reference { reference: ReferenceType::NamedRange(name), .. } =
            &name.node_type
        else {
            return Err("gives something a name that is none".to_owned());
        };
        self.locals.push(Local { name: plain(name), part: Rc::new(part.clone()), scope });
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
