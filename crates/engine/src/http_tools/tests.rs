//! Tables for what people write and what services answer.
