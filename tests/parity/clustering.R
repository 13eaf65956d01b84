# Values of R's clustering functions, for the Python library to be tested against.
#
# Run from the project's folder, with R and its packages cluster and fpc:
#
#     Rscript tests/parity/clustering.R
#
# Reads data/*.csv and writes expected/*.csv, both beside this script. expected/README.md says what each file holds.

suppressPackageStartupMessages({
  library(cluster)
  library(fpc)
})

# The folder is found from the script itself, so that the script runs from any folder.
script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
folder <- dirname(normalizePath(script))

LINKAGES <- c("average", "complete", "single")
CUTS <- 2:6
MEDOIDS <- 2:5
CLUSTERS <- 3
DRAWS <- 50
SEED <- 7

# 17 significant digits carry a double to another language without loss.
exact <- function(x) sprintf("%.17g", x)

write_table <- function(table, ...) {
  path <- file.path(folder, "expected", paste0(..., ".csv"))
  write.csv(table, path, row.names = FALSE, quote = FALSE, na = "")
}

# Everything is read as text: a level called "no" or "T", or a unit called "NA", stays what it is.
read_text <- function(name) {
  path <- file.path(folder, "data", paste0(name, ".csv"))
  read.csv(path, colClasses = "character", na.strings = "", check.names = FALSE)
}

# The levels come from the types file, because the order of the levels decides what daisy makes of an ordinal column.
as_typed <- function(text, type, levels) {
  switch(type,
    numeric = as.numeric(text),
    ordinal = factor(text, levels, ordered = TRUE),
    # daisy takes an asymmetric column only as 0 and 1; 1, the level that counts as a match, is the higher one.
    asymmetric = match(text, levels) - 1,
    # A binary column is symmetric, which is the same as nominal with two levels.
    binary = , nominal = factor(text, levels),
    stop("unknown type: ", type)
  )
}

read_units <- function(name) {
  cells <- read_text(name)
  types <- read_text(paste0(name, "_types"))
  stopifnot(identical(names(cells)[-1], types$column), !anyDuplicated(cells$unit))
  levels <- strsplit(ifelse(is.na(types$levels), "", types$levels), "|", fixed = TRUE)
  typed <- Map(as_typed, cells[-1], types$type, levels)
  # A misspelt level would turn into one more missing cell without a word.
  stopifnot(identical(lapply(typed, is.na), lapply(cells[-1], is.na)))
  list(
    x = data.frame(typed, row.names = cells$unit, check.names = FALSE),
    asymmetric = types$column[types$type == "asymmetric"]
  )
}

gower <- function(units, weights) {
  kinds <- if (length(units$asymmetric)) list(asymm = units$asymmetric) else list()
  d <- daisy(units$x, metric = "gower", type = kinds, weights = weights)
  # A pair without a compared column has no distance, and nothing below could use it.
  stopifnot(!anyNA(d))
  d
}

write_square <- function(d, ...) {
  square <- as.matrix(d)
  table <- data.frame(unit = rownames(square), apply(square, 2, exact), check.names = FALSE)
  write_table(table, ...)
}

write_labels <- function(labels, units, ...) {
  table <- data.frame(unit = units, labels, check.names = FALSE)
  write_table(table, ...)
}

write_hierarchies <- function(d, units, name) {
  for (linkage in LINKAGES) {
    tree <- hclust(d, linkage)
    labels <- cutree(tree, k = CUTS)
    colnames(labels) <- paste0("k", CUTS)
    write_table(data.frame(height = exact(sort(tree$height))), name, "_", linkage, "_heights")
    write_labels(labels, units, name, "_", linkage, "_labels")
    if (linkage == "average") {
      widths <- apply(labels, 2, function(label) mean(silhouette(label, d)[, "sil_width"]))
      write_table(data.frame(k = CUTS, average_width = exact(widths)), name, "_silhouette")
    }
  }
}

write_medoids <- function(d, units, name) {
  fits <- lapply(MEDOIDS, function(k) pam(d, k, diss = TRUE))
  table <- data.frame(
    k = MEDOIDS,
    objective = exact(vapply(fits, function(fit) fit$objective[["swap"]], 0)),
    medoids = vapply(fits, function(fit) paste(fit$medoids, collapse = " "), "")
  )
  labels <- vapply(fits, function(fit) fit$clustering, integer(length(units)))
  colnames(labels) <- paste0("k", MEDOIDS)
  write_table(table, name, "_pam")
  write_labels(labels, units, name, "_pam_labels")
}

# The units that clusterboot draws. Nothing else in it takes a random number with this method, so that the same
# seed and the same calls give the same draws. Repeated units are dropped, as multipleboot = FALSE has it, and the
# order of the draw is kept, since it is the order in which hclust sees the units and so settles ties.
draw_units <- function(n) {
  set.seed(SEED)
  replicate(DRAWS, unique(sample(n, n, replace = TRUE)), simplify = FALSE)
}

# Worked out without fpc, to show that the draws are the right ones and that the README describes them rightly.
stability_by_hand <- function(d, partition, draws) {
  square <- as.matrix(d)
  best <- vapply(draws, function(drawn) {
    again <- cutree(hclust(as.dist(square[drawn, drawn]), "average"), k = CLUSTERS)
    vapply(seq_len(CLUSTERS), function(cluster) {
      members <- drawn[partition[drawn] == cluster]
      overlap <- vapply(seq_len(CLUSTERS), function(other) {
        found <- drawn[again == other]
        length(intersect(members, found)) / length(union(members, found))
      }, 0)
      max(overlap)
    }, 0)
  }, numeric(CLUSTERS))
  rowMeans(best)
}

write_stability <- function(d, units, name) {
  boot <- clusterboot(d,
    B = DRAWS, distances = TRUE, bootmethod = "boot", clustermethod = disthclustCBI,
    method = "average", k = CLUSTERS, cut = "number", seed = SEED, count = FALSE, multipleboot = FALSE
  )
  draws <- draw_units(length(units))
  by_hand <- stability_by_hand(d, boot$partition, draws)
  stopifnot(max(abs(by_hand - boot$bootmean)) < 1e-12)
  table <- data.frame(
    cluster = seq_len(CLUSTERS),
    size = tabulate(boot$partition, CLUSTERS),
    bootmean = exact(boot$bootmean)
  )
  write_table(table, name, "_clusterboot")
  write_labels(data.frame(cluster = boot$partition), units, name, "_clusterboot_labels")
  write_table(data.frame(units = vapply(draws, paste, "", collapse = " ")), name, "_clusterboot_draws")
}

write_scaling <- function(d, units, name) {
  scaled <- cmdscale(d, k = 2, eig = TRUE)
  write_table(data.frame(eigenvalue = exact(scaled$eig)), name, "_cmdscale_eig")
  points <- data.frame(unit = units, axis1 = exact(scaled$points[, 1]), axis2 = exact(scaled$points[, 2]))
  write_table(points, name, "_cmdscale")
}

for (name in c("states", "mixed", "ties")) {
  data <- read_units(name)
  units <- rownames(data$x)
  d <- gower(data, rep(1, ncol(data$x)))
  write_square(d, name, "_daisy")
  write_square(gower(data, rep_len(1:3, ncol(data$x))), name, "_daisy_weighted")
  write_hierarchies(d, units, name)
  write_medoids(d, units, name)
  write_stability(d, units, name)
  if (name == "mixed") write_scaling(d, units, name)
}

packages <- c("cluster", "fpc")
versions <- c(as.character(getRversion()), vapply(packages, function(name) as.character(packageVersion(name)), ""))
write_table(data.frame(name = c("R", packages), version = versions), "versions")
