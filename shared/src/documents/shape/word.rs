//! Choices that are spelled as one word.

/// A choice of which each possibility is one word.
pub trait Word: Copy + 'static {
    /// All possibilities.
    const ALL: &'static [Self];

    /// How it is spelled in a document.
    fn as_str(self) -> &'static str;

    /// The possibility that is spelled so.
    #[must_use]
    fn of_text(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|word| word.as_str() == text)
    }

    /// All spellings, for a message.
    #[must_use]
    fn allowed() -> String {
        let words: Vec<&str> = Self::ALL.iter().map(|word| word.as_str()).collect();
        words.join(", ")
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident: $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $crate::documents::shape::Word for $name {
            const ALL: &'static [Self] = &[$($name::$variant,)*];

            fn as_str(self) -> &'static str {
                match self {
                    $($name::$variant => $word,)*
                }
            }
        }
    };
}

pub(super) use words;
