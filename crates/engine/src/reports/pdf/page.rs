//! Pages to write on, from top to bottom.

use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str, TextStr};

use super::letters::{encoded, width};

const WIDTH: f32 = 595.0;
const HEIGHT: f32 = 842.0;
pub(super) const MARGIN: f32 = 48.0;
const FOOT: f32 = 40.0;
/// Between the margins.
pub(super) const ROOM: f32 = WIDTH - 2.0 * MARGIN;

pub(super) type Color = [f32; 3];
pub(super) const BLACK: Color = [0.13, 0.15, 0.16];
pub(super) const GRAY: Color = [0.45, 0.47, 0.5];
pub(super) const PALE: Color = [0.87, 0.88, 0.9];

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Face {
    Regular,
    Bold,
}

const REGULAR: Name<'static> = Name(b"F1");
const BOLD: Name<'static> = Name(b"F2");

/// What is being written. Heights are from the top of the page.
pub(super) struct Pages {
    done: Vec<Vec<u8>>,
    now: Content,
    /// Where the next thing goes.
    pub(super) at: f32,
}

impl Pages {
    pub(super) fn new() -> Pages {
        Pages { done: Vec::new(), now: Content::new(), at: MARGIN }
    }

    /// Makes room: on the next page, when this one has not enough. `true`: it is a new page.
    pub(super) fn need(&mut self, height: f32) -> bool {
        if self.at + height <= HEIGHT - MARGIN - FOOT {
            return false;
        }
        let full = std::mem::replace(&mut self.now, Content::new());
        self.done.push(full.finish().to_vec());
        self.at = MARGIN;
        true
    }

    /// `y`: the line that letters stand on.
    pub(super) fn text(&mut self, x: f32, y: f32, size: f32, face: Face, color: Color, text: &str) {
        let [r, g, b] = color;
        let font = if face == Face::Bold { BOLD } else { REGULAR };
        self.now.set_fill_rgb(r, g, b);
        self.now.begin_text().set_font(font, size).next_line(x, HEIGHT - y).show(Str(&encoded(text))).end_text();
    }

    /// `x`: where it ends.
    pub(super) fn text_to(&mut self, x: f32, y: f32, size: f32, color: Color, text: &str) {
        self.text(x - width(text, size), y, size, Face::Regular, color, text);
    }

    pub(super) fn block(&mut self, x: f32, y: f32, wide: f32, high: f32, color: Color) {
        let [r, g, b] = color;
        self.now.set_fill_rgb(r, g, b).rect(x, HEIGHT - y - high, wide, high).fill_nonzero();
    }

    pub(super) fn rule(&mut self, x: f32, y: f32, wide: f32, color: Color) {
        let [r, g, b] = color;
        self.now.set_stroke_rgb(r, g, b).set_line_width(0.5);
        self.now.move_to(x, HEIGHT - y).line_to(x + wide, HEIGHT - y).stroke();
    }

    /// The file. Every page says which it is.
    pub(super) fn finish(mut self, title: &str, language: &str, foot: &str) -> Vec<u8> {
        self.done.push(std::mem::replace(&mut self.now, Content::new()).finish().to_vec());
        let count = self.done.len() as i32;
        let (catalog, tree, regular, bold, info) = (Ref::new(1), Ref::new(2), Ref::new(3), Ref::new(4), Ref::new(5));
        let page = |n: i32| Ref::new(6 + 2 * n);
        let mut pdf = Pdf::new();
        pdf.catalog(catalog).pages(tree).lang(TextStr(language));
        pdf.document_info(info).title(TextStr(title)).creator(TextStr("frontdesk"));
        pdf.pages(tree).kids((0..count).map(page)).count(count);
        for (font, name) in [(regular, &b"Helvetica"[..]), (bold, b"Helvetica-Bold")] {
            pdf.type1_font(font).base_font(Name(name)).encoding_predefined(Name(b"WinAnsiEncoding"));
        }
        let pages = std::mem::take(&mut self.done);
        for (n, mut content) in (0..count).zip(pages) {
            self.foot(foot, &format!("{} / {count}", n + 1));
            content.push(b'\n');
            content.extend_from_slice(&std::mem::replace(&mut self.now, Content::new()).finish());
            let id = page(n);
            let contents = Ref::new(id.get() + 1);
            let mut page = pdf.page(id);
            page.parent(tree).media_box(Rect::new(0.0, 0.0, WIDTH, HEIGHT)).contents(contents);
            page.resources().fonts().pair(REGULAR, regular).pair(BOLD, bold);
            page.finish();
            pdf.stream(contents, &content);
        }
        pdf.finish()
    }

    fn foot(&mut self, left: &str, right: &str) {
        let y = HEIGHT - MARGIN + 10.0;
        self.rule(MARGIN, y - 14.0, ROOM, PALE);
        self.text(MARGIN, y, 8.0, Face::Regular, GRAY, left);
        self.text_to(MARGIN + ROOM, y, 8.0, GRAY, right);
    }
}
