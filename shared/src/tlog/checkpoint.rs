//! The tree head people keep: origin, size and root as text (C2SP tlog-checkpoint); it must not sign.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::hash::Hash;

/// The body of a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Name of the log, unique for ever: a restored log with a loss gets another.
    pub origin: String,
    /// Leaves covered.
    pub size: u64,
    /// Root over them.
    pub root: Hash,
}

/// Text that is no checkpoint body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckpointError;

impl fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a checkpoint")
    }
}

impl core::error::Error for CheckpointError {}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root.0))
    }
}

impl FromStr for Checkpoint {
    type Err = CheckpointError;

    /// Reads a body; extension lines after the third are allowed and not kept.
    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        let body = text.strip_suffix('\n').ok_or(CheckpointError)?;
        let mut lines = body.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(CheckpointError);
        };
        let digits = size.bytes().all(|b| b.is_ascii_digit()) && (size == "0" || !size.starts_with('0'));
        if origin.is_empty() || !digits || lines.any(str::is_empty) {
            return Err(CheckpointError);
        }
        let root = STANDARD.decode(root).map_err(|_| CheckpointError)?;
        Ok(Self {
            origin: origin.to_owned(),
            size: size.parse().map_err(|_| CheckpointError)?,
            root: Hash::try_from(root.as_slice()).map_err(|_| CheckpointError)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn a_body_reads_back_and_nothing_else_does() {
        let checkpoint =
            Checkpoint { origin: "turret.test/log".to_owned(), size: 20_852_163, root: super::super::EMPTY_ROOT };
        let text = checkpoint.to_string();
        assert_eq!(text, "turret.test/log\n20852163\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n");
        assert_eq!(text.parse(), Ok(checkpoint.clone()));
        assert_eq!(alloc::format!("{text}extension\n").parse(), Ok(checkpoint));
        for bad in [
            "",
            "a\n1\n",
            "a\n01\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
            "a\n-1\n47DE\n",
            "a\n1\n47DE\n",
            "\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        ] {
            assert_eq!(bad.parse::<Checkpoint>(), Err(CheckpointError), "{bad:?}");
        }
    }
}
