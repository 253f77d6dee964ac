//! A sheet of XML, indented by one blank, in which every element is closed.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

pub(crate) struct Sheet(Writer<Vec<u8>>);

impl Sheet {
    /// With its declaration written.
    pub(crate) fn new() -> io::Result<Self> {
        let mut writer = Writer::new_with_indent(Vec::new(), b' ', 1);
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        Ok(Self(writer))
    }

    pub(crate) fn with(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        content: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        let start = BytesStart::new(name).with_attributes(attributes.iter().copied());
        self.0.write_event(Event::Start(start))?;
        content(self)?;
        self.0.write_event(Event::End(BytesEnd::new(name)))
    }

    pub(crate) fn inside(
        &mut self,
        name: &str,
        content: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        self.with(name, &[], content)
    }

    /// Without what XML cannot hold in any spelling.
    pub(crate) fn text(&mut self, name: &str, content: &str) -> io::Result<()> {
        self.inside(name, |xml| {
            let content: String =
                content.chars().filter(|c| !c.is_control() || "\t\n\r".contains(*c)).collect();
            xml.0.write_event(Event::Text(BytesText::new(&content)))
        })
    }

    /// An element that says everything in its attributes.
    pub(crate) fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
        let start = BytesStart::new(name).with_attributes(attributes.iter().copied());
        self.0.write_event(Event::Empty(start))
    }

    pub(crate) fn done(self) -> Vec<u8> {
        self.0.into_inner()
    }
}
