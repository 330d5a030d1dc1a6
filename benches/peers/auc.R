# Times pROC on the tasks of Vouch's AUC benchmarks, and prints JSON: seconds of CPU and of wall clock per task (the
# least of the repetitions), with the values computed, so that the caller can see that both computed the same.
#
#   Rscript auc.R DATA.csv [TASKS [REPETITIONS [REPLICATES]]]
#
# DATA.csv      header "outcome,score_a,score_b"; outcome 0 or 1, a higher score means the event
# TASKS         some of delong,paired_delong,bootstrap, with commas between; all three if left out
# REPETITIONS   3 if left out
# REPLICATES    of the stratified bootstrap: 2000 if left out
#
# Reading the file and loading the package are not timed. Ranking the scores (roc()) is part of every task.

suppressPackageStartupMessages(library(pROC))

arguments <- commandArgs(trailingOnly = TRUE)
if (length(arguments) < 1) stop("usage: Rscript auc.R DATA.csv [TASKS [REPETITIONS [REPLICATES]]]")
argument <- function(position, otherwise) if (length(arguments) >= position) arguments[[position]] else otherwise
chosen <- strsplit(argument(2, "delong,paired_delong,bootstrap"), ",")[[1]]
repetitions <- as.integer(argument(3, "3"))
replicates <- as.integer(argument(4, "2000"))

data <- read.csv(arguments[[1]])
curve <- function(score) roc(data$outcome, score, levels = c(0, 1), direction = "<", quiet = TRUE)

tasks <- list(
  delong = function() as.vector(ci.auc(curve(data$score_a), method = "delong")),
  paired_delong = function() {
    test <- roc.test(curve(data$score_a), curve(data$score_b), method = "delong", paired = TRUE)
    c(unname(test$estimate), unname(test$statistic), test$p.value)
  },
  bootstrap = function() {
    set.seed(1)
    as.vector(ci.auc(curve(data$score_a), method = "bootstrap", boot.n = replicates, boot.stratified = TRUE,
                     progress = "none", parallel = FALSE))
  }
)
unknown <- setdiff(chosen, names(tasks))
if (length(unknown) > 0) stop("unknown task: ", paste(unknown, collapse = ", "))

measure <- function(task) {
  best <- c(cpu = Inf, wall = Inf)
  for (repetition in seq_len(repetitions)) {
    gc(verbose = FALSE)
    before <- proc.time()
    values <- task()
    spent <- proc.time() - before
    best <- pmin(best, c(cpu = spent[["user.self"]] + spent[["sys.self"]], wall = spent[["elapsed"]]))
  }
  list(best = best, values = values)
}

number <- function(x) ifelse(is.finite(x), sprintf("%.17g", x), "null")
entry <- function(name) {
  result <- measure(tasks[[name]])
  sprintf('{"task": "%s", "cpu_seconds": %s, "wall_seconds": %s, "values": [%s]}', name,
          number(result$best[["cpu"]]), number(result$best[["wall"]]), paste(number(result$values), collapse = ", "))
}

cat(sprintf('{"R": "%s", "pROC": "%s", "rows": %d, "repetitions": %d, "replicates": %d, "tasks": [\n  %s\n]}\n',
            as.character(getRversion()), as.character(packageVersion("pROC")), nrow(data), repetitions, replicates,
            paste(vapply(chosen, entry, ""), collapse = ",\n  ")))
