# Times R's survival on the tasks of Vouch's survival benchmarks, and prints JSON: seconds of CPU and of wall clock per
# task (the least of the repetitions), with the values computed, so that the caller can see that both computed the same.
#
#   Rscript survival.R DATA.csv [TASKS [REPETITIONS]]
#
# DATA.csv      header "time,status,group,x1,x2,..."; status 0 or 1, group a label, x1 ... the covariates of the Cox model
# TASKS         some of survfit,survdiff,coxph,concordance, with commas between; all four if left out
# REPETITIONS   3 if left out
#
# Reading the file and loading the package are not timed. The concordance is that of x1, higher meaning an earlier event.

suppressPackageStartupMessages(library(survival))

arguments <- commandArgs(trailingOnly = TRUE)
if (length(arguments) < 1) stop("usage: Rscript survival.R DATA.csv [TASKS [REPETITIONS]]")
argument <- function(position, otherwise) if (length(arguments) >= position) arguments[[position]] else otherwise
chosen <- strsplit(argument(2, "survfit,survdiff,coxph,concordance"), ",")[[1]]
repetitions <- as.integer(argument(3, "3"))

data <- read.csv(arguments[[1]])
covariates <- grep("^x[0-9]+$", names(data), value = TRUE)
model <- reformulate(covariates, response = "Surv(time, status)")

tasks <- list(
  survfit = function() {
    fit <- survfit(Surv(time, status) ~ 1, data)
    c(fit$surv[length(fit$surv)], fit$std.err[length(fit$std.err)], unname(quantile(fit, 0.5)$quantile))
  },
  survdiff = function() survdiff(Surv(time, status) ~ group, data)$chisq,
  coxph = function() {
    fit <- coxph(model, data, ties = "efron")
    c(unname(coef(fit)), sqrt(diag(vcov(fit))), fit$loglik[[2]])
  },
  concordance = function() {
    fit <- concordance(Surv(time, status) ~ x1, data, reverse = TRUE)
    c(unname(fit$concordance), sqrt(unname(fit$var)))
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

cat(sprintf('{"R": "%s", "survival": "%s", "rows": %d, "repetitions": %d, "tasks": [\n  %s\n]}\n',
            as.character(getRversion()), as.character(packageVersion("survival")), nrow(data), repetitions,
            paste(vapply(chosen, entry, ""), collapse = ",\n  ")))
