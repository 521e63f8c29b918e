//! Bars beside the line that none should pass, as SVG that reads well in the light and in the dark.

/// One figure: 1.0 means that its goal is just met.
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) told: String,
    pub(super) used: f64,
}

const ROW: usize = 26;
const LEFT: usize = 430;
/// Pixels from nothing to the goal.
const GOAL: f64 = 220.0;
/// What is worse than twice the goal ends here.
const WORST: f64 = 2.0;

pub(super) fn draw(bars: &[Bar]) -> String {
    let (width, height) = (LEFT + 640, bars.len() * ROW + 46);
    let style = "text{font:13px system-ui,sans-serif;fill:#222}.good{fill:#2b8a3e}.bad{fill:#e8590c}.goal{stroke:#888;stroke-dasharray:4 3}\
                 @media(prefers-color-scheme:dark){text{fill:#ddd}.good{fill:#51cf66}.bad{fill:#ff922b}}";
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"How much of each goal is used\">\
         <style>{style}</style>\n"
    );
    let goal = LEFT as f64 + GOAL;
    svg.push_str(&format!("<text x=\"{goal}\" y=\"18\" text-anchor=\"middle\">the goal</text>\n"));
    for (n, bar) in bars.iter().enumerate() {
        let y = 30 + n * ROW;
        let length = bar.used.clamp(0.0, WORST) * GOAL;
        let class = if bar.used <= 1.0 { "good" } else { "bad" };
        svg.push_str(&format!(
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text><rect class=\"{class}\" x=\"{LEFT}\" y=\"{y}\" width=\"{length:.1}\" \
             height=\"16\" rx=\"2\"/><text x=\"{:.1}\" y=\"{}\">{}</text>\n",
            LEFT - 8,
            y + 13,
            escaped(&bar.label),
            LEFT as f64 + length.max(GOAL) + 8.0,
            y + 13,
            escaped(&bar.told),
        ));
    }
    svg.push_str(&format!("<line class=\"goal\" x1=\"{goal}\" y1=\"24\" x2=\"{goal}\" y2=\"{}\"/>\n</svg>\n", height - 10));
    svg
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
