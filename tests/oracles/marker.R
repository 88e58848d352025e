# Reference values for marker variables (Williams, Hartman & Cavazotte, 2010) and for what factor models
# leave unexplained (dyadkit.measurement), on simulated answers of mentors and developees.
#
# Run by `make oracles` as `Rscript tests/oracles/marker.R`; writes marker.json beside itself.  Needs
# the packages jsonlite, lavaan and MASS (on Debian: r-cran-jsonlite r-cran-lavaan r-cran-mass).

suppressPackageStartupMessages({
  library(jsonlite)
  library(lavaan)
})
options(warn = 2)  # a reference value that came with a warning is none
packages <- c("jsonlite", "lavaan", "MASS")

here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)))
part <- function(folder, name) source(file.path(here, folder, paste0(name, ".R")), local = FALSE)
# Of the other oracles' files, the functions only.
functions_of <- function(folder, name) {
  for (e in parse(file.path(here, folder, paste0(name, ".R")))) {
    assigned <- is.call(e) && identical(e[[1]], as.name("<-")) && is.name(e[[2]])
    if (assigned && is.call(e[[3]]) && identical(e[[3]][[1]], as.name("function"))) {
      eval(e, globalenv())
    }
  }
}
lines <- function(...) paste(c(...), collapse = "\n")
for (name in c("polish", "measures", "write")) part("sem", name)
functions_of("sem", "data")
functions_of("sem", "reference")
worst <- new.env()
part("sem_more", "reference")
em_tolerance <- 1e-12

# --- Data -----------------------------------------------------------------------------------------

set.seed(2010, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
roles <- c("mentor", "developee")
scales <- c("trust", "support", "learning")
items <- list(
  trust = paste0("t", 1:3), support = paste0("s", 1:3), learning = paste0("l", 1:3),
  marker = paste0("m", 1:3)
)
n <- 280
# Mentors' items take up the marker alike, developees' do not; `noise` draws what items have alone.
answers <- function(noise) {
  pair <- matrix(rnorm(3 * n), n)
  columns <- list()
  for (role in roles) {
    common <- rnorm(n)
    factors <- 0.5 * pair + 0.6 * common + matrix(rnorm(3 * n, 0, 0.7), n)
    method <- rnorm(n)
    take <- if (role == "mentor") rep(0.35, 9) else c(0.6, 0.1, 0.5, -0.2, 0.4, 0, 0.5, 0.2, -0.1)
    for (k in 1:9) {
      own <- factors[, (k + 2) %/% 3] * c(0.9, 0.7, 0.8)[(k - 1) %% 3 + 1]
      item <- unlist(items[scales])[k]
      columns[[paste0(item, "_", role)]] <- 4 + own + take[k] * method + 0.7 * noise(n)
    }
    # One pair of items has words in common.
    words <- 0.35 * rnorm(n)
    for (item in c("t1", "s2")) {
      column <- paste0(item, "_", role)
      columns[[column]] <- columns[[column]] + words
    }
    for (k in 1:3) {
      columns[[paste0("m", k, "_", role)]] <- 4 + c(0.9, 0.8, 0.6)[k] * method + 0.6 * noise(n)
    }
  }
  as.data.frame(round(as.matrix(as.data.frame(columns)), 3))
}
with_gaps <- function(d) {
  cells <- matrix(runif(length(as.matrix(d))) < 0.06, nrow(d))
  d[cells] <- NA
  d
}
datasets <- list(
  complete = answers(rnorm),
  gaps = with_gaps(answers(rnorm)),
  skewed = with_gaps(answers(function(n) (rchisq(n, 3) - 3) / sqrt(6)))
)
estimators <- c(complete = "ML", gaps = "ML", skewed = "MLR")

# --- Models ---------------------------------------------------------------------------------------

plus <- function(x) paste(x, collapse = " + ")
columns_of_role <- function(scale, role) paste0(items[[scale]], "_", role)
fit_one <- function(name, set, syntax, missing) {
  reference(
    name, syntax, set, auto = "cfa", missing = missing, estimator = unname(estimators[set]),
    std_lv = TRUE, meanstructure = TRUE, vcov = FALSE
  )
}
value_of <- function(name, lhs, op, rhs) {
  p <- models[[name]]$parameters
  found <- p$est[p$lhs == lhs & p$op == op & p$rhs == rhs]
  stopifnot(length(found) == 1)
  sprintf("%.17g", found)
}
comparisons <- list()
compare <- function(role, set, wide, narrow) {
  a <- fits[[wide]]$fit
  b <- fits[[narrow]]$fit
  found <- lavTestLRT(
    a, b, method = if (estimators[set] == "MLR") "satorra.bentler.2001" else "default"
  )
  stopifnot(found[2, "Df diff"] > 0)
  comparisons[[length(comparisons) + 1L]] <<- list(
    role = role, dataset = set, wide = wide, narrow = narrow, difference = found[2, "Chisq diff"],
    df = found[2, "Df diff"], pvalue = found[2, "Pr(>Chisq)"]
  )
  found[2, "Pr(>Chisq)"]
}
marker_models <- function(set, role, missing) {
  key <- function(model) paste(set, role, model, sep = "_")
  substantive <- unlist(lapply(scales, columns_of_role, role = role))
  marker <- columns_of_role("marker", role)
  measured <- paste0("f", 1:3, " =~ ", vapply(scales, function(s) plus(columns_of_role(s, role)), ""))
  cfa_name <- key("cfa")
  fit_one(cfa_name, set, lines(measured, paste("marker =~", plus(marker))), missing)
  held <- vapply(marker, function(m) paste0(value_of(cfa_name, "marker", "=~", m), "*", m), "")
  apart <- c(
    vapply(marker, function(m) paste0(m, " ~~ ", value_of(cfa_name, m, "~~", m), "*", m), ""),
    paste0("marker ~~ 0*f", 1:3)
  )
  with_method <- function(terms) lines(measured, paste("marker =~", plus(c(held, terms))), apart)
  fit_one(key("baseline"), set, with_method(character(0)), missing)
  terms <- list(c = paste0("c*", substantive), u = substantive)
  for (kind in names(terms)) fit_one(key(kind), set, with_method(terms[[kind]]), missing)
  compare(role, set, key("c"), key("baseline"))
  p <- compare(role, set, key("u"), key("c"))
  chosen <- if (p < 0.05) "u" else "c"
  correlations <- apply(combn(3, 2), 2, function(ij) {
    one <- paste0("f", ij)
    paste0(one[1], " ~~ ", value_of(key("baseline"), one[1], "~~", one[2]), "*", one[2])
  })
  fit_one(key("r"), set, lines(with_method(terms[[chosen]]), correlations), missing)
  compare(role, set, key(chosen), key("r"))
}
for (set in names(datasets)) {
  for (role in roles) marker_models(set, role, if (set == "complete") "listwise" else "fiml")
}

# --- What the models with a factor for each scale leave -------------------------------------------

misfits <- list()
misfit <- function(set, who) {
  name <- paste(set, who, "own", sep = "_")
  here <- if (who == "both") roles else who
  groups <- unlist(lapply(here, function(r) lapply(scales, columns_of_role, role = r)), FALSE)
  same <- if (who == "both") {
    first <- unlist(lapply(scales, columns_of_role, role = roles[1]))
    paste(first, "~~", sub("mentor", "developee", first))
  }
  measured <- paste0("f", seq_along(groups), " =~ ", vapply(groups, plus, ""))
  fit_one(name, set, lines(measured, same), "fiml")
  fit <- fits[[name]]$fit
  tables <- residual_tables(fit, saturated_moments(fit))
  found <- as.data.frame(modindices(fit))
  found <- found[order(-found$mi), ]
  variables <- lavNames(fit, "ov")
  counted <- found$op == "=~" | (found$op == "~~" & found$lhs %in% variables)
  stopifnot(found$lhs != found$rhs)
  found <- found[counted & !is.na(found$mi), ]
  misfits[[length(misfits) + 1L]] <<- list(
    dataset = set, who = who, model = name, variables = variables,
    residual = tables$cor_bentler$cov, z = tables$raw$cov_z, candidates = nrow(found),
    indices = as.list(found[1:20, intersect(
      c("lhs", "op", "rhs", "mi", "mi.scaled", "epc", "sepc.all"), names(found)
    )])
  )
}
for (set in names(datasets)) for (who in c(roles, "both")) misfit(set, who)

# --- Writing --------------------------------------------------------------------------------------

about <- list(
  command = "Rscript tests/oracles/marker.R",
  how = paste(
    "lavaan, polished by Newton steps. models: a name is data set, role and model (cfa, baseline, c, u,",
    "r: Method-R of the one of c and u that the test of both at .05 keeps; own: a factor for each scale).",
    "comparisons: lavTestLRT, of MLR that of 2001. misfits: residuals (cor.bentler), z (raw residuals over",
    "their standard errors) and the twenty largest modindices of cross-loadings and residual covariances."
  ),
  r = R.version.string,
  packages = as.list(sapply(packages, function(p) as.character(packageVersion(p))))
)
model_line <- function(m) {
  p <- m$parameters
  shown <- p$op != "~1" & (p$free > 0 | p$op == "=~")
  robust <- length(m$tests) > 1
  encode(filled(list(
    name = m$name, dataset = m$dataset, syntax = I(strsplit(m$syntax, "\n")[[1]]),
    effective = m$effective[c("missing", "estimator")], gradient = m$gradient,
    chisq = m$fit$chisq, df = m$fit$df, pvalue = m$fit$pvalue, cfi = m$fit$cfi,
    rmsea = m$fit$rmsea, srmr_bentler = m$fit$srmr,
    chisq_scaled = if (robust) m$fit$chisq_scaled,
    cfi_robust = if (robust) m$fit$cfi_robust, rmsea_robust = if (robust) m$fit$rmsea_robust,
    parameters = lapply(p[c("lhs", "op", "rhs", "free", "est", "std_all")], function(x) {
      if (is.numeric(x)) signif(x[shown], 13) else x[shown]
    })
  )))
}
rows <- function(x) block(vapply(unname(x), function(e) encode(e), ""), "  ", "[", "]")
sets <- lapply(datasets, function(d) block(lapply(as.list(d), encode), "    "))
writeLines(block(list(
  about = block(lapply(about, encode), "  "), datasets = block(sets, "  "),
  models = block(vapply(unname(models), model_line, ""), "  ", "[", "]"),
  comparisons = rows(comparisons), misfits = rows(misfits)
), ""), file.path(here, "marker.json"))
for (kind in sort(ls(worst))) {
  cat(sprintf("largest %-12s %.1e  %s\n", kind, worst[[kind]]$value, worst[[kind]]$name))
}
