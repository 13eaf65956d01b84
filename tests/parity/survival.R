# Values of R's survival package, for the Python library to be tested against.
#
# Run from the project's folder, with R and its package survival:
#
#     Rscript tests/parity/survival.R
#
# Reads data/survival_*.csv and writes expected/survival_*.csv, both beside this script. expected/README.md says what
# each file holds. data/survival_states.csv and survival_bounds.csv are years of state law as coded for version 0.1.0:
# kept as they were, so that a correction of the law does not touch the comparison. The textbook data are survival::aml
# (Miller 1981, p. 49) and survival::lung (Loprinzi et al. 1994); this script writes them to data/.

suppressPackageStartupMessages(library(survival))

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
folder <- dirname(normalizePath(script))

exact <- function(x) ifelse(is.na(x), "", sprintf("%.17g", x))

write_table <- function(table, where, name) {
  path <- file.path(folder, where, paste0("survival_", name, ".csv"))
  write.csv(table, path, row.names = FALSE, quote = FALSE, na = "")
}

# The textbook data come from the package; writing them out lets the Python side read the same rows.
aml_rows <- data.frame(unit = seq_len(nrow(aml)), time = aml$time, event = aml$status, group = as.character(aml$x))
lung_rows <- data.frame(unit = seq_len(nrow(lung)), time = lung$time, event = lung$status - 1, group = lung$ph.ecog)
lung_rows <- lung_rows[!is.na(lung_rows$group), ]
write_table(aml_rows, "data", "aml")
write_table(lung_rows, "data", "lung")

read_rows <- function(name) read.csv(file.path(folder, "data", paste0("survival_", name, ".csv")))

for (name in c("aml", "lung", "states")) {
  rows <- read_rows(name)
  for (type in c("log-log", "plain")) {
    fit <- survfit(Surv(time, event) ~ 1, data = rows, conf.type = type)
    table <- data.frame(
      time = fit$time, at_risk = fit$n.risk, events = fit$n.event,
      survival = exact(fit$surv), lower = exact(fit$lower), upper = exact(fit$upper)
    )
    write_table(table, "expected", paste0(name, "_", type))
  }
  test <- survdiff(Surv(time, event) ~ group, data = rows)
  table <- data.frame(
    group = sub("group=", "", names(test$n), fixed = TRUE), n = as.integer(test$n),
    observed = test$obs, expected = exact(test$exp), chisq = exact(test$chisq), p = exact(test$pvalue)
  )
  write_table(table, "expected", paste0(name, "_survdiff"))
}

# Turnbull's estimate of times known within bounds. R reads an interval as open on the left, ours are closed, and the
# times are whole: half a unit less says the same. R stops early, hence the comparison to fewer digits.
rows <- read_rows("bounds")
low <- ifelse(is.na(rows$first), NA, ifelse(is.na(rows$last) | rows$first == rows$last, rows$first, rows$first - 0.5))
fit <- survfit(Surv(low, rows$last, type = "interval2") ~ 1)
table <- data.frame(time = fit$time, survival = exact(fit$surv))
write_table(table, "expected", "bounds_turnbull")

versions <- data.frame(
  name = c("R", "survival"), version = c(as.character(getRversion()), as.character(packageVersion("survival")))
)
write_table(versions, "expected", "versions")
