//! A document as canonicalisation needs it: prefixes and declarations stay as they were written.

use std::rc::Rc;

use super::XML;

/// A name or a namespace, kept once for each document.
pub(crate) type Name = Rc<str>;

/// Nodes in the order of the document: what is in an element follows it, up to its `end`.
#[derive(Debug, Default)]
pub(crate) struct Document {
    pub(crate) nodes: Vec<Node>,
    pub(crate) root: usize,
}

/// One node.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) parent: Option<usize>,
    /// The first node after this one and everything in it.
    pub(crate) end: usize,
    pub(crate) kind: Kind,
}

#[derive(Debug)]
pub(crate) enum Kind {
    Element(Box<Element>),
    Text(String),
    Comment(String),
    /// Target and data.
    Instruction(String, String),
}

#[derive(Debug)]
pub(crate) struct Element {
    /// Empty for none.
    pub(crate) prefix: Name,
    pub(crate) local: Name,
    /// Empty for none.
    pub(crate) namespace: Name,
    pub(crate) attributes: Vec<Attribute>,
    /// Prefix and namespace of each declaration; both may be empty.
    pub(crate) declared: Vec<(Name, Name)>,
}

#[derive(Debug)]
pub(crate) struct Attribute {
    pub(crate) prefix: Name,
    pub(crate) local: Name,
    pub(crate) namespace: Name,
    pub(crate) value: String,
}

impl Document {
    /// The document element.
    pub(crate) fn root(&self) -> At<'_> {
        At { document: self, node: self.root }
    }

    pub(crate) fn element(&self, node: usize) -> Option<&Element> {
        match &self.nodes[node].kind {
            Kind::Element(element) => Some(element),
            _ => None,
        }
    }

    /// The one element with this identifier. `None` when there is none or more than one: then what a reference means
    /// hangs on who reads it.
    pub(crate) fn by_id(&self, id: &str) -> Option<At<'_>> {
        let mut found = self.root().descendants().filter(|at| at.has_id(id));
        found.next().filter(|_| found.next().is_none())
    }
}

/// An element of a document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At<'d> {
    pub(crate) document: &'d Document,
    pub(crate) node: usize,
}

impl<'d> At<'d> {
    fn element(self) -> Option<&'d Element> {
        self.document.element(self.node)
    }

    /// Whether it is an element of this name.
    pub(crate) fn is(self, namespace: &str, local: &str) -> bool {
        self.element().is_some_and(|found| &*found.local == local && &*found.namespace == namespace)
    }

    /// Its local name.
    pub(crate) fn local(self) -> &'d str {
        self.element().map_or("", |element| &element.local)
    }

    /// The namespace that a prefix stands for here.
    pub(crate) fn meaning(self, prefix: &str) -> Option<&'d str> {
        let mut at = Some(self.node);
        while let Some(node) = at {
            let declared = self.document.element(node).map(|element| element.declared.as_slice());
            let found = declared.unwrap_or_default().iter().find(|(name, _)| &**name == prefix);
            if let Some((_, namespace)) = found {
                return Some(namespace);
            }
            at = self.document.nodes[node].parent;
        }
        None
    }

    /// Its namespace.
    pub(crate) fn namespace(self) -> &'d str {
        self.element().map_or("", |element| &element.namespace)
    }

    /// The elements directly in it.
    pub(crate) fn elements(self) -> impl Iterator<Item = At<'d>> {
        let nodes = &self.document.nodes;
        let mut next = self.node + 1;
        std::iter::from_fn(move || {
            while next < nodes[self.node].end {
                let at = At { node: next, ..self };
                next = nodes[next].end;
                if at.element().is_some() {
                    return Some(at);
                }
            }
            None
        })
    }

    /// The elements of a name directly in it.
    pub(crate) fn children(self, namespace: &str, local: &str) -> impl Iterator<Item = At<'d>> {
        self.elements().filter(move |at| at.is(namespace, local))
    }

    /// The first element of a name directly in it.
    pub(crate) fn child(self, namespace: &str, local: &str) -> Option<At<'d>> {
        self.children(namespace, local).next()
    }

    /// The only element of a name directly in it.
    pub(crate) fn only(self, namespace: &str, local: &str) -> Option<At<'d>> {
        let mut all = self.children(namespace, local);
        all.next().filter(|_| all.next().is_none())
    }

    /// Itself and every element in it.
    pub(crate) fn descendants(self) -> impl Iterator<Item = At<'d>> {
        let all = self.node..self.document.nodes[self.node].end;
        all.map(move |node| At { node, ..self }).filter(|at| at.element().is_some())
    }

    /// All text in it.
    pub(crate) fn text(self) -> String {
        let nodes = &self.document.nodes[self.node..self.document.nodes[self.node].end];
        nodes
            .iter()
            .filter_map(|node| match &node.kind {
                Kind::Text(text) => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }

    /// The value of an attribute without namespace.
    pub(crate) fn attribute(self, local: &str) -> Option<&'d str> {
        let attributes = &self.element()?.attributes;
        let found = attributes.iter().find(|one| one.namespace.is_empty() && &*one.local == local);
        found.map(|one| one.value.as_str())
    }

    /// Whether it is `other` or in it.
    pub(crate) fn within(self, other: At<'_>) -> bool {
        (other.node..self.document.nodes[other.node].end).contains(&self.node)
    }

    /// Without a schema these are the attributes that signers use as identifiers.
    fn has_id(self, id: &str) -> bool {
        self.element().is_some_and(|element| {
            element.attributes.iter().any(|one| {
                let named = match (&*one.namespace, &*one.local) {
                    ("", local) => local.eq_ignore_ascii_case("id"),
                    (XML, local) => local == "id",
                    _ => false,
                };
                named && one.value == id
            })
        })
    }
}
