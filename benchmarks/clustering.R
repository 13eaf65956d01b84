# The R side of benchmarks/clustering.py, which calls it: Rscript benchmarks/clustering.R FOLDER DRAWS
# Prints name,seconds lines. Everything is read and typed before the clock starts.
suppressMessages(library(cluster))
arguments <- commandArgs(trailingOnly = TRUE)
folder <- arguments[1]
draws <- as.integer(arguments[2])

typed <- function(name) {
  x <- read.csv(file.path(folder, paste0(name, ".csv")), na.strings = "", colClasses = "character", check.names = FALSE)
  types <- read.csv(file.path(folder, paste0(name, "_types.csv")), colClasses = "character")
  for (row in seq_len(nrow(types))) {
    column <- types$column[row]
    levels <- strsplit(types$levels[row], "|", fixed = TRUE)[[1]]
    x[[column]] <- switch(types$type[row],
      numeric = as.numeric(x[[column]]),
      ordinal = factor(x[[column]], levels = levels, ordered = TRUE),
      factor(x[[column]], levels = levels)
    )
  }
  x
}

large <- typed("large")
print_time <- function(name, seconds) cat(name, ",", format(seconds, digits = 6), "\n", sep = "")
print_time("daisy", min(sapply(1:3, function(turn) system.time(daisy(large, metric = "gower"))["elapsed"])))

# One draw as co_membership makes it: open cells drawn from their chances, children only where the parent allows them.
codes <- as.matrix(read.csv(file.path(folder, "codes.csv"), check.names = FALSE))
errors <- as.matrix(read.csv(file.path(folder, "errors.csv"), check.names = FALSE))
parents <- read.csv(file.path(folder, "parents.csv"), colClasses = "character", check.names = FALSE)
chances <- lapply(colnames(codes), function(name) as.matrix(read.csv(file.path(folder, paste0("chances_", name, ".csv")))))
names(chances) <- colnames(codes)
units <- nrow(codes)
draw <- function() {
  drawn <- codes
  for (name in colnames(codes)) {
    for (unit in which(runif(units) < errors[, name])) {
      drawn[unit, name] <- sample.int(ncol(chances[[name]]), 1, prob = chances[[name]][unit, ]) - 1
    }
    parent <- parents$parent[parents$name == name]
    if (parent != "") {
      allowed <- as.integer(strsplit(parents$allowed[parents$name == name], " ")[[1]])
      drawn[!(drawn[, parent] %in% allowed), name] <- -1
    }
  }
  drawn[drawn < 0] <- NA
  as.data.frame(lapply(as.data.frame(drawn), function(column) factor(column)))
}
fixed <- draw()
cut <- function(x) cutree(hclust(daisy(x, metric = "gower"), "average"), 4)
set.seed(1)
print_time("loop_without_drawing", system.time(for (turn in seq_len(draws)) cut(fixed))["elapsed"] / draws)
together <- matrix(0, units, units)
print_time("loop_with_drawing", system.time(for (turn in seq_len(draws)) {
  labels <- cut(draw())
  together <- together + outer(labels, labels, "==")
})["elapsed"] / draws)
