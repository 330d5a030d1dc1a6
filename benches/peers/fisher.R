# Times R's exact test of tables, and prints JSON: seconds of CPU for all tables once, with their P-values.
#
#   Rscript fisher.R TABLES.csv TASK REPETITIONS
#
# TABLES.csv    header "table,row,column,count"; the tables in the order of their numbers
# TASK          a name, to be given back
# REPETITIONS   the least time of so many counts; each time is that of twenty rounds, divided by twenty
#
# Reading the file is not timed.

arguments <- commandArgs(trailingOnly = TRUE)
if (length(arguments) != 3) stop("usage: Rscript fisher.R TABLES.csv TASK REPETITIONS")
cells <- read.csv(arguments[[1]])
tables <- lapply(split(cells, cells$table), function(cells) xtabs(count ~ row + column, cells))
rounds <- 20

best <- Inf
for (repetition in seq_len(as.integer(arguments[[3]]))) {
  before <- proc.time()
  for (round in seq_len(rounds)) values <- vapply(tables, function(table) fisher.test(table, workspace = 2e7)$p.value, 0)
  spent <- proc.time() - before
  best <- min(best, (spent[["user.self"]] + spent[["sys.self"]]) / rounds)
}

cat(sprintf('{"R": "%s", "tasks": [{"task": "%s", "cpu_seconds": %.17g, "values": [%s]}]}\n',
            as.character(getRversion()), arguments[[2]], best, paste(sprintf("%.17g", values), collapse = ", ")))
