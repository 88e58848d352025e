# Reference values for cross-lagged panels (dyadkit.panel) of three variables, with covariates, in
# groups of dyads, of latent series and of exchangeable members: lavaan's fits of models that are
# written out here.
#
# Run by `make oracles` as `Rscript tests/oracles/panel_more.R`; writes panel_more.json beside
# itself.  Needs the packages jsonlite, lavaan and MASS (on Debian: r-cran-jsonlite r-cran-lavaan
# r-cran-mass).

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

set.seed(4120, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
skewed <- function(n) (rchisq(n, 4) - 4) / sqrt(8)
# Series that are stable to the extent of `stable` and of `push`, an effect of what does not change.
simulate <- function(stems, waves, n, stable = 0.8, draw = rnorm, onto = 0.25, push = 0) {
  k <- length(stems)
  mixed <- function(share) matrix(draw(n * k), n) %*% chol(diag(1 - share, k) + share)
  a <- matrix(0.08, k, k) + diag(0.27, k)
  a[2, 1] <- onto
  trait <- stable * mixed(0.4) + push
  within <- mixed(0.25)
  out <- list()
  for (wave in seq_len(waves)) {
    if (wave > 1) within <- within %*% t(a) + 0.9 * mixed(0.2)
    out[[wave]] <- setNames(as.data.frame(4 + 0.1 * wave + trait + within), paste0(stems, "_t", wave))
  }
  rounded(do.call(cbind, out))
}
# Three items of each column; the second is keyed in reverse on a range from 1 to 7.
items_of <- function(scores, loadings = c(1, 0.8, 1.1), scored = FALSE) {
  out <- list()
  n <- nrow(scores)
  for (name in names(scores)) {
    stem <- sub("_.*", "", name)
    rest <- sub("^[^_]*", "", name)
    true <- scores[[name]]
    keyed <- sapply(1:3, function(i) 0.2 * (i - 1) + loadings[i] * true + 0.7 * rnorm(n))
    if (scored) out[[name]] <- rowMeans(keyed)
    keyed[, 2] <- 8 - keyed[, 2]
    for (i in 1:3) out[[paste0(stem, i, rest)]] <- keyed[, i]
  }
  rounded(as.data.frame(out))
}
covariates <- function(n) {
  age <- rnorm(n)
  list(push = 0.3 * age, columns = data.frame(
    age_mentor_t1 = round(age, 3), weeks_t1 = round(6 + 0.3 * age + rnorm(n), 3)
  ))
}
with_covariates <- function(stems, waves, n, ...) {
  found <- covariates(n)
  cbind(simulate(stems, waves, n, push = found$push, ...), found$columns)
}
grouped <- function(one, other) {
  data.frame(rbind(one, other), mode = rep(c("online", "onsite"), c(nrow(one), nrow(other))))
}
# A few columns with gaps of their own, and the last wave's that are lost together: few patterns.
gaps <- function(data, columns = c(1, 3, 4), share = 0.06) {
  data <- mcar(data, share, names(data)[columns])
  last <- grep(paste0("_t", max(sub(".*_t", "", grep("_t[0-9]$", names(data), value = TRUE)))), names(data))
  data[runif(nrow(data)) < 0.1, last] <- NA
  data
}
two <- c("x_mentor", "y_mentor")
three <- c("x_mentor", "y_mentor", "z_mentor")
both <- c("x_mentor", "x_developee")
peers <- c("x_1", "x_2")
peers_two <- c("x_1", "x_2", "y_1", "y_2")

datasets <- list(
  three_gaps = gaps(simulate(three, 3, 300)),
  three_four = simulate(three, 4, 300),
  three_two = simulate(three, 2, 180, draw = skewed),
  waves_gaps = gaps(with_covariates(two, 3, 300), c(1, 3, 7)),
  waves_four = with_covariates(two, 4, 300),
  stable_gaps = gaps(with_covariates(two, 4, 320, draw = skewed)),
  waves_five = with_covariates(two, 5, 260),
  groups_gaps = gaps(grouped(simulate(two, 3, 240), simulate(two, 3, 200, onto = 0.5))),
  groups_six = grouped(
    simulate(two, 6, 200, draw = skewed), simulate(two, 6, 180, onto = 0.1, draw = skewed)
  ),
  groups_covariates = grouped(with_covariates(two, 2, 160), with_covariates(two, 2, 150)),
  items = items_of(simulate(two, 3, 320)),
  items_gaps = gaps(items_of(simulate(both, 3, 300))),
  items_groups = grouped(
    items_of(simulate(two, 2, 220)), items_of(simulate(two, 2, 200, onto = 0.5))
  ),
  scored = gaps(items_of(simulate(two, 3, 300), scored = TRUE), c(1, 2, 7)),
  scored_four = cbind(
    items_of(simulate(two, 4, 300, draw = skewed), scored = TRUE), covariates(300)$columns
  ),
  peers = gaps(simulate(peers, 4, 260)),
  peers_skewed = simulate(peers, 3, 280, draw = skewed),
  peers_two = simulate(peers_two, 2, 240),
  peers_two_gaps = gaps(simulate(peers_two, 3, 320, draw = skewed))
)

# --- Models ---------------------------------------------------------------------------------------

variable_of <- function(stems) sub("_.*", "", stems)
role_of <- function(stems) sub(".*_", "", stems)
keyed_name <- function(i) paste0(i, ifelse(endsWith(i, "2"), "_keyed", ""))
# Keyed as the scale is: a column of its own in R's data.
turned <- function(data) {
  for (name in grep("^[xyz]2_", names(data), value = TRUE)) {
    data[[sub("2_", "2_keyed_", name, fixed = TRUE)]] <- 8 - data[[name]]
  }
  data
}
same_in <- function(groups, label) {
  if (groups == 1) paste0(label, "*") else paste0("c(", toString(rep(label, groups)), ")*")
}

items_part <- function(stems, waves, groups) {
  out <- character(0)
  item <- function(stem, i, t) {
    paste0(keyed_name(paste0(variable_of(stem), i)), "_", role_of(stem), "_t", t)
  }
  every <- seq_len(waves)
  for (stem in stems) for (i in 1:3) {
    columns <- vapply(every, function(t) item(stem, i, t), "")
    # Equal in all waves, and for both members.
    held <- paste0(i, variable_of(stem))
    loading <- if (i == 1) "1*" else same_in(groups, paste0("load", held))
    origin <- if (i == 1) "0*1" else paste0(same_in(groups, paste0("origin", held)), "1")
    apart <- if (waves > 1) combn(columns, 2)
    out <- c(
      out, paste0("f_", stem, "_t", every, " =~ ", loading, columns), paste(columns, "~", origin),
      paste(columns, "~~", columns), if (waves > 1) paste(apart[1, ], "~~", apart[2, ])
    )
  }
  if (length(stems) > length(unique(variable_of(stems)))) for (i in 1:3) for (t in every) {
    out <- c(out, paste(item(stems[1], i, t), "~~", item(stems[2], i, t)))
  }
  out
}
alpha_of <- function(items) {
  s <- cov(items[complete.cases(items), ])
  ncol(s) / (ncol(s) - 1) * (1 - sum(diag(s)) / sum(s))
}
alphas_of <- function(data, stems, waves) {
  lapply(setNames(stems, stems), function(stem) vapply(seq_len(waves), function(t) {
    names <- keyed_name(paste0(variable_of(stem), 1:3))
    alpha_of(data[paste0(names, "_", role_of(stem), "_t", t)])
  }, 0))
}
reliability_part <- function(data, stems, waves) {
  found <- alphas_of(data, stems, waves)
  unlist(lapply(stems, function(stem) {
    own <- paste0(stem, "_t", seq_len(waves))
    error <- (1 - found[[stem]]) * vapply(data[own], var, 0, na.rm = TRUE)
    c(
      paste0("f_", own, " =~ 1*", own), paste0(own, " ~~ ", sprintf("%.17g", error), "*", own),
      paste(own, "~ 0*1")
    )
  }))
}

# `cross` tells by target and source whether there is an effect.  Of exchangeable members (`swap`)
# all that exchanging them cannot change is one parameter.
panel_model <- function(stems, waves, cross, intercepts, equal = FALSE, second = FALSE,
                        alike = FALSE, swap = FALSE, groups = 1, same = FALSE, latent = FALSE,
                        predictors = character(0), stable_only = FALSE) {
  k <- length(stems)
  every <- seq_len(k)
  times <- seq_len(waves)
  column <- function(i, t) paste0(if (latent) "f_", stems[i], "_t", t)
  within <- function(i, t) if (intercepts) paste0("p_", stems[i], "_t", t) else column(i, t)
  variable <- variable_of(stems)
  role <- role_of(stems)
  relation <- function(i, j) paste0(variable[i], variable[j], if (role[i] == role[j]) "a" else "p")
  effect <- function(kind, i, j, t) {
    if (!(equal || alike || swap || same)) return("")
    whose <- if (alike || swap) relation(i, j) else paste0(stems[i], stems[j])
    label <- paste0(kind, whose, if (!equal) paste0("at", t))
    if (groups == 1 || same) return(same_in(groups, label))
    paste0("c(", toString(paste0(label, "in", seq_len(groups))), ")*")
  }
  shared <- function(kind, i, j, t) {
    own <- variable[i] == variable[j] && role[i] != role[j]
    if (!swap || own) return("")
    first <- order(variable[c(i, j)])
    paste0(kind, relation(c(i, j)[first[1]], c(i, j)[first[2]]), t, "*")
  }
  out <- character(0)
  pairs <- if (k > 1) combn(k, 2)
  for (t in times[-1]) for (i in every) {
    sources <- every[every == i | cross[i, ]]
    terms <- vapply(sources, function(j) paste0(effect("b", i, j, t), within(j, t - 1)), "")
    if (second && t > 2) terms <- c(terms, paste0(effect("s", i, i, t), within(i, t - 2)))
    if (!intercepts) terms <- c(terms, predictors)
    out <- c(out, paste(within(i, t), "~", paste(terms, collapse = " + ")))
  }
  written <- intercepts || latent || swap
  for (t in if (written) times else times[-1]) {
    for (q in seq_len(ncol(pairs))) {
      i <- pairs[1, q]
      j <- pairs[2, q]
      out <- c(out, paste0(within(i, t), " ~~ ", shared("v", i, j, t), within(j, t)))
    }
    if (written) for (i in every) out <- c(
      out, paste0(within(i, t), " ~~ ", shared("v", i, i, t), within(i, t)),
      paste0(column(i, t), " ~ ", shared("m", i, i, t), "1")
    )
  }
  onto <- paste(predictors, collapse = " + ")
  if (intercepts) for (i in every) {
    own <- column(i, times)
    stable <- paste0("ri_", stems[i])
    out <- c(
      out, paste(stable, "=~", paste0("1*", own, collapse = " + ")),
      paste0(within(i, times), " =~ 1*", own), paste0(own, " ~~ 0*", own),
      paste0(stable, " ~~ ", shared("r", i, i, ""), stable)
    )
    if (length(predictors)) out <- c(out, paste(if (stable_only) stable else own, "~", onto))
  }
  if (intercepts) for (q in seq_len(ncol(pairs))) {
    i <- pairs[1, q]
    j <- pairs[2, q]
    out <- c(out, paste0("ri_", stems[i], " ~~ ", shared("r", i, j, ""), "ri_", stems[j]))
  }
  if (written && length(predictors)) {
    out <- c(out, paste(predictors, "~~", predictors), paste(predictors, "~ 1"))
    if (length(predictors) == 2) out <- c(out, paste(predictors, collapse = " ~~ "))
    if (!intercepts) for (p in predictors) out <- c(out, paste(p, "~~", column(every, 1)))
  }
  out
}
# Saturated but for what exchanging members cannot change, or without covariances.
swapped_model <- function(stems, waves, covary) {
  columns <- as.vector(outer(stems, seq_len(waves), paste, sep = "_t"))
  what <- sub("_[12]_", "_", columns)
  who <- sub(".*_([12])_.*", "\\1", columns)
  out <- paste0(columns, " ~ m", what, "*1")
  for (i in seq_along(columns)) for (j in seq_len(i)) {
    label <- if (what[i] == what[j]) if (i == j) paste0("v", what[i], "*") else "" else {
      both <- sort(what[c(i, j)])
      paste0("c", paste(both, collapse = ""), if (who[i] == who[j]) "a" else "p", "*")
    }
    if (i != j && !covary) label <- "0*"
    out <- c(out, paste0(columns[i], " ~~ ", label, columns[j]))
  }
  lines(out)
}

# --- Cases ----------------------------------------------------------------------------------------

models <- list()
fits <- list()
cases <- list()
crosses_of <- function(stems, swap) {
  k <- length(stems)
  off <- unname(!diag(k))
  none <- off & FALSE
  edges <- function(...) {
    m <- none
    for (e in list(...)) m[e[2], e[1]] <- TRUE
    m
  }
  alike <- function(x) outer(x, x, "==") & off
  if (swap && k == 2) return(list(Stability = none, Mutual = off))
  if (k == 2 && role_of(stems[1]) != role_of(stems[2])) return(list(
    Stability = none, `From mentor` = edges(c(1, 2)), `From developee` = edges(c(2, 1)),
    `Equal in both roles` = off, Mutual = off
  ))
  if (k == 2) return(list(
    Stability = none, Causal = edges(c(1, 2)), Reversed = edges(c(2, 1)), Reciprocal = off
  ))
  if (k == 3) return(list(
    Stability = none, Chain = edges(c(1, 2), c(2, 3)),
    `Chain and direct` = edges(c(1, 2), c(2, 3), c(1, 3)),
    `Reversed chain` = edges(c(3, 2), c(2, 1)), All = off
  ))
  list(
    Stability = none, `Within members` = alike(role_of(stems)),
    `Within variables` = alike(variable_of(stems)), All = off
  )
}
corrected <- function(fit, isat, inull, robust) {
  if (robust) {
    found <- lavTestLRT(isat$fit, fit$fit, method = "satorra.bentler.2001")
    return(list(
      chisq = found[2, "Chisq diff"], df = found[2, "Df diff"], pvalue = found[2, "Pr(>Chisq)"]
    ))
  }
  of <- function(x) c(x$fit@test[[1]]$stat, x$fit@test[[1]]$df)
  model <- of(fit) - of(isat)
  null <- of(inull) - of(isat)
  excess <- max(model[1] - model[2], 0)
  n <- fit$fit@SampleStats@ntotal
  list(
    chisq = model[1], df = model[2], pvalue = pchisq(model[1], model[2], lower.tail = FALSE),
    cfi = 1 - excess / max(null[1] - null[2], excess),
    tli = (null[1] / null[2] - model[1] / model[2]) / (null[1] / null[2] - 1),
    rmsea = if (model[2] > 0) sqrt(excess / (model[2] * n)) else 0
  )
}
panel_case <- function(name, set, stems, waves, kind, estimator = "ML", equal = FALSE,
                       second = FALSE, predictors = character(0), stable_only = FALSE,
                       indicators = "score", improper = FALSE) {
  swap <- any(role_of(stems) == "1")
  data <- datasets[[set]]
  group <- if ("mode" %in% names(data)) "mode"
  groups <- if (is.null(group)) 1 else 2
  latent <- indicators != "score"
  measured <- switch(
    indicators, score = character(0), items = items_part(stems, waves, groups),
    reliability = reliability_part(turned(data), stems, waves)
  )
  crosses <- crosses_of(stems, swap)
  full <- names(crosses)[length(crosses)]
  everything <- crosses[[full]]
  if (!equal && waves > 2) crosses[["Equal between waves"]] <- everything
  if (groups > 1) crosses[["Equal in all groups"]] <- everything
  if (stable_only) crosses[["Covariates on waves"]] <- everything
  other <- if (kind == "riclpm") "Without random intercepts" else "With random intercepts"
  if (waves > 2 && !stable_only) crosses[[other]] <- everything
  key <- function(model) paste(name, model, sep = ": ")
  # Estimates that are no covariance matrix make lavaan warn.
  silent <- if (improper) suppressWarnings else identity
  # (lavaan's robust CFI of complete data differs by `missing`; that of complete data is meant.)
  whole <- estimator == "MLR" && !anyNA(data)
  fitted <- function(model, syntax, auto, detailed) silent(reference(
    key(model), syntax, set, auto = auto, estimator = estimator, group = group,
    missing = if (whole) "listwise" else "fiml", meanstructure = TRUE, fixed_x = FALSE, vcov = FALSE,
    standardise = detailed
  ))
  datasets[[set]] <<- turned(data)  # until all are fitted
  for (model in names(crosses)) {
    intercepts <- (kind == "riclpm") != (model == other)
    syntax <- panel_model(
      stems, waves, crosses[[model]], intercepts, equal || model == "Equal between waves", second,
      model == "Equal in both roles", swap, groups, model == "Equal in all groups", latent,
      predictors, stable_only && model != "Covariates on waves"
    )
    auto <- if (intercepts || latent || swap) "lavaan" else "sem"
    fitted(model, lines(measured, syntax), auto, model == full)
  }
  beyond <- NULL
  if (swap) {
    fitted("isat", swapped_model(stems, waves, TRUE), "lavaan", FALSE)
    fitted("inull", swapped_model(stems, waves, FALSE), "lavaan", FALSE)
    ends <- fits[c(key("isat"), key("inull"))]
    beyond <- lapply(names(crosses), function(model) c(list(model = model), corrected(
      fits[[key(model)]], ends[[1]], ends[[2]], estimator == "MLR"
    )))
  }
  datasets[[set]] <<- data
  compared <- lapply(setdiff(names(crosses), full), function(model) {
    found <- lavTestLRT(
      fits[[key(model)]]$fit, fits[[key(full)]]$fit,
      method = if (estimator == "MLR") "satorra.bentler.2001" else "default"
    )
    list(
      model = model, difference = found[2, "Chisq diff"], df = found[2, "Df diff"],
      pvalue = found[2, "Pr(>Chisq)"]
    )
  })
  cases[[length(cases) + 1L]] <<- filled(list(
    name = name, dataset = set, series = stems, waves = waves, kind = kind, estimator = estimator,
    equal_lags = equal, second_order = second, covariates = I(predictors),
    covariates_on = if (stable_only) "intercepts" else "waves", by = group,
    indicators = indicators, full = full, models = names(crosses), comparisons = compared,
    corrected = beyond,
    alphas = if (indicators == "reliability") alphas_of(turned(data), stems, waves)
  ))
}
every <- c("age_mentor_t1", "weeks_t1")
age <- "age_mentor_t1"
only <- Sys.getenv("ONLY")
run <- function(name, ...) if (grepl(only, name)) panel_case(name, ...)
run("three_clpm_two_mlr", "three_two", three, 2, "clpm", "MLR")
run("three_clpm_gaps", "three_gaps", three, 3, "clpm", equal = TRUE)
run("three_riclpm_gaps", "three_gaps", three, 3, "riclpm", improper = TRUE)
run("three_riclpm_equal", "three_four", three, 4, "riclpm", equal = TRUE)
run("covariates_clpm_gaps", "waves_gaps", two, 3, "clpm", predictors = every)
run("covariates_riclpm", "waves_four", two, 4, "riclpm", predictors = every)
run("covariates_clpm_second", "waves_five", two, 5, "clpm", second = TRUE, predictors = age)
run(
  "covariates_riclpm_second", "waves_five", two, 5, "riclpm", equal = TRUE, second = TRUE,
  predictors = age, improper = TRUE
)
run("intercepts", "waves_four", two, 4, "riclpm", predictors = age, stable_only = TRUE)
run(
  "intercepts_gaps_mlr", "stable_gaps", two, 4, "riclpm", "MLR", equal = TRUE,
  predictors = every, stable_only = TRUE
)
run("groups_riclpm_gaps", "groups_gaps", two, 3, "riclpm", improper = TRUE)
run("groups_clpm_gaps_equal", "groups_gaps", two, 3, "clpm", equal = TRUE, improper = TRUE)
run("groups_clpm_mlr", "groups_six", two, 6, "clpm", "MLR", equal = TRUE, improper = TRUE)
run("groups_covariates", "groups_covariates", two, 2, "clpm", predictors = every)
run("groups_items", "items_groups", two, 2, "clpm", indicators = "items")
run("items_clpm", "items", two, 3, "clpm", indicators = "items")
run("items_riclpm", "items", two, 3, "riclpm", indicators = "items")
run("items_both_gaps", "items_gaps", both, 3, "clpm", indicators = "items", equal = TRUE)
run("reliability_clpm", "scored_four", two, 4, "clpm", indicators = "reliability", predictors = age)
run(
  "reliability_riclpm_gaps", "scored", two, 3, "riclpm", indicators = "reliability", improper = TRUE
)
run("peers_clpm_gaps", "peers", peers, 4, "clpm")
run("peers_riclpm_gaps", "peers", peers, 4, "riclpm", equal = TRUE)
# (With effects that differ between three waves it would be as saturated as I-SAT.)
run("peers_riclpm_mlr", "peers_skewed", peers, 3, "riclpm", "MLR", equal = TRUE, improper = TRUE)
run("peers_two_clpm", "peers_two", peers_two, 2, "clpm")
run("peers_two_gaps_mlr", "peers_two_gaps", peers_two, 3, "clpm", "MLR", equal = TRUE)
run("peers_two_riclpm_gaps", "peers_two_gaps", peers_two, 3, "riclpm", improper = TRUE)

# --- Writing --------------------------------------------------------------------------------------

about <- list(
  command = "Rscript tests/oracles/panel_more.R",
  how = paste(
    "lavaan, polished by Newton steps. A model's name is that of its case and what a reader calls it.",
    "comparisons: lavTestLRT against the model `full`, of MLR that of 2001. corrected: beyond the",
    "saturated model of exchangeable members. parameters: of the model `full`."
  ),
  r = R.version.string,
  packages = as.list(sapply(packages, function(p) as.character(packageVersion(p))))
)
detailed <- vapply(cases, function(case) paste(case$name, case$full, sep = ": "), "")
kept <- c(
  "chisq", "df", "pvalue", "cfi", "tli", "rmsea", "srmr", "aic", "bic", "chisq_scaled",
  "pvalue_scaled", "cfi_robust", "tli_robust", "rmsea_robust"
)
model_line <- function(m) {
  p <- m$parameters
  series <- "^(p|f|ri)_|_t[0-9]$"
  shown <- p$op == "~" | (
    p$op == "~~" & grepl("^[xyz](_keyed)?_|^(p|f|ri)_", p$lhs) & grepl("^[xyz]_|^(p|f|ri)_", p$rhs) &
      (p$lhs != p$rhs | grepl("^ri_", p$lhs))
  )
  encode(filled(list(
    name = m$name, dataset = m$dataset, syntax = I(strsplit(m$syntax, "\n")[[1]]),
    gradient = m$gradient, fit = m$fit[intersect(kept, names(m$fit))],
    parameters = if (m$name %in% detailed) lapply(
      p[c("lhs", "op", "rhs", "group", "est", "se", "std_all", "std_all_se")],
      function(x) if (is.numeric(x)) signif(x[shown], 13) else x[shown]
    )
  )))
}
rows <- function(x) block(vapply(unname(x), function(e) encode(e), ""), "  ", "[", "]")
sets <- lapply(datasets, function(d) block(lapply(as.list(d), encode), "    "))
writeLines(block(list(
  about = block(lapply(about, encode), "  "), datasets = block(sets, "  "), cases = rows(cases),
  models = block(vapply(unname(models), model_line, ""), "  ", "[", "]")
), ""), file.path(here, "panel_more.json"))
for (kind in sort(ls(worst))) {
  cat(sprintf("largest %-12s %.1e  %s\n", kind, worst[[kind]]$value, worst[[kind]]$name))
}
