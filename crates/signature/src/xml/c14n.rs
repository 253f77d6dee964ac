//! Canonical XML 1.0 and 1.1 and Exclusive XML Canonicalization 1.0, with and without comments, of a document or of one
//! element in it, less one element or all signatures.

use super::tree::{At, Attribute, Document, Element, Kind};
use super::{DSIG, XML, XmlError};

/// Most prefixes that an `InclusiveNamespaces` may list: each is looked up at each element.
const MAX_PREFIXES: usize = 16;

/// How it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Method {
    pub(crate) exclusive: bool,
    /// Version 1.1: identifiers and bases are not inherited.
    pub(crate) second: bool,
    pub(crate) comments: bool,
    /// Prefixes that exclusive canonicalisation treats as the inclusive one does; the default is the empty one.
    pub(crate) prefixes: Vec<String>,
}

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Subset {
    /// The element at the top; `None` is the whole document, with what stands around its element.
    pub(crate) apex: Option<usize>,
    /// Elements that are left out with everything in them.
    pub(crate) without: Without,
    /// Whether comments are among what is written, if the method writes them.
    pub(crate) comments: bool,
}

/// What is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Without {
    Nothing,
    Element(usize),
    /// Every signature.
    Signatures,
}

/// Writes the canonical form.
pub(crate) fn canonicalise(
    document: &Document,
    subset: Subset,
    method: &Method,
) -> Result<Vec<u8>, XmlError> {
    if method.prefixes.len() > MAX_PREFIXES {
        return Err(XmlError::TooMuch);
    }
    let mut writer = Writer {
        document,
        method,
        out: Vec::new(),
        scope: Vec::new(),
        rendered: Vec::new(),
        open: Vec::new(),
    };
    let (from, to) = match subset.apex {
        Some(apex) => (apex, document.nodes[apex].end),
        None => (0, document.nodes.len()),
    };
    let inherited = writer.above(subset.apex)?;
    let comments = method.comments && subset.comments;
    let mut at = from;
    loop {
        writer.close(at);
        if at >= to {
            return Ok(writer.out);
        }
        let node = &document.nodes[at];
        let left_out = match subset.without {
            Without::Nothing => false,
            Without::Element(node) => node == at,
            Without::Signatures => At { document, node: at }.is(DSIG, "Signature"),
        };
        if left_out {
            at = node.end;
            continue;
        }
        match &node.kind {
            Kind::Element(element) => writer.start(at, element, &inherited),
            Kind::Text(text) => escape(text, false, &mut writer.out),
            Kind::Comment(text) if comments => {
                writer.around(at, |out| {
                    out.extend(b"<!--");
                    out.extend(text.as_bytes());
                    out.extend(b"-->");
                });
            }
            Kind::Comment(_) => {}
            Kind::Instruction(target, data) => writer.around(at, |out| {
                out.extend(b"<?");
                out.extend(target.as_bytes());
                if !data.is_empty() {
                    out.push(b' ');
                    out.extend(data.as_bytes());
                }
                out.extend(b"?>");
            }),
        }
        at += 1;
    }
}

type Pair<'d> = (&'d str, &'d str);

struct Writer<'d> {
    document: &'d Document,
    method: &'d Method,
    out: Vec<u8>,
    /// Declarations in scope, and those that were written, the innermost last.
    scope: Vec<Pair<'d>>,
    rendered: Vec<Pair<'d>>,
    open: Vec<Open<'d>>,
}

/// An element that was begun.
struct Open<'d> {
    end: usize,
    element: &'d Element,
    scope: usize,
    rendered: usize,
}

impl<'d> Writer<'d> {
    /// Takes up what an element inherits from above: namespaces, and for the inclusive methods attributes of `xml`.
    fn above(&mut self, apex: Option<usize>) -> Result<Vec<&'d Attribute>, XmlError> {
        let mut ancestors = Vec::new();
        let mut at = apex.and_then(|apex| self.document.nodes[apex].parent);
        while let Some(node) = at {
            ancestors.extend(self.document.element(node));
            at = self.document.nodes[node].parent;
        }
        let mut inherited: Vec<&Attribute> = Vec::new();
        for element in ancestors.into_iter().rev() {
            self.scope.extend(pairs(element));
            if self.method.exclusive {
                continue;
            }
            for attribute in element.attributes.iter().filter(|one| &*one.namespace == XML) {
                match &*attribute.local {
                    // Version 1.1 joins bases, which nobody needs; it is not done wrongly instead.
                    "base" if self.method.second => return Err(XmlError::Malformed),
                    "id" if self.method.second => {}
                    _ => {
                        inherited.retain(|other| other.local != attribute.local);
                        inherited.push(attribute);
                    }
                }
            }
        }
        Ok(inherited)
    }

    fn start(&mut self, at: usize, element: &'d Element, inherited: &[&'d Attribute]) {
        let first = self.open.is_empty();
        let end = self.document.nodes[at].end;
        self.open.push(Open { end, element, scope: self.scope.len(), rendered: self.rendered.len() });
        self.scope.extend(pairs(element));
        self.out.push(b'<');
        name(&element.prefix, &element.local, &mut self.out);
        for (prefix, namespace) in self.namespaces(element, first) {
            self.out.extend(if prefix.is_empty() { &b" xmlns"[..] } else { b" xmlns:" });
            self.out.extend(prefix.as_bytes());
            self.out.extend(b"=\"");
            escape(namespace, true, &mut self.out);
            self.out.push(b'"');
        }
        let mut attributes: Vec<&Attribute> = element.attributes.iter().collect();
        if first {
            let own = |other: &&&Attribute| {
                !element.attributes.iter().any(|one| &*one.namespace == XML && one.local == other.local)
            };
            attributes.extend(inherited.iter().filter(own));
        }
        attributes.sort_by(|one, other| (&one.namespace, &one.local).cmp(&(&other.namespace, &other.local)));
        for attribute in attributes {
            self.out.push(b' ');
            name(&attribute.prefix, &attribute.local, &mut self.out);
            self.out.extend(b"=\"");
            escape(&attribute.value, true, &mut self.out);
            self.out.push(b'"');
        }
        self.out.push(b'>');
    }

    /// The declarations to write at an element, in their order.
    fn namespaces(&mut self, element: &'d Element, first: bool) -> Vec<Pair<'d>> {
        let method = self.method;
        let mut prefixes: Vec<&str> = if method.exclusive {
            let used = element.attributes.iter().map(|one| &*one.prefix).filter(|prefix| !prefix.is_empty());
            let listed = method.prefixes.iter().map(String::as_str);
            std::iter::once(&*element.prefix).chain(used).chain(listed).collect()
        } else if first {
            self.scope.iter().map(|&(prefix, _)| prefix).collect()
        } else {
            element.declared.iter().map(|(prefix, _)| &**prefix).collect()
        };
        prefixes.sort_unstable();
        prefixes.dedup();
        let mut written = Vec::new();
        for prefix in prefixes.into_iter().filter(|&prefix| prefix != "xml") {
            let namespace = last(&self.scope, prefix);
            if namespace != last(&self.rendered, prefix) {
                self.rendered.push((prefix, namespace));
                written.push((prefix, namespace));
            }
        }
        written
    }

    /// Ends the elements that end before a node.
    fn close(&mut self, at: usize) {
        while let Some(open) = self.open.pop_if(|open| at >= open.end) {
            self.out.extend(b"</");
            name(&open.element.prefix, &open.element.local, &mut self.out);
            self.out.push(b'>');
            self.scope.truncate(open.scope);
            self.rendered.truncate(open.rendered);
        }
    }

    /// What stands outside of the document element has a line of its own.
    fn around(&mut self, at: usize, write: impl FnOnce(&mut Vec<u8>)) {
        let outside = self.document.nodes[at].parent.is_none();
        if outside && at > self.document.root {
            self.out.push(b'\n');
        }
        write(&mut self.out);
        if outside && at < self.document.root {
            self.out.push(b'\n');
        }
    }
}

fn pairs(element: &Element) -> impl Iterator<Item = Pair<'_>> {
    element.declared.iter().map(|(prefix, namespace)| (&**prefix, &**namespace))
}

/// What a prefix stands for; nothing for the empty one that was never declared.
fn last<'d>(pairs: &[Pair<'d>], prefix: &str) -> &'d str {
    pairs.iter().rev().find(|pair| pair.0 == prefix).map_or("", |pair| pair.1)
}

fn name(prefix: &str, local: &str, out: &mut Vec<u8>) {
    if !prefix.is_empty() {
        out.extend(prefix.as_bytes());
        out.push(b':');
    }
    out.extend(local.as_bytes());
}

fn escape(text: &str, in_attribute: bool, out: &mut Vec<u8>) {
    for &byte in text.as_bytes() {
        let written: &[u8] = match (byte, in_attribute) {
            (b'&', _) => b"&amp;",
            (b'<', _) => b"&lt;",
            (b'\r', _) => b"&#xD;",
            (b'>', false) => b"&gt;",
            (b'"', true) => b"&quot;",
            (b'\t', true) => b"&#x9;",
            (b'\n', true) => b"&#xA;",
            _ => {
                out.push(byte);
                continue;
            }
        };
        out.extend(written);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Limits, parse};

    /// The examples of Canonical XML 1.0 §3 that need no document type, and what the standards say of subsets.
    const DOCUMENT: &str = "<?xml version=\"1.0\"?>\n<?xml-stylesheet   href=\"doc.xsl\"\n   type=\"text/xsl\"   ?>\n\
        <!-- before --><doc xmlns:unused='u:u' xml:lang='it' xml:space=\"preserve\">\r\n   <e1   />\n\
        <e2   name = \"elem2\"   id=\"e2\"  ></e2>\n\
        <e5 xmlns:b='http://b' xmlns:a='http://a' xmlns='http://d' a:attr='out' b:attr='sorted' attr2='all' attr='I&apos;m'>\
        <e6 xmlns=''><e7 xmlns='http://d'/><a:e8 xmlns:a='http://other' q='&quot;&#9;&#10;&#13;&lt;&gt;'/></e6></e5>\
        <t>First line&#x0d;&#10;<![CDATA[value>\"0\" && value<\"10\" ?\"valid\":\"error\"]]> &gt;</t><!--in--><?pi?></doc><!-- after -->\n";

    fn canonical(apex: Option<&str>, method: &Method) -> String {
        let document = parse(DOCUMENT.as_bytes(), Limits::DOCUMENT).unwrap();
        let apex = apex.map(|name| document.root().descendants().find(|at| at.local() == name).unwrap().node);
        let subset = Subset { apex, without: Without::Nothing, comments: true };
        String::from_utf8(canonicalise(&document, subset, method).unwrap()).unwrap()
    }

    #[test]
    fn inclusive_of_the_document() {
        let expected = "<?xml-stylesheet href=\"doc.xsl\"\n   type=\"text/xsl\"   ?>\n\
            <doc xmlns:unused=\"u:u\" xml:lang=\"it\" xml:space=\"preserve\">\n   <e1></e1>\n\
            <e2 id=\"e2\" name=\"elem2\"></e2>\n\
            <e5 xmlns=\"http://d\" xmlns:a=\"http://a\" xmlns:b=\"http://b\" attr=\"I'm\" attr2=\"all\" a:attr=\"out\" b:attr=\"sorted\">\
            <e6 xmlns=\"\"><e7 xmlns=\"http://d\"></e7><a:e8 xmlns:a=\"http://other\" q=\"&quot;&#x9;&#xA;&#xD;&lt;>\"></a:e8></e6></e5>\
            <t>First line&#xD;\nvalue&gt;\"0\" &amp;&amp; value&lt;\"10\" ?\"valid\":\"error\" &gt;</t><?pi?></doc>";
        assert_eq!(canonical(None, &Method::default()), expected);
        let with = canonical(None, &Method { comments: true, ..Method::default() });
        assert!(
            with.contains("?>\n<!-- before -->\n<doc")
                && with.contains("</t><!--in--><?pi?></doc>\n<!-- after -->")
        );
    }

    #[test]
    fn an_element_inherits_or_does_not() {
        let inclusive = "<e6 xmlns:a=\"http://a\" xmlns:b=\"http://b\" xmlns:unused=\"u:u\" xml:lang=\"it\" xml:space=\"preserve\">";
        assert!(canonical(Some("e6"), &Method::default()).starts_with(inclusive));
        let exclusive = Method { exclusive: true, ..Method::default() };
        assert!(
            canonical(Some("e6"), &exclusive).starts_with("<e6><e7 xmlns=\"http://d\"></e7><a:e8 xmlns:a=")
        );
        let listed = Method { prefixes: vec!["b".into(), String::new(), "none".into()], ..exclusive };
        assert!(canonical(Some("e6"), &listed).starts_with("<e6 xmlns:b=\"http://b\">"));
        assert!(canonical(Some("e7"), &listed).starts_with("<e7 xmlns=\"http://d\" xmlns:b=\"http://b\">"));
        let whole = canonical(None, &Method { exclusive: true, ..Method::default() });
        assert!(whole.contains("<doc xml:lang=\"it\" xml:space=\"preserve\">"), "{whole}");
    }
}
