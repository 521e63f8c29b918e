//! The vendors that speak chat completions, as data.

/// A vendor and where it differs from the others.
#[derive(Debug)]
pub struct Vendor {
    pub key: &'static str,
    pub name: &'static str,
    /// Empty: the operator must give one.
    pub default_base_url: &'static str,
    /// The environment variable that holds the key by custom.
    pub key_env: Option<&'static str>,
    pub needs_key: bool,
    pub images: bool,
    /// Knows `stream_options.include_usage`; the others send usage unasked, or refuse members they do not know.
    pub(super) stream_options: bool,
    /// The name of the limit on the answer's tokens.
    pub(super) max_tokens: MaxTokens,
    /// Takes only call ids of nine letters and digits.
    pub(super) short_call_ids: bool,
    pub(super) transcription: Option<Transcription>,
    pub(super) check: Check,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MaxTokens {
    MaxTokens,
    MaxCompletionTokens,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transcription {
    /// A form with a file.
    Form(&'static str),
    /// JSON with the audio in base64.
    Json(&'static str),
}

/// How it is found out, without spending tokens, whether key and model work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    /// Each of these paths answers 200; `{model}` is filled in.
    Paths(&'static [&'static str]),
    /// The model is in the list of models.
    List,
}

pub fn vendor(key: &str) -> Option<&'static Vendor> {
    ALL.iter().find(|vendor| vendor.key == key)
}

pub static ALL: &[Vendor] = &[
    Vendor {
        key: "openai",
        name: "OpenAI",
        default_base_url: "https://api.openai.com/v1",
        key_env: Some("OPENAI_API_KEY"),
        max_tokens: MaxTokens::MaxCompletionTokens,
        transcription: Some(Transcription::Form("gpt-4o-mini-transcribe")),
        check: Check::Paths(&["models/{model}"]),
        ..HOSTED
    },
    Vendor {
        key: "openrouter",
        name: "OpenRouter",
        default_base_url: "https://openrouter.ai/api/v1",
        key_env: Some("OPENROUTER_API_KEY"),
        transcription: Some(Transcription::Json("openai/gpt-4o-mini-transcribe")),
        // Its list of models answers without a key.
        check: Check::Paths(&["key", "models/{model}/endpoints"]),
        ..HOSTED
    },
    Vendor { key: "ollama", name: "Ollama", default_base_url: "http://localhost:11434/v1", ..LOCAL },
    Vendor { key: "vllm", name: "vLLM", default_base_url: "http://localhost:8000/v1", ..LOCAL },
    Vendor { key: "lmstudio", name: "LM Studio", default_base_url: "http://localhost:1234/v1", ..LOCAL },
    Vendor {
        key: "groq",
        name: "Groq",
        default_base_url: "https://api.groq.com/openai/v1",
        key_env: Some("GROQ_API_KEY"),
        max_tokens: MaxTokens::MaxCompletionTokens,
        transcription: Some(Transcription::Form("whisper-large-v3-turbo")),
        ..HOSTED
    },
    Vendor {
        key: "mistral",
        name: "Mistral",
        default_base_url: "https://api.mistral.ai/v1",
        key_env: Some("MISTRAL_API_KEY"),
        stream_options: false,
        short_call_ids: true,
        transcription: Some(Transcription::Form("voxtral-mini-latest")),
        ..HOSTED
    },
    Vendor {
        key: "deepseek",
        name: "DeepSeek",
        default_base_url: "https://api.deepseek.com/v1",
        key_env: Some("DEEPSEEK_API_KEY"),
        images: false,
        ..HOSTED
    },
    Vendor {
        key: "together",
        name: "Together AI",
        default_base_url: "https://api.together.xyz/v1",
        key_env: Some("TOGETHER_API_KEY"),
        stream_options: false,
        transcription: Some(Transcription::Form("openai/whisper-large-v3")),
        ..HOSTED
    },
    CUSTOM,
];

/// Any other server with this dialect.
pub(super) const CUSTOM: Vendor =
    Vendor { key: "custom", name: "Compatible server", transcription: Some(Transcription::Form("whisper-1")), ..LOCAL };

const HOSTED: Vendor = Vendor {
    key: "",
    name: "",
    default_base_url: "",
    key_env: None,
    needs_key: true,
    images: true,
    stream_options: true,
    max_tokens: MaxTokens::MaxTokens,
    short_call_ids: false,
    transcription: None,
    check: Check::List,
};

const LOCAL: Vendor = Vendor { needs_key: false, ..HOSTED };
