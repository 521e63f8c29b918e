//! A template on a made-up business.

use frontdesk_kernel::tenant::Tenant;

use super::{Prompts, sample, sandbox::Compiled, sections, variables};

pub(crate) fn of_tenant<T>(use_it: impl FnOnce(&Tenant) -> T) -> T {
    sample::with_sample("es-CO", |ctx| use_it(ctx.tenant))
}

/// It comes to a bounded text, or it is said what is wrong; used in a turn it always comes to one.
pub(crate) fn template(text: &str) {
    sample::with_sample("es-CO", |ctx| {
        if let Ok(compiled) = Compiled::of(text) {
            let sections = sections::write(ctx, &mut Vec::new());
            let variables = variables::of(ctx, &sections);
            let _ = compiled.unknown_names(&variables);
            if let Ok(own) = compiled.render(variables) {
                assert!(!own.trim().is_empty() && own.len() <= 64 << 10);
            }
        }
        let rendered = Prompts::default().render_with(text, ctx, Vec::new());
        assert!(!rendered.text.trim().is_empty());
    });
}
