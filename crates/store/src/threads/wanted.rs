//! A statement that is put together from what is wanted.

use crate::query::Param;

/// The conditions of a statement with their parameters.
pub(super) struct Wanted<'q> {
    pub(super) sql: Vec<String>,
    pub(super) params: Vec<Param<'q>>,
}

impl<'q> Wanted<'q> {
    /// Each `?` is the next of `params`.
    pub(super) fn also(&mut self, condition: &str, params: impl IntoIterator<Item = Param<'q>>) {
        let mut sql = String::with_capacity(condition.len() + 8);
        let mut params = params.into_iter();
        for (n, piece) in condition.split('?').enumerate() {
            if n > 0 {
                self.params.extend(params.next());
                sql.push_str(&format!("${}", self.params.len()));
            }
            sql.push_str(piece);
        }
        self.sql.push(sql);
    }
}

/// Everything that begins so: no byte of UTF-8 is as large as the last one.
pub(super) fn range(word: &str) -> [Param<'static>; 2] {
    let low = word.as_bytes().to_vec();
    let high = [word.as_bytes(), &[0xFF]].concat();
    [Param::Bytes(low.into()), Param::Bytes(high.into())]
}
