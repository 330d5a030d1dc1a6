//! How an interval was computed: the words of a file, and the words of a report.

use serde::Serialize;

/// How an interval was computed, as far as the paper says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CiMethod {
    NotStated,
    /// The estimate less and plus a multiple of the standard error that belongs to it: of the binomial distribution, of the
    /// mean, of the maximum likelihood. A robust or resampled standard error is another method.
    Wald,
    /// The same on the scale of the logarithm.
    WaldLog,
    Wilson,
    ClopperPearson,
    AgrestiCoull,
    DeLong,
    HanleyMcNeil,
    /// Exact binomial limits on AUC times n.
    BinomialAuc,
    Bootstrap,
    Profile,
    Other,
}

use CiMethod::*;

impl CiMethod {
    /// The words that a file may use; the first of a method is the one that is written.
    pub const WORDS: [(&str, CiMethod); 13] = [
        ("not_stated", NotStated),
        ("wald", Wald),
        ("wald_log", WaldLog),
        ("wilson", Wilson),
        ("clopper_pearson", ClopperPearson),
        ("exact", ClopperPearson),
        ("agresti_coull", AgrestiCoull),
        ("delong", DeLong),
        ("hanley_mcneil", HanleyMcNeil),
        ("binomial_auc", BinomialAuc),
        ("bootstrap", Bootstrap),
        ("profile", Profile),
        ("other", Other),
    ];

    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, method)| *method == self).map_or("other", |(word, _)| word)
    }

    /// The method that a result names in words: "Wilson", "stratified bootstrap, percentile, 2000 replicates".
    pub fn of_result(words: &str) -> Self {
        let words = words.to_lowercase();
        match words.as_str() {
            "wald" | "normal, standard error of the mean" => return Wald,
            "wald, log" | "log normal" | "log normal, poisson events" => return WaldLog,
            _ => {}
        }
        let known = [
            ("bootstrap", Bootstrap),
            ("delong", DeLong),
            ("wilson", Wilson),
            ("clopper", ClopperPearson),
            ("agresti", AgrestiCoull),
            ("hanley", HanleyMcNeil),
            ("profile", Profile),
            ("wald", Wald),
        ];
        // A continuity correction or another scale is a method of its own.
        let plain = !["continuity", "logit", "log", "clustered"].iter().any(|word| words.contains(word));
        known.iter().find(|(word, _)| plain && words.contains(word)).map_or(Other, |(_, method)| *method)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_in_words_is_the_method_of_the_file() {
        for (words, method) in [
            ("Wald", Wald),
            ("log normal", WaldLog),
            ("Wald, log", WaldLog),
            ("normal, standard error of the mean", Wald),
            ("stratified bootstrap, percentile, 2000 replicates", Bootstrap),
            ("DeLong", DeLong),
            ("DeLong, logit scale", Other),
            ("Wilson, continuity correction", Other),
            ("infinitesimal jackknife", Other),
            ("Greenwood, log-log", Other),
        ] {
            assert_eq!(CiMethod::of_result(words), method, "{words}");
        }
        for (word, method) in CiMethod::WORDS {
            assert!(word == method.word() || word == "exact", "{word}");
        }
    }
}
