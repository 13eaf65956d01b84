# Values of R's glm and sandwich for discrete-time hazard models, for the Python library to be tested against.
#
# Run from the project's folder, with R and its packages survival, sandwich and numDeriv:
#
#     Rscript tests/parity/hazard.R
#
# Reads data/relief_panel.csv, makes data/veteran_periods.csv from survival::veteran (the lung cancer trial of the
# Veterans' Administration: Kalbfleisch and Prentice 1980, The Statistical Analysis of Failure Time Data, appendix I),
# and writes expected/hazard_*.csv, all beside this script. expected/README.md says what each file holds.

suppressPackageStartupMessages({
  library(survival)
  library(sandwich)
})

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
folder <- dirname(normalizePath(script))

LINKS <- c("logit", "cloglog")
PERIOD <- 30 # days

exact <- function(x) sprintf("%.17g", x)

write_table <- function(table, place, name) {
  write.csv(table, file.path(folder, place, paste0(name, ".csv")), row.names = FALSE, quote = FALSE, na = "")
}

# One row per patient and period of 30 days begun; the event stands in the last one of those who died.
person_periods <- function(patients) {
  patients$id <- seq_len(nrow(patients))
  periods <- ceiling(patients$time / PERIOD)
  rows <- patients[rep(patients$id, periods), ]
  rows$duration <- sequence(periods)
  rows$event <- as.integer(rows$status == 1 & rows$duration == periods[rows$id])
  for (type in levels(patients$celltype)[-1]) rows[[type]] <- as.integer(rows$celltype == type)
  rows[c("id", "duration", "event", "trt", "karno", "smallcell", "adeno", "large")]
}

# glm stops when the deviance stands still; the estimates of the complementary log-log link move on a little after that.
fit_glm <- function(formula, rows, link) {
  control <- glm.control(epsilon = 1e-14, maxit = 100)
  fit <- glm(formula, binomial(link), rows, control = control)
  for (again in 1:10) fit <- glm(formula, binomial(link), rows, start = coef(fit), control = control)
  fit
}

without_each <- function(formula, rows, link, groups) {
  t(sapply(sort(unique(groups)), function(one) coef(fit_glm(formula, rows[groups != one, ], link))))
}

jackknife <- function(estimate, without) {
  off <- sweep(without, 2, estimate)
  crossprod(off) * (nrow(without) - 1) / nrow(without)
}

terms_of <- function(data, link, draw, formula, rows, cluster) {
  fit <- fit_glm(formula, rows, link)
  groups <- rows[[cluster]]
  without <- without_each(formula, rows, link, groups)
  data.frame(
    data = data, link = link, draw = draw, term = gsub("[(): ]", "", names(coef(fit))),
    estimate = coef(fit),
    model = sqrt(diag(vcov(fit))),
    cluster = sqrt(diag(vcovCL(fit, groups, type = "HC0", cadjust = TRUE))),
    jackknife = sqrt(diag(jackknife(coef(fit), without))),
    lowest = apply(without, 2, min),
    highest = apply(without, 2, max)
  )
}

# The effect of a share, worked out from predicted chances alone; its standard error from the numerical gradient.
effects_of <- function(link, draw, formula, rows) {
  fit <- fit_glm(formula, rows, link)
  covariance <- vcovCL(fit, rows$jurisdiction, type = "HC0", cadjust = TRUE)
  left <- rows$neighbours + 1 / rows$n_neighbours < 1 + 1e-9
  moves <- list(
    "none to all" = list(transform(rows, neighbours = 0), transform(rows, neighbours = 1)),
    "one more" = list(rows[left, ], transform(rows[left, ], neighbours = neighbours + 1 / n_neighbours))
  )
  chance <- function(params, where) {
    mean(fit$family$linkinv(drop(model.matrix(delete.response(terms(fit)), where) %*% params)))
  }
  one <- function(name) {
    move <- moves[[name]]
    change <- function(params) chance(params, move[[2]]) - chance(params, move[[1]])
    slope <- numDeriv::grad(change, coef(fit))
    data.frame(
      link = link, draw = draw, effect = name,
      before = chance(coef(fit), move[[1]]), after = chance(coef(fit), move[[2]]),
      estimate = change(coef(fit)), cluster = sqrt(drop(slope %*% covariance %*% slope))
    )
  }
  do.call(rbind, lapply(names(moves), one))
}

# Rubin (1987), with the degrees of freedom of Barnard and Rubin (1999) for a complete-data df of clusters less one.
pool <- function(rows, df, level = 0.95) {
  m <- nrow(rows)
  within <- mean(rows$cluster^2)
  between <- var(rows$estimate)
  total <- within + (1 + 1 / m) * between
  lambda <- (1 + 1 / m) * between / total
  old <- (m - 1) / lambda^2
  observed <- (df + 1) / (df + 3) * df * (1 - lambda)
  nu <- 1 / (1 / old + 1 / observed)
  half <- qt(0.5 + level / 2, nu) * sqrt(total)
  middle <- mean(rows$estimate)
  data.frame(
    link = rows$link[1], term = rows$term[1], estimate = middle, se = sqrt(total), df = nu,
    low = middle - half, high = middle + half, p = 2 * pt(-abs(middle) / sqrt(total), nu)
  )
}

digits <- function(table) {
  numbers <- vapply(table, is.double, TRUE)
  table[numbers] <- lapply(table[numbers], exact)
  table
}

veteran_periods <- person_periods(veteran)
write_table(veteran_periods, "data", "veteran_periods")
relief <- read.csv(file.path(folder, "data", "relief_panel.csv"), na.strings = "")
relief <- relief[!is.na(relief$neighbours), ]
draws <- split(relief, relief$draw)

RELIEF <- event ~ neighbours + log_population + I(duration / 10) + I((duration / 10)^2) + I((duration / 10)^3)
VETERAN <- event ~ trt + karno + smallcell + adeno + large + log(duration)

every_term <- do.call(rbind, lapply(LINKS, function(link) {
  ours <- lapply(names(draws), function(draw) terms_of("relief", link, draw, RELIEF, draws[[draw]], "jurisdiction"))
  rbind(do.call(rbind, ours), terms_of("veteran", link, "0", VETERAN, veteran_periods, "id"))
}))
write_table(digits(every_term), "expected", "hazard_terms")

every_effect <- do.call(rbind, lapply(LINKS, function(link) {
  do.call(rbind, lapply(names(draws), function(draw) effects_of(link, draw, RELIEF, draws[[draw]])))
}))
write_table(digits(every_effect), "expected", "hazard_effects")

clusters <- min(vapply(draws, function(rows) length(unique(rows$jurisdiction)), 1L))
of_relief <- every_term[every_term$data == "relief", ]
every_pool <- do.call(rbind, lapply(LINKS, function(link) {
  rows <- of_relief[of_relief$link == link, ]
  do.call(rbind, lapply(unique(rows$term), function(term) pool(rows[rows$term == term, ], clusters - 1)))
}))
write_table(digits(every_pool), "expected", "hazard_pooled")

packages <- c("survival", "sandwich", "numDeriv")
versions <- c(as.character(getRversion()), vapply(packages, function(name) as.character(packageVersion(name)), ""))
write_table(data.frame(name = c("R", packages), version = versions), "expected", "hazard_versions")
